#include "testbenches/python/answer.h"

#include <cstring>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/memory_limit.h"
#include "models/description/accelerator_document.h"
#include "models/presets/build_id.h"
#include "models/processes/jobs.h"
#include "models/processes/wire.h"
#include "models/report/report.h"
#include "traces/file/trace_file.h"

namespace basil {
namespace {

// Numbers as their bytes: both processes are of one machine.
template <class Value>
WireValue binary_of(const std::vector<Value>& values) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  return WireValue::binary({bytes, bytes + values.size() * sizeof(Value)});
}

template <class Value>
std::vector<Value> values_in(const WireValue& value) {
  const WireValue::binary_t& bytes = value.get_binary();
  std::vector<Value> values(bytes.size() / sizeof(Value));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Value));
  return values;
}

WireValue wire_of(const Answer& answer) {
  WireValue ofmaps = WireValue::array();
  for (const Ofmap& ofmap : answer.ofmaps) {
    ofmaps.push_back({{"shape", {ofmap.N, ofmap.P, ofmap.Q, ofmap.K}},
                      {"sums", binary_of(ofmap.sums)},
                      {"reals", binary_of(ofmap.reals)}});
  }
  return {{"result", answer.result}, {"ofmaps", ofmaps}};
}

Answer run(const Request& request, const std::string& program) {
  if (request.memory) set_memory_limit(parse_memory(*request.memory));
  const Trace trace = read_trace(request.trace.string());
  const Description machine = load_accelerator(request.accelerator, request.overrides);
  Answer answer;
  Options options;
  options.fidelity = parse_fidelity(request.fidelity);
  options.layers = chosen_layers(trace, request.layers);
  options.verify = request.verify;
  if (request.ofmaps) options.ofmap = [&](const Ofmap& ofmap) { answer.ofmaps.push_back(ofmap); };
  Result result = run_trace(trace, machine, options, 1);
  result.program = program + ", build " + build_id().substr(0, 12);
  result.overrides = request.overrides;
  result.description = accelerator_keys(request.accelerator, request.overrides);
  result.trace_fingerprint = fingerprint_of_file(request.trace);
  answer.result = to_json(result);
  return answer;
}

// What an error says, the library's fields as the arguments of Python's function, which have the same names.
std::string in_keywords(const Error& error) {
  return error.told([](const std::string& field) {
    const std::string options = "options.";
    if (field == "set_memory_limit()") return std::string("memory");
    return field.starts_with(options) ? field.substr(options.size()) : field;
  });
}

}  // namespace

std::string answer(const Request& request, const std::string& program) {
  return answer_of([&] {
    try {
      return wire_of(run(request, program));
    } catch (const Error& error) { throw Error("", in_keywords(error)); } catch (const std::bad_alloc&) {
      throw Error("", in_keywords(out_of_memory()));
    }
  });
}

Answer parse_answer(const std::string& bytes) {
  const WireValue said = value_in(bytes);
  try {
    Answer answer{.result = said.at("result")};
    for (const WireValue& ofmap : said.at("ofmaps")) {
      const WireValue& shape = ofmap.at("shape");
      answer.ofmaps.push_back({.N = shape.at(0),
                               .P = shape.at(1),
                               .Q = shape.at(2),
                               .K = shape.at(3),
                               .sums = values_in<std::int64_t>(ofmap.at("sums")),
                               .reals = values_in<double>(ofmap.at("reals"))});
    }
    return answer;
  } catch (const nlohmann::json::exception&) { throw Failure("a child's answer breaks off"); }
}

}  // namespace basil
