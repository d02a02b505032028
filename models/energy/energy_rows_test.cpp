// The energy account and the area of a small layer on every machine of one kind of PE, by hand.
#include "models/runs/energy_by_hand.h"

namespace basil {
namespace {

using testing::ByHand;
using testing::StoreByHand;

// What differs between the row-stationary machines.
struct RowMachine {
  std::string name;
  Layer layer;
  std::string product, gated;
  int weight_bits, word_bits;
  StoreByHand filter_spad;
  double weight_bytes_moved;  // 128 weights
};

void PrintTo(const RowMachine& machine, std::ostream* out) { *out << machine.name; }

// 224 words in CACTI's smallest macro, 512 B of 16 bits; 224 of 32 bits lie between 512 and 1024 B, 16 and 64
// bits.
constexpr StoreByHand smallest_at_45{0.72001, 1.0909, 2.1982e-05, 0.0018576};
constexpr StoreByHand words_of_32_at_45{1.30576, 2.04547, 3.27386e-05, 0.0031309};
constexpr StoreByHand smallest_at_65{1.34, 2.04, 0.00019903, 0.0038759};
// A bank of 4 KB, 64 bits.
constexpr StoreByHand bank_at_45{3.5184, 6.4536, 0.00014043, 0.014138};
constexpr StoreByHand bank_at_65{6.1677, 11.953, 0.00098686, 0.028163};

class RowStationaryByHand : public ::testing::TestWithParam<RowMachine> {};

// One pass: 8 filters and 8 channels interleaved in a PE, two sets of PEs over the 16 channels, 4 ofmap rows.
// So 8 PEs in two rows of the array; psums pass from one row to the other.
TEST_P(RowStationaryByHand, EveryUseTimesItsPrice) {
  const RowMachine& its = GetParam();
  Description machine = load_accelerator(its.name);
  machine.mappings = {{"*", {.m = 8, .n = 1, .e = 4, .p = 8, .q = 8, .r = 2, .t = 1}, 0, 0, 0, "by hand"}};
  const Result result = testing::run_layer(its.layer, machine);
  const bool at_65 = machine.technology == "65nm", real = its.product == "mac_fp32";
  const double psum = machine.psum_bits, word = its.word_bits, pes = 168;
  ByHand hand(machine);

  const StoreByHand ifmap_spad = hand.registers(12, word), psum_spad = hand.registers(24, psum);
  hand.has("operators", pes, its.product);
  hand.has("stores", pes, its.filter_spad);
  hand.has("stores", pes, ifmap_spad);
  hand.has("stores", pes, psum_spad);
  const double pitch = machine.noc.pe_pitch_mm > 0 ? 0.25 : hand.pitch_mm(pes);  // eyeriss: the die's
  const StoreByHand bank = at_65 ? bank_at_65 : bank_at_45;
  hand.has("buffers", 25 + 2, bank);
  if (!real)
    hand.has("coders", machine.noc.psum_out_bits / psum, "requantise");  // words that leave in a cycle

  const double products = 2048, psums = 128, active = 8;
  const double busy = static_cast<double>(result.layers[0].processing.value);
  hand.uses(its.product, products, hand.pj(its.product));
  hand.uses(its.gated + " (waiting)", active * busy - products - psums, hand.pj(its.gated));
  hand.uses("psum add", psums, real ? hand.pj("add_psum_fp32") : hand.pj("add_psum") * psum / 32);
  hand.uses("filter spad", products, 16 * 8 * 4, its.filter_spad);  // each weight in 4 columns
  hand.uses("ifmap spad", 16 * 16, 16 * 16, ifmap_spad);            // each word in one PE
  hand.uses("psum spad", products + psums, products, psum_spad);    // and read when it is added
  hand.uses("link between PEs, per bit", psums * psum, hand.pj("bus_per_bit_mm") * pitch);

  // A beat drives 12 rows of the Y bus and 14 columns of one X bus.
  const double wire = hand.pj("bus_per_bit_mm"), mm = pitch * (12 + 14);
  const double filter_bits = 128 * its.weight_bits, ifmap_bits = 256 * word, psum_bits = psums * psum;
  hand.uses("filter bus, per bit and mm", filter_bits * mm, wire);
  hand.uses("ifmap bus, per bit and mm", ifmap_bits * mm, wire);
  hand.uses("psum-out bus, per bit and mm", psum_bits * mm, wire);
  // 64 bits an access. fmaps: ifmap in from DRAM and out to the array, psums in from it, outputs out to DRAM.
  const double outputs = 128;
  hand.uses("fmap buffer", (ifmap_bits + outputs * word) / 64, (ifmap_bits + psum_bits) / 64, bank);
  hand.uses("filter buffer", filter_bits / 64, std::ceil(its.weight_bytes_moved * 8 / 64), bank);

  // Three rows of DRAM are opened: weights, ifmap, ofmap. Eyeriss codes 16 non-zeros a filter in 6 words of
  // 64 bits.
  const std::string dram = "dram_" + machine.dram_energy;
  const double coded_words = 8 * 6;
  hand.uses(dram + "_read_per_bit", ifmap_bits + its.weight_bytes_moved * 8, hand.pj(dram + "_read_per_bit"));
  hand.uses(dram + "_write_per_bit", at_65 ? coded_words * 64 : outputs * word,
            hand.pj(dram + "_write_per_bit"));
  hand.uses(dram + "_activate", 3, hand.pj(dram + "_activate"));
  if (at_65) {  // three pairs a word of 64 bits; a coder and a decoder for the link's 64 bits
    hand.has("coders", 2 * 3, "rle_pair");
    hand.uses("rle_pair, run-length coder, per pair", coded_words * 3, hand.pj("rle_pair"));
  }
  if (!real) hand.uses("requantise", outputs, hand.pj("requantise"));
  hand.check(result);
}

RowMachine eyeriss(const std::string& name) {
  return {name, testing::layer_of_ones(), "mac_int16", "mac_gated_int16", 16, 16, smallest_at_65, 256};
}
// 128 codes of 4 bits, and 2 bits a filter that state its terms: 66 B.
RowMachine shifts(const std::string& name, const std::string& row, int weight_bits) {
  return {
      name, testing::layer_of_shifts(), row + "_int8", row + "_gated_int8", weight_bits, 8, smallest_at_45,
      66};
}

INSTANTIATE_TEST_SUITE_P(Energy, RowStationaryByHand,
                         ::testing::Values(eyeriss("eyeriss"), eyeriss("eyeriss-alexnet"),
                                           RowMachine{"int16", testing::layer_of_ones(), "mac_int16",
                                                      "mac_gated_int16", 16, 16, smallest_at_45, 256},
                                           RowMachine{"fp32", testing::layer_of_reals(), "mac_fp32",
                                                      "mac_gated_fp32", 32, 32, words_of_32_at_45, 512},
                                           shifts("lightpe1", "shift1", 4), shifts("lightpe2", "shift2", 8),
                                           shifts("flightnn", "shift1", 4)),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           std::erase(name, '-');
                           return name;
                         });

// One fold: 16 rows of channels by 8 columns of filters, 16 pixels.
TEST(SystolicByHand, EveryUseTimesItsPrice) {
  const Description machine = load_accelerator("tpu-like");
  const Result result = testing::run_layer(testing::layer_of_ones(), machine);
  ByHand hand(machine);
  const double pes = 32 * 32, products = 2048;
  hand.has("operators", pes, "mac_int8");
  hand.has("operators", pes, "register_write_16b", (8 + 8 + 32) / 16.0);  // ifmap word, weight, psum
  const double pitch = hand.pitch_mm(pes);
  // Two macros of 128 bits: 16 KB each of a bank of 32 KB, 8 KB of one of 16; eight of 4 KB for 1024 bits.
  const StoreByHand fmaps{23.22, 46.444, 0.0009956, 0.10558}, filters{15.8328, 28.104, 0.0005139, 0.055412};
  const StoreByHand accumulators{35.4144, 95.12, 0.0011248, 0.114144};
  hand.has("buffers", 32, fmaps);
  hand.has("buffers", 4, filters);
  hand.has("buffers", 32, accumulators);
  hand.has("coders", 32, "requantise");  // a word of each column

  const double busy = static_cast<double>(result.layers[0].processing.value);
  hand.uses("mac_int8", products, hand.pj("mac_int8"));
  hand.uses("mac_gated_int8 (waiting)", 16 * 8 * busy - products, hand.pj("mac_gated_int8"));
  // A product writes ifmap word and psum; the weight of row r passes r registers.
  const double register_bits = products * (8 + 32) + 16 * 17 / 2 * 8 * 8;
  hand.uses("register_write_16b, per bit", register_bits, hand.pj("register_write_16b") / 16);
  const double wire = hand.pj("bus_per_bit_mm"), mm = pitch * (32 + 32);
  hand.uses("filter bus, per bit and mm", 128 * 8 * mm, wire);
  hand.uses("ifmap bus, per bit and mm", 256 * 8 * mm, wire);
  hand.uses("psum-out bus, per bit and mm", 128 * 32 * mm, wire);
  hand.uses("fmap buffer", 256 * 8 / 256, 256 * 8 / 256, fmaps);
  hand.uses("filter buffer", 128 * 8 / 256, 128 * 8 / 256, filters);
  hand.uses("accumulators", 128 * 8 / 1024, 128 * 32 / 1024, accumulators);
  hand.uses("dram_ddr4_read_per_bit", (256 + 128) * 8, hand.pj("dram_ddr4_read_per_bit"));
  hand.uses("dram_ddr4_write_per_bit", 128 * 8, hand.pj("dram_ddr4_write_per_bit"));
  hand.uses("dram_ddr4_activate", 3, hand.pj("dram_ddr4_activate"));
  hand.uses("requantise", 128, hand.pj("requantise"));
  hand.check(result);
}

}  // namespace
}  // namespace basil
