// How many bits are set: a tree of adders, halves first.
`default_nettype none

module ones #(
    parameter PLACE = 7
) (
    input  wire [(1<<PLACE)-1:0] bits,
    output wire [       PLACE:0] count
);

  generate
    if (PLACE == 0) begin : leaf
      assign count = bits;
    end else begin : halves
      localparam HALF = 1 << (PLACE - 1);
      wire [PLACE-1:0] low, high;
      ones #(
          .PLACE(PLACE - 1)
      ) count_low (
          .bits (bits[HALF-1:0]),
          .count(low)
      );
      ones #(
          .PLACE(PLACE - 1)
      ) count_high (
          .bits (bits[2*HALF-1:HALF]),
          .count(high)
      );
      assign count = {1'b0, low} + {1'b0, high};
    end
  endgenerate

endmodule

`default_nettype wire
