// A PE of the dense array: the dot product of an ifmap and a weight vector a cycle, added to a psum. Operand
// registers, multipliers, adders that synthesis makes a tree of, the sum; two cycles a slot, as in mac.v.
`default_nettype none

module dot #(
    parameter WIDTH = 16,
    parameter LANE  = 4,  // 1 << LANE multipliers
    parameter PSUM  = 40
) (
    input  wire                         clk,
    input  wire                         enable,
    input  wire                         start,   // the slot starts a sum
    input  wire [(1<<LANE)*WIDTH-1:0] ifmap,
    input  wire [(1<<LANE)*WIDTH-1:0] weight,
    output reg  [           PSUM-1:0] psum
);

  localparam LANES = 1 << LANE;
  localparam PRODUCT = 2 * WIDTH;
  localparam SUM = PRODUCT + LANE;

  reg valid, first;
  reg [LANES*WIDTH-1:0] ifmap_words, weight_words;

  wire [LANES*PRODUCT-1:0] products;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      multiplier #(
          .IFMAP (WIDTH),
          .WEIGHT(WIDTH)
      ) multiply (
          .ifmap  (ifmap_words[lane*WIDTH+:WIDTH]),
          .weight (weight_words[lane*WIDTH+:WIDTH]),
          .product(products[lane*PRODUCT+:PRODUCT])
      );
    end
  endgenerate

  reg [SUM-1:0] sum;
  integer added;
  always @* begin
    sum = {SUM{1'b0}};
    for (added = 0; added < LANES; added = added + 1)
      sum = sum + {{LANE{products[added*PRODUCT+PRODUCT-1]}}, products[added*PRODUCT+:PRODUCT]};
  end

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      first <= start;
      ifmap_words <= ifmap;
      weight_words <= weight;
    end
    if (valid) psum <= (first ? {PSUM{1'b0}} : psum) + {{(PSUM - SUM) {sum[SUM-1]}}, sum};
  end

endmodule

`default_nettype wire
