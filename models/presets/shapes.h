// Lists of layers that synthetic traces are drawn from, by name or by file.
#pragma once

#include <string>

#include "traces/synth/synth.h"

namespace basil {

struct Shapes {
  std::string text;  // of the YAML file
  SynthList list;
};

// A shipped list ('basil list shapes') or a YAML file. Errors: at `where`, that `name` is neither; those of
// parse_synth().
[[nodiscard]] Shapes load_shapes(const std::string& name, const std::string& where);

}  // namespace basil
