#include "core/memory_limit.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr std::int64_t least = 1'000'000;

std::int64_t& limit() {
  static std::int64_t bytes = default_memory_limit();
  return bytes;
}

std::string amount(double bytes) {
  return bytes >= 1e9 ? fmt::format("{:.1f} GB", bytes * 1e-9) : fmt::format("{:.1f} MB", bytes * 1e-6);
}

// Of a file with a number in it; -1: no such file, or "max".
std::int64_t number_in(const char* file) {
  std::ifstream in(file);
  std::int64_t number = -1;
  return in >> number ? number : -1;
}

}  // namespace

std::int64_t default_memory_limit() {
  std::int64_t bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  for (const char* group : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const std::int64_t most = number_in(group); most > 0) bytes = std::min(bytes, most);
  }
  return bytes / 4 * 3;
}

std::int64_t parse_memory(const std::string& text) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string unit(stop, text.data() + text.size());
  if (unit.ends_with('B')) unit.pop_back();
  constexpr std::array<std::pair<const char*, double>, 5> units{
      {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}}};
  for (const auto& [name, bytes] : units) {
    if (error == std::errc() && unit == name && number * bytes >= least && number * bytes < 1e18)
      return static_cast<std::int64_t>(number * bytes);
  }
  throw Error(field_name("set_memory_limit()"), "'" + text + "'",
              "an amount of 1M or more, such as 8G or 500M");
}

void set_memory_limit(std::int64_t bytes) {
  limit() = bytes;
#ifndef __SANITIZE_ADDRESS__  // whose own tables count as data
  rlimit data{};
  if (getrlimit(RLIMIT_DATA, &data) != 0) return;
  data.rlim_cur = std::min<rlim_t>(data.rlim_max, static_cast<rlim_t>(bytes));
  setrlimit(RLIMIT_DATA, &data);
#endif
}

void check_memory(double bytes, const std::string& where, const std::string& what) {
  if (bytes <= static_cast<double>(limit())) return;
  throw Error(where, fmt::format("{} of about {}", what, amount(bytes)),
              fmt::format("at most {}, the limit: {} sets another", amount(static_cast<double>(limit())),
                          field_name("set_memory_limit()")));
}

void return_free_memory() { malloc_trim(0); }

Error out_of_memory() {
  return {"", fmt::format("not enough memory: this input needs more than the limit of {} ({} sets another)",
                          amount(static_cast<double>(limit())), field_name("set_memory_limit()"))};
}

}  // namespace basil
