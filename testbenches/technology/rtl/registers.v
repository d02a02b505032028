// Registers behind an enable: what a clocked and what a gated bit of a register costs.
`default_nettype none

module registers #(
    parameter BITS = 64
) (
    input  wire            clk,
    input  wire            enable,
    input  wire [BITS-1:0] word,
    output reg  [BITS-1:0] kept
);

  always @(posedge clk) if (enable) kept <= word;

endmodule

`default_nettype wire
