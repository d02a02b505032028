// A unit that miscounts is caught while it runs, whichever it is and whatever it miscounts.
#include "models/checks/count_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "core/error.h"
#include "core/random_stream.h"
#include "core/testing/property_check.h"
#include "models/layer/refusals.h"
#include "models/simulate.h"
#include "traces/compress/derive.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// What a unit says of a pass, made wrong. Units are made by plain functions, so that these are global.
std::function<void(TileWork&)> falsify_work;
std::function<void(Products&, Ofmap&)> falsify_products;
const UnitType* honest = nullptr;

class MiscountingTile final : public TileUnit {
 public:
  explicit MiscountingTile(std::unique_ptr<TileUnit> unit) : unit_(std::move(unit)) {}
  TileWork run(const TilePass& pass, Ofmap& sums) override {
    TileWork work = unit_->run(pass, sums);
    falsify_work(work);
    return work;
  }

 private:
  std::unique_ptr<TileUnit> unit_;
};

class MiscountingUnit final : public Unit {
 public:
  explicit MiscountingUnit(std::unique_ptr<Unit> unit) : unit_(std::move(unit)) {}
  Products accumulate(const RowPass& pass, Ofmap& sums) override { return wrong(pass, sums); }
  Products accumulate(const GemmPass& pass, Ofmap& sums) override { return wrong(pass, sums); }

 private:
  template <class Pass>
  Products wrong(const Pass& pass, Ofmap& sums) {
    Products products = unit_->accumulate(pass, sums);
    falsify_products(products, sums);
    return products;
  }
  std::unique_ptr<Unit> unit_;
};

// The machine with a unit that falsify_work or falsify_products have in their hands.
class Miscounting {
 public:
  explicit Miscounting(Description machine) : machine_(std::move(machine)), unit_(*machine_.unit) {
    honest = machine_.unit;
    if (unit_.array != nullptr) {
      array_ = *unit_.array;
      array_.make = [](const Layer& layer, const UnitParameters& parameters) -> std::unique_ptr<TileUnit> {
        return std::make_unique<MiscountingTile>(honest->array->make(layer, parameters));
      };
      unit_.array = &array_;
    } else {
      unit_.make = [](const Layer& layer, const UnitParameters& parameters) -> std::unique_ptr<Unit> {
        return std::make_unique<MiscountingUnit>(honest->make(layer, parameters));
      };
    }
    machine_.unit = &unit_;
  }
  Miscounting(const Miscounting&) = delete;
  Miscounting& operator=(const Miscounting&) = delete;
  [[nodiscard]] const Description& machine() const { return machine_; }

 private:
  Description machine_;
  UnitType unit_;
  TileArray array_{};
};

// 16 filters of 3 x 3 on 8 channels, a third of the weights and a quarter of the ifmap zero, in the encoding
// that the machine's unit is made for.
Trace small_trace(const Description& machine) {
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 8, .H = 8, .W = 8, .K = 16, .R = 3, .S = 3};
  std::vector<std::int16_t> weights, ifmap;
  RandomStream draw(1, "words");
  for (int i = 0; i < 16 * 9 * 8; ++i)
    weights.push_back(static_cast<std::int16_t>(draw.below(3) == 0 ? 0 : draw.below(255) - 127));
  for (int i = 0; i < 8 * 8 * 8; ++i)
    ifmap.push_back(static_cast<std::int16_t>(draw.below(4) == 0 ? 0 : 1 + draw.below(127)));
  layer.weights = encode(&bitmap_encoding, Dtype::int8, {16, 3, 3, 8}, weights, {0.01F});
  layer.ifmap = encode(&bitmap_encoding, Dtype::int8, {1, 8, 8, 8}, ifmap, {0.5F});
  layer.output = {Dtype::int8, 1.0F, true};
  Trace trace;
  trace.name = "small";
  trace.synthetic_seed = 1;
  trace.layers = {layer};
  if (only_weights(native_encoding(*machine.unit))) trace = derive(trace, *machine.recipe);
  return trace;
}

std::string failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Failure& failure) { return failure.what(); }
  return "";
}

// Wrong by one, and what the message calls it.
struct WrongWork {
  std::string name;
  std::function<void(TileWork&)> falsify;
};

