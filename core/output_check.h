// What outputs may not do, found out before the work that makes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace basil {

struct Output {
  enum class Kind {
    text,      // replaced when the work is done: JSON, CSV, pages, waveforms
    archive,   // the same, of traces and networks
    database,  // opened where it stands and added to
  };
  std::string option;  // "--json", for messages
  std::filesystem::path file;
  Kind kind = Kind::text;
};

// Error naming the option and file unless each can be written: its folder is there and may be written, it is
// none of `inputs`, none that this process has read and none of the other outputs (by device and inode, so by
// whatever name), and what is there now is of its kind: a study is replaced by nothing, a trace by traces
// alone. Of "-", standard output, there is one at most.
void check_outputs(const std::vector<Output>& outputs, const std::vector<std::filesystem::path>& inputs);

}  // namespace basil
