// LightPE-2: a weight is two terms of sign and exponent, a slot shifts the activation twice and adds both. Two cycles
// a slot, as in mac.v; without `enable` the slot is gated.
`default_nettype none

module shift_add_2 #(
    parameter WIDTH = 8,
    parameter PSUM  = 24
) (
    input  wire             clk,
    input  wire             enable,
    input  wire             start,   // the slot starts a sum
    input  wire [WIDTH-1:0] ifmap,
    input  wire [      7:0] weight,  // two terms of sign, exponent
    output reg  [ PSUM-1:0] psum
);

  localparam TERM = WIDTH + 7;

  reg valid, first;
  reg [WIDTH-1:0] ifmap_word;
  reg [7:0] weight_word;

  wire [TERM-1:0] low, high;
  shift_term #(
      .WIDTH(WIDTH),
      .EXPONENT(3)
  ) shift_low (
      .ifmap   (ifmap_word),
      .exponent(weight_word[2:0]),
      .negative(weight_word[3]),
      .term    (low)
  );
  shift_term #(
      .WIDTH(WIDTH),
      .EXPONENT(3)
  ) shift_high (
      .ifmap   (ifmap_word),
      .exponent(weight_word[6:4]),
      .negative(weight_word[7]),
      .term    (high)
  );

  // One complement's carry enters each of the two adders.
  wire [TERM:0] both = {low[TERM-1], low} + {high[TERM-1], high} + {{TERM{1'b0}}, weight_word[3]};

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      first <= start;
      ifmap_word <= ifmap;
      weight_word <= weight;
    end
    if (valid)
      psum <= (first ? {PSUM{1'b0}} : psum) + {{(PSUM - TERM - 1) {both[TERM]}}, both}
          + {{(PSUM - 1) {1'b0}}, weight_word[7]};
  end

endmodule

`default_nettype wire
