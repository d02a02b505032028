#include "traces/file/shape_json.h"

namespace basil {

nlohmann::ordered_json shape_json(const LayerShape& s) {
  return {{"N", s.N},
          {"C", s.C},
          {"H", s.H},
          {"W", s.W},
          {"K", s.K},
          {"R", s.R},
          {"S", s.S},
          {"stride", {s.stride_y, s.stride_x}},
          {"padding", {s.pad_top, s.pad_bottom, s.pad_left, s.pad_right}},
          {"dilation", {s.dilation_y, s.dilation_x}},
          {"groups", s.groups}};
}

LayerShape shape_from_json(const nlohmann::ordered_json& json) {
  const auto at = [&](const char* key) { return json.at(key).get<int>(); };
  const auto item = [&](const char* key, std::size_t index) { return json.at(key).at(index).get<int>(); };
  LayerShape s;
  s.N = at("N");
  s.C = at("C");
  s.H = at("H");
  s.W = at("W");
  s.K = at("K");
  s.R = at("R");
  s.S = at("S");
  s.stride_y = item("stride", 0);
  s.stride_x = item("stride", 1);
  s.pad_top = item("padding", 0);
  s.pad_bottom = item("padding", 1);
  s.pad_left = item("padding", 2);
  s.pad_right = item("padding", 3);
  s.dilation_y = item("dilation", 0);
  s.dilation_x = item("dilation", 1);
  s.groups = at("groups");
  return s;
}

}  // namespace basil
