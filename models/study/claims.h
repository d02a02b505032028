// Points of a study that several processes take from one list, each as it gets free: pilot jobs on a shared
// folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace basil {

// The list is cut into chunks of few points. Who wants one makes a file of its number in the folder, which
// only one can (O_EXCL), and holds a lock on it; when its points have ended the file gets the name of what is
// done. A process that is killed drops its locks, so that another takes over what it had claimed.
class Claims {
 public:
  // A list of `points` points, of which `in_turn` tells the k-th, the same for all; `study`: what tells this
  // list from others, for the folder's name. Error where `folder` cannot be made or written.
  Claims(const std::filesystem::path& folder, const std::string& study, std::size_t points,
         std::function<std::size_t(std::size_t)> in_turn);
  ~Claims();
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  // The next point to run here; nothing where all the others are done or claimed by processes alive.
  [[nodiscard]] std::optional<std::size_t> next();
  // Once for each point that next() gave, when its result is kept.
  void ended(std::size_t point);
  // Whether every point is done, here or elsewhere.
  [[nodiscard]] bool all_done() const;

 private:
  struct Chunk {
    int descriptor = -1;   // locked while it is ours
    std::size_t left = 0;  // points that have not ended
  };
  [[nodiscard]] std::size_t chunks() const;
  [[nodiscard]] std::filesystem::path name(std::size_t chunk, const char* end) const;
  [[nodiscard]] bool claim(std::size_t chunk);
  void take(std::size_t chunk, int descriptor);

  std::filesystem::path folder_;
  std::size_t points_;
  std::function<std::size_t(std::size_t)> in_turn_;
  std::size_t size_;  // of a chunk, in points
  std::map<std::size_t, Chunk> ours_;
  std::map<std::size_t, std::size_t> chunk_of_;  // of the points in flight
  std::size_t from_ = 0;                         // the chunk to look at first
  std::vector<std::size_t> given_;               // claimed and not yet handed out, the next one last
};

}  // namespace basil
