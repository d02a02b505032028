#include "testbenches/command/option_names.h"

#include <array>
#include <string_view>
#include <utility>

namespace basil {

std::string in_options(std::string said) {
  // A name before those that begin it.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> options{
      {{"options.waveform.window", "--vcd-window"},
       {"options.waveform.force", "--vcd-force"},
       {"options.waveform", "--vcd"},
       {"options.timeline", "--timeline"},
       {"options.layers", "--layer"},
       {"options.sample", "--sample"},
       {"options.fidelity", "--fidelity"},
       {"set_memory_limit()", "--memory"},
       {"overrides ", "--set "}}};
  for (const auto& [field, option] : options) {
    for (std::size_t at = 0; (at = said.find(field, at)) != std::string::npos; at += option.size())
      said.replace(at, field.size(), option);
  }
  return said;
}

}  // namespace basil
