// GRU, LSTM and RNN, step by step. What all steps' inputs are multiplied by is one layer; what each step's
// state is multiplied by another, its input the states that the steps really had.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layer_operators.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {
namespace {

using Reals = std::vector<float>;
using Function = float (*)(float);

struct Size {
  std::int64_t steps = 1, batch = 1, inputs = 1, hidden = 1, gates = 1, directions = 1;
};

Function function_of(const std::string& name, const std::string& where) {
  if (name == "Sigmoid") return [](float x) { return 1.0F / (1.0F + std::exp(-x)); };
  if (name == "Tanh") return [](float x) { return std::tanh(x); };
  if (name == "Relu") return [](float x) { return std::max(x, 0.0F); };
  throw Error(where + ": activations", printable(name), "Sigmoid, Tanh or Relu");
}

// y = x * weights^T + bias: rows of `inputs`, `outputs` of each.
Reals weigh(const Filters& filters, const Reals& rows) {
  LayerShape shape;
  shape.C = static_cast<int>(filters.depth);
  shape.K = static_cast<int>(filters.K);
  shape.N = static_cast<int>(static_cast<std::int64_t>(rows.size()) / filters.depth);
  return convolve(shape, filters, rows);
}

// Filters [first, first + count) gates of a direction's weights (gates * hidden, depth).
Filters gates_of(const Size& size, const Reals& all, std::int64_t direction, std::int64_t depth,
                 std::int64_t first, std::int64_t count) {
  const std::int64_t gate = size.hidden * depth;
  const auto begin = all.begin() + (direction * size.gates + first) * gate;
  return {
      .K = count * size.hidden, .depth = depth, .weights = Reals(begin, begin + count * gate), .bias = {}};
}

// One direction of a node.
class Cell {
 public:
  Cell(const LayerCall& at, const Size& size, std::int64_t direction)
      : at_(at), size_(size), direction_(direction) {
    const std::string where = at.where();
    input_ = gates_of(size, at.call[1].reals(where), direction, size.inputs, 0, size.gates);
    const Reals& recurrent = at.call[2].reals(where);
    const bool splits = at.node().op == "GRU" && !linear_before_reset();
    recurrent_ = gates_of(size, recurrent, direction, size.hidden, 0, splits ? 2 : size.gates);
    if (splits) candidate_ = gates_of(size, recurrent, direction, size.hidden, 2, 1);
    if (const Tensor* bias = at.call.optional(3)) {
      const std::int64_t half = size.gates * size.hidden;
      const auto begin = bias->reals(where).begin() + direction * 2 * half;
      input_.bias.assign(begin, begin + half);
      recurrent_.bias.assign(begin + half, begin + half + recurrent_.K);
      if (splits) candidate_.bias.assign(begin + half + recurrent_.K, begin + 2 * half);
    }
    state_ = initial(5);
    if (at.node().op == "LSTM") {
      memory_ = initial(6);
      if (const Tensor* peepholes = at.call.optional(7)) {
        const auto begin = peepholes->reals(where).begin() + direction * 3 * size.hidden;
        peepholes_.assign(begin, begin + 3 * size.hidden);
      }
    }
    read_functions();
  }

  // x: (steps, batch, inputs). Lists the layers; the states of all steps, in the order of time.
  std::vector<Reals> run(const Reals& x) {
    const Reals weighed = weigh(input_, x);
    std::vector<Reals> states(static_cast<std::size_t>(size_.steps));
    const std::int64_t row = size_.batch * size_.gates * size_.hidden;
    for (std::int64_t i = 0; i < size_.steps; ++i) {
      const std::int64_t step = backwards() ? size_.steps - 1 - i : i;
      before_.insert(before_.end(), state_.begin(), state_.end());
      const auto begin = weighed.begin() + step * row;
      advance(Reals(begin, begin + row));
      states[static_cast<std::size_t>(step)] = state_;
    }
    list("input", input_, x);
    list("recurrent", recurrent_, before_);
    if (candidate_.K > 0) list("candidate", candidate_, reset_);
    return states;
  }

  [[nodiscard]] const Reals& state() const { return state_; }
  [[nodiscard]] const Reals& memory() const { return memory_; }

 private:
  [[nodiscard]] bool linear_before_reset() const { return at_.node().integer("linear_before_reset", 0) != 0; }
  [[nodiscard]] bool backwards() const {
    return direction_ == 1 || at_.node().text("direction", "forward") == "reverse";
  }

