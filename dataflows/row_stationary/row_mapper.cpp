// Choosing p q r t e n m and the taps for a layer: of the likeliest by closed costs, by the flow of their
// passes.
#include "dataflows/row_stationary/row_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <vector>

#include "core/error.h"
#include "dataflows/row_stationary/row_bound.h"
#include "dataflows/row_stationary/row_candidates.h"
#include "dataflows/row_stationary/row_fit.h"

namespace basil {
namespace {

// Mappings that score within this part of each other are told apart by the flow of all their passes.
inline constexpr double good_enough = 1.01;

class Search {
 public:
  Search(const LayerShape& shape, const RowData& data, const RowArray& array, const RowGoal& goal,
         RowFlows* flows)
      : shape_(shape),
        data_(data),
        array_(array),
        prices_(goal.prices),
        objective_(goal.objective),
        own_flows_(array),
        flows_(flows != nullptr ? flows : &own_flows_),
        pricer_(shape, data, array, prices_, flows_) {}

  // A mapping costs as much on a smaller array that holds it: what would be chosen there must not be beaten
  // by what is chosen here for being ranked lower. So with narrower buses, which rank by what they hold up.
  std::optional<RowChoice> best() {
    shortlist(array_);
    const bool least = at_the_floor();
    if (!least) shortlist_on_smaller();
    choose(kept_, pricer_, all);
    if (!least) choose_on_smaller();
    choose_slower_ifmap();
    return best_;
  }

 private:
  void shortlist_on_smaller() {
    const auto of_smaller = [&](const auto& change) {
      RowArray smaller = array_;
      change(smaller);
      shortlist(smaller);
    };
    for (int by = 2; by <= std::max(array_.rows, array_.cols); by *= 2) {
      if (by <= array_.rows) of_smaller([by](RowArray& array) { array.rows /= by; });
      if (by <= array_.cols) of_smaller([by](RowArray& array) { array.cols /= by; });
      if (by > std::min(array_.rows, array_.cols)) continue;
      of_smaller([by](RowArray& array) {
        array.rows /= by;
        array.cols /= by;
      });
    }
    for (const auto& narrow : {halve_filter_bus, halve_psum_bus}) of_smaller(narrow);
  }

  static constexpr std::size_t shortlisted = 96, exact = 20;
  // At most so many are priced in closed form, pass by pass, and followed.
  struct Effort {
    std::size_t walked, followed;
  };
  static constexpr Effort all{400, 40}, on_smaller{200, 20};
  struct Candidate {
    RowMapping map;
    double score = 0;     // in closed form: of all passes alike, then one after the other
    bool walked = false;  // the latter
    double flow = 0;      // scaled by the flow of its fullest passes, where that is followed
  };

  static void halve(int& words, StreamPath& path) {
    words = std::max(1, words / 2);
    path.bus_bits = std::max<std::int64_t>(1, path.bus_bits / 2);
  }
  static void halve_filter_bus(RowArray& array) {
    halve(array.pe.filter_words_per_beat, array.paths.filters);
  }
  static void halve_psum_bus(RowArray& array) {
    halve(array.psum_words_per_beat, array.paths.psums_out);
    array.paths.psums_in.bus_bits = array.paths.psums_out.bus_bits;
  }

  // Of the mappings that `ranked_on` holds those that it ranks highest in closed form.
  void shortlist(const RowArray& ranked_on) {
    const RowBound bound(shape_, data_, ranked_on, prices_);
    std::vector<Candidate> listed;
    const auto limit = [&] {
      return listed.size() < shortlisted ? std::numeric_limits<double>::infinity() : listed.back().score;
    };
    const RowCandidates candidates(shape_, ranked_on, bound, objective_);
    candidates.each(limit, [&](const RowMapping& map, double closed) {
      const Candidate candidate{.map = map, .score = closed};
      listed.insert(std::upper_bound(listed.begin(), listed.end(), candidate, lower), candidate);
      if (listed.size() > shortlisted) listed.pop_back();
    });
    const RowBound own(shape_, data_, array_, prices_);
    if (kept_.empty()) floor_ = candidates.floor();
    for (const Candidate& candidate : listed) {
      if (known_.insert(letters_of(candidate.map)).second)
        kept_.push_back({.map = candidate.map, .score = score(own.likely(candidate.map), objective_)});
    }
  }

