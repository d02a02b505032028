// LightPE-1: a weight is a sign and an exponent, a slot shifts the activation once and adds. Two cycles a slot, as in
// mac.v; without `enable` the slot is gated.
`default_nettype none

module shift_add_1 #(
    parameter WIDTH = 8,
    parameter PSUM  = 24
) (
    input  wire             clk,
    input  wire             enable,
    input  wire             start,   // the slot starts a sum
    input  wire [WIDTH-1:0] ifmap,
    input  wire [      3:0] weight,  // sign, exponent
    output reg  [ PSUM-1:0] psum
);

  localparam TERM = WIDTH + 7;

  reg valid, first;
  reg [WIDTH-1:0] ifmap_word;
  reg [3:0] weight_word;

  wire [TERM-1:0] term;
  shift_term #(
      .WIDTH(WIDTH),
      .EXPONENT(3)
  ) shift (
      .ifmap   (ifmap_word),
      .exponent(weight_word[2:0]),
      .negative(weight_word[3]),
      .term    (term)
  );

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      first <= start;
      ifmap_word <= ifmap;
      weight_word <= weight;
    end
    if (valid)
      psum <= (first ? {PSUM{1'b0}} : psum) + {{(PSUM - TERM) {term[TERM-1]}}, term}
          + {{(PSUM - 1) {1'b0}}, weight_word[3]};
  end

endmodule

`default_nettype wire
