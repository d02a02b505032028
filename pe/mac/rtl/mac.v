// Multiply-accumulate: operand registers, a multiplier, a sum. A slot takes one cycle in the operand registers and
// one in the sum. Without `enable` the slot is gated: the operands stay, and so does the sum.
`default_nettype none

module mac #(
    parameter WIDTH = 8,
    parameter PSUM  = 24
) (
    input  wire             clk,
    input  wire             enable,
    input  wire             start,   // the slot starts a sum
    input  wire [WIDTH-1:0] ifmap,
    input  wire [WIDTH-1:0] weight,
    output reg  [ PSUM-1:0] psum
);

  reg valid, first;
  reg [WIDTH-1:0] ifmap_word, weight_word;

  wire [2*WIDTH-1:0] product;
  multiplier #(
      .IFMAP (WIDTH),
      .WEIGHT(WIDTH)
  ) multiply (
      .ifmap  (ifmap_word),
      .weight (weight_word),
      .product(product)
  );

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      first <= start;
      ifmap_word <= ifmap;
      weight_word <= weight;
    end
    if (valid) psum <= (first ? {PSUM{1'b0}} : psum) + {{(PSUM - 2 * WIDTH) {product[2*WIDTH-1]}}, product};
  end

endmodule

`default_nettype wire