std::vector<WrongWork> wrong_works(const Description& machine) {
  std::vector<WrongWork> wrong{
      {"cycles", [](TileWork& work) { work.cycles += Cycles(1); }},
      {"PE-cycles of bin compute",
       [](TileWork& work) {
         work.bins.add(Bin::compute, -1);
         work.bins.add(Bin::idle, 1);
       }},
      {"PE-cycles of bin wait-weights",
       [](TileWork& work) {
         work.bins.add(Bin::wait_weights, 1);
         work.bins.add(Bin::idle, -1);
       }},
      {"products", [](TileWork& work) { ++work.products; }},
      {"bytes of weights", [](TileWork& work) { work.weights += Bytes(1); }},
      {"bytes of the ifmap", [](TileWork& work) { work.ifmap += Bytes(1); }},
      {"bytes of psums in", [](TileWork& work) { work.psums_in += Bytes(1); }},
      {"bytes of psums out", [](TileWork& work) { work.psums_out += Bytes(1); }},
      {"bytes of weights that come first", [](TileWork& work) { work.weights_first += Bytes(1); }},
      {"bytes of the ifmap that come first", [](TileWork& work) { work.ifmap_first += Bytes(1); }},
      {"bytes of psums that leave last", [](TileWork& work) { work.psums_last += Bytes(1); }},
      {"rows that take a weight", [](TileWork& work) { ++work.weights_takers; }},
      {"rows that take an ifmap word", [](TileWork& work) { ++work.ifmap_takers; }}};
  const std::vector<Part> parts = machine.unit->array->parts(machine.unit_parameters);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    wrong.push_back({"uses of " + parts[part].name, [part](TileWork& work) { --work.uses[part].count; }});
    wrong.push_back({"writes of " + parts[part].name, [part](TileWork& work) { ++work.uses[part].writes; }});
  }
  return wrong;
}

class CountCheckOfTiles : public ::testing::TestWithParam<const char*> {};

TEST_P(CountCheckOfTiles, NamesWhateverTheUnitMiscounts) {
  const Miscounting miscounting(load_accelerator(GetParam()));
  const Description& machine = miscounting.machine();
  const Trace trace = small_trace(machine);
  const auto check = [&] { (void)check_counts(trace.layers[0], machine); };
  falsify_work = [](TileWork&) {};
  EXPECT_EQ(failure_of(check), "");
  for (const WrongWork& wrong : wrong_works(machine)) {
    falsify_work = wrong.falsify;
    const std::string failure = failure_of(check);
    EXPECT_EQ(failure.find("layer conv, images 0-0, filters "), 0U) << failure;
    EXPECT_NE(failure.find(": " + wrong.name + " is "), std::string::npos) << wrong.name << ": " << failure;
    EXPECT_NE(failure.find(", the clocked array says "), std::string::npos) << failure;
  }
}

INSTANTIATE_TEST_SUITE_P(Machines, CountCheckOfTiles,
                         ::testing::Values("dcnn", "scnn", "sparten", "escalate", "cmp-array"));

struct PassMachine {
  const char* accelerator;
  std::vector<std::string> overrides = {};
  bool spads = true;

  friend void PrintTo(const PassMachine& machine, std::ostream* out) {
    *out << machine.accelerator;
    for (const std::string& override : machine.overrides) *out << ' ' << override;
  }
};

class CountCheckOfPasses : public ::testing::TestWithParam<PassMachine> {};

TEST_P(CountCheckOfPasses, NamesWhateverTheUnitMiscounts) {
  const Miscounting miscounting(load_accelerator(GetParam().accelerator, GetParam().overrides));
  const Description& machine = miscounting.machine();
  const Trace trace = small_trace(machine);
  const auto failure_with = [&](const std::function<void(Products&, Ofmap&)>& falsify) {
    falsify_products = falsify;
    return failure_of([&] { (void)check_counts(trace.layers[0], machine); });
  };
  EXPECT_EQ(failure_with([](Products&, Ofmap&) {}), "");
  const auto names = [](const std::string& failure, const std::string& counter) {
    return failure.find("layer conv, images 0-0, filters ") == 0 &&
           failure.find(": " + counter + " is ") != std::string::npos;
  };
  std::string failure = failure_with([](Products& products, Ofmap&) { ++products.all; });
  EXPECT_TRUE(names(failure, "products")) << failure;
  failure = failure_with([](Products& products, Ofmap&) {
    ++products.all;
    ++products.gated;
  });
  EXPECT_TRUE(names(failure, "gated slots")) << failure;
  failure = failure_with([](Products&, Ofmap& sums) { ++sums.sums[0]; });
  EXPECT_TRUE(names(failure, "sum 0")) << failure;
  if (!GetParam().spads) return;
  failure = failure_with([](Products& products, Ofmap&) { ++products.gated_leaving; });
  EXPECT_TRUE(names(failure, "psum spad reads")) << failure;
}

INSTANTIATE_TEST_SUITE_P(
    Machines, CountCheckOfPasses,
    ::testing::Values(PassMachine{"eyeriss"}, PassMachine{"lightpe1"}, PassMachine{"lightpe2"},
                      PassMachine{"flightnn"}, PassMachine{"tpu-like", {}, false},
                      PassMachine{"tpu-like", {"array.dataflow=output_stationary"}, false}));

// A run stops at it, at either fidelity, and one that does not verify goes on.
Options at(Fidelity fidelity, bool verify = true) {
  Options options;
  options.fidelity = fidelity;
  options.verify = verify;
  return options;
}

