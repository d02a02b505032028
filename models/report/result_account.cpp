#include "models/report/result_account.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/names.h"
#include "models/report/older_results.h"
#include "models/result/cell_json.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

// Of a result that has it, whatever version wrote it.
template <class Value>
Value said(const Json& json, const char* column) {
  return std::get<Value>(cell_from(json.at(column), *find_column(column)));
}

}  // namespace

ResultAccount account_from_json(const nlohmann::ordered_json& written) {
  try {
    const Json json = in_todays_words(written);
    ResultAccount account{
        .title = said<std::string>(json, "trace") + " on " + said<std::string>(json, "accelerator"),
        .trace_fingerprint = json.value("trace_fingerprint", ""),
        .description = {},
        .pes = said<std::int64_t>(json, "pes"),
        .layers = {}};
    if (account.pes == 0) throw Error("result: pes", "0", "a machine of 1 or more");
    if (json.contains("clock_mhz")) {
      const auto clock = said<double>(json, "clock_mhz");
      if (!(clock > 0)) throw Error("result: clock_mhz", fmt::format("{}", clock), "a clock above 0");
    }
    if (json.contains("description")) {  // older files do not tell
      for (const auto& [key, value] : json.at("description").items())
        account.description.emplace_back(key, value);
    }
    for (const Json& layer : json.at("layers")) {
      account.layers.push_back(
          account_of_layer(said<std::string>(layer, "layer"),
                           [&](const MetricColumn& column) { return cell_in(layer, column); }));
    }
    return account;
  } catch (const nlohmann::json::exception& error) {
    throw Error("result", library_message(error), "a file that " + field_name("to_json()") + " wrote");
  }
}

}  // namespace basil