  void read_functions() {
    const std::size_t count = at_.node().op == "LSTM" ? 3 : at_.node().op == "GRU" ? 2 : 1;
    std::vector<std::string> names{"Sigmoid", "Tanh", "Tanh"};
    if (count == 1) names = {"Tanh"};
    if (const auto given = at_.node().texts("activations")) {
      if (given->size() != count * static_cast<std::size_t>(size_.directions))
        throw Error(at_.where() + ": activations", fmt::format("{}", given->size()),
                    fmt::format("{} for each direction", count));
      names.assign(given->begin() + static_cast<std::ptrdiff_t>(count) * direction_, given->end());
    }
    for (std::size_t i = 0; i < count; ++i) functions_.push_back(function_of(names[i], at_.where()));
  }

  // (directions, batch, hidden), or zeros.
  [[nodiscard]] Reals initial(std::size_t index) const {
    const std::int64_t count = size_.batch * size_.hidden;
    const Tensor* given = at_.call.optional(index);
    if (given == nullptr) return Reals(static_cast<std::size_t>(count));
    if (given->size() != count * size_.directions)
      throw Error(at_.where() + ": initial state", shape_text(given->shape),
                  fmt::format("({}, {}, {})", size_.directions, size_.batch, size_.hidden));
    const auto begin = given->reals(at_.where()).begin() + direction_ * count;
    return Reals(begin, begin + count);
  }

  // One step on what its input was weighed to: (batch, gates, hidden).
  void advance(const Reals& x) {
    if (at_.node().op == "LSTM") return advance_lstm(x);
    if (at_.node().op == "GRU") return advance_gru(x);
    const Reals h = weigh(recurrent_, state_);
    for (std::size_t i = 0; i < state_.size(); ++i) state_[i] = functions_[0](x[i] + h[i]);
  }

  // Gates in the order input, output, forget, cell.
  void advance_lstm(const Reals& x) {
    const Reals h = weigh(recurrent_, state_);
    const auto hidden = static_cast<std::size_t>(size_.hidden);
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const std::size_t unit = i % hidden, row = i / hidden * 4 * hidden + unit;
      const auto sum = [&](std::size_t gate) { return x[row + gate * hidden] + h[row + gate * hidden]; };
      const auto peep = [&](std::size_t gate, float c) {
        return peepholes_.empty() ? 0.0F : peepholes_[gate * hidden + unit] * c;
      };
      const float in = functions_[0](sum(0) + peep(0, memory_[i])),
                  forget = functions_[0](sum(2) + peep(2, memory_[i]));
      memory_[i] = forget * memory_[i] + in * functions_[1](sum(3));
      state_[i] = functions_[0](sum(1) + peep(1, memory_[i])) * functions_[2](memory_[i]);
    }
  }

  // Gates in the order update, reset, hidden.
  void advance_gru(const Reals& x) {
    const Reals h = weigh(recurrent_, state_);
    const auto hidden = static_cast<std::size_t>(size_.hidden);
    const std::size_t h_row = static_cast<std::size_t>(recurrent_.K);
    const auto gate = [&](std::size_t i, std::size_t number) {
      const std::size_t image = i / hidden, unit = i % hidden + number * hidden;
      return functions_[0](x[image * 3 * hidden + unit] + h[image * h_row + unit]);
    };
    Reals reset(state_.size());
    for (std::size_t i = 0; i < reset.size(); ++i) reset[i] = gate(i, 1);
    Reals last(state_.size());
    if (candidate_.K > 0) {
      Reals kept(state_.size());
      for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = reset[i] * state_[i];
      reset_.insert(reset_.end(), kept.begin(), kept.end());
      last = weigh(candidate_, kept);
    } else {
      for (std::size_t i = 0; i < last.size(); ++i)
        last[i] = reset[i] * h[i / hidden * h_row + i % hidden + 2 * hidden];
    }
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const float update = gate(i, 0);
      const float made = functions_[1](x[i / hidden * 3 * hidden + i % hidden + 2 * hidden] + last[i]);
      state_[i] = (1 - update) * made + update * state_[i];
    }
  }

  void list(const std::string& part, const Filters& filters, const Reals& rows) {
    LayerShape shape;
    shape.C = bounded(filters.depth, 1, at_.where());
    shape.K = bounded(filters.K, 1, at_.where());
    shape.N = bounded(static_cast<std::int64_t>(rows.size()) / filters.depth, 1, at_.where());
    at_.layers.add(at_.node(), part + (direction_ == 1 ? ".reverse" : ""), &fc_kind, shape, filters, {rows});
  }

  const LayerCall& at_;
  const Size& size_;
  std::int64_t direction_;
  Filters input_, recurrent_, candidate_;
  Reals state_, memory_, peepholes_, before_, reset_;
  std::vector<Function> functions_;
};

