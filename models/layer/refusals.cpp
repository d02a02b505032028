#include "models/layer/refusals.h"

#include <fmt/format.h>

#include "core/error.h"
#include "models/layer/layer_cut.h"

namespace basil {
namespace {

void check_encoding(const Layer& layer, const Description& machine) {
  if (takes_weights(*machine.unit, layer.weights.encoding)) return;
  std::string words;
  for (const Encoding encoding : weight_encodings(*machine.unit))
    words += (words.empty() ? "" : ", ") + std::string(to_string(encoding));
  throw Error("layer " + layer.name + ": weights",
              std::string(to_string(layer.weights.encoding)) + " encoding",
              fmt::format("an encoding that unit {} takes: {}", machine.unit->name, words));
}

std::optional<std::string> error_of(const auto& check) {
  try {
    check();
  } catch (const Error& error) { return error.what(); }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unit_refusal(const Layer& layer, const Description& machine) {
  return error_of([&] {
    check_encoding(layer, machine);
    machine.unit->check(layer, machine.unit_parameters);
  });
}

std::optional<std::string> refusal(const Layer& layer, const Description& machine, Mapper& mapper) {
  if (auto reason = unit_refusal(layer, machine)) return reason;
  return error_of([&] { (void)cut_layer(layer, machine, mapper); });
}

}  // namespace basil
