#include "testbenches/command/option_names.h"

#include <map>

namespace basil {

std::string in_options(const Error& error) {
  static const std::map<std::string, std::string> options{{"options.waveform", "--vcd"},
                                                          {"options.waveform.window", "--vcd-window"},
                                                          {"options.waveform.force", "--vcd-force"},
                                                          {"options.timeline", "--timeline"},
                                                          {"options.layers", "--layer"},
                                                          {"options.sample", "--sample"},
                                                          {"options.fidelity", "--fidelity"},
                                                          {"overrides", "--set"},
                                                          {"set_memory_limit()", "--memory"},
                                                          {"jobs", "--jobs"},
                                                          {"area_mm2", "--at equal-area"},
                                                          {"limit", "--fail-if"},
                                                          {"shard", "--shard"},
                                                          {"claims", "--pull"},
                                                          {"to_json()", "'basil run --json'"},
                                                          {"StudyDatabase()", "--db"},
                                                          {"StudyDatabase::look()", "--show"}};
  return error.told([](const std::string& field) {
    const auto option = options.find(field);
    return option == options.end() ? field : option->second;
  });
}

}  // namespace basil
