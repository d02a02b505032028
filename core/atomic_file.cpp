#include "core/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int reason) {
  throw Error(file == "-" ? "standard output" : file.string(),
              std::string("cannot be written: ") + std::strerror(reason));
}

// What is already open is written where it stands, not opened anew at its beginning.
int already_open(const fs::path& file) {
  if (file == "-" || file == "/dev/stdout") return STDOUT_FILENO;
  return file == "/dev/stderr" ? STDERR_FILENO : -1;
}

std::string name_of(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

}  // namespace

AtomicFile::AtomicFile(fs::path file) : file_(std::move(file)) {
  std::error_code ignored;
  if (const int open = already_open(file_); open >= 0) {
    std::fflush(nullptr);
    descriptor_ = ::fcntl(open, F_DUPFD_CLOEXEC, 3);
    if (descriptor_ < 0) fail(file_, errno);
    return;
  }
  const fs::file_status status = fs::status(file_, ignored);
  if (fs::is_directory(status)) fail(file_, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(file_, errno);
    return;
  }
  target_ = fs::weakly_canonical(fs::absolute(file_), ignored);
  if (target_.empty()) target_ = fs::absolute(file_);
  open_nameless();
  if (descriptor_ < 0) open_named();
  struct stat old {};
  if (::stat(target_.c_str(), &old) == 0 && ::fchmod(descriptor_, old.st_mode & 07777) != 0)
    fail(file_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AtomicFile::open_nameless() {
  const int opened = ::open(target_.parent_path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (opened >= 0 && ::access(name_of(opened).c_str(), F_OK) == 0) {
    descriptor_ = opened;
  } else if (opened >= 0) {
    ::close(opened);  // without /proc it could not get a name
  }
}

void AtomicFile::open_named() {
  named_ = std::make_unique<UnfinishedFile>(target_);
  descriptor_ = ::open(named_->name().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(file_, errno);
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Some file systems report a full disk only here.
void AtomicFile::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(file_, errno);
}

// A link cannot take the place of a file: where one is there, the nameless one gets a name beside it first.
bool AtomicFile::give_name() {
  const std::string self = name_of(descriptor_);
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, target_.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  if (errno != EEXIST) return false;
  named_ = std::make_unique<UnfinishedFile>(target_);
  ::unlink(named_->name().c_str());
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, named_->name().c_str(), AT_SYMLINK_FOLLOW) != 0)
    return false;
  return named_->replace(target_);
}

void AtomicFile::commit() {
  if (target_.empty()) return close();
  if (named_) {
    close();
    if (!named_->replace(target_)) fail(file_, errno);
  } else {
    if (!give_name()) fail(file_, errno);
    close();
  }
}

void write_file_atomically(const fs::path& file, std::string_view bytes) {
  AtomicFile out(file);
  out.write(bytes);
  out.commit();
}

}  // namespace basil
