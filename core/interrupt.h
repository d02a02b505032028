// What must not outlive the process: files with a name that are not done yet.
#pragma once

#include <filesystem>
#include <string>

namespace basil {

// Lets SIGINT, SIGTERM and SIGHUP end the process as they would, once the files below are gone. For main().
void remove_unfinished_files_on_signals();

// A file that is gone with this object, or with the process that a signal ends, unless it was kept. The file
// itself and what SQLite keeps beside it (-wal, -shm, -journal).
class UnfinishedFile {
 public:
  // A name that no other process uses, in the folder of `file`.
  explicit UnfinishedFile(const std::filesystem::path& file);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  [[nodiscard]] const std::filesystem::path& name() const { return name_; }
  // Gives it the name `file`, in place of what has it. False, with errno, where it cannot.
  [[nodiscard]] bool replace(const std::filesystem::path& file);
  // The same where nothing has that name: EEXIST else, however many try at once.
  [[nodiscard]] bool become(const std::filesystem::path& file);

 private:
  void remove() const;
  void forget() const;

  std::filesystem::path name_;
  int place_ = -1;  // among those that a signal removes
};

}  // namespace basil
