// A GTKWave save file: what of a waveform is shown, how, and from when until when.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basil {

struct GtkwRow {
  enum class Look {
    flag,    // a bit
    number,  // unsigned
    real,
    word,   // letters of 8 bits each
    curve,  // a number over four rows, from its least to its most
    reals_curve,
  };
  std::string path, group;  // a row of the file; what heads it, nothing for those above all groups
  int bits = 1;
  Look look = Look::flag;
};

struct GtkwView {
  std::string comment, time;         // of one line each; what heads all rows
  std::int64_t first = 0, last = 0;  // ticks to show
  std::vector<GtkwRow> rows;
};

// The file at `path`, beside the .vcd of the same stem, which it names without a folder: the two may be moved
// together. Groups fold; those of many rows are folded at first.
void write_gtkw(const std::string& path, const GtkwView& view);

}  // namespace basil
