// The inner join of an ifmap chunk and a filter chunk (SparTen): a match a cycle, from the lowest position up. Its
// rank in either mask is where the packed words hold its operands.
//
// `finishes` says that nothing is left after this cycle, so that the next chunk can be loaded at its end; a chunk
// without a match takes the one cycle that finds it out. `match` and what belongs to it are registered: they are the
// operands' addresses for the stage behind.
`default_nettype none

module inner_join #(
    parameter PLACE = 7  // 1 << PLACE positions a chunk
) (
    input  wire                  clk,
    input  wire                  load,
    input  wire [(1<<PLACE)-1:0] ifmap_mask,
    input  wire [(1<<PLACE)-1:0] weight_mask,
    output wire                  finishes,
    output reg                   match,
    output reg  [     PLACE-1:0] position,
    output reg  [       PLACE:0] ifmap_rank,
    output reg  [       PLACE:0] weight_rank
);

  localparam CHUNK = 1 << PLACE;

  reg [CHUNK-1:0] ifmap, weight, left;

  wire [CHUNK-1:0] first;
  wire [PLACE-1:0] place;
  first_one #(
      .PLACE(PLACE)
  ) select (
      .bits (left),
      .first(first),
      .place(place)
  );

  wire [CHUNK-1:0] below = first - {{(CHUNK - 1) {1'b0}}, 1'b1};
  wire [PLACE:0] ifmap_below, weight_below;
  ones #(
      .PLACE(PLACE)
  ) rank_ifmap (
      .bits (ifmap & below),
      .count(ifmap_below)
  );
  ones #(
      .PLACE(PLACE)
  ) rank_weight (
      .bits (weight & below),
      .count(weight_below)
  );

  wire [CHUNK-1:0] rest = left & ~first;
  assign finishes = rest == {CHUNK{1'b0}};

  always @(posedge clk) begin
    match <= |left;
    if (|left) begin
      position <= place;
      ifmap_rank <= ifmap_below;
      weight_rank <= weight_below;
    end
    if (load) begin
      ifmap  <= ifmap_mask;
      weight <= weight_mask;
      left   <= ifmap_mask & weight_mask;
    end else if (|left) left <= rest;
  end

endmodule

`default_nettype wire
