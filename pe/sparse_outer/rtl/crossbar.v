// Products to accumulator banks: each input names a bank, no two the same; a bank without one holds its word.
// Registers before and behind: two cycles a word.
`default_nettype none

module crossbar #(
    parameter WIDTH  = 16,
    parameter INPUTS = 4,
    parameter BANK   = 3    // 1 << BANK banks
) (
    input  wire                        clk,
    input  wire [          INPUTS-1:0] enable,
    input  wire [    INPUTS*WIDTH-1:0] words,
    input  wire [     INPUTS*BANK-1:0] banks,
    output reg  [       (1<<BANK)-1:0] taken,
    output reg  [(1<<BANK)*WIDTH-1:0] outputs
);

  localparam BANKS = 1 << BANK;

  reg [INPUTS-1:0] valid;
  reg [INPUTS*WIDTH-1:0] word;
  reg [INPUTS*BANK-1:0] to;

  reg [BANKS-1:0] hit;
  reg [BANKS*WIDTH-1:0] routed;
  integer bank, from;
  always @* begin
    hit = {BANKS{1'b0}};
    routed = {BANKS * WIDTH{1'b0}};
    for (bank = 0; bank < BANKS; bank = bank + 1)
      for (from = 0; from < INPUTS; from = from + 1)
        if (valid[from] && to[from*BANK+:BANK] == bank[BANK-1:0]) begin
          hit[bank] = 1'b1;
          routed[bank*WIDTH+:WIDTH] = routed[bank*WIDTH+:WIDTH] | word[from*WIDTH+:WIDTH];
        end
  end

  integer input_of, output_of;
  always @(posedge clk) begin
    valid <= enable;
    taken <= hit;
    for (input_of = 0; input_of < INPUTS; input_of = input_of + 1)
      if (enable[input_of]) begin
        word[input_of*WIDTH+:WIDTH] <= words[input_of*WIDTH+:WIDTH];
        to[input_of*BANK+:BANK] <= banks[input_of*BANK+:BANK];
      end
    for (output_of = 0; output_of < BANKS; output_of = output_of + 1)
      if (hit[output_of]) outputs[output_of*WIDTH+:WIDTH] <= routed[output_of*WIDTH+:WIDTH];
  end

endmodule

`default_nettype wire
