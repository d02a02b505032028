#include "testbenches/selftests/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace basil {

void Figures::line(const std::string& what, double ours, std::optional<double> beside,
                   const std::string& standing, bool held, const std::string& why) {
  nlohmann::ordered_json entry{{"what", what}, {"ours", ours}, {"standing", standing}};
  std::string text = fmt::format("{:<62} {:>9.4g}", what, ours);
  if (beside) {
    const double deviation = *beside == 0 ? 0 : 100 * (ours - *beside) / *beside;
    text += fmt::format(" {:>9.4g} {:>+6.1f}%", *beside, deviation);
    entry["published"] = *beside;
    entry["deviation_percent"] = deviation;
  } else {
    text += fmt::format(" {:>9} {:>7}", "-", "-");
  }
  text += fmt::format("  {:<15} {}\n", (held ? "" : "MISSED: ") + standing, why);
  if (!tabulated_ || !held) lines_ += text;
  entry["why"] = why;
  entry["held"] = held;
  json_["figures"].push_back(entry);
  held_ = held_ && held;
}

void Figures::equal(const std::string& what, double ours, double formula, const std::string& why) {
  ++asserted_;
  const bool held = std::abs(ours - formula) <= 1e-9 * std::max(1.0, std::abs(formula));
  line(what, ours, formula, "asserted", held, why);
}

void Figures::near(const std::string& what, double ours, double published, double band,
                   const std::string& why) {
  ++banded_;
  const bool held = std::abs(ours - published) <= band * std::abs(published);
  line(what, ours, published, fmt::format("within {:g} %", 100 * band), held, why);
}

void Figures::show(const std::string& what, double ours, std::optional<double> published,
                   const std::string& why) {
  ++shown_;
  line(what, ours, published, "shown only", true, why);
}

void Figures::must(bool holds, const std::string& what) {
  ++asserted_;
  held_ = held_ && holds;
  verdicts_ += fmt::format("  {}  {}\n", holds ? "held  " : "MISSED", what);
  json_["relations"].push_back({{"what", what}, {"held", holds}});
}

SelftestReport Figures::report() const {
  SelftestReport report;
  report.passed = held_;
  report.json = json_;
  report.text = tables_;
  if (!lines_.empty()) {
    report.text += fmt::format("{:<62} {:>9} {:>9} {:>7}  {:<15} {}\n", "figure", "ours", beside_, "dev.",
                               "held as", "why") +
                   lines_ + "\n";
  }
  report.text += verdicts_ +
                 fmt::format("{} asserted, {} within a band, {} shown only: {}\n\n", asserted_, banded_,
                             shown_, held_ ? "all held" : "NOT all held") +
                 notes_;
  return report;
}

}  // namespace basil
