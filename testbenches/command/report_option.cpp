#include "testbenches/command/report_option.h"

#include <iostream>

#include "core/atomic_file.h"
#include "models/report/report_page.h"

namespace basil {

void write_report(const std::string& file, const std::string& html) {
  write_file_atomically(file, html);
  if (!report_has_charts())
    std::cerr << "basil: " << file
              << " has tables but no charts: this build found no Vega-Lite (run 'npm ci' in "
              << "models/report/page and build again)\n";
}

}  // namespace basil
