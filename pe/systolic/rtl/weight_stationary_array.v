// The weight-stationary grid: weights enter at the top while `load` is on, the bottom row's first; activations enter
// each row on the left, psums leave the bottom row. Whoever feeds it starts row i and collects column j that many
// cycles later.
`default_nettype none

module weight_stationary_array #(
    parameter ROWS  = 16,
    parameter COLS  = 16,
    parameter WIDTH = 8,
    parameter PSUM  = 32
) (
    input  wire                  clk,
    input  wire                  load,
    input  wire [COLS*WIDTH-1:0] weights,
    input  wire [      ROWS-1:0] valid,
    input  wire [ROWS*WIDTH-1:0] ifmap,
    output wire [      COLS-1:0] psum_valid,
    output wire [ COLS*PSUM-1:0] psums
);

  // Between the cells: what enters row i of column j, and one more of each at the far end.
  wire [WIDTH-1:0] falling_weight[0:(ROWS+1)*COLS-1];
  wire [PSUM-1:0] falling_psum[0:(ROWS+1)*COLS-1];
  wire moving_valid[0:ROWS*(COLS+1)-1];
  wire [WIDTH-1:0] moving_ifmap[0:ROWS*(COLS+1)-1];

  genvar row, col;
  generate
    for (col = 0; col < COLS; col = col + 1) begin : top_and_bottom
      assign falling_weight[col] = weights[col*WIDTH+:WIDTH];
      assign falling_psum[col] = {PSUM{1'b0}};
      assign psums[col*PSUM+:PSUM] = falling_psum[ROWS*COLS+col];
      assign psum_valid[col] = moving_valid[(ROWS-1)*(COLS+1)+col+1];
    end
    for (row = 0; row < ROWS; row = row + 1) begin : rows
      assign moving_valid[row*(COLS+1)] = valid[row];
      assign moving_ifmap[row*(COLS+1)] = ifmap[row*WIDTH+:WIDTH];
      for (col = 0; col < COLS; col = col + 1) begin : cells
        weight_stationary_cell #(
            .WIDTH(WIDTH),
            .PSUM (PSUM)
        ) pe (
            .clk         (clk),
            .load        (load),
            .weight_above(falling_weight[row*COLS+col]),
            .valid_left  (moving_valid[row*(COLS+1)+col]),
            .ifmap_left  (moving_ifmap[row*(COLS+1)+col]),
            .psum_above  (falling_psum[row*COLS+col]),
            .weight      (falling_weight[(row+1)*COLS+col]),
            .valid       (moving_valid[row*(COLS+1)+col+1]),
            .ifmap       (moving_ifmap[row*(COLS+1)+col+1]),
            .psum        (falling_psum[(row+1)*COLS+col])
        );
      end
    end
  endgenerate

endmodule

`default_nettype wire
