#include "core/systemc/kernel.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <systemc>

#include "core/error.h"

namespace basil {
namespace {

std::string one_line(const sc_core::sc_report& report) {
  std::string line = report.get_msg_type();
  for (const char* part : {report.get_msg(), report.get_process_name()}) {
    if (part != nullptr && *part != '\0') line += fmt::format(": {}", part);
  }
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return line;
}

void report(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (report.get_severity() == sc_core::SC_WARNING) {
    fmt::print(stderr, "warning: SystemC: {}\n", one_line(report));
  } else if ((actions & sc_core::SC_THROW) != 0) {
    throw report;
  }
}

}  // namespace

void quiet_systemc() {
  using sc_core::sc_report_handler;
  sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY);
  sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
  sc_report_handler::set_handler(report);
}

void ProcessGuard::rethrow() const {
  if (thrown_) std::rethrow_exception(thrown_);
}

void ProcessGuard::keep(std::exception_ptr thrown) {
  if (thrown_) return;
  thrown_ = std::move(thrown);
  sc_core::sc_stop();
}

void start_and_rethrow(const ProcessGuard& guard) {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    guard.rethrow();
    throw Failure("SystemC: " + one_line(report));
  }
  guard.rethrow();
}

}  // namespace basil
