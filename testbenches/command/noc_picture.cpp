#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/names.h"
#include "testbenches/command/noc_report.h"

namespace basil {
namespace {

struct Point {
  double x, y;
};

// White through orange to dark red.
std::string colour_of(double use) {
  const double to = std::clamp(use, 0.0, 1.0);
  const auto between = [](double from, double until, double at) {
    return static_cast<int>(from + (until - from) * at + 0.5);
  };
  if (to < 0.5)
    return fmt::format("#{:02x}{:02x}{:02x}", between(225, 245, 2 * to), between(225, 150, 2 * to),
                       between(225, 40, 2 * to));
  return fmt::format("#{:02x}{:02x}{:02x}", between(245, 130, 2 * to - 1), between(150, 0, 2 * to - 1),
                     between(40, 20, 2 * to - 1));
}

std::string svg(double width, double height, const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"white\"/>\n{2}</svg>\n",
      width, height, body);
}

std::string text_at(Point at, const std::string& text, const std::string& anchor = "start") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", at.x, at.y, anchor,
                     xml_text(text));
}

constexpr double cell = 90, margin = 60;

Point on_page(std::pair<double, double> place) {
  return {margin + cell * place.first, margin + 40 + cell * place.second};
}

// Nodes stand beside the middle of their place, so that the link between a mesh's router and its node shows.
Point node_at(const Topology& topology, int node) {
  const Point at = on_page({node % topology.cols, node / topology.cols});
  return {at.x + 24, at.y + 24};
}

// A direction of a link, a little to the right of the way it leads.
std::string arrow(Point from, Point to, double use, const std::string& title) {
  const double length = std::max(1.0, std::hypot(to.x - from.x, to.y - from.y));
  const double aside_x = -(to.y - from.y) / length * 5, aside_y = (to.x - from.x) / length * 5;
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
      "stroke-width=\"7\"><title>{}</title></line>\n",
      from.x + aside_x, from.y + aside_y, to.x + aside_x, to.y + aside_y, colour_of(use), title);
}

std::string scale_of_colours(Point at) {
  std::string body;
  for (int step = 0; step <= 10; ++step)
    body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"20\" height=\"12\" fill=\"{}\"/>\n",
                        at.x + 20 * step, at.y, colour_of(step / 10.0));
  return body + text_at({at.x, at.y + 26}, "0 %") +
         text_at({at.x + 220, at.y + 26}, "100 % of the cycles busy", "end");
}

// Four digits, without what binary fractions leave behind them.
std::string figure(double value) { return fmt::format("{:.4g}", value); }

// 1, 2 or 5 times a power of ten, so that `most` is about five of them.
double tick_step(double most) {
  const double rough = most / 5, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10 * power;
}

// Delay in cycles over the rate offered.
struct CurveAxes {
  static constexpr double left = 70, top = 60, width = 560, height = 320;
  double last_rate, longest;

  [[nodiscard]] Point at(double rate, double delay) const {
    return {left + width * rate / last_rate, top + height * (1 - delay / (1.05 * longest))};
  }

  [[nodiscard]] std::string drawn() const {
    std::string body = text_at({20, top - 12}, "average delay, cycles") +
                       text_at({left + width, top + height + 42}, "packets a node and cycle", "end");
    const double delays = tick_step(longest), rates = tick_step(last_rate);
    for (int i = 0; i * delays <= 1.05 * longest; ++i) {
      const double y = at(0, i * delays).y;
      body += fmt::format("<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" stroke=\"#dddddd\"/>\n",
                          left, y, left + width, y) +
              text_at({left - 8, y + 4}, figure(i * delays), "end");
    }
    for (int i = 0; i * rates <= last_rate * (1 + 1e-9); ++i)
      body += text_at({at(i * rates, 0).x, top + height + 20}, figure(i * rates), "middle");
    return body;
  }
};

