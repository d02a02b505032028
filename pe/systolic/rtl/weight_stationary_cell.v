// A PE of a weight-stationary grid: its weight stays, activations pass to the right, psums fall to the PE below.
// While `load` is on, weights move down a row a cycle.
`default_nettype none

module weight_stationary_cell #(
    parameter WIDTH = 8,
    parameter PSUM = 32
) (
    input  wire             clk,
    input  wire             load,
    input  wire [WIDTH-1:0] weight_above,
    input  wire             valid_left,
    input  wire [WIDTH-1:0] ifmap_left,
    input  wire [ PSUM-1:0] psum_above,
    output reg  [WIDTH-1:0] weight,
    output reg              valid,
    output reg  [WIDTH-1:0] ifmap,
    output reg  [ PSUM-1:0] psum
);

  wire [2*WIDTH-1:0] product;
  multiplier #(
      .IFMAP (WIDTH),
      .WEIGHT(WIDTH)
  ) multiply (
      .ifmap  (ifmap_left),
      .weight (weight),
      .product(product)
  );

  always @(posedge clk) begin
    valid <= valid_left;
    if (load) weight <= weight_above;
    if (valid_left) begin
      ifmap <= ifmap_left;
      psum  <= psum_above + {{(PSUM - 2 * WIDTH) {product[2*WIDTH-1]}}, product};
    end
  end

endmodule

`default_nettype wire
