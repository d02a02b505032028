#include "models/waveform/vcd_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace basil {
namespace {

inline constexpr std::size_t text_at_once = 1 << 16;

// Printable characters, the first one changing fastest.
std::string id_of(std::size_t number) {
  constexpr std::size_t first = '!', characters = '~' - '!' + 1;
  std::string id;
  do {
    id += static_cast<char>(first + number % characters);
    number /= characters;
  } while (number > 0);
  return id;
}

// The part of a dotted name at `depth`; `last`: whether none follows.
struct NamePart {
  std::string name;
  bool last = false;
};

NamePart name_part(const std::string& name, std::size_t depth) {
  std::size_t begin = 0;
  for (; depth > 0; --depth) begin = name.find('.', begin) + 1;
  const std::size_t end = name.find('.', begin);
  return {name.substr(begin, end - begin), end == std::string::npos};
}

}  // namespace

VcdFile::VcdFile(std::string path, std::string timescale, std::string comment)
    : path_(std::move(path)), timescale_(std::move(timescale)), comment_(std::move(comment)), out_(path_) {}

void VcdFile::declare(const std::string& name, int bits) {
  variables_.push_back({.name = name, .id = id_of(variables_.size()), .bits = bits});
}

// Of these variables, whose names agree up to `depth`: those of this scope, then scope by scope the others.
void VcdFile::declarations(const std::vector<std::size_t>& variables, std::size_t depth) {
  std::vector<std::size_t> deeper;
  for (const std::size_t index : variables) {
    const Variable& variable = variables_[index];
    const NamePart part = name_part(variable.name, depth);
    if (!part.last) {
      deeper.push_back(index);
    } else if (variable.bits == 0) {
      text_ += fmt::format("$var real 64 {} {} $end\n", variable.id, part.name);
    } else {
      text_ += fmt::format("$var wire {} {} {}{} $end\n", variable.bits, variable.id, part.name,
                           variable.bits > 1 ? fmt::format(" [{}:0]", variable.bits - 1) : std::string());
    }
  }
  while (!deeper.empty()) {
    const std::string scope = name_part(variables_[deeper.front()].name, depth).name;
    const auto others = std::stable_partition(deeper.begin(), deeper.end(), [&](std::size_t index) {
      return name_part(variables_[index].name, depth).name == scope;
    });
    text_ += fmt::format("$scope module {} $end\n", scope);
    declarations({deeper.begin(), others}, depth + 1);
    text_ += "$upscope $end\n";
    deeper.erase(deeper.begin(), others);
  }
}

void VcdFile::begin_values(std::int64_t time) {
  text_ +=
      fmt::format("$comment {} $end\n$timescale {} $end\n$scope module SystemC $end\n", comment_, timescale_);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < variables_.size(); ++i) all.push_back(i);
  declarations(all, 0);
  text_ += fmt::format("$upscope $end\n$enddefinitions $end\n#{}\n$dumpvars\n", time);
}

void VcdFile::end_values() { text_ += "$end\n"; }

void VcdFile::time(std::int64_t time) {
  if (text_.size() >= text_at_once) flush();
  fmt::format_to(std::back_inserter(text_), "#{}\n", time);
}

void VcdFile::value(std::size_t variable, std::uint64_t bits) {
  const Variable& of = variables_[variable];
  if (of.bits == 1) {
    text_ += bits != 0 ? '1' : '0';
  } else {
    fmt::format_to(std::back_inserter(text_), "b{:b} ", bits);
  }
  text_ += of.id;
  text_ += '\n';
}

void VcdFile::value(std::size_t variable, double real) {
  fmt::format_to(std::back_inserter(text_), "r{:.12g} {}\n", real, variables_[variable].id);
}

void VcdFile::letters(std::size_t variable, const std::string& word) {
  text_ += 'b';
  if (word.empty()) text_ += '0';
  for (const char letter : word)
    fmt::format_to(std::back_inserter(text_), "{:08b}", static_cast<unsigned char>(letter));
  text_ += ' ' + variables_[variable].id + '\n';
}

void VcdFile::flush() {
  out_.write(text_);
  bytes_ += static_cast<std::int64_t>(text_.size());
  text_.clear();
}

void VcdFile::close() {
  flush();
  out_.commit();
}

}  // namespace basil
