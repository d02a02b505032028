// The compiled part of the Python package: a run of a trace in a child process, its result as dicts and
// arrays.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <variant>

#include "core/error.h"
#include "models/description/description.h"
#include "models/presets/embedded.h"
#include "models/processes/child_pool.h"
#include "testbenches/python/answer.h"

namespace basil {
namespace {

namespace py = pybind11;

using Words = std::variant<std::string, std::vector<std::string>>;  // one, or several
using Overrides = std::variant<std::map<std::string, py::object>, std::vector<std::string>>;

inline constexpr double longest_seconds = 1e9;
inline constexpr std::int64_t no_memory_limit = std::int64_t{1} << 40;

// The exceptions Error and Failure, made when the module is.
py::handle exception(const char* name) { return py::module_::import("basil._basil").attr(name); }

[[noreturn]] void raise(const char* name, const std::string& text) {
  const auto line = py::reinterpret_steal<py::object>(
      PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace"));
  PyErr_SetObject(exception(name).ptr(), line.ptr());
  throw py::error_already_set();
}

// A value as --set takes it: YAML, of which JSON is a part.
std::string word(py::object value) {
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (py::hasattr(value, "item")) value = value.attr("item")();  // numpy's numbers
  return py::module_::import("json").attr("dumps")(value).cast<std::string>();
}

std::vector<std::string> words(const Overrides& overrides) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&overrides)) return *list;
  std::vector<std::string> words;
  for (const auto& [key, value] : std::get<0>(overrides)) words.push_back(key + "=" + word(value));
  return words;
}

std::vector<std::string> words(const Words& given) {
  if (const auto* one = std::get_if<std::string>(&given)) return {*one};
  return std::get<1>(given);
}

// The child's answer. Other threads of Python go on meanwhile; a signal's handler may end the wait, and with
// it the child. The fork is made while no other thread runs Python, so two calls never share a pipe.
std::string in_a_child(const Request& request, std::optional<double> seconds) {
  if (seconds && !(*seconds > 0 && *seconds <= longest_seconds))
    throw Error("seconds", py::str(py::float_(*seconds)), "more than 0, at most 1e9, or None");
  ChildPool pool(1, {.seconds = seconds.value_or(longest_seconds), .megabytes = no_memory_limit});
  pool.start(0, [&] { return answer(request, "basil " BASIL_VERSION); });
  while (true) {
    std::vector<ChildEnd> ended;
    {
      const py::gil_scoped_release others;
      ended = pool.wait(std::chrono::milliseconds(100));
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (ended.empty()) continue;
    if (!ended[0].answered)
      throw Failure(request.trace.string() + " on " + request.accelerator + ": " + ended[0].text);
    return std::move(ended[0].text);
  }
}

bool all_have(const py::list& dicts, const py::handle& key) {
  return std::all_of(dicts.begin(), dicts.end(), [&](py::handle dict) { return dict.contains(key); });
}

// A field that all layers have as an array over them, a dict of fields as a dict of arrays. Lists have no
// column.
py::dict columns(const py::list& layers) {
  py::dict arrays;
  for (const auto& [key, first] : layers[0].cast<py::dict>()) {
    if (py::isinstance<py::list>(first) || !all_have(layers, key)) continue;
    py::list values;
    for (const py::handle layer : layers) values.append(layer[key]);
    if (py::isinstance<py::dict>(first)) {
      arrays[key] = columns(values);
    } else {
      arrays[key] = py::module_::import("numpy").attr("array")(values);
    }
  }
  return arrays;
}

// Order N, K, P, Q: a view of the ofmap, in which K is innermost.
template <class Value>
py::object array(const Ofmap& ofmap, const std::vector<Value>& values) {
  const std::vector<py::ssize_t> shape{ofmap.N, ofmap.P, ofmap.Q, ofmap.K};
  return py::array_t<Value>(shape, values.data()).attr("transpose")(0, 3, 1, 2);
}

py::dict as_dict(const Answer& answer) {
  py::dict result = py::module_::import("json").attr("loads")(answer.text);
  const py::list layers = result["layers"];
  result["columns"] = columns(layers);
  for (std::size_t i = 0; i < answer.ofmaps.size(); ++i) {
    const Ofmap& ofmap = answer.ofmaps[i];
    layers[i]["sums"] = ofmap.reals.empty() ? array(ofmap, ofmap.sums) : array(ofmap, ofmap.reals);
  }
  return result;
}

py::dict run(const std::filesystem::path& trace, const std::filesystem::path& accelerator,
             const Overrides& overrides, const std::optional<Words>& layers, const std::string& fidelity,
             const std::optional<std::string>& memory, bool verify, bool sums,
             std::optional<double> seconds) {
  const Request request{.trace = trace,
                        .accelerator = accelerator.string(),
                        .overrides = words(overrides),
                        .layers = layers ? words(*layers) : std::vector<std::string>(),
                        .fidelity = fidelity,
                        .memory = memory,
                        .verify = verify,
                        .ofmaps = sums};
  try {
    const Answer answer = parse_answer(in_a_child(request, seconds));
    if (answer.kind == Answer::Kind::error) throw Error("", answer.text);
    if (answer.kind == Answer::Kind::failure) throw Failure(answer.text);
    return as_dict(answer);
  } catch (const Error& error) { raise("Error", error.what()); } catch (const Failure& failure) {
    raise("Failure", failure.what());
  }
}

std::map<std::string, std::string> accelerators() {
  std::map<std::string, std::string> summaries;
  for (const std::string& name : embedded_names("accelerators"))
    summaries.emplace(name, load_accelerator(name).summary);
  return summaries;
}

// Python's own classes, so that they have a docstring and can be inherited from.
void add_exception(py::module_& module, const char* name, const char* text, py::handle base) {
  const std::string full = std::string("basil.") + name;
  module.attr(name) =
      py::reinterpret_steal<py::object>(PyErr_NewExceptionWithDoc(full.c_str(), text, base.ptr(), nullptr));
}

inline constexpr const char* run_text =
    R"(Run a trace on an accelerator, as `basil run` does, in a child process of its own.

trace        the trace file (.npz)
accelerator  a name of accelerators(), or a YAML file
overrides    keys of the accelerator: {"array.rows": 16}, or ["array.rows=16"]
layers       only layers whose name matches this glob, or one of these
fidelity     "transaction", or "cycle": every register of every PE, slow
memory       most it may take, such as "8G"; three quarters of the machine's when None
verify       compare every layer with the golden executor
sums         put each layer's sums, bias included, in its dict as "sums": N x K x P x Q, int64 (float64 of fp32)
seconds      most it may take

Returns what `basil run --json` writes, and "columns": the layers' fields as numpy arrays over the layers.
Raises Error for a bad input, Failure where the work itself fails.)";

}  // namespace
}  // namespace basil

PYBIND11_MODULE(_basil, module) {
  using namespace basil;
  using namespace py::literals;
  module.doc() = "Simulates accelerators for compressed neural networks.";
  module.attr("__version__") = BASIL_VERSION;
  add_exception(module, "Error", "Bad input: the line that the command prints.", PyExc_Exception);
  add_exception(module, "Failure", "The work itself failed: a mismatch, a crash, a limit.",
                module.attr("Error"));
  module.def("accelerators", &accelerators, "The accelerators that run() knows by name, and what they are.");
  module.def("run", &run, run_text, "trace"_a, "accelerator"_a = "eyeriss", "overrides"_a = py::dict(),
             py::kw_only(), "layers"_a = py::none(), "fidelity"_a = "transaction", "memory"_a = py::none(),
             "verify"_a = true, "sums"_a = false, "seconds"_a = py::none());
}
