#include "testbenches/command/output_options.h"

#include <any>
#include <map>
#include <optional>
#include <set>

#include "models/waveform/waveform.h"

namespace basil {
namespace {

namespace po = boost::program_options;

inline constexpr const char* text_shown = "OUT";
inline constexpr const char* archive_shown = "OUT.npz";
inline constexpr const char* waveform_shown = "OUT.vcd";
inline constexpr const char* database_shown = "OUT.sqlite";

po::typed_value<std::string>* named(const char* shown) { return po::value<std::string>()->value_name(shown); }

std::optional<Output::Kind> kind_of(const po::option_description& option) {
  const std::string shown = option.semantic()->name();
  if (shown == text_shown || shown == waveform_shown) return Output::Kind::text;
  if (shown == archive_shown) return Output::Kind::archive;
  if (shown == database_shown) return Output::Kind::database;
  return std::nullopt;
}

std::vector<std::string> words_of(const po::variable_value& value) {
  if (const auto* word = boost::any_cast<std::string>(&value.value())) return {*word};
  if (const auto* words = boost::any_cast<std::vector<std::string>>(&value.value())) return *words;
  return {};
}

void add_if_there(const std::string& word, std::vector<std::filesystem::path>& files) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(word, ignored)) files.emplace_back(word);
}

// As a shell takes it for one word.
std::string quoted(const std::string& word) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+@%^-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

// They change how the work is done, how much of it at once, and what is shown of it.
const std::set<std::string> of_no_result{"jobs",   "quiet", "memory", "title",
                                         "resume", "retry", "show",   "dry-run"};

}  // namespace

std::string command_of(const std::string& verb, const po::parsed_options& parsed,
                       const po::options_description& options) {
  std::string text = "basil " + verb;
  for (const auto& given : parsed.options) {
    const po::option_description* const option = options.find_nothrow(given.string_key, false);
    const bool shows = given.string_key.starts_with("vcd") || of_no_result.count(given.string_key) > 0;
    if (option == nullptr || kind_of(*option) || shows) continue;
    for (const std::string& token : given.original_tokens) text += " " + quoted(token);
  }
  return text;
}

po::typed_value<std::string>* text_output() { return named(text_shown); }
po::typed_value<std::string>* archive_output() { return named(archive_shown); }
po::typed_value<std::string>* waveform_output() { return named(waveform_shown); }
po::typed_value<std::string>* database_output() { return named(database_shown); }

std::vector<Output> outputs_of(const po::options_description& options, const po::variables_map& values) {
  std::vector<Output> outputs;
  for (const auto& option : options.options()) {
    const auto kind = kind_of(*option);
    if (!kind || values.count(option->long_name()) == 0) continue;
    const std::string name = "--" + option->long_name();
    for (const std::string& word : words_of(values[option->long_name()])) {
      if (option->semantic()->name() != waveform_shown) {
        outputs.push_back({name, word, *kind});
        continue;
      }
      for (const std::string& file : waveform_files(word)) outputs.push_back({name, file, *kind});
    }
  }
  return outputs;
}

std::vector<std::filesystem::path> inputs_of(const po::options_description& options,
                                             const po::variables_map& values) {
  std::vector<std::filesystem::path> files;
  for (const auto& option : options.options()) {
    if (kind_of(*option) || values.count(option->long_name()) == 0) continue;
    for (const std::string& word : words_of(values[option->long_name()])) {
      add_if_there(word, files);
      add_if_there(word.substr(word.find('=') + 1), files);
      add_if_there(word.substr(0, word.rfind(':')), files);
      for (std::size_t at = 0; at <= word.size();) {
        const std::size_t comma = std::min(word.find(',', at), word.size());
        add_if_there(word.substr(at, comma - at), files);
        at = comma + 1;
      }
    }
  }
  return files;
}

}  // namespace basil
