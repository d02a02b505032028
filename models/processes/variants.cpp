#include "models/processes/variants.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "models/processes/jobs.h"
#include "models/processes/messages.h"

namespace basil {

Variants::Variants(const Trace& trace, std::string accelerator, std::vector<std::string> overrides,
                   Options options)
    : trace_(trace),
      accelerator_(std::move(accelerator)),
      overrides_(std::move(overrides)),
      options_(std::move(options)) {
  options_.fidelity = Fidelity::transaction;
  options_.verify = false;
  options_.waveform.reset();
  options_.timeline.reset();
  options_.skip_refused = false;
  process_.emplace([this](int socket) { return serve(socket); });
}

int Variants::serve(int socket) const {
  std::string received;
  while (const std::optional<Message> asked = next_message(socket, received)) {
    const Message answer{.value = answer_to([&]() -> WireValue { return cycles_of(asked->value); })};
    if (!send_message(socket, answer)) return 1;
  }
  return 0;
}

std::int64_t Variants::cycles_of(const WireValue& asked) const {
  std::vector<std::string> overrides = overrides_;
  for (const auto& key : asked.at("overrides")) overrides.push_back(key);
  Options options = options_;
  options.layers = asked.at("layers").get<std::vector<std::size_t>>();
  return simulate_in_children(trace_, load_accelerator(accelerator_, overrides), options, 1).cycles().value;
}

Gain Variants::gain_of(const Relief& relief, const Result& result) {
  std::vector<std::size_t> layers;
  Cycles as_is;
  for (const LayerResult& layer : result.layers) {
    const auto of_trace = std::find_if(trace_.layers.begin(), trace_.layers.end(),
                                       [&](const Layer& other) { return other.name == layer.name; });
    layers.push_back(static_cast<std::size_t>(of_trace - trace_.layers.begin()));
    as_is += layer.transaction_cycles.value_or(layer.cycles);
  }
  const Message asked{.value = {{"layers", layers}, {"overrides", relief.overrides}}};
  std::optional<Message> said;
  if (send_message(process_->socket(), asked)) said = next_message(process_->socket(), received_);
  if (!said) throw Failure("the process that runs variants is gone");
  Gain gain{.relief = relief.words, .refused = {}};
  try {
    const auto cycles = value_in(said->value).get<std::int64_t>();
    gain.speedup = static_cast<double>(as_is.value) / static_cast<double>(std::max<std::int64_t>(1, cycles));
  } catch (const std::exception& refused) { gain.refused = refused.what(); }
  return gain;
}

std::vector<Gain> Variants::gains(const Result& result, const Description& machine) {
  std::vector<Gain> gains;
  for (const Cause& cause : costliest_causes(result)) {
    const std::optional<Relief> relief = relief_of(cause.kind, machine);
    const auto same = std::find_if(gains.begin(), gains.end(),
                                   [&](const Gain& gain) { return relief && gain.relief == relief->words; });
    if (same != gains.end()) {
      gains.push_back(Gain(*same));  // two causes with one relief
    } else {
      gains.push_back(relief ? gain_of(*relief, result) : Gain());
    }
  }
  return gains;
}

}  // namespace basil
