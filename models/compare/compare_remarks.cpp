#include "models/compare/compare_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "core/table.h"

namespace basil {
namespace {

// The interval of a contender's figure, in pJ or pJ s.
EnergyRange spread_of(const Comparison& comparison, Spreading figure, std::size_t contender) {
  const Result& result = comparison.results[contender];
  const EnergyRange range = result.energy_range();
  const double factor = figure == Spreading::energy ? 1 : result.seconds(result.cycles());
  return {range.low * factor, range.high * factor};
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// "scnn and dcnn; sparten and scnn, dcnn": each with those after it in the order, the least first.
std::string overlapping(const Comparison& comparison, Spreading figure) {
  const auto nominal = [&](std::size_t i) {
    const Result& result = comparison.results[i];
    return result.energy().value * (figure == Spreading::energy ? 1 : result.seconds(result.cycles()));
  };
  std::vector<std::size_t> order(comparison.results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return nominal(a) < nominal(b); });
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<std::string> others;
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      if (overlap(comparison, figure, order[i], order[j]))
        others.push_back(comparison.contenders[order[j]].name);
    }
    if (!others.empty())
      texts.push_back(comparison.contenders[order[i]].name + " and " + joined(others, ", "));
  }
  return joined(texts, "; ");
}

void add_overlaps(const Comparison& comparison, std::vector<std::string>& texts) {
  for (const auto& [figure, name] :
       {std::pair{Spreading::energy, "energy"}, {Spreading::energy_delay, "energy x delay"}}) {
    const std::string pairs = overlapping(comparison, figure);
    if (!pairs.empty())
      texts.push_back(fmt::format("~ order by {} that rests on overlapping intervals: {}", name, pairs));
  }
}

std::string buffers_of(const Description& machine) {
  Bytes bytes = machine.fmap_buffer.bytes + machine.filter_buffer.bytes;
  if (machine.accumulators) bytes += machine.accumulators->bytes;
  return metric(static_cast<double>((bytes * machine.tiles).value), "B");
}

void add_what_stays(const Comparison& comparison, std::vector<std::string>& texts) {
  if (comparison.footing == Footing::as_described) return;
  std::vector<std::string> buffers;
  for (const Contender& contender : comparison.contenders)
    buffers.push_back(contender.name + " " + buffers_of(contender.machine));
  texts.push_back(
      "rows, columns, buses and buffer ports are scaled; clock, technology, DRAM, scratchpads and the sizes "
      "of "
      "buffers stay as described: " +
      joined(buffers, ", "));
}

// "ifmap words differ in width: dcnn, scnn 16 bit; sparten 8 bit", or nothing where all are alike.
template <class Width>
void add_widths(const Comparison& comparison, const char* what, const Width& width,
                std::vector<std::string>& texts) {
  std::map<int, std::vector<std::string>> names;
  for (const Contender& contender : comparison.contenders)
    names[width(contender.machine)].push_back(contender.name);
  if (names.size() < 2) return;
  std::vector<std::string> of_width;
  for (const auto& [bits, machines] : names)
    of_width.push_back(fmt::format("{} bit {}", bits, joined(machines, ", ")));
  texts.push_back(fmt::format("{} differ in width: {}", what, joined(of_width, "; ")));
}

}  // namespace

bool overlap(const Comparison& comparison, Spreading figure, std::size_t a, std::size_t b) {
  const EnergyRange one = spread_of(comparison, figure, a), other = spread_of(comparison, figure, b);
  return one.low <= other.high && other.low <= one.high;
}

bool overlaps_any(const Comparison& comparison, Spreading figure, std::size_t contender) {
  for (std::size_t other = 0; other < comparison.results.size(); ++other) {
    if (other != contender && overlap(comparison, figure, contender, other)) return true;
  }
  return false;
}

std::vector<std::string> remarks(const Comparison& comparison) {
  std::vector<std::string> texts;
  add_overlaps(comparison, texts);
  add_what_stays(comparison, texts);
  add_widths(
      comparison, "ifmap words", [](const Description& machine) { return machine.word_bits(); }, texts);
  add_widths(
      comparison, "weights", [](const Description& machine) { return machine.weight_bits(); }, texts);
  add_widths(
      comparison, "psums", [](const Description& machine) { return machine.psum_bits; }, texts);
  return texts;
}

std::string ratio_text(double ratio) {
  return ratio < 0.095 ? fmt::format("{:.2g}x", ratio) : fmt::format("{:.2f}x", ratio);
}

}  // namespace basil
