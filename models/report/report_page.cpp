#include "models/report/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/names.h"
#include "models/presets/embedded.h"
#include "models/result/column.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

std::string_view piece(std::string_view name) {
  for (const EmbeddedFile& file : report_pieces()) {
    if (file.name == name) return file.text;
  }
  throw Failure(fmt::format("this build lacks {} of the report's page", name));
}

// JSON inside a script element: no '<', so that no text of a trace can end the element.
std::string script_safe(const Json& json) {
  std::string safe;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string scripts_of(std::span<const std::string_view> own) {
  std::string text;
  for (const std::string_view name : {"figures.js", "tables.js", "svg.js", "tips.js", "notions.js", "bars.js",
                                      "drawing.js", "layers_table.js", "layer_details.js"})
    text += piece(name);
  for (const std::string_view name : own) text += piece(name);
  return text;
}

// The template with each {{name}} replaced, in one go: what is put in is not looked at again.
std::string page(const std::string& title, const Json& data, const std::string& scripts) {
  const std::vector<std::pair<std::string_view, std::string>> parts{
      {"title", xml_text(title)},
      {"style", std::string(piece("report.css"))},
      {"data", script_safe(data)},
      {"script", scripts}};
  std::string_view left = piece("report.html");
  std::string html;
  for (std::size_t mark = left.find("{{"); mark != std::string_view::npos; mark = left.find("{{")) {
    const std::string_view name = left.substr(mark + 2, left.find("}}") - mark - 2);
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const auto& entry) { return entry.first == name; });
    html += left.substr(0, mark);
    html += part->second;
    left.remove_prefix(mark + name.size() + 4);
  }
  return html + std::string(left);
}

// What the figures are called and mean, for whoever lists them all.
Json columns_json() {
  Json json = Json::array();
  for (const MetricColumn& column : metric_columns()) {
    json.push_back({{"name", column.name},
                    {"unit", column.unit},
                    {"description", column.description},
                    {"kind", to_string(column.kind)},
                    {"digits", column.digits}});
  }
  return json;
}

}  // namespace

std::string report_page(const std::string& title, const std::string& program, const Json& data,
                        std::span<const std::string_view> scripts) {
  Json whole{{"schema", "basil-report/2"}, {"program", program}, {"columns", columns_json()}};
  whole.update(data);
  return page(title, whole, scripts_of(scripts));
}

}  // namespace basil
