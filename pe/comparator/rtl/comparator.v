// The comparators of a local binary pattern: a channel's taps against its pivot, a bit of the code word each, set
// where the tap is greater. Operand registers, comparators, the code word; two cycles a channel.
`default_nettype none

module comparator #(
    parameter WIDTH = 8,
    parameter TAPS  = 8
) (
    input  wire                  clk,
    input  wire                  enable,
    input  wire [     WIDTH-1:0] pivot,
    input  wire [TAPS*WIDTH-1:0] taps,
    output reg  [      TAPS-1:0] code
);

  reg valid;
  reg signed [WIDTH-1:0] pivot_word;
  reg [TAPS*WIDTH-1:0] tap_words;

  wire [TAPS-1:0] greater;
  genvar tap;
  generate
    for (tap = 0; tap < TAPS; tap = tap + 1) begin : lanes
      assign greater[tap] = $signed(tap_words[tap*WIDTH+:WIDTH]) > pivot_word;
    end
  endgenerate

  always @(posedge clk) begin
    valid <= enable;
    if (enable) begin
      pivot_word <= pivot;
      tap_words <= taps;
    end
    if (valid) code <= greater;
  end

endmodule

`default_nettype wire
