// What the console's report says of a result.
#include <gtest/gtest.h>

#include "models/report/report.h"

namespace basil {
namespace {

// Parts of a group lie apart where a unit lists an operator behind a store: 1 + 0.5, 2 + 0.25 and 4.
TEST(ReportText, AddsUpTheAreaOfAGroupOnce) {
  Result result;
  result.area_mm2 = 7.75;
  result.area = {{"operators", "multiplier", "", 2, 1},
                 {"stores", "psums", "sram", 2, 2},
                 {"operators", "join", "", 1, 0.5},
                 {"stores", "masks", "registers", 1, 0.25},
                 {"buffers", "fmaps", "sram", 1, 4}};
  EXPECT_NE(to_text(result).find("  area 7.75 mm2: operators 1.5, stores 2.25, buffers 4\n"),
            std::string::npos)
      << to_text(result);
}

}  // namespace
}  // namespace basil
