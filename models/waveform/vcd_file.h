// A value change dump (IEEE 1364-2005, clause 18) as it is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/atomic_file.h"

namespace basil {

class VcdFile {
 public:
  // `comment`, of one line, stands in its head. Throws Error when the file cannot be written.
  VcdFile(std::string path, std::string timescale, std::string comment);

  // `name` is dotted, "array.state": a scope for each part but the last, all below one. bits 0: real.
  void declare(const std::string& name, int bits);
  // The head; then the initial values, each variable's once, between these two.
  void begin_values();
  void end_values();
  // Times rise.
  void time(std::int64_t time);
  void value(std::size_t variable, std::uint64_t bits);
  void value(std::size_t variable, double real);

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  // Until then there is no such file. Throws Error when it is not whole on the disk.
  void close();

 private:
  struct Variable {
    std::string name, id;
    int bits = 0;
  };

  void declarations(const std::vector<std::size_t>& variables, std::size_t depth);
  void flush();

  std::string path_, timescale_, comment_;
  std::vector<Variable> variables_;
  AtomicFile out_;
  std::string text_;  // not yet in the file
  std::int64_t bytes_ = 0;
};

}  // namespace basil
