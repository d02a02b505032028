// A term of a power-of-two weight on an activation: the word shifted left by the exponent, and its ones' complement
// where the term is negative. Whoever adds it up adds `negative` as well.
`default_nettype none

module shift_term #(
    parameter WIDTH = 8,
    parameter EXPONENT = 3
) (
    input  wire [                WIDTH-1:0] ifmap,
    input  wire [             EXPONENT-1:0] exponent,
    input  wire                             negative,
    output wire [WIDTH+(1<<EXPONENT)-2:0] term
);

  localparam TERM = WIDTH + (1 << EXPONENT) - 1;

  wire [TERM-1:0] extended = {{(TERM - WIDTH) {ifmap[WIDTH-1]}}, ifmap};
  assign term = (extended << exponent) ^ {TERM{negative}};

endmodule

`default_nettype wire
