// The page of a study as data: every point in it, or how many are not; and never more than a page may weigh.
#include "models/study/front/study_report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "models/study/points.h"

namespace basil {
namespace {

// A database of `points` made-up results of `layers` layers each; every seventh was refused.
class MadeUp {
 public:
  MadeUp(std::size_t points, std::size_t layers, const std::string& trace = "net")
      : file_(std::filesystem::temp_directory_path() / fmt::format("basil-page-{}.sqlite", getpid())),
        study_(parse_study(
            fmt::format("name: made up\ntraces: {{name: \"{}\", file: {}/traces/samples/lenet.npz}}\n"
                        "accelerators: eyeriss\nobjectives: [energy, seconds * area]\n",
                        trace, BASIL_SOURCE_DIR),
            "made-up.yaml")) {
    const Listing listing{
        .study = study_.name, .program = "basil of a test", .size = points, .point = [this](std::size_t i) {
          return ListedPoint{.key = std::to_string(i),
                             .trace = study_.traces[0].name,
                             .accelerator = "eyeriss",
                             .values = {{"array.rows", std::to_string(i + 1)}}};
        }};
    std::vector<std::pair<std::string, PointResult>> results;
    for (std::size_t i = 0; i < points; ++i) {
      results.emplace_back(std::to_string(i), i % 7 == 6
                                                  ? unfinished(PointStatus::refused, fmt::format("no {}", i))
                                                  : result(i, layers));
    }
    StudyDatabase database(file_, listing);
    database.store(results);
  }
  ~MadeUp() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + end);
  }
  MadeUp(const MadeUp&) = delete;
  MadeUp& operator=(const MadeUp&) = delete;

  [[nodiscard]] std::string html() const {
    StudyDatabase database = StudyDatabase::look(file_);
    return to_html(study_, summary(study_, database), database);
  }

 private:
  static Datum made_up(const MetricColumn& column, double figure) {
    if (column.kind == MetricKind::text) return "words";
    return column.kind == MetricKind::real ? Datum(figure / 3) : Datum(std::llround(figure));
  }

  // Longer and cheaper from point to point, so that all of them are on the front.
  static PointResult result(std::size_t point, std::size_t layers) {
    PointResult made{.status = PointStatus::done, .error = {}, .figures = {}, .layers = {}};
    const double cycles = 1e8 / 7 + static_cast<double>(point), energy = 1e9 / 7 - static_cast<double>(point);
    for (const MetricColumn* column : stored_run_columns())
      made.figures.push_back(column->name == "energy_pj" ? Datum(energy) : made_up(*column, cycles));
    for (std::size_t i = 0; i < layers; ++i) {
      std::vector<Datum> cells;
      for (const MetricColumn* column : stored_layer_columns())
        cells.push_back(column->kind == MetricKind::text ? Datum(fmt::format("L{}", i))
                                                         : made_up(*column, 3 * energy / 7));
      made.layers.push_back(std::move(cells));
    }
    return made;
  }

  std::filesystem::path file_;
  Study study_;
};

nlohmann::json data_of(const std::string& html) {
  const std::size_t start = html.find('>', html.find("id=\"basil-data\"")) + 1;
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

std::size_t with_layers(const nlohmann::json& data) {
  std::size_t count = 0;
  for (const auto& layers : data["layers"]["rows"]) count += layers.is_null() ? 0U : 1U;
  return count;
}

TEST(StudyReport, HoldsEveryPointOfAUsualStudy) {
  const nlohmann::json data = data_of(MadeUp(70, 5).html());
  EXPECT_EQ(data["counts"],
            nlohmann::json({{"points", 70}, {"done", 60}, {"refused", 10}, {"failed", 0}, {"missing", 0}}));
  const nlohmann::json& points = data["points"];
  ASSERT_EQ(points["point"].size(), 70U);
  EXPECT_EQ(points["parameters"][0]["key"], "array.rows");
  EXPECT_EQ(points["parameters"][0]["values"][41], 42);
  EXPECT_DOUBLE_EQ(points["figures"]["energy_pj"][3], 1e9 / 7 - 3);
  EXPECT_TRUE(points["figures"]["energy_pj"][6].is_null());
  EXPECT_EQ(points["error"]["words"][points["error"]["rows"][6].get<std::size_t>()], "no 6");
  EXPECT_EQ(data["fronts"][0]["rows"].size(), 60U);
  EXPECT_EQ(with_layers(data), 60U);
  EXPECT_EQ(data["layers"]["rows"][0].size(), 5 * (2 + bin_count + energy_components.size()));
  EXPECT_EQ(data["study"]["traces"][0]["fingerprint"].get<std::string>().size(), 36U);
}

TEST(StudyReport, WeighsUnderThreeMegabytesHoweverManyPoints) {
  const std::string html = MadeUp(7000, 20).html();
  EXPECT_LT(html.size(), 3'000'000U);
  const nlohmann::json data = data_of(html);
  EXPECT_EQ(data["counts"]["points"], 7000);
  EXPECT_LE(data["points"]["point"].size(), 3000U);
  EXPECT_GT(data["points"]["point"].size(), 2000U);
  EXPECT_EQ(data["fronts"][0]["points"], 6000);
  EXPECT_EQ(with_layers(data), 15000U / 20);
}

TEST(StudyReport, TextOfAStudyStaysText) {
  const std::string hostile = "net</script><script>alert(1)</script><!--";
  const std::string html = MadeUp(3, 1, hostile).html();
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(data_of(html)["study"]["traces"][0]["name"], hostile);
}

}  // namespace
}  // namespace basil
