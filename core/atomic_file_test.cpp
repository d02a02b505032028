#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>

#include "core/error.h"
#include "core/testing/scratch.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public ::testing::Test {
 protected:
  static std::string read(const fs::path& file) { return testing::text_of(file); }
  [[nodiscard]] std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), {}); }
  static std::string complaint(const fs::path& file, std::string_view bytes) {
    try {
      write_file_atomically(file, bytes);
    } catch (const Error& error) { return error.what(); }
    return "";
  }

  testing::Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

TEST_F(AtomicFile, WritesAndReplaces) {
  write_file_atomically(folder_ / "a", "old");
  write_file_atomically(folder_ / "a", std::string_view("new\0er", 6));
  EXPECT_EQ(read(folder_ / "a"), std::string("new\0er", 6));
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFile, KeepsPermissionsAndFollowsLinks) {
  write_file_atomically(folder_ / "a", "old");
  fs::permissions(folder_ / "a", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink("a", folder_ / "link");
  write_file_atomically(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read(folder_ / "a"), "new");
  EXPECT_EQ(fs::status(folder_ / "a").permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(AtomicFile, NamesTheFileAndTheReason) {
  const fs::path missing = folder_ / "no" / "such" / "a";
  EXPECT_EQ(complaint(missing, "x"), missing.string() + ": cannot be written: No such file or directory");
  EXPECT_EQ(complaint(folder_, "x"), folder_.string() + ": cannot be written: Is a directory");
  EXPECT_EQ(complaint("/dev/full", "x"), "/dev/full: cannot be written: No space left on device");
}

// A limit on the size of files stands for a full disk: the write fails half way.
TEST_F(AtomicFile, LeavesTheOldFileWholeWhenTheDiskIsFull) {
  write_file_atomically(folder_ / "a", "old");
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = complaint(folder_ / "a", std::string(10000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(message, (folder_ / "a").string() + ": cannot be written: File too large");
  EXPECT_EQ(read(folder_ / "a"), "old");
  EXPECT_EQ(files(), 1);
}

// --- what ends half way

// A child that writes and is killed; what is in the folder then.
std::ptrdiff_t files_after(const fs::path& folder, int signal, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    remove_unfinished_files_on_signals();
    work();
    ::raise(signal);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), signal);
  return std::distance(fs::directory_iterator(folder), {});
}

TEST_F(AtomicFile, LeavesNothingBehindWhateverEndsTheProcess) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGKILL}) {
    EXPECT_EQ(files_after(folder_, signal,
                          [&] {
                            auto* file = new ::basil::AtomicFile(folder_ / "a");
                            file->write("half");
                          }),
              0)
        << signal;
  }
}

TEST_F(AtomicFile, TakesANamedOneWithTheProcessThatASignalEnds) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(files_after(folder_, signal,
                          [&] {
                            auto* file = new UnfinishedFile(folder_ / "a");
                            std::ofstream(file->name()) << "half";
                            std::ofstream(file->name().string() + "-wal") << "log";
                          }),
              0)
        << signal;
  }
}

TEST_F(AtomicFile, IsThereOnlyOnceItIsWhole) {
  {
    ::basil::AtomicFile file(folder_ / "a");
    file.write("half");
    EXPECT_EQ(files(), 0);
  }
  EXPECT_EQ(files(), 0);
  ::basil::AtomicFile file(folder_ / "a");
  file.write("who");
  file.write("le");
  file.commit();
  EXPECT_EQ(read(folder_ / "a"), "whole");
  EXPECT_EQ(files(), 1);
}

// However many try at once, one has the name and nothing of the others is left.
TEST_F(AtomicFile, LetsOneOfManyBecomeANewFile) {
  UnfinishedFile first(folder_ / "a"), second(folder_ / "a");
  EXPECT_NE(first.name(), second.name());
  std::ofstream(first.name()) << "first";
  EXPECT_TRUE(first.become(folder_ / "a"));
  EXPECT_FALSE(second.become(folder_ / "a"));
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(read(folder_ / "a"), "first");
}

}  // namespace
}  // namespace basil
