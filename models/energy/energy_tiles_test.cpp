// The energy account and the area of a small layer on every machine whose unit brings its own array, by hand.
#include "models/runs/energy_by_hand.h"
#include "traces/encodings/bitmap.h"

namespace basil {
namespace {

using testing::ByHand;
using testing::StoreByHand;

// The buffers that these machines share: 32 banks of 32 KB and 16 of 16 KB, 1024 bits wide: eight macros of
// 128 bits side by side, of 4 and of 2 KB.
constexpr StoreByHand fmap_bank{35.4144, 95.12, 0.0011248, 0.114144};
constexpr StoreByHand filter_bank{30.376, 59.5272, 0.000594688, 0.0664568};
constexpr double port_bits = 1024;

double whole(double words) { return std::ceil(words); }

// What passes between DRAM, buffers and array: bits, of the ifmap as it lies in DRAM and as the array takes
// it.
struct Moved {
  double weights_from_dram, weights;
  double ifmap_from_dram, ifmap;
  double outputs, outputs_to_dram;  // as words, and as DRAM takes them
  double weight_rows, ifmap_rows;   // rows of PEs that take a word at once
  double last_share = 1;  // of the outputs, that leaves once the work is over; a transfer of its own
};

// Buffers, buses, DRAM, requantisers and the coders of bitmap maps.
void add_surroundings(ByHand& hand, const Description& machine, const Moved& moved) {
  const double pitch = hand.pitch_mm(static_cast<double>(machine.pes()));
  const double word = machine.word_bits();
  hand.has("buffers", 32, fmap_bank);
  hand.has("buffers", 16, filter_bank);
  hand.has("coders", port_bits / word, "requantise");
  hand.uses("requantise", 128, hand.pj("requantise"));
  if (machine.fmaps == &bitmap_encoding) {  // a coder and a decoder for a link of 64 bits
    hand.has("coders", 2 * 64 / word, "bitmap_word");
    hand.uses("bitmap_word, coder, per position", 256 + 128, hand.pj("bitmap_word") * word / 8);
  }
  const auto beats = [](double bits) { return whole(bits / port_bits); };
  const double beats_out =
      beats(moved.outputs * (1 - moved.last_share)) + beats(moved.outputs * moved.last_share);
  const auto bus = [&](const char* name, double bus_beats, double rows) {
    const double mm = pitch * bus_beats * (machine.rows + rows * machine.cols);
    hand.uses(std::string(name) + ", per bit and mm", mm * port_bits, hand.pj("bus_per_bit_mm"));
  };
  bus("filter bus", beats(moved.weights), moved.weight_rows);
  bus("ifmap bus", beats(moved.ifmap), moved.ifmap_rows);
  bus("psum-out bus", beats_out, 1);
  hand.uses("fmap buffer", beats(moved.ifmap) + beats(moved.outputs),
            beats(moved.ifmap_from_dram) + beats_out, fmap_bank);
  hand.uses("filter buffer", beats(moved.weights), beats(moved.weights_from_dram), filter_bank);
  hand.uses("dram_ddr4_read_per_bit", moved.ifmap_from_dram + moved.weights_from_dram,
            hand.pj("dram_ddr4_read_per_bit"));
  hand.uses("dram_ddr4_write_per_bit", moved.outputs_to_dram, hand.pj("dram_ddr4_write_per_bit"));
  hand.uses("dram_ddr4_activate", 3, hand.pj("dram_ddr4_activate"));
}

// 16 tiles of one pixel, 4 sets of them with 2 filters each: 64 PEs of one vector of 16 channels and 2 steps.
// A weight goes to the PEs of all tiles, an ifmap word to those of all sets. The psums have two halves, and
// so has the ifmap RAM within its 32 KB.
TEST(TilesByHand, Dcnn) {
  const Description machine = load_accelerator("dcnn");
  const Result result = testing::run_layer(testing::layer_of_ones(), machine);
  ByHand hand(machine);
  const StoreByHand psums{7.70566, 7.1776, 0.0003426, 0.0523625};           // 2 x 1024 x 32, two ports
  const StoreByHand ifmap_ram{23.22, 46.444, 0.0009956, 0.10558};           // 1024 x 256: two macros
  const StoreByHand weight_fifo{9.41765, 13.2881, 8.48171e-05, 0.0190318};  // 50 x 256, two ports
  hand.has("operators", 1024, "mac_int16");
  hand.has("operators", 64, "add_psum");
  hand.has("stores", 64, psums);
  hand.has("stores", 64, ifmap_ram);
  hand.has("stores", 64, weight_fifo);
  const double steps = 64 * 2;
  hand.uses("mac_int16", 2048, hand.pj("mac_int16"));
  hand.uses("add_psum", steps, hand.pj("add_psum"));
  hand.uses("psums", steps, steps, psums);
  hand.uses("ifmap RAM", 64, 0, ifmap_ram);
  hand.uses("weight FIFO", steps, steps, weight_fifo);
  add_surroundings(hand, machine,
                   {.weights_from_dram = 128 * 8,
                    .weights = 128 * 8,
                    .ifmap_from_dram = 256 * 16,
                    .ifmap = 256 * 8,
                    .outputs = 128 * 16,
                    .outputs_to_dram = 128 * 16,
                    .weight_rows = 16,
                    .ifmap_rows = 4});
  hand.check(result);
}

// 16 tiles of one pixel, 4 sets of them with 2 filters each: in a PE 16 vectors of an activation meet one of
// 2 weights. Bit maps: a bit a position and the non-zeros, all of them. A weight goes to the PEs of all
// tiles, an ifmap word to those of all sets; accumulators and ifmap RAM have two halves.
TEST(TilesByHand, Scnn) {
  const Description machine = load_accelerator("scnn");
  const Result result = testing::run_layer(testing::layer_of_ones(), machine);
  ByHand hand(machine);
  const StoreByHand accumulators{1.43264, 2.23988, 2.93093e-05, 0.00402388};  // 2 x 32 x 32, two ports
  const StoreByHand ifmap_ram{13.3778, 15.1293, 0.000601545,
                              0.0643015};  // 2 x 1024 x 80: words of 16 bits with a 4-bit index
  const StoreByHand weight_fifo{2.61299, 3.87632, 2.93093e-05, 0.00519774};  // 50 x 80, two ports
  hand.has("operators", 1024, "mac_int16");
  hand.has("operators", 1024, "crossbar_16b");
  hand.has("operators", 64 * 32, "add_psum");
  hand.has("stores", 64 * 32, accumulators);
  hand.has("stores", 64, ifmap_ram);
  hand.has("stores", 64, weight_fifo);
  const double vectors = 64 * 16, cycles = 16 + 1;  // the last product leaves its queue a cycle later
  hand.uses("mac_int16", 2048, hand.pj("mac_int16"));
  hand.uses("mac_gated_int16", cycles * 1024 - 2048, hand.pj("mac_gated_int16"));
  hand.uses("crossbar_16b", 2048, hand.pj("crossbar_16b"));
  hand.uses("add_psum", 2048, hand.pj("add_psum"));
  hand.uses("accumulators", 2048 + 128, 2048, accumulators);
  hand.uses("ifmap RAM", vectors, vectors, ifmap_ram);
  hand.uses("weight FIFO", vectors, vectors, weight_fifo);
  add_surroundings(hand, machine,
                   {.weights_from_dram = 128 * 8,
                    .weights = 128 * 8,
                    .ifmap_from_dram = 256 * 16,
                    .ifmap = 256 * (8 + 1),
                    .outputs = 128 * 16,
                    .outputs_to_dram = 128 * (16 + 1),
                    .weight_rows = 16,
                    .ifmap_rows = 4});
  hand.check(result);
}

// 16 rows with a pixel of 16 words, each in one slot of 8 of the 32 lanes. A weight goes to all 16 rows.
// Windows, weight stores and psums have two halves.
TEST(TilesByHand, CmpArray) {
  const Description machine = load_accelerator("cmp-array");
  const Result result = testing::run_layer(testing::layer_of_shifts(), machine);
  ByHand hand(machine);
  const StoreByHand code_queue{1.02241, 1.54908, 2.93093e-05, 0.00374566};  // a bank of 128 x 8, two ports
  const StoreByHand window_store{0.72001, 1.0909, 2.1982e-05, 0.0018576};   // a bank of 2 x 128 x 8
  const StoreByHand weight_store{39.332, 36.044, 0.0017172, 0.23156};       // 2 x 2048 x 128
  hand.has("operators", 32 * 16, "compare_int8");
  hand.has("operators", 32 * 32, "shift1_int8");
  hand.has("operators", 2 * 32 * 32, "register_write_16b", 2);
  hand.has("stores", 32 * 16, code_queue);
  hand.has("stores", 32 * 32, window_store);
  hand.has("stores", 32, weight_store);
  const double words = 16 * 16, cycles = 16;
  hand.uses("shift1_int8", 2048, hand.pj("shift1_int8"));
  hand.uses("shift1_gated_int8", cycles * 1024 - 2048, hand.pj("shift1_gated_int8"));
  hand.uses("window store", words, words, window_store);
  hand.uses("weight store", words, words, weight_store);
  hand.uses("register_write_16b", 128, 2 * hand.pj("register_write_16b"));
  const double weights = 8 * (16 * 4 + 2);  // a filter states its number of terms in 2 bits
  add_surroundings(hand, machine,
                   {.weights_from_dram = weights,
                    .weights = weights,
                    .ifmap_from_dram = 256 * 8,
                    .ifmap = 256 * 8,
                    .outputs = 128 * 8,
                    .outputs_to_dram = 128 * 8,
                    .weight_rows = 16,
                    .ifmap_rows = 1});
  hand.check(result);
}

// 16 clusters with a pixel, 8 units of each with a filter: 16 matches of their only chunk, and two stages
// more. The chunk goes to all 16 clusters at once; its pixels end with it, so that no psum rests in the psum
// stores.
TEST(TilesByHand, Sparten) {
  const Description machine = load_accelerator("sparten");
  const Result result = testing::run_layer(testing::layer_of_ones(), machine);
  ByHand hand(machine);
  const StoreByHand chunks{1.02241, 1.54908, 2.93093e-05,
                           0.00374566};  // 256 and 512 x 8, two ports: the smallest macro
  hand.has("operators", 1024, "mac_int8");
  hand.has("operators", 1024, "inner_join_128");
  const StoreByHand psums{1.43264, 2.23988, 2.93093e-05, 0.00402388};  // 32 x 32, two ports
  hand.has("stores", 1024, chunks);
  hand.has("stores", 1024, chunks);
  hand.has("stores", 1024, psums);
  hand.has("operators", 1024 * 2 * (1 + 2) * 128 / 16,
           "register_write_16b");                            // masks: an ifmap's, two filters'
  hand.has("operators", 1024 * 2, "register_write_16b", 2);  // a psum for each filter
  const double cycles = 16 + 2, units = 16 * 8;
  hand.uses("mac_int8", 2048, hand.pj("mac_int8"));
  hand.uses("mac_gated_int8", cycles * 1024 - 2048, hand.pj("mac_gated_int8"));
  hand.uses("inner_join_128", 2048, hand.pj("inner_join_128"));
  hand.uses("ifmap chunks", 2048, units * 16, chunks);
  hand.uses("filter chunks", 2048, units * 16, chunks);
  hand.uses("register_write_16b", units + units, hand.pj("register_write_16b"));  // 16 positions of a mask
  hand.uses("register_write_16b", 2048, 2 * hand.pj("register_write_16b"));
  add_surroundings(hand, machine,
                   {.weights_from_dram = 128 * 8,
                    .weights = 128 * 8,
                    .ifmap_from_dram = 256 * 8,
                    .ifmap = 256 * (8 + 1),
                    .outputs = 128 * 8,
                    .outputs_to_dram = 128 * (8 + 1),
                    .weight_rows = 16,
                    .ifmap_rows = 1});
  hand.check(result);
}

// Plain weights: 8 blocks with a filter; its 16 channels are 5 + 5 + 5 + 1 multipliers of 4 slices. A row of
// the ofmap takes two cycles until its first pixel is in the windows, and a cycle a pixel; then come a cycle
// in which the last sums reach the psums, and one in which the last row's 4 sums are read out
// of 8 banks; so that row of the 4 leaves once the work is over. A product of a sum of 16 bits counts as two
// of 8. An ifmap word goes to all 8 blocks.
TEST(TilesByHand, Escalate) {
  const Description machine = load_accelerator("escalate");
  const Result result = testing::run_layer(testing::layer_of_ones(), machine);
  ByHand hand(machine);
  // A window of three rows is fed from three banks everywhere; a word has 16 ternary coefficients, or 16
  // activations and their map. Coefficients and ifmap row have two halves, a macro each.
  const StoreByHand coefficients{1.0089, 1.57738, 2.1982e-05, 0.00199558};  // 2048 / 16 / 3 x 32
  const StoreByHand ifmap_row{6.65804, 13.1168, 0.000215942, 0.0219921};    // 16384 / 16 / 3 x 144
  const StoreByHand pixel_bank{4.61433, 7.12197, 5.86187e-05, 0.00952897};  // 1024 / 16 / 3 x 144, two ports
  const StoreByHand queue = hand.registers(4, 32);
  const StoreByHand psums{1.85638, 2.90238, 3.66367e-05, 0.00675622};  // a bank of 1024 / 8 x 32, three ports
  const double blocks = 32, slices = blocks * 6, pes = slices * 5, lanes = slices * 16;
  // Of the row's 32 places of 16 bits. A lane chooses among its own place in the head row and, in the two
  // rows beyond, its own and 5 on each side; on plain weights a multiplier of sums of 16 bits has 2 on each
  // side, all the slice has. A psum of 32 bits goes to one of 8 banks.
  const double lane_mux = (1 + 2 * 11) / 32.0 * 8 / 16, plain_mux = (1 + 2 * 5) / 32.0,
               scatter = 8 / 32.0 * 2;
  hand.has("operators", lanes, "ternary_int8");
  hand.has("operators", pes, "mac_int8", 2);
  hand.has("operators", pes + blocks * (6 - 1) * 8, "add_psum");  // and a tree for each bank over the slices
  hand.has("operators", 2 * slices, "register_write_16b");
  hand.has("operators", lanes, "crossbar_16b", lane_mux);
  hand.has("operators", pes, "crossbar_16b", plain_mux);
  hand.has("operators", lanes * 3 * 8 / 16, "register_write_16b");  // the window's three rows
  hand.has("operators", pes, "crossbar_16b", scatter);
  hand.has("stores", 2 * slices * 3, coefficients);
  hand.has("stores", 2 * blocks * 3, ifmap_row);
  hand.has("stores", slices * 3, pixel_bank);
  hand.has("stores", slices, queue);
  hand.has("stores", slices * 8, psums);
  const double pixels = 16, cycles = 4 * 2 + pixels + 2;
  const double sums = 8 * 4 * pixels;  // of a filter, slice and pixel
  const double finished = 128 * 4;     // psums read out, of 4 slices
  hand.uses("ternary_gated_int8", lanes * cycles, hand.pj("ternary_gated_int8"));
  hand.uses("mac_int8", 2048, 2 * hand.pj("mac_int8"));
  hand.uses("mac_gated_int8", pes * cycles - 2048, 2 * hand.pj("mac_gated_int8"));
  hand.uses("add_psum", sums + 128 * 3, hand.pj("add_psum"));  // and of 4 slices' psums to one
  hand.uses("register_write_16b", 2 * sums, hand.pj("register_write_16b"));
  // A row of the map for each sum, and the weights, four of 8 bits a word.
  hand.uses("coefficients", sums + 2048 / 4, 128 * 8 / 32, coefficients);
  // Each of 16 pixels is a word, written in 8 blocks, and read once for the slices of each.
  hand.uses("ifmap row", 8 * pixels, 8 * pixels, ifmap_row);
  hand.uses("pixels", sums, sums, pixel_bank);
  hand.uses("register_write_16b", sums * 5 * 8 / 16, hand.pj("register_write_16b"));  // 5 activations each
  hand.uses("crossbar_16b", 2048, plain_mux * hand.pj("crossbar_16b"));
  hand.uses("crossbar_16b", sums, scatter * hand.pj("crossbar_16b"));
  hand.uses("psums", sums + finished, sums + finished, psums);
  add_surroundings(hand, machine,
                   {.weights_from_dram = 128 * 8,
                    .weights = 128 * 8,
                    .ifmap_from_dram = 256 * 8,
                    .ifmap = 256 * (8 + 1),
                    .outputs = 128 * 8,
                    .outputs_to_dram = 128 * (8 + 1),
                    .weight_rows = 1,
                    .ifmap_rows = 8,
                    .last_share = 0.25});
  hand.check(result);
}

}  // namespace
}  // namespace basil
