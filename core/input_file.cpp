#include "core/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"

namespace basil {
namespace {

// Of this process: outputs are held against it, from wherever they are written.
std::set<std::pair<dev_t, ino_t>>& files_read() {
  static std::set<std::pair<dev_t, ino_t>> files;
  return files;
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : fd_(file == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                        : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Error unless it can be read; the file counts as read.
void check_open(const Descriptor& in, const std::filesystem::path& file, const std::string& expected) {
  if (in.get() < 0)
    throw Error(name_in_messages(file),
                errno == ENOENT ? "no such file" : std::string("cannot be read: ") + std::strerror(errno),
                expected);
  struct stat status {};
  if (::fstat(in.get(), &status) != 0) throw Error(name_in_messages(file), "cannot be read", expected);
  if (S_ISDIR(status.st_mode)) throw Error(name_in_messages(file), "a folder", expected);
  if (S_ISREG(status.st_mode)) files_read().emplace(status.st_dev, status.st_ino);
}

std::string read_all(const std::filesystem::path& file, std::int64_t limit, const std::string& expected) {
  const Descriptor in(file);
  check_open(in, file, expected);
  std::string text;
  std::string block(1 << 16, '\0');
  for (;;) {
    const ssize_t got = ::read(in.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw Error(name_in_messages(file), std::string("cannot be read: ") + std::strerror(errno), expected);
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (std::cmp_greater(text.size(), limit))
      throw Error(name_in_messages(file), fmt::format("over {} bytes", limit),
                  fmt::format("{} of at most {} bytes", expected, limit));
  }
}

}  // namespace

std::string name_in_messages(const std::filesystem::path& file) {
  return file == "-" ? "standard input" : file.string();
}

std::string read_file(const std::filesystem::path& file, std::int64_t limit, const std::string& expected) {
  if (file != "-") return read_all(file, limit, expected);
  static std::optional<std::string> standard_input;
  if (!standard_input) standard_input = read_all(file, limit, expected);
  return *standard_input;
}

void check_readable(const std::filesystem::path& file, const std::string& expected) {
  check_open(Descriptor(file), file, expected);
}

bool was_read(const std::filesystem::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && files_read().contains({status.st_dev, status.st_ino});
}

}  // namespace basil
