// A signed product. A module of its own, so that synthesis keeps the multiplier apart from the adder behind it:
// merged into one sum, yosys sign-extends every partial product to the sum's width.
`default_nettype none

module multiplier #(
    parameter IFMAP = 8,
    parameter WEIGHT = 8
) (
    input  wire signed [      IFMAP-1:0] ifmap,
    input  wire signed [     WEIGHT-1:0] weight,
    output wire signed [IFMAP+WEIGHT-1:0] product
);

  assign product = $signed({{WEIGHT{ifmap[IFMAP-1]}}, ifmap}) * $signed({{IFMAP{weight[WEIGHT-1]}}, weight});

endmodule

`default_nettype wire
