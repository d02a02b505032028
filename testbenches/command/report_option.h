// --report OUT.html and its --title, as every verb that has results takes them.
#pragma once

#include <string>

#include "testbenches/command/verb.h"

namespace basil {

void add_report_options(boost::program_options::options_description_easy_init add);

// The title given, or nothing. Error for one without a page.
[[nodiscard]] std::string report_title(const Arguments& arguments);

}  // namespace basil
