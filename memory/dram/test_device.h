// For tests: the devices they count on, with every number in sight.
#pragma once

#include "memory/dram/device.h"

namespace basil {

// DDR4-2400, one x16 device a rank; refresh off, so that a stream's formula has no other cause.
inline DramDevice ddr4_for_tests() {
  DramDevice device;
  device.name = "ddr4 of tests";
  device.organisation = {.channels = 1,
                         .ranks = 1,
                         .bank_groups = 2,
                         .banks = 4,
                         .rows = 65536,
                         .columns = 1024,
                         .width = 16,
                         .devices = 1,
                         .burst = 8};
  device.supplies = {{.name = "VDD",
                      .volts = 1.2,
                      .IDD0 = 80,
                      .IDD2N = 34,
                      .IDD3N = 47,
                      .IDD4R = 243,
                      .IDD4W = 228,
                      .IDD5 = 280}};
  device.policy.refresh = false;
  return device;  // timing as DramTiming has it
}

// LPDDR4-3200 by two supplies and I/O: no bank groups, a strobe delay, a slower precharge of all banks.
inline DramDevice lpddr4_for_tests() {
  DramDevice device;
  device.name = "lpddr4 of tests";
  device.organisation = {
      .bank_groups = 1, .banks = 8, .rows = 65536, .columns = 1024, .width = 16, .burst = 16};
  device.timing = {.tCK_ps = 625,
                   .CL = 28,
                   .CWL = 14,
                   .tDQSCK = 6,
                   .tDQSS = 1,
                   .tRCD = 29,
                   .tRP = 29,
                   .tRAS = 68,
                   .tRC = 97,
                   .tRPab = 34,
                   .tPPD = 4,
                   .tCCD_S = 8,
                   .tCCD_L = 8,
                   .tRRD_S = 16,
                   .tRRD_L = 16,
                   .tFAW = 64,
                   .tWR = 29,
                   .tWTR_S = 16,
                   .tWTR_L = 16,
                   .tRTP = 12,
                   .tRFC = 448,
                   .tREFI = 6246,
                   .tRTW = 2,
                   .tRTRS = 1};
  device.supplies = {{.name = "VDD1",
                      .volts = 1.8,
                      .IDD0 = 3.5,
                      .IDD2N = 2,
                      .IDD3N = 2.25,
                      .IDD4R = 2.25,
                      .IDD4W = 2.25,
                      .IDD5 = 10},
                     {.name = "VDD2",
                      .volts = 1.1,
                      .IDD0 = 45,
                      .IDD2N = 27,
                      .IDD3N = 30,
                      .IDD4R = 275,
                      .IDD4W = 210,
                      .IDD5 = 90},
                     {.name = "VDDQ",
                      .volts = 1.1,
                      .IDD0 = 0.75,
                      .IDD2N = 0.75,
                      .IDD3N = 0.75,
                      .IDD4R = 150,
                      .IDD4W = 55,
                      .IDD5 = 0.75}};
  device.policy.refresh = false;
  return device;
}

}  // namespace basil
