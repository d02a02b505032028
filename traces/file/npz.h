// A .npz file: a ZIP whose members are read and written by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "traces/file/npy.h"

struct zip;

namespace basil {

// Errors name the place (`where`) but not the file: the caller says within(file). A file that unpacks to
// over 256 MB and over 100 times its own size is refused unread.
class NpzReader {
 public:
  explicit NpzReader(const std::filesystem::path& file);

  [[nodiscard]] bool contains(const std::string& member) const { return members_.contains(member); }
  // Names of the members that nobody has read so far, sorted.
  [[nodiscard]] std::vector<std::string> unread() const;

  // A whole member, its CRC-32 checked. Throws Error where it is absent, damaged, or holds more than
  // `limit` bytes; nothing is allocated for a member that is refused.
  [[nodiscard]] std::string read(const std::string& member, std::int64_t limit, const std::string& where);
  // The member NAME.npy, whose payload takes at most `payload_limit` bytes.
  [[nodiscard]] NpyArray read_array(const std::string& name, std::int64_t payload_limit,
                                    const std::string& where);

 private:
  struct Close {
    void operator()(zip* archive) const;
  };
  struct Member {
    std::uint64_t index;
    std::int64_t size;
    bool read = false;
  };

  [[nodiscard]] std::uintmax_t open(const std::filesystem::path& file);

  std::string bytes_;  // of a file that is no plain one
  std::unique_ptr<zip, Close> archive_;
  std::map<std::string, Member> members_;
};

// Collects members and makes the bytes of the file: the same members, the same bytes, whenever written.
class NpzWriter {
 public:
  enum class Packing { stored, deflated };

  void add(std::string member, std::string bytes, Packing packing);
  [[nodiscard]] std::string finish() const;

 private:
  struct Member {
    std::string name, bytes;
    Packing packing;
  };

  std::vector<Member> members_;
};

}  // namespace basil
