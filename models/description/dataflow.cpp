#include "models/description/dataflow.h"

namespace basil {

std::string_view to_string(Dataflow dataflow) {
  return dataflow_summaries()[static_cast<std::size_t>(dataflow)].first;
}

const std::vector<std::pair<std::string_view, std::string_view>>& dataflow_summaries() {
  static const std::vector<std::pair<std::string_view, std::string_view>> summaries{
      {"row_stationary", "Eyeriss: a PE convolves a filter row with an ifmap row; p q r t interleaving"},
      {"weight_stationary", "systolic: a fold of weights held, pixels streamed, psums falling through"},
      {"output_stationary", "systolic: a fold of sums held, both operands streamed"},
      {"tiles", "ofmap blocks for a unit that brings its own array and order of work"}};
  return summaries;
}

}  // namespace basil
