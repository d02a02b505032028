#include "models/description/dram_device.h"

#include <filesystem>
#include <utility>

#include "core/error.h"
#include "core/yaml_document.h"
#include "memory/dram/device_check.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

constexpr std::int64_t most_clocks = 1'000'000'000;

// Bounds are only those of the types: what makes a device is check()'s to say.
int number(YamlReader& reader, const std::string& key) {
  return static_cast<int>(reader.integer(key, 0, 1 << 30));
}

std::int64_t clocks(YamlReader& reader, const std::string& key, std::optional<std::int64_t> otherwise = {}) {
  return reader.integer(key, 0, most_clocks, otherwise);
}

DramOrganisation read_organisation(YamlReader reader) {
  DramOrganisation o;
  o.channels = number(reader, "channels");
  o.ranks = number(reader, "ranks");
  o.bank_groups = number(reader, "bank_groups");
  o.banks = number(reader, "banks");
  o.rows = number(reader, "rows");
  o.columns = number(reader, "columns");
  o.width = number(reader, "width");
  o.devices = number(reader, "devices");
  o.burst = number(reader, "burst");
  reader.done();
  return o;
}

DramTiming read_timing(YamlReader reader) {
  DramTiming t;
  t.tCK_ps = clocks(reader, "tCK_ps");
  t.CL = clocks(reader, "CL");
  t.CWL = clocks(reader, "CWL");
  t.tDQSCK = clocks(reader, "tDQSCK", 0);
  t.tDQSS = clocks(reader, "tDQSS", 0);
  t.tRCD = clocks(reader, "tRCD");
  t.tRP = clocks(reader, "tRP");
  t.tRAS = clocks(reader, "tRAS");
  t.tRC = clocks(reader, "tRC", t.tRAS + t.tRP);
  t.tRPab = clocks(reader, "tRPab", t.tRP);
  t.tPPD = clocks(reader, "tPPD", 1);
  t.tCCD_S = clocks(reader, "tCCD_S");
  t.tCCD_L = clocks(reader, "tCCD_L");
  t.tRRD_S = clocks(reader, "tRRD_S");
  t.tRRD_L = clocks(reader, "tRRD_L");
  t.tFAW = clocks(reader, "tFAW");
  t.tWR = clocks(reader, "tWR");
  t.tWTR_S = clocks(reader, "tWTR_S");
  t.tWTR_L = clocks(reader, "tWTR_L");
  t.tRTP = clocks(reader, "tRTP");
  t.tRFC = clocks(reader, "tRFC");
  t.tREFI = clocks(reader, "tREFI");
  t.tRTW = clocks(reader, "tRTW");
  t.tRTRS = clocks(reader, "tRTRS");
  reader.done();
  return t;
}

std::vector<DramSupply> read_power(YamlReader reader) {
  constexpr double most_volts = 100, most_milliamperes = 1e6;
  std::vector<DramSupply> supplies;
  for (const std::string& name : reader.keys()) {
    YamlReader supply = reader.child(name);
    const auto current = [&](const char* key) { return supply.real(key, 0, most_milliamperes); };
    supplies.push_back({.name = name,
                        .volts = supply.real("volts", 0, most_volts),
                        .IDD0 = current("IDD0"),
                        .IDD2N = current("IDD2N"),
                        .IDD3N = current("IDD3N"),
                        .IDD4R = current("IDD4R"),
                        .IDD4W = current("IDD4W"),
                        .IDD5 = current("IDD5")});
    supply.done();
  }
  reader.done();
  return supplies;
}

DramPolicy read_controller(YamlReader reader) {
  DramPolicy policy;
  policy.mapping = reader.text("mapping");
  policy.scheduler =
      reader.word("scheduler", {"fr-fcfs", "fcfs"}) == "fcfs" ? DramScheduler::fcfs : DramScheduler::fr_fcfs;
  policy.starvation_cap = number(reader, "starvation_cap");
  policy.page = reader.word("page", {"open", "closed"}) == "closed" ? DramPage::closed : DramPage::open;
  policy.read_queue = number(reader, "read_queue");
  policy.write_queue = number(reader, "write_queue");
  policy.write_high = number(reader, "write_high");
  policy.write_low = number(reader, "write_low");
  policy.refresh = reader.flag("refresh");
  reader.done();
  return policy;
}

std::string device_text(const std::string& name_or_file) {
  if (const auto shipped = embedded("dram_devices", name_or_file)) return std::string(*shipped);
  std::error_code ignored;
  if (std::filesystem::exists(name_or_file, ignored)) return read_yaml_text(name_or_file);
  throw Error("DRAM device", "'" + name_or_file + "' is neither a file nor a shipped device",
              one_of(embedded_names("dram_devices"), name_or_file));
}

}  // namespace

DramDevice load_dram_device(const std::string& name_or_file, const std::vector<std::string>& overrides) {
  YamlDocument document(device_text(name_or_file), name_or_file);
  for (const std::string& override_text : overrides)
    document.set(override_text,
                 {"timing.tRC", "timing.tRPab", "timing.tPPD", "timing.tDQSCK", "timing.tDQSS"});
  YamlReader reader = document.reader();
  DramDevice device;
  device.name = name_or_file;
  device.summary = reader.text("summary");
  device.source = reader.text("source");
  device.organisation = read_organisation(reader.child("organisation"));
  device.timing = read_timing(reader.child("timing"));
  device.supplies = read_power(reader.child("power"));
  device.policy = read_controller(reader.child("controller"));
  reader.done();
  check(device);
  return device;
}

}  // namespace basil
