#include "models/presets/shapes.h"

#include <filesystem>

#include "core/error.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"

namespace basil {

Shapes load_shapes(const std::string& name, const std::string& where) {
  Shapes shapes;
  std::error_code ignored;
  if (const auto shipped = embedded("shapes", name)) {
    shapes.text = *shipped;
  } else if (std::filesystem::exists(name, ignored)) {
    shapes.text = read_yaml_text(name);
  } else {
    const std::string word = std::filesystem::path(name).filename().string();
    const std::string near = nearest(word, embedded_names("shapes"));
    throw Error(where, "'" + name + "' is neither a file nor a shipped list",
                near.empty() ? "a list of 'basil list shapes' or a YAML file" : "'" + near + "'");
  }
  shapes.list = parse_synth(shapes.text, name);
  return shapes;
}

}  // namespace basil