  [[nodiscard]] bool at_the_floor() const {
    return std::any_of(kept_.begin(), kept_.end(), [this](const Candidate& candidate) {
      return candidate.score * worth_finding <= floor_;
    });
  }

  // What a mapping's flow adds to its closed form is likely to be as in the most similar one that was
  // followed.
  [[nodiscard]] double expected(const Candidate& candidate) const {
    double more = 0;
    int most_alike = -1;
    for (const Candidate& known : followed_) {
      const int alike = letters_alike(known.map, candidate.map);
      if (alike <= most_alike) continue;
      most_alike = alike;
      more = (known.flow / known.score - 1) * alike / letters;
    }
    return candidate.score * (1 + more);
  }

  using Letters = std::array<int, 8>;  // but for m, which follows from them
  static constexpr int letters = 8;
  [[nodiscard]] static Letters letters_of(const RowMapping& map) {
    return {map.n, map.e, map.p, map.q, map.r, map.t, map.taps_y, map.taps_x};
  }
  [[nodiscard]] static int letters_alike(const RowMapping& a, const RowMapping& b) {
    const Letters of_a = letters_of(a), of_b = letters_of(b);
    int alike = 0;
    for (std::size_t i = 0; i < of_a.size(); ++i) alike += of_a[i] == of_b[i] ? 1 : 0;
    return alike;
  }

  // What half of the array holds, or half as fast ports or DRAM reach, is chosen from by itself: which
  // mappings are followed depends on the others.
  void choose_on_smaller() {
    const auto halve_ports = [](RowArray& array) {
      for (StreamPath* path :
           {&array.paths.filters, &array.paths.ifmap, &array.paths.psums_in, &array.paths.psums_out})
        path->port_bits = std::max(1, path->port_bits / 2);
    };
    choose_on([](RowArray& array) { array.rows /= 2; });
    choose_on([](RowArray& array) { array.cols /= 2; });
    choose_on(halve_ports);
    choose_on([](RowArray& array) { array.paths.dram.link_khz = (array.paths.dram.link_khz + 1) / 2; });
  }

  template <class Change>
  void choose_on(const Change& change) {
    RowArray smaller = array_;
    change(smaller);
    if (smaller.rows == 0 || smaller.cols == 0) return;
    const RowBound bound(shape_, data_, smaller, prices_);
    std::vector<Candidate> held;
    for (const auto& [map, score_here, walked, flow] : kept_) {
      if (map.taps_y > smaller.rows || map.r * map.t > sets_held(smaller, map.taps_y, map.e)) continue;
      held.push_back({.map = map, .score = score(bound.likely(map), objective_)});
    }
    choose(std::move(held), RowPricer(shape_, data_, smaller, prices_, flows_), on_smaller);
  }

  // The best of these by the flow of their fullest passes, likeliest first; of the very best by all flows.
  void choose(std::vector<Candidate> from, const RowPricer& pricer, const Effort& effort) {
    const auto price = [&](const RowMapping& map, RowPace pace) {
      return score(pricer.price(map, pace), objective_);
    };
    followed_.clear();
    double best = std::numeric_limits<double>::infinity();
    std::size_t walks = 0;
    const auto likelier = [this](const Candidate& a, const Candidate& b) {
      return expected(a) < expected(b);
    };
    while (!from.empty() && followed_.size() < effort.followed) {
      const auto next = std::min_element(from.begin(), from.end(), likelier);
      if (expected(*next) >= best) break;
      if (!next->walked) {
        next->score = price(next->map, RowPace::closed);
        next->walked = true;
        if (++walks == effort.walked) std::erase_if(from, [](const Candidate& left) { return !left.walked; });
        continue;
      }
      next->flow = price(next->map, RowPace::scaled);
      best = std::min(best, next->flow);
      followed_.push_back(*next);
      from.erase(next);
    }
    choose_exactly();
  }