// One kind of delay, its name at its end.
template <class Delay>
std::string curve(const CurveAxes& axes, const std::vector<NocCase>& sweep, const char* name,
                  const char* colour, Delay delay) {
  std::string points, dots;
  Point last{};
  for (const NocCase& run : sweep) {
    if (run.measured.saturated()) continue;
    const double cycles = delay(run.measured).average;
    last = axes.at(run.rate, cycles);
    points += fmt::format("{:.1f},{:.1f} ", last.x, last.y);
    dots += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}: {:.2f} cycles</title></circle>\n",
        last.x, last.y, colour, figure(run.rate), cycles);
  }
  if (points.empty()) return {};
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n", points,
                     colour) +
         dots + text_at({last.x + 8, last.y + 4}, name);
}

}  // namespace

std::string heat_map(const NocSetting& setting, const NocCase& run) {
  const Topology& topology = setting.topology;
  std::string body = text_at(
      {20, 24}, fmt::format("{}, {}{}: average delay {:.2f} cycles", topology.name, run.traffic,
                            run.rate > 0 ? " at " + figure(run.rate) : "", run.measured.head.average));
  for (const LinkUse& link : run.measured.links) {
    const PortEnd& end = topology.end(link.router, link.port);
    const bool to_node = end.kind == PortEnd::Kind::node;
    const double use = utilisation(link, setting, run.measured);
    body += arrow(on_page(topology.places[static_cast<std::size_t>(link.router)]),
                  to_node ? node_at(topology, end.index)
                          : on_page(topology.places[static_cast<std::size_t>(end.index)]),
                  use,
                  fmt::format("router {} to {} {}: {:.1f} %, {} flits", link.router,
                              to_node ? "node" : "router", end.index, 100 * use, link.flits));
  }
  for (std::size_t router = 0; router < topology.places.size(); ++router) {
    const Point at = on_page(topology.places[router]);
    body += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"28\" height=\"28\" rx=\"4\" fill=\"#34495e\"><title>router "
        "{}</title></rect>\n",
        at.x - 14, at.y - 14, router);
  }
  for (int node = 0; node < topology.nodes(); ++node) {
    const Point at = node_at(topology, node);
    body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"10\" fill=\"white\" stroke=\"#34495e\"/>\n",
                        at.x, at.y) +
            text_at({at.x, at.y + 4}, std::to_string(node), "middle");
  }
  const double bottom = on_page({0, topology.rows - 1}).y + 70;
  return svg(std::max(400.0, 2 * margin + cell * (topology.cols - 1) + 30), bottom + 50,
             body + scale_of_colours({20, bottom}));
}

// Saturated points are left out: their delay grows with the length of the run.
std::string latency_curve(const NocSetting& setting, const std::vector<NocCase>& sweep) {
  CurveAxes axes{.last_rate = sweep.back().rate, .longest = 1};
  for (const NocCase& run : sweep) {
    if (!run.measured.saturated()) axes.longest = std::max(axes.longest, run.measured.tail.average);
  }
  std::string body =
      text_at({20, 24}, fmt::format("{}, {}", setting.topology.name, sweep[0].traffic)) + axes.drawn();
  for (const NocCase& run : sweep) {
    if (!run.measured.saturated()) continue;
    const double x = axes.at(run.rate, 0).x;
    body += fmt::format(
                "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"{3}\" "
                "stroke-dasharray=\"4\"/>\n",
                x, CurveAxes::top, CurveAxes::top + CurveAxes::height, "#d55e00") +
            text_at({x - 4, CurveAxes::top + CurveAxes::height - 8},
                    fmt::format("saturated at {}", figure(run.rate)), "end");
    break;
  }
  body += curve(axes, sweep, "head", "#0072b2", [](const NocMeasure& measured) { return measured.head; });
  body +=
      curve(axes, sweep, "last flit", "#e69f00", [](const NocMeasure& measured) { return measured.tail; });
  return svg(CurveAxes::left + CurveAxes::width + 90, CurveAxes::top + CurveAxes::height + 60, body);
}

}  // namespace basil
