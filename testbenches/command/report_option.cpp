#include "testbenches/command/report_option.h"

#include "core/error.h"

namespace basil {

void add_report_options(boost::program_options::options_description_easy_init add) {
  add("report", text_output(), "write a page of charts and tables (.html) that needs nothing else")(
      "title", boost::program_options::value<std::string>(), "what the page of --report is called");
}

std::string report_title(const Arguments& arguments) {
  if (!arguments.has("title")) return {};
  if (!arguments.has("report"))
    throw Error("--title", "given without --report", "--report OUT.html beside it");
  return arguments.get<std::string>("title");
}

}  // namespace basil