std::string failure_of_run(const char* accelerator, const Options& options) {
  const Miscounting miscounting(load_accelerator(accelerator));
  falsify_work = [](TileWork& work) { ++work.uses.front().count; };
  falsify_products = [](Products& products, Ofmap&) {
    ++products.gated;
    ++products.all;
  };
  const Trace trace = small_trace(miscounting.machine());
  return failure_of([&] { (void)simulate(trace, miscounting.machine(), options); });
}

TEST(CountCheck, StopsARunOfTiles) {
  const std::string failure = failure_of_run("sparten", at(Fidelity::transaction));
  EXPECT_NE(failure.find("layer conv, images 0-0, filters "), std::string::npos) << failure;
  EXPECT_NE(failure.find(": uses of mac_"), std::string::npos) << failure;
}

TEST(CountCheck, StopsAPassOfTilesAtCycleFidelity) {
  const std::string failure = failure_of_run("sparten", at(Fidelity::cycle));
  EXPECT_NE(failure.find("layer conv, pass 0, images 0-0, filters 0-15, rows 0-5: uses of mac_"),
            std::string::npos)
      << failure;
}

TEST(CountCheck, StopsAPassOfRowsAtCycleFidelity) {
  const std::string failure = failure_of_run("eyeriss", at(Fidelity::cycle));
  EXPECT_NE(failure.find("layer conv, pass 0, images 0-0, filters "), std::string::npos) << failure;
  EXPECT_NE(failure.find(": gated slots is "), std::string::npos) << failure;
}

TEST(CountCheck, StopsAFoldAtCycleFidelity) {
  const std::string failure = failure_of_run("tpu-like", at(Fidelity::cycle));
  EXPECT_NE(failure.find("layer conv, pass 0, images 0-0, filters "), std::string::npos) << failure;
  EXPECT_NE(failure.find(": gated slots is "), std::string::npos) << failure;
}

TEST(CountCheck, IsPartOfVerifying) {
  EXPECT_EQ(failure_of_run("sparten", at(Fidelity::transaction, false)), "");
}

TEST(CountCheck, ABlockClocksFewCycles) {
  for (const char* name : {"eyeriss", "tpu-like", "dcnn", "scnn", "sparten", "escalate", "cmp-array"}) {
    const Description machine = load_accelerator(name);
    const std::int64_t pe_cycles = check_counts(small_trace(machine).layers[0], machine).value();
    EXPECT_GT(pe_cycles, 0) << name;
    EXPECT_LT(pe_cycles, 500'000) << name;
  }
}

// The same layers each time, at least one, and never one that the unit does not take.
TEST(CountCheck, DrawsLayersByName) {
  const Description machine = load_accelerator("sparten");
  Trace trace = small_trace(machine);
  std::vector<std::size_t> layers{0};
  for (std::size_t i = 1; i < 100; ++i) {
    trace.layers.push_back(trace.layers[0]);
    trace.layers.back().name += std::to_string(i);
    layers.push_back(i);
  }
  const std::vector<std::size_t> drawn = draw_count_checks(trace, layers, machine);
  EXPECT_EQ(drawn, draw_count_checks(trace, layers, machine));
  EXPECT_GE(drawn.size(), 1U);
  EXPECT_LE(drawn.size(), 50U);
  EXPECT_EQ(draw_count_checks(trace, {7}, machine), std::vector<std::size_t>{7});
  trace.layers[7].weights.encoding = &comparator_encoding;
  EXPECT_TRUE(draw_count_checks(trace, {7}, machine).empty());
}

// What each machine counts on any layer it takes.
TEST(CountCheck, HonestUnitsPass) {
  struct Taken {
    const char* accelerator;
    Encoding encoding;
    std::vector<std::string> overrides;
  };
  check_property(400, [] {
    const Taken taken = *rc::gen::element<Taken>(
        Taken{"eyeriss", &bitmap_encoding, {}}, Taken{"tpu-like", &dense_encoding, {"unit.dtype=int16"}},
        Taken{"tpu-like", &dense_encoding, {"unit.dtype=int16", "array.dataflow=output_stationary"}},
        Taken{"dcnn", &bitmap_encoding, {}}, Taken{"scnn", &bitmap_encoding, {}},
        Taken{"sparten", &bitmap_encoding, {"unit.dtype=int16"}},
        Taken{"escalate", &basis_encoding, {"unit.dtype=int16"}},
        Taken{"cmp-array", &comparator_encoding, {}}, Taken{"lightpe2", &power_of_two_encoding, {}});
    const Layer layer = testing::draw_layer_in(taken.encoding);
    const Description machine = load_accelerator(taken.accelerator, taken.overrides);
    if (unit_refusal(layer, machine)) RC_DISCARD("not taken");
    RC_ASSERT(check_counts(layer, machine).has_value());
  });
}

}  // namespace
}  // namespace basil
