// Priority select: the lowest bit that is set, alone, and its place.
`default_nettype none

module first_one #(
    parameter PLACE = 7
) (
    input  wire [(1<<PLACE)-1:0] bits,
    output wire [(1<<PLACE)-1:0] first,
    output reg  [     PLACE-1:0] place
);

  localparam BITS = 1 << PLACE;

  assign first = bits & (~bits + {{(BITS - 1) {1'b0}}, 1'b1});

  integer bit_of_place, at;
  always @* begin
    for (bit_of_place = 0; bit_of_place < PLACE; bit_of_place = bit_of_place + 1) begin
      place[bit_of_place] = 1'b0;
      for (at = 0; at < BITS; at = at + 1)
        if (((at >> bit_of_place) & 1) == 1) place[bit_of_place] = place[bit_of_place] | first[at];
    end
  end

endmodule

`default_nettype wire
