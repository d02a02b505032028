#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "core/error.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int reason) {
  throw Error(file.string(), std::string("cannot be written: ") + std::strerror(reason));
}

// An open file that is closed whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }
  // Some file systems report a full disk only here.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// A temporary file that is removed unless it was renamed.
class Temporary {
 public:
  explicit Temporary(std::string name) : name_(std::move(name)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  [[nodiscard]] bool rename_to(const fs::path& file) {
    if (::rename(name_.c_str(), file.c_str()) != 0) return false;
    name_.clear();
    return true;
  }

 private:
  std::string name_;
};

void write_all(Descriptor& out, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (!out.close()) fail(file, errno);
}

// The permissions an ordinary new file would get; those of the old file where there is one.
mode_t permissions(const fs::path& file) {
  struct stat old {};
  if (::stat(file.c_str(), &old) == 0) return old.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

void write_straight(const fs::path& file, std::string_view bytes) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (out.get() < 0) fail(file, errno);
  write_all(out, bytes, file);
}

}  // namespace

void write_file_atomically(const fs::path& file, std::string_view bytes) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (fs::is_directory(status)) fail(file, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_straight(file, bytes);
  const fs::path target = fs::exists(status) ? fs::canonical(file, ignored) : file;

  std::string name = (target.parent_path() / ".").string();
  name.append(target.filename().string()).append(".XXXXXX");
  Descriptor out(::mkostemp(name.data(), O_CLOEXEC));
  if (out.get() < 0) fail(file, errno);
  Temporary temporary(name);
  if (::fchmod(out.get(), permissions(target)) != 0) fail(file, errno);
  write_all(out, bytes, file);
  if (!temporary.rename_to(target)) fail(file, errno);
}

}  // namespace basil