void expect_shape(const LayerCall& at, std::size_t index, const Axes& shape) {
  const Tensor* tensor = at.call.optional(index);
  if (tensor != nullptr && tensor->shape != shape)
    throw Error(at.where(), fmt::format("input {} of shape {}", index, shape_text(tensor->shape)),
                shape_text(shape));
}

Size sizes_of(const LayerCall& at, std::int64_t gates) {
  const Node& node = at.node();
  for (const char* key : {"clip", "input_forget", "layout"}) {
    if (node.has(key) && (std::string(key) == "clip" || node.integer(key, 0) != 0))
      throw Error(at.where(), std::string("the attribute ") + key, "none");
  }
  const Axes &x = at.call[0].shape, &w = at.call[1].shape;
  if (x.size() != 3 || w.size() != 3 || w[1] % gates != 0)
    throw Error(at.where(), "shapes " + shape_text(x) + " and " + shape_text(w),
                "(steps, batch, inputs) and (directions, gates, inputs)");
  const std::string direction = node.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    throw Error(at.where() + ": direction", "another word", "forward, reverse or bidirectional");
  Size size{x[0], x[1], x[2], w[1] / gates, gates, direction == "bidirectional" ? 2 : 1};
  for (const std::int64_t axis : {size.steps, size.batch, size.inputs, size.hidden})
    (void)bounded(axis, 1, at.where());
  (void)bounded(size.steps * size.batch, 1, at.where());
  expect_shape(at, 1, {size.directions, gates * size.hidden, size.inputs});
  expect_shape(at, 2, {size.directions, gates * size.hidden, size.hidden});
  expect_shape(at, 3, {size.directions, 2 * gates * size.hidden});
  if (node.op == "LSTM") expect_shape(at, 7, {size.directions, 3 * size.hidden});
  if (const Tensor* lengths = at.call.optional(4)) {
    for (const std::int64_t length : lengths->integers(at.where())) {
      if (length != size.steps)
        throw Error(at.where() + ": sequence_lens", std::to_string(length),
                    fmt::format("all {} steps", size.steps));
    }
  }
  return size;
}

std::vector<Tensor> recur(const LayerCall& at, std::int64_t gates) {
  const Size size = sizes_of(at, gates);
  const Reals& x = at.call[0].reals(at.where());
  Tensor all = make_reals({size.steps, size.directions, size.batch, size.hidden}, at.where()),
         last = make_reals({size.directions, size.batch, size.hidden}, at.where()), memory = last;
  const auto put = [](const Reals& values, std::int64_t row, Tensor& into) {
    std::copy(values.begin(), values.end(),
              std::get<Reals>(into.elements).begin() + row * static_cast<std::int64_t>(values.size()));
  };
  for (std::int64_t direction = 0; direction < size.directions; ++direction) {
    Cell cell(at, size, direction);
    const std::vector<Reals> states = cell.run(x);
    for (std::int64_t step = 0; step < size.steps; ++step)
      put(states[static_cast<std::size_t>(step)], step * size.directions + direction, all);
    put(cell.state(), direction, last);
    put(cell.memory(), direction, memory);
  }
  std::vector<Tensor> outputs{std::move(all), std::move(last)};
  if (at.node().op == "LSTM") outputs.push_back(std::move(memory));
  return outputs;
}

std::vector<Tensor> gru(const LayerCall& at) { return recur(at, 3); }
std::vector<Tensor> lstm(const LayerCall& at) { return recur(at, 4); }
std::vector<Tensor> rnn(const LayerCall& at) { return recur(at, 1); }

}  // namespace

const LayerOperators& recurrent_operators() {
  static const LayerOperators table{{"GRU", gru}, {"LSTM", lstm}, {"RNN", rnn}};
  return table;
}

}  // namespace basil::onnx_import
