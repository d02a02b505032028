#include "memory/noc/measure.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace basil {
namespace {

TEST(Explore, Curve) {
  for (const double rate : {0.001, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04}) {
    Network network(make_mesh(4, 4), {});
    const NocMeasure flit = measure(network, offer_pattern({.rate = rate}, 4, 4), 200'000, 1000);
    LinkReservation reservation(make_mesh(4, 4), {});
    const NocMeasure tr = measure(reservation, offer_pattern({.rate = rate}, 4, 4), 200'000, 1000);
    std::printf("%.3f  head %.2f p99 %ld tail %.2f  acc/off %.3f sat %d | tr %.2f %.2f  dev %.2f%% %.2f%%\n",
                rate, flit.head.average, flit.head.p99, flit.tail.average,
                flit.accepted_rate / flit.offered_rate, flit.saturated(), tr.head.average, tr.tail.average,
                100 * (tr.head.average / flit.head.average - 1),
                100 * (tr.tail.average / flit.tail.average - 1));
  }
}

}  // namespace
}  // namespace basil
