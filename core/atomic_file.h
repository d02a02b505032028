// Files that are whole or untouched.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "core/interrupt.h"

namespace basil {

// A file in the making. It has no name (or, on a file system that wants one, one that a signal takes with the
// process) until commit() gives it its own, in place of what has it: so whatever ends the process, `file` is
// as it was or whole. A symbolic link is followed; a device or pipe is written straight, and "-" is standard
// output. Errors name the file and the reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path file);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  // Once, at the end.
  void commit();

 private:
  void open_nameless();
  void open_named();
  void close();
  [[nodiscard]] bool give_name();

  std::filesystem::path file_;    // as the caller has it
  std::filesystem::path target_;  // with links followed; empty: written straight
  std::unique_ptr<UnfinishedFile> named_;
  int descriptor_ = -1;
};

// All of it at once.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes);

}  // namespace basil
