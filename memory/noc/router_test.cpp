#include "memory/noc/router.h"

#include <algorithm>
#include <random>

#include "core/testing/property_check.h"

namespace basil {
namespace {

// The middle router of a 3x3 mesh in a world of random neighbours: worms of any length come by any input at
// any pace, unicasts and multicasts, and credits return when they like.
class Surroundings {
 public:
  Surroundings(const Topology& topology, const NocParameters& parameters)
      : parameters_(parameters), router(topology, 4, parameters, worms) {
    const auto lanes = static_cast<std::size_t>(mesh_ports * parameters.vcs);
    feeds_.resize(lanes);
    credits_.assign(lanes, parameters.buffer);
    owed_.assign(lanes, 0);
  }

  // What the neighbours see at a clock edge.
  void see() {
    for (const Router::Sent& sent : router.sent()) {
      if (sent.port != mesh_local) ++owed_[lane(sent.port, sent.flit.vc)];
    }
    for (const Router::Freed& freed : router.freed()) ++credits_[lane(freed.port, freed.vc)];
  }
  // What they do at it, drawn from a seed.
  void act(std::uint64_t seed) {
    std::mt19937_64 draws(seed);
    for (int port = 0; port < mesh_ports; ++port) {
      const int draw = static_cast<int>(draws() >> 40);
      const int vc = draw % parameters_.vcs;
      const std::size_t at = lane(port, vc);
      if (draw % 7 < 2 && owed_[at] > 0) {
        --owed_[at];
        router.credit(port, vc);
      }
      if (draw % 11 < 4 && credits_[at] > 0) feed(port, vc, draw);
    }
  }

  Worms worms;

 private:
  struct Feed {
    std::uint32_t worm = 0;
    int sent = 0, flits = 0;
  };
  [[nodiscard]] std::size_t lane(int port, int vc) const {
    return static_cast<std::size_t>(port * parameters_.vcs + vc);
  }

  void feed(int port, int vc, int draw) {
    Feed& feed = feeds_[lane(port, vc)];
    if (feed.sent == feed.flits) begin(feed, port, draw);
    --credits_[lane(port, vc)];
    ++feed.sent;
    router.arrive(port, {feed.worm, static_cast<std::uint16_t>(feed.sent - 1), static_cast<std::uint16_t>(vc),
                         feed.sent == feed.flits});
  }

  // Where a worm may still go that came by a port: X before Y, and not back.
  void begin(Feed& feed, int port, int draw) {
    static const std::vector<std::vector<NodeId>> onward{
        {0, 1, 2, 3, 5, 6, 7, 8}, {4, 7}, {0, 1, 3, 4, 6, 7}, {1, 4}, {1, 2, 4, 5, 7, 8}};
    const std::vector<NodeId>& nodes = onward[static_cast<std::size_t>(port)];
    feed.worm = worms.take();
    Worm& worm = worms[feed.worm];
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if ((draw >> (i % 4)) % 2 == 1 && draw % 3 == 0) worm.destinations.push_back(nodes[i]);
    }
    if (worm.destinations.empty())
      worm.destinations.push_back(nodes[static_cast<std::size_t>(draw) % nodes.size()]);
    worm.flits = worm.destinations.size() == 1 ? draw % 9 + 1 : draw % parameters_.buffer + 1;
    feed = {feed.worm, 0, worm.flits};
  }

  NocParameters parameters_;
  std::vector<Feed> feeds_;
  std::vector<int> credits_, owed_;

 public:
  Router router;
};

bool equal(const Router& a, const Router& b) {
  const auto sent_alike = [](const Router::Sent& x, const Router::Sent& y) {
    return x.port == y.port && x.flit.worm == y.flit.worm && x.flit.index == y.flit.index &&
           x.flit.vc == y.flit.vc && x.flit.tail == y.flit.tail;
  };
  const auto freed_alike = [](const Router::Freed& x, const Router::Freed& y) {
    return x.port == y.port && x.vc == y.vc;
  };
  return std::equal(a.sent().begin(), a.sent().end(), b.sent().begin(), b.sent().end(), sent_alike) &&
         std::equal(a.freed().begin(), a.freed().end(), b.freed().begin(), b.freed().end(), freed_alike) &&
         a.held() == b.held() && a.cycle() == b.cycle();
}

TEST(Router, SkippingEqualsStepping) {
  std::int64_t skipped = 0;
  check_property(300, [&] {
    const Topology topology = make_mesh(3, 3);
    const NocParameters parameters{*anywhere_in(1, 4), *anywhere_in(1, 6), *anywhere_in(1, 5)};
    Surroundings steps(topology, parameters), skips(topology, parameters);
    const int busy = *anywhere_in(1, 4);
    const auto seed = static_cast<std::uint64_t>(*anywhere_in(0, 1'000'000));
    for (std::uint64_t cycle = 0; cycle < 400; ++cycle) {
      steps.see();
      skips.see();
      if (cycle % static_cast<std::uint64_t>(busy * busy) == 0 && cycle % 100 < 60) {
        steps.act(seed + cycle);
        skips.act(seed + cycle);
      }
      steps.router.step();
      if (skips.router.quiet_for() > 0) {
        skips.router.skip(1);
        ++skipped;
        steps.router.commit();
        RC_ASSERT(steps.router.sent().empty());
        RC_ASSERT(steps.router.freed().empty());
        skips.router.commit();
      } else {
        skips.router.step();
        steps.router.commit();
        skips.router.commit();
      }
      RC_ASSERT(equal(steps.router, skips.router));
      RC_ASSERT(skips.router.quiet_for() >= 0);
    }
    RC_ASSERT(steps.router.counters().crossings == skips.router.counters().crossings);
    RC_ASSERT(steps.worms.in_use() == skips.worms.in_use());
  });
  EXPECT_GT(skipped, 1000);
}

}  // namespace
}  // namespace basil
