#include "core/output_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

std::string where(const Output& output) { return output.option + " " + output.file.string(); }

// The folder that will hold it, links followed.
fs::path folder_of(const fs::path& file) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(fs::absolute(file), ignored);
  return (whole.empty() ? fs::absolute(file) : whole).parent_path();
}

bool same(const fs::path& a, const fs::path& b) {
  if (a == "-" || b == "-") return a == b;
  struct stat of_a {
  }, of_b{};
  const bool there_a = ::stat(a.c_str(), &of_a) == 0, there_b = ::stat(b.c_str(), &of_b) == 0;
  if (there_a != there_b) return false;
  if (there_a) return of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino && S_ISREG(of_a.st_mode);
  return a.filename() == b.filename() && folder_of(a) == folder_of(b);
}

void check_place(const Output& output) {
  std::error_code ignored;
  const fs::file_status status = fs::status(output.file, ignored);
  if (output.file.empty()) throw Error(output.option, "an empty name", "a file to write");
  if (fs::is_directory(status)) throw Error(where(output), "a folder", "a file to write");
  if (fs::exists(status) && !fs::is_regular_file(status)) return;  // a device or a pipe
  const fs::path folder = folder_of(output.file);
  if (!fs::is_directory(folder, ignored))
    throw Error(where(output), "no folder " + folder.string(), "a folder that is there");
  try {
    const AtomicFile trial(output.file);  // as permissions do not say all: of /proc, of a full disk
  } catch (const Error&) {
    throw Error(where(output), "no file can be made in " + folder.string(),
                "a folder with permission and room");
  }
  if (fs::exists(status) && ::access(output.file.c_str(), W_OK) != 0)
    throw Error(where(output), std::string("cannot be written: ") + std::strerror(errno),
                "a file with permission to write");
}

void check_what_is_there(const Output& output) {
  std::error_code ignored;
  if (!fs::is_regular_file(output.file, ignored)) return;
  std::array<char, 16> start{};
  std::ifstream(output.file, std::ios::binary).read(start.data(), start.size());
  const std::string_view begins(start.data(), start.size());
  if (output.kind != Output::Kind::database && begins.starts_with("SQLite format 3"))
    throw Error(where(output), "a study's database", "a new file, or one of the output's own kind");
  if (output.kind == Output::Kind::text && begins.starts_with("PK\3\4"))
    throw Error(where(output), "a trace, a network or another ZIP archive",
                "a new file, or one of the output's own kind");
}

}  // namespace

void check_outputs(const std::vector<Output>& outputs, const std::vector<fs::path>& inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Output& output = outputs[i];
    for (std::size_t other = 0; other < i; ++other) {
      if (same(outputs[other].file, output.file))
        throw Error(where(output), "the file of " + outputs[other].option, "a file of its own");
    }
    if (output.file == "-" && output.kind != Output::Kind::database) continue;
    bool read = was_read(output.file);
    for (const fs::path& input : inputs) read = read || same(input, output.file);
    if (read) throw Error(where(output), "a file that this command reads", "a file of its own");
    check_place(output);
    check_what_is_there(output);
  }
}

}  // namespace basil
