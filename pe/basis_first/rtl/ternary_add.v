// An adder under a ternary coefficient: a slot adds the value to the sum, takes it off, or leaves it (`enable` low,
// gated). Two cycles a slot, as in mac.v.
`default_nettype none

module ternary_add #(
    parameter WIDTH = 8,
    parameter PSUM  = 24
) (
    input  wire             clk,
    input  wire             enable,
    input  wire             start,     // the slot starts a sum
    input  wire             negative,
    input  wire [WIDTH-1:0] value,
    output reg  [ PSUM-1:0] psum
);

  reg valid, first, minus;
  reg [WIDTH-1:0] word;

  wire [PSUM-1:0] extended = {{(PSUM - WIDTH) {word[WIDTH-1]}}, word};

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      first <= start;
      minus <= negative;
      word  <= value;
    end
    if (valid)
      psum <= (first ? {PSUM{1'b0}} : psum) + (extended ^ {PSUM{minus}}) + {{(PSUM - 1) {1'b0}}, minus};
  end

endmodule

`default_nettype wire
