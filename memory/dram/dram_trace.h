// A trace of memory requests, replayed on a DRAM.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/progress.h"
#include "memory/dram/device.h"
#include "memory/dram/energy.h"
#include "memory/dram/memory.h"

namespace basil {

struct DramTraceRequest {
  std::uint64_t address = 0;
  bool write = false;
  std::int64_t cycle = 0;  // in DRAM clocks
};

// Lines "0xADDRESS READ|WRITE CYCLE", cycles not falling; empty lines and those from # on are skipped.
// Throws Error with file:line for any other, and for an address beyond `capacity`.
[[nodiscard]] std::vector<DramTraceRequest> read_dram_trace(const std::filesystem::path& file,
                                                            Bytes capacity);

// Latencies are of reads, in DRAM clocks, to the end of their data.
struct DramLatency {
  double mean = 0;
  std::int64_t p99 = 0, worst = 0;
};

struct DramTraceResult {
  DramDevice device;
  std::int64_t reads = 0, writes = 0;  // requests
  std::int64_t cycles = 0;             // to the end of the last data
  DramLatency from_request;            // since the trace's cycle
  DramLatency from_acceptance;         // since the request entered the controller's queue
  DramActivity activity;
  DramEnergy energy;

  [[nodiscard]] double gigabytes_a_second() const;
  [[nodiscard]] double row_hit_rate() const;
};

// On a memory that has done nothing yet. Each request is one burst. A request that finds its queue full
// waits, and those behind it for the same channel with it.
[[nodiscard]] DramTraceResult run_dram_trace(DramMemory& memory, const std::vector<DramTraceRequest>& trace,
                                             const ShowProgress& progress = {});

[[nodiscard]] std::string to_text(const DramTraceResult& result);
[[nodiscard]] nlohmann::ordered_json to_json(const DramTraceResult& result);

}  // namespace basil
