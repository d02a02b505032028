#include "models/report/html_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "models/simulate.h"
#include "traces/file/trace_file.h"

namespace basil {
namespace {

std::string sample(const std::string& name) {
  return std::string(BASIL_SOURCE_DIR) + "/traces/samples/" + name;
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

nlohmann::json data_of(const std::string& html) {
  const std::string opening = R"(<script type="application/json" id="basil-data">)";
  const std::size_t start = html.find(opening) + opening.size();
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

// The page without what its scripts say: their text is no markup.
std::string markup_of(std::string html) {
  for (std::size_t at = html.find("<script"); at != std::string::npos; at = html.find("<script", at))
    html.erase(at, html.find("</script>", at) + 9 - at);
  return html;
}

// A name that would end the element it stands in, were it put there as it is.
const std::string hostile = "L1</script><script>alert('{{data}}')</script><!--&\xe2\x80\xa8";

struct Ran {
  Trace trace;
  Description machine;
  Result result;
};

Ran run_hostile() {
  Ran ran{.trace = read_trace(sample("lenet.npz")), .machine = load_accelerator("eyeriss"), .result = {}};
  ran.trace.name = hostile;
  ran.trace.layers[0].name = hostile;
  ran.result = simulate(ran.trace, ran.machine, {});
  ran.result.program = "basil of a test";
  return ran;
}

TEST(HtmlReport, TextOfATraceStaysText) {
  const Ran ran = run_hostile();
  const std::string html = to_html(ran.result, ran.machine);
  EXPECT_EQ(count(html, "<script>alert"), 0U);
  EXPECT_EQ(count(html, "<!--"), 0U);
  EXPECT_EQ(count(html, "<script"), count(html, "</script>"));
  const nlohmann::json data = data_of(html);
  EXPECT_EQ(data["studies"][0]["machines"][0]["layers"][0]["layer"], hostile);
  EXPECT_NE(html.find("<title>L1&lt;/script&gt;&lt;script&gt;alert"), std::string::npos);
}

TEST(HtmlReport, HoldsEveryLayerAndWhereTheFiguresComeFrom) {
  const Ran ran = run_hostile();
  const nlohmann::json data = data_of(to_html(ran.result, ran.machine));
  EXPECT_EQ(data["program"], "basil of a test");
  const nlohmann::json& machine = data["studies"][0]["machines"][0];
  ASSERT_EQ(machine["layers"].size(), ran.result.layers.size());
  for (std::size_t i = 0; i < ran.result.layers.size(); ++i) {
    EXPECT_EQ(machine["layers"][i]["layer"], ran.result.layers[i].name);
    EXPECT_EQ(machine["layers"][i]["encoding"], "bitmap");
  }
  double tags = 0, items = 0;
  for (const char* share : {"measured_share", "published_share", "derived_share", "estimated_share"})
    tags += machine[share].get<double>();
  for (const nlohmann::json& item : machine["energy_items"]) items += item["pj"].get<double>();
  EXPECT_NEAR(tags, 1.0, 1e-9);
  EXPECT_NEAR(items, ran.result.energy().value, 1e-6 * items);
  EXPECT_EQ(machine["configuration"]["array"], "12 x 14 PEs");
  EXPECT_DOUBLE_EQ(machine["dram_bytes_per_second"], 64 / 8 * 60e6);  // bits / 8 x link clock
}

// Everything the page draws with is in it, and small.
TEST(HtmlReport, WeighsLittleMoreThanItsData) {
  const Ran ran = run_hostile();
  const std::string html = to_html(ran.result, ran.machine);
  EXPECT_LT(html.size() - data_of(html).dump().size(), 100'000U);
}

TEST(HtmlReport, AsksForNothingFromOutside) {
  const Ran ran = run_hostile();
  const std::string html = to_html(ran.result, ran.machine);
  EXPECT_LT(html.size(), 3'000'000U);
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(count(html, "<script src"), 0U);
  const std::string markup = markup_of(html);
  for (const char* reference : {"http:", "https:", "@import", "url(", "<link", "<iframe", "<img", "src="})
    EXPECT_EQ(count(markup, reference), 0U) << reference;
  for (const char* element :
       {"<html", "</html>", "<head>", "</head>", "<body>", "</body>", "<main", "</main>"})
    EXPECT_EQ(count(markup, element), 1U) << element;
}

TEST(HtmlReport, KeepsAcceleratorsOfOneNameApart) {
  Ran ran = run_hostile();
  Contender contender{.name = "eyeriss",
                      .machine = ran.machine,
                      .trace = ran.trace,
                      .derivation = "",
                      .output_error = std::vector<double>(ran.trace.layers.size(), 0.0)};
  Comparison comparison{.trace = "lenet",
                        .footing = Footing::as_described,
                        .contenders = {contender, contender},
                        .results = {ran.result, ran.result}};
  relate(comparison);
  const nlohmann::json data = data_of(to_html({comparison}, "basil"));
  const nlohmann::json& machines = data["studies"][0]["machines"];
  ASSERT_EQ(machines.size(), 2U);
  EXPECT_EQ(machines[0]["name"], "eyeriss");
  EXPECT_EQ(machines[1]["name"], "eyeriss (2)");
  EXPECT_DOUBLE_EQ(machines[1]["speedup"], 1.0);
}

}  // namespace
}  // namespace basil
