#include "testbenches/vcd/vcd_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/error.h"

namespace basil {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Words of the text in order, with the line of the last one.
class Words {
 public:
  Words(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  // The next word, or an empty one at the end of the text.
  std::string_view next() {
    const std::size_t begin = std::min(text_.find_first_not_of(blanks, at_), text_.size());
    line_ += std::count(text_.begin() + at(at_), text_.begin() + at(begin), '\n');
    at_ = std::min(text_.find_first_of(blanks, begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  // The next word of a section that must go on.
  std::string_view inside(std::string_view section) {
    const std::string_view word = next();
    if (word.empty()) fail(fmt::format("end of file inside {}", section), "$end");
    return word;
  }

  void expect_end(std::string_view section) {
    const std::string_view word = inside(section);
    if (word != "$end") fail(fmt::format("\"{}\" in {}", word, section), "$end");
  }

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw Error(fmt::format("{}:{}", name_, line_), found, expected);
  }

 private:
  static std::ptrdiff_t at(std::size_t offset) { return static_cast<std::ptrdiff_t>(offset); }

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0;
  std::ptrdiff_t line_ = 1;
};

template <class Number>
bool reads_as(std::string_view word, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

bool is_logic(char c) { return std::string_view("01xXzZ").find(c) != std::string_view::npos; }

class VcdReader {
 public:
  VcdReader(std::string_view text, const std::string& name) : words_(text, name) {}

  VcdSummary read() {
    while (!defined_) read_declaration();
    for (std::string_view word = words_.next(); !word.empty(); word = words_.next()) read_command(word);
    for (VcdVariable& variable : summary_.variables) {
      const Signal& signal = signals_.find(variable.id)->second;
      if (signal.history.empty())
        words_.fail(variable.name + " without a value", "an initial value in $dumpvars");
      variable.changes = static_cast<std::int64_t>(signal.history.size());
      variable.last = signal.history.back().second;
      variable.history = signal.history;
    }
    summary_.last_time = std::max<std::int64_t>(time_, 0);
    return std::move(summary_);
  }

 private:
  struct Signal {
    int width = 1;
    bool real = false;
    std::vector<std::pair<std::int64_t, std::string>> history;
  };

  void read_declaration() {
    const std::string_view word = words_.next();
    if (word == "$date" || word == "$version" || word == "$comment") return skip_text(word);
    if (word == "$timescale") return read_timescale();
    if (word == "$scope") return open_scope();
    if (word == "$upscope") return close_scope();
    if (word == "$var") return declare();
    if (word != "$enddefinitions")
      words_.fail(fmt::format("\"{}\"", word), "a declaration up to $enddefinitions");
    words_.expect_end(word);
    if (!scope_.empty())
      words_.fail(fmt::format("{} scopes still open", scope_.size()), "an $upscope for each");
    if (summary_.timescale.empty()) words_.fail("no $timescale", "one before $enddefinitions");
    defined_ = true;
  }

  void skip_text(std::string_view section) {
    while (words_.inside(section) != "$end") {}
  }

  void read_timescale() {
    std::string scale;
    for (auto word = words_.inside("$timescale"); word != "$end"; word = words_.inside("$timescale"))
      scale += word;
    const std::size_t digits = std::min(scale.find_first_not_of("0123456789"), scale.size());
    const std::string number = scale.substr(0, digits), unit = scale.substr(digits);
    const std::set<std::string> numbers{"1", "10", "100"}, units{"s", "ms", "us", "ns", "ps", "fs"};
    if (!numbers.contains(number) || !units.contains(unit))
      words_.fail("timescale " + scale, "1, 10 or 100 s to fs");
    if (!summary_.timescale.empty()) words_.fail("a second $timescale", "one");
    summary_.timescale = number + " " + unit;
  }

  void open_scope() {
    const std::set<std::string_view> kinds{"module", "task", "function", "begin", "fork"};
    const std::string_view kind = words_.inside("$scope");
    if (!kinds.contains(kind))
      words_.fail(fmt::format("scope of type \"{}\"", kind), "module, task, function, begin or fork");
    scope_.emplace_back(words_.inside("$scope"));
    words_.expect_end("$scope");
    summary_.scopes.push_back(full_name({}));
  }

  void close_scope() {
    words_.expect_end("$upscope");
    if (scope_.empty()) words_.fail("$upscope outside a scope", "");
    scope_.pop_back();
  }

  void declare() {
    static const std::set<std::string_view> types{
        "event", "integer", "parameter", "real",   "realtime", "reg",  "supply0", "supply1", "time",
        "tri",   "triand",  "trior",     "trireg", "tri0",     "tri1", "wand",    "wire",    "wor"};
    VcdVariable variable;
    variable.type = words_.inside("$var");
    if (!types.contains(variable.type))
      words_.fail("variable of type " + variable.type, "a type of IEEE 1364");
    const std::string_view width = words_.inside("$var");
    if (!reads_as(width, variable.width) || variable.width < 1)
      words_.fail(fmt::format("width {}", width), "1 or more");
    variable.id = words_.inside("$var");
    variable.name = full_name(words_.inside("$var"));
    const std::string_view index = words_.inside("$var");
    if (index != "$end") {
      if (index.front() != '[' || index.back() != ']')
        words_.fail(fmt::format("\"{}\"", index), "[msb:lsb] or $end");
      words_.expect_end("$var");
    }
    if (!names_.insert(variable.name).second)
      words_.fail(variable.name + " declared twice", "one declaration");
    const Signal signal{.width = variable.width, .real = variable.type.starts_with("real"), .history = {}};
    const auto [known, is_new] = signals_.emplace(variable.id, signal);
    if (known->second.width != signal.width || known->second.real != signal.real) {
      words_.fail(fmt::format("id {} for another width or type", variable.id),
                  "one width and type for an id");
    }
    summary_.variables.push_back(std::move(variable));
  }

  void read_command(std::string_view word) {
    if (word == "$comment") return skip_text(word);
    if (word.front() == '#') return read_time(word.substr(1));
    if (word.front() != '$') return read_value(word);
    const std::set<std::string_view> dumps{"$dumpvars", "$dumpall", "$dumpon", "$dumpoff"};
    if (!dumps.contains(word)) words_.fail(fmt::format("\"{}\"", word), "a time, a value or a $dump section");
    for (auto inner = words_.inside(word); inner != "$end"; inner = words_.inside(word)) read_value(inner);
    if (word == "$dumpvars") check_initial_values();
  }

  void check_initial_values() {
    for (const VcdVariable& variable : summary_.variables) {
      if (signals_.find(variable.id)->second.history.empty()) {
        words_.fail(variable.name + " missing in $dumpvars", "an initial value for each variable");
      }
    }
  }

  void read_time(std::string_view digits) {
    std::int64_t time = 0;
    if (!reads_as(digits, time) || time < 0)
      words_.fail(fmt::format("time #{}", digits), "# and a whole number");
    if (time <= time_) words_.fail(fmt::format("time #{}", time), fmt::format("more than #{}", time_));
    if (time_ < 0) summary_.first_time = valued_ ? 0 : time;
    time_ = time;
  }

  void read_value(std::string_view word) {
    const char kind = word.front();
    valued_ = true;
    if (is_logic(kind)) return change(word.substr(1), word.substr(0, 1), 's');
    const std::string_view value = word.substr(1);
    if (kind == 'b' || kind == 'B') return change(words_.inside("a value"), value, 'b');
    if (kind == 'r' || kind == 'R') return change(words_.inside("a value"), value, 'r');
    words_.fail(fmt::format("\"{}\"", word), "a value: 0, 1, x, z, b... or r...");
  }

  // form: 's' scalar, 'b' vector, 'r' real.
  void change(std::string_view id, std::string_view value, char form) {
    const auto found = signals_.find(id);
    if (found == signals_.end()) words_.fail(fmt::format("a value for id \"{}\"", id), "a declared id");
    Signal& signal = found->second;
    if (signal.real != (form == 'r'))
      words_.fail(fmt::format("value {} for {}", value, id), "a real for reals only");
    double real = 0;
    if (form == 'r' && !reads_as(value, real)) words_.fail(fmt::format("real {}", value), "a number");
    if (form == 's' && signal.width != 1)
      words_.fail(fmt::format("one bit for id {}", id), fmt::format("b and up to {} bits", signal.width));
    if (form == 'b') check_vector(value, signal.width);
    signal.history.emplace_back(std::max<std::int64_t>(time_, 0), value);
  }

  void check_vector(std::string_view value, int width) const {
    const bool logic = !value.empty() && std::all_of(value.begin(), value.end(), is_logic);
    if (!logic) words_.fail(fmt::format("vector b{}", value), "digits 0, 1, x, z");
    if (value.size() > static_cast<std::size_t>(width)) {
      words_.fail(fmt::format("{} bits", value.size()), fmt::format("at most {}", width));
    }
  }

  [[nodiscard]] std::string full_name(std::string_view leaf) const {
    std::string name;
    for (const std::string& scope : scope_) name += (name.empty() ? "" : ".") + scope;
    if (leaf.empty()) return name;
    return name.empty() ? std::string(leaf) : fmt::format("{}.{}", name, leaf);
  }

  Words words_;
  VcdSummary summary_;
  std::vector<std::string> scope_;
  std::set<std::string> names_;
  std::map<std::string, Signal, std::less<>> signals_;
  bool defined_ = false, valued_ = false;
  std::int64_t time_ = -1;
};

}  // namespace

const VcdVariable& VcdSummary::variable(const std::string& name) const {
  std::vector<std::string> names;
  for (const VcdVariable& variable : variables) {
    if (variable.name == name) return variable;
    names.push_back(variable.name);
  }
  const std::string near = nearest(name, names);
  throw Error("waveform", "no variable " + name, near.empty() ? "" : near);
}

std::int64_t vcd_number(const std::string& value) { return std::stoll(value, nullptr, 2); }

std::string vcd_word(const std::string& value) {
  std::string word;
  for (auto letters = static_cast<std::uint64_t>(vcd_number(value)); letters != 0; letters >>= 8)
    word.insert(word.begin(), static_cast<char>(letters & 0xff));
  return word;
}

VcdSummary check_vcd(std::string_view text, const std::string& name) { return VcdReader(text, name).read(); }

VcdSummary check_vcd(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(file.string(), "cannot be read", "a VCD file");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return check_vcd(text, file.string());
}

}  // namespace basil
