#include "models/processes/variants.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "models/processes/jobs.h"
#include "models/report/why.h"

namespace basil {
namespace {

// A message ends with a line's end; nothing where the other side is gone.
std::string read_message(int pipe) {
  std::string text;
  for (char letter = 0; read(pipe, &letter, 1) == 1 && letter != '\n';) text += letter;
  return text;
}

void write_message(int pipe, const std::string& text) {
  const std::string line = text + "\n";
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t written = send(pipe, line.data() + at, line.size() - at, MSG_NOSIGNAL);
    if (written <= 0) throw Failure("the process that runs variants is gone");
    at += static_cast<std::size_t>(written);
  }
}

}  // namespace

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
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
    throw Failure(std::string("cannot open a pipe to a child: ") + std::strerror(errno));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw Failure(std::string("cannot start a child: ") + std::strerror(errno));
  if (pid_ == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);  // it ended before the line above
    for (std::string request; !(request = read_message(ends[1])).empty();)
      write_message(ends[1], answer(request));
    _exit(0);
  }
  close(ends[1]);
  pipe_ = ends[0];
}

Variants::~Variants() {
  close(pipe_);
  waitpid(pid_, nullptr, 0);
}

std::string Variants::answer(const std::string& request) const {
  nlohmann::json said;
  try {
    const nlohmann::json asked = nlohmann::json::parse(request);
    std::vector<std::string> overrides = overrides_;
    for (const auto& key : asked.at("overrides")) overrides.push_back(key);
    Options options = options_;
    options.layers = {asked.at("layer").get<std::size_t>()};
    said["cycles"] =
        simulate_in_children(trace_, load_accelerator(accelerator_, overrides), options, 1).cycles().value;
  } catch (const std::exception& error) { said["refused"] = error.what(); }
  return said.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string Variants::ask(const std::string& request) {
  write_message(pipe_, request);
  std::string said = read_message(pipe_);
  if (said.empty()) throw Failure("the process that runs variants is gone");
  return said;
}

std::vector<Gain> Variants::gains(const Result& result, const Description& machine) {
  std::vector<Gain> gains;
  for (const Cause& cause : costliest_causes(result)) {
    const LayerResult& layer = result.layers[cause.layer];
    const std::optional<Relief> relief = relief_of(cause.kind, machine);
    Gain gain;
    if (relief) {
      gain.relief = relief->words;
      const auto of_trace = std::find_if(trace_.layers.begin(), trace_.layers.end(),
                                         [&](const Layer& other) { return other.name == layer.name; });
      const nlohmann::json said = nlohmann::json::parse(ask(nlohmann::json{
          {"layer", of_trace - trace_.layers.begin()},
          {"overrides", relief->overrides}}.dump()));
      if (said.contains("refused")) {
        gain.refused = said["refused"];
      } else {
        const Cycles as_is = layer.transaction_cycles.value_or(layer.cycles);
        gain.speedup = static_cast<double>(as_is.value) /
                       static_cast<double>(std::max<std::int64_t>(1, said["cycles"].get<std::int64_t>()));
      }
    }
    gains.push_back(gain);
  }
  return gains;
}

}  // namespace basil