  // What is best behind an ifmap bus of half as many words is looked for by itself, since it is to be sent by
  // half a beat here, too.
  void choose_slower_ifmap() {
    if (!best_ || array_.ifmap_words_per_cycle == 1 || objective_ == RowObjective::energy) return;
    RowArray slower = array_;
    halve(slower.ifmap_words_per_cycle, slower.paths.ifmap);
    auto choice = Search(shape_, data_, slower, {objective_, prices_}, nullptr).best();
    if (!choice) return;
    if (choice->mapping.ifmap_words == 0) choice->mapping.ifmap_words = slower.ifmap_words_per_cycle;
    choice->cost = pricer_.price(choice->mapping);
    if (score(choice->cost, objective_) < score(best_->cost, objective_)) best_ = choice;
  }

  void choose_exactly() {
    std::stable_sort(followed_.begin(), followed_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.flow < b.flow; });
    for (std::size_t i = 0; i < std::min(exact, followed_.size()); ++i) {
      if (best_ && followed_[i].flow > good_enough * score(best_->cost, objective_)) break;
      const RowCost cost = pricer_.price(followed_[i].map);
      if (!best_ || score(cost, objective_) < score(best_->cost, objective_))
        best_ = RowChoice{followed_[i].map, cost};
    }
  }

  [[nodiscard]] static bool lower(const Candidate& a, const Candidate& b) { return a.score < b.score; }

  const LayerShape& shape_;
  const RowData& data_;
  const RowArray& array_;
  const RowPrices& prices_;
  RowObjective objective_;
  RowFlows own_flows_;
  RowFlows* flows_;
  RowPricer pricer_;
  double floor_ = 0;
  std::set<Letters> known_;
  std::vector<Candidate> kept_, followed_;
  std::optional<RowChoice> best_;
};

// What the machine lacks for the least mapping.
Error no_mapping(const LayerShape& shape, const RowArray& array, const std::string& where) {
  const RowMapping least{.taps_y = std::min(shape.R, array.rows)};
  const std::int64_t bytes = psum_bytes(shape, array, least) + ifmap_tile_bytes(shape, array, least);
  if (bytes > array.fmap_buffer.value) {
    return {where + ": buffer.bytes", fmt::format("{} bytes for feature maps", array.fmap_buffer.value),
            fmt::format("at least {}: one row of psums and the ifmap rows behind it", bytes)};
  }
  return {where, "no mapping fits the array and its spads",
          "an ifmap spad and a filter spad of at least one word"};
}

}  // namespace

std::optional<RowChoice> best_mapping(const LayerShape& shape, const RowData& data, const RowArray& array,
                                      const RowGoal& goal, RowFlows* flows) {
  return Search(shape, data, array, goal, flows).best();
}

std::optional<RowChoice> closed_choice(const LayerShape& shape, const RowData& data, const RowArray& array,
                                       const RowGoal& goal) {
  const RowBound bound(shape, data, array, goal.prices);
  std::optional<RowChoice> best;
  const auto limit = [&] {
    return best ? score(best->cost, goal.objective) : std::numeric_limits<double>::infinity();
  };
  RowCandidates(shape, array, bound, goal.objective).each(limit, [&](const RowMapping& map, double) {
    best = RowChoice{map, bound.likely(map)};
  });
  return best;
}

void check_some_mapping(const LayerShape& shape, const RowArray& array, const std::string& where) {
  const RowData data;
  const RowPrices prices;
  const RowBound bound(shape, data, array, prices);
  bool found = false;
  RowCandidates(shape, array, bound, RowObjective::cycles)
      .each([&] { return found ? 0 : std::numeric_limits<double>::infinity(); },
            [&](const RowMapping&, double) { found = true; });
  if (!found) throw no_mapping(shape, array, where);
}

RowMapping choose_mapping(const LayerShape& shape, const RowData& data, const RowArray& array,
                          const RowGoal& goal, const std::string& where, RowFlows* flows) {
  if (const auto choice = best_mapping(shape, data, array, goal, flows)) return choice->mapping;
  throw no_mapping(shape, array, where);
}

}  // namespace basil
