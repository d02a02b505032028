#include "testbenches/python/answer.h"

#include <cstring>
#include <limits>
#include <new>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/memory_limit.h"
#include "models/description/accelerator_document.h"
#include "models/presets/build_id.h"
#include "models/processes/jobs.h"
#include "models/report/report.h"
#include "traces/file/trace_file.h"

namespace basil {
namespace {

template <class Value>
void put(std::string& bytes, const std::vector<Value>& values) {
  const std::uint64_t count = values.size();
  bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
}

// What `put` wrote, from the front of `bytes`.
template <class Value>
std::vector<Value> take(std::string_view& bytes) {
  std::uint64_t count = 0;
  if (bytes.size() < sizeof count) throw Failure("a child's answer breaks off");
  std::memcpy(&count, bytes.data(), sizeof count);
  bytes.remove_prefix(sizeof count);
  if (count > bytes.size() / sizeof(Value)) throw Failure("a child's answer breaks off");
  std::vector<Value> values(count);
  std::memcpy(values.data(), bytes.data(), count * sizeof(Value));
  bytes.remove_prefix(count * sizeof(Value));
  return values;
}

std::string pack(const Answer& answer) {
  std::string bytes(1, static_cast<char>(answer.kind));
  put(bytes, std::vector<char>(answer.text.begin(), answer.text.end()));
  for (const Ofmap& ofmap : answer.ofmaps) {
    put(bytes, std::vector<int>{ofmap.N, ofmap.P, ofmap.Q, ofmap.K});
    put(bytes, ofmap.sums);
    put(bytes, ofmap.reals);
  }
  return bytes;
}

Answer run(const Request& request, const std::string& program) {
  if (request.memory) set_memory_limit(parse_memory(*request.memory));
  const Trace trace = read_trace(request.trace.string());
  const Description machine = load_accelerator(request.accelerator, request.overrides);
  Answer answer{.kind = Answer::Kind::result, .text = {}};
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
  answer.text = to_json(result).dump();
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
  try {
    return pack(run(request, program));
  } catch (const Error& error) {
    return pack({.kind = Answer::Kind::error, .text = in_keywords(error)});
  } catch (const std::bad_alloc&) {
    return pack({.kind = Answer::Kind::error, .text = in_keywords(out_of_memory())});
  } catch (const std::exception& error) {
    return pack({.kind = Answer::Kind::failure, .text = error.what()});
  }
}

Answer parse_answer(const std::string& bytes) {
  if (bytes.empty()) throw Failure("a child's answer breaks off");
  std::string_view rest(bytes);
  Answer answer{.kind = static_cast<Answer::Kind>(rest[0]), .text = {}};
  rest.remove_prefix(1);
  const std::vector<char> text = take<char>(rest);
  answer.text.assign(text.begin(), text.end());
  while (!rest.empty()) {
    const std::vector<int> shape = take<int>(rest);
    if (shape.size() != 4) throw Failure("a child's answer breaks off");
    Ofmap ofmap{.N = shape[0], .P = shape[1], .Q = shape[2], .K = shape[3], .sums = {}, .reals = {}};
    ofmap.sums = take<std::int64_t>(rest);
    ofmap.reals = take<double>(rest);
    answer.ofmaps.push_back(std::move(ofmap));
  }
  return answer;
}

}  // namespace basil
