// Mappings of a row-stationary array that a machine's file or a file of their own gives, and how they are
// written.
#pragma once

#include <string>
#include <vector>

#include "core/yaml.h"
#include "dataflows/row_stationary/row_stationary.h"
#include "traces/trace.h"

namespace basil {

// For the layers that a glob names.
struct GivenMapping {
  std::string layer;
  RowMapping mapping;  // taps of 0: the filter's own
  // Where a layer is cut, over tiles or in pieces: of which part; 0: any.
  int filters = 0, channels = 0, columns = 0;
  std::string where;       // file:line:column, for messages
  bool for_trace = false;  // from a file of mappings, which is for one trace: its layers must be there

  [[nodiscard]] bool fits(const std::string& name, const LayerShape& shape) const;
};

// The key `mappings` of a machine: a list, or the name of a file whose only key is such a list, e.g.
//
//   mappings:
//     - {layer: "conv[1-3]", m: 64, n: 1, e: 13, p: 16, q: 4, r: 1, t: 4}
//
// with `taps_y` and `taps_x` where a filter is folded, `ifmap_words` where its bus sends fewer than it could,
// and `filters`, `channels`, `columns` for one of a layer's parts. Error with file:line:column for a letter
// that is not there, unknown or out of bounds.
[[nodiscard]] std::vector<GivenMapping> read_mappings(YamlReader& machine);

// Such a file. Read back, it makes a run choose the same.
[[nodiscard]] std::string mappings_text(const std::vector<GivenMapping>& mappings,
                                        const std::string& comment);

// Error for a mapping of such a file whose glob no layer of the trace answers to, with the nearest name. The
// globs of a machine's own list may be for other networks.
void check_layer_globs(const std::vector<GivenMapping>& mappings, const Trace& trace);

}  // namespace basil
