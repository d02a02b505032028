#include "models/waveform/gtkw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "core/atomic_file.h"
#include "core/names.h"

namespace basil {
namespace {

// Of the window, in pixels: the whole, what the rows' names and values take, and what frames take. A letter
// is eight wide.
inline constexpr int window_width = 1600, window_height = 1000, frames = 100, letter = 8, value_letters = 18;
inline constexpr std::ptrdiff_t many_rows = 24;

// GTKWave's flags of a row, in hexadecimal (analyzer.h of its sources).
const char* flags(GtkwRow::Look look) {
  switch (look) {
    case GtkwRow::Look::flag:
      return "28";  // binary
    case GtkwRow::Look::number:
      return "24";  // decimal
    case GtkwRow::Look::real:
      return "420";
    case GtkwRow::Look::word:
      return "820";  // ASCII
    case GtkwRow::Look::curve:
      return "88024";  // in steps, its height that of the whole run
    case GtkwRow::Look::reals_curve:
      return "88420";
  }
  return "28";
}

bool is_curve(const GtkwRow& row) {
  return row.look == GtkwRow::Look::curve || row.look == GtkwRow::Look::reals_curve;
}

// Of a dotted name GTKWave shows the last part alone, so every row has a name of its own.
std::string shown_name(const GtkwRow& row) {
  std::string name = row.path;
  std::replace(name.begin(), name.end(), '.', ' ');
  return name;
}

int names_width(const std::vector<GtkwRow>& rows) {
  std::size_t longest = 0;
  for (const GtkwRow& row : rows) longest = std::max(longest, shown_name(row).size());
  return std::min(letter * (static_cast<int>(longest) + value_letters) + 20, window_width / 2);
}

void write_row(std::string& out, const GtkwRow& row) {
  const std::string bits = row.bits > 1 ? fmt::format("[{}:0]", row.bits - 1) : std::string();
  fmt::format_to(std::back_inserter(out), "@{}\n+{{{}}} SystemC.{}{}\n", flags(row.look), shown_name(row),
                 row.path, bits);
  if (is_curve(row)) out += "@20000\n-\n-\n-\n";  // rows that the one above stretches over
}

void write_group(std::string& out, const std::vector<GtkwRow>& rows, const std::string& group) {
  const auto in_group = [&](const GtkwRow& row) { return row.group == group; };
  const bool folded = std::count_if(rows.begin(), rows.end(), in_group) > many_rows;
  fmt::format_to(std::back_inserter(out), "@{}\n-{}\n", folded ? "c00200" : "800200", group);
  for (const GtkwRow& row : rows) {
    if (in_group(row)) write_row(out, row);
  }
  fmt::format_to(std::back_inserter(out), "@{}\n-{}\n", folded ? "1401200" : "1000200", group);
}

}  // namespace

void write_gtkw(const std::string& path, const GtkwView& view) {
  const std::filesystem::path file(path);
  const int names = names_width(view.rows), width = window_width - names - frames;
  // 2^z ticks over 200 pixels.
  const double ticks = static_cast<double>(std::max<std::int64_t>(2, view.last - view.first));
  const double z = std::log2(ticks * 200 / width);
  std::string out = fmt::format(
      "[*] {}\n[dumpfile] \"{}\"\n[savefile] \"{}\"\n[timestart] {}\n[size] {} {}\n[sst_expanded] 0\n"
      "[signals_width] {}\n*{:.6f} {} -1\n",
      view.comment, printable(file.stem().string()) + ".vcd", printable(file.filename().string()), view.first,
      window_width, window_height, names, -z, view.first);
  fmt::format_to(std::back_inserter(out), "@200\n-{}\n", view.time);
  for (const GtkwRow& row : view.rows) {
    if (row.group.empty()) write_row(out, row);
  }
  std::vector<std::string> groups;
  for (const GtkwRow& row : view.rows) {
    const bool known =
        row.group.empty() || std::find(groups.begin(), groups.end(), row.group) != groups.end();
    if (!known) groups.push_back(row.group);
  }
  for (const std::string& group : groups) write_group(out, view.rows, group);
  write_file_atomically(path, out);
}

}  // namespace basil
