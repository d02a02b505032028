// The lines of a selftest: figures of ours beside published ones or a formula, each with how it is held.
#pragma once

#include <optional>
#include <string>

#include "testbenches/selftests/selftests.h"

namespace basil {

class Figures {
 public:
  // `beside`: title of the column beside ours.
  explicit Figures(std::string beside = "paper") : beside_(std::move(beside)) {}

  // Asserted: what the mechanism predicts by formula, equal to rounding (one in 10^9).
  void equal(const std::string& what, double ours, double formula, const std::string& why);
  // Within a band: off by at most `band` of the published figure, 0.25 being a quarter of it.
  void near(const std::string& what, double ours, double published, double band, const std::string& why);
  // Shown only, beside a published figure where there is one.
  void show(const std::string& what, double ours, std::optional<double> published, const std::string& why);
  // Asserted: a relation.
  void must(bool holds, const std::string& what);
  // Figures that follow stand in a table already: those that are missed are printed once more, the others
  // only counted. All are in the JSON.
  void tabulated(bool on) { tabulated_ = on; }
  // Text above the verdicts (a table of its own), and below them.
  void table(const std::string& lines) { tables_ += lines; }
  void notes(const std::string& lines) { notes_ += lines; }
  // Of the report, for what is no figure.
  [[nodiscard]] nlohmann::ordered_json& json() { return json_; }

  // Passed when all that is asserted holds and all bands are kept.
  [[nodiscard]] SelftestReport report() const;

 private:
  void line(const std::string& what, double ours, std::optional<double> beside, const std::string& standing,
            bool held, const std::string& why);

  std::string beside_, lines_, tables_, verdicts_, notes_;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
  int asserted_ = 0, banded_ = 0, shown_ = 0;
  bool held_ = true, tabulated_ = false;
};

}  // namespace basil
