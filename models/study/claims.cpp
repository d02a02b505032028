#include "models/study/claims.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace basil {
namespace {

// Few enough that a pilot's end leaves little to do again, many enough that the folder stays small.
std::size_t chunk_size(std::size_t points) { return std::clamp<std::size_t>(points / 10000, 1, 64); }

bool lock(int descriptor) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &whole) == 0;
}

// Whether the file that is open still has that name: its owner may have finished it in between.
bool still_named(int descriptor, const std::filesystem::path& name) {
  struct stat open {
  }, there{};
  return fstat(descriptor, &open) == 0 && stat(name.c_str(), &there) == 0 && open.st_ino == there.st_ino &&
         open.st_dev == there.st_dev;
}

}  // namespace

Claims::Claims(const std::filesystem::path& folder, const std::string& study, std::size_t points,
               std::function<std::size_t(std::size_t)> in_turn)
    : folder_(folder / ("claims-" + study)),
      points_(points),
      in_turn_(std::move(in_turn)),
      size_(chunk_size(points)) {
  std::error_code problem;
  std::filesystem::create_directories(folder_, problem);
  if (problem || access(folder_.c_str(), W_OK) != 0)
    throw Error(field_name("claims") + " " + folder.string(),
                problem ? problem.message() : std::strerror(errno), "a folder that all pilots can write");
}

Claims::~Claims() {
  for (const auto& [number, chunk] : ours_) close(chunk.descriptor);
}

std::size_t Claims::chunks() const { return (points_ + size_ - 1) / size_; }

std::filesystem::path Claims::name(std::size_t chunk, const char* end) const {
  return folder_ / fmt::format("{}{}", chunk, end);
}

bool Claims::claim(std::size_t chunk) {
  const std::filesystem::path claimed = name(chunk, ".claimed");
  if (access(name(chunk, ".done").c_str(), F_OK) == 0 || ours_.contains(chunk)) return false;
  int descriptor = open(claimed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) descriptor = open(claimed.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;  // finished in between, or a folder gone
  if (lock(descriptor) && still_named(descriptor, claimed) &&
      access(name(chunk, ".done").c_str(), F_OK) != 0) {
    take(chunk, descriptor);
    return true;
  }
  close(descriptor);
  return false;
}

void Claims::take(std::size_t chunk, int descriptor) {
  const std::size_t first = chunk * size_, end = std::min(first + size_, points_);
  ours_[chunk] = {descriptor, end - first};
  for (std::size_t i = end; i-- > first;) {
    given_.push_back(in_turn_(i));
    chunk_of_[given_.back()] = chunk;
  }
}

std::optional<std::size_t> Claims::next() {
  for (std::size_t looked = 0; given_.empty() && looked < chunks(); ++looked) {
    if (claim(from_)) break;
    from_ = (from_ + 1) % chunks();
  }
  if (given_.empty()) return std::nullopt;
  const std::size_t point = given_.back();
  given_.pop_back();
  return point;
}

void Claims::ended(std::size_t point) {
  const auto place = chunk_of_.find(point);
  const std::size_t chunk = place->second;
  chunk_of_.erase(place);
  if (--ours_.at(chunk).left > 0) return;
  rename(name(chunk, ".claimed").c_str(), name(chunk, ".done").c_str());
  close(ours_.at(chunk).descriptor);
  ours_.erase(chunk);
}

bool Claims::all_done() const {
  for (std::size_t chunk = 0; chunk < chunks(); ++chunk) {
    if (access(name(chunk, ".done").c_str(), F_OK) != 0) return false;
  }
  return true;
}

}  // namespace basil
