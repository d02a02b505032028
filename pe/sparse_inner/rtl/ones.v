// How many bits are set. Written as a sum, of which synthesis makes a tree.
`default_nettype none

module ones #(
    parameter PLACE = 7
) (
    input  wire [(1<<PLACE)-1:0] bits,
    output reg  [       PLACE:0] count
);

  integer at;
  always @* begin
    count = {(PLACE + 1) {1'b0}};
    for (at = 0; at < (1 << PLACE); at = at + 1) count = count + {{PLACE{1'b0}}, bits[at]};
  end

endmodule

`default_nettype wire
