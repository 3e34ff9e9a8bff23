#include "util/death_signal.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace vmtool::util {
namespace {

// A parent that forks a child and ends, before or after the child's wish; what the child tells through a pipe, '-' where it was killed.
enum class ParentEnds { before, after };
char told_by_child(ParentEnds when) {
  std::array<int, 2> answer{};
  std::array<int, 2> wish{};
  EXPECT_EQ(::pipe(answer.data()), 0);
  EXPECT_EQ(::pipe(wish.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const pid_t self = ::getpid();
    if (::fork() == 0) {
      while (when == ParentEnds::before && ::getppid() == self) ::usleep(1000);
      const char tied = die_with_parent(self) ? 'y' : 'n';
      static_cast<void>(!::write(wish[1], &tied, 1));
      if (when == ParentEnds::after) {
        for (;;) ::pause();
      }
      static_cast<void>(!::write(answer[1], &tied, 1));
      ::_exit(0);
    }
    char tied = 0;
    if (when == ParentEnds::after) static_cast<void>(!::read(wish[0], &tied, 1));
    ::_exit(tied == 'n' ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(status, 0);
  ::close(answer[1]);
  ::close(wish[1]);
  char told = '-';
  // The end of file comes when the child, the last one that could write, is gone.
  static_cast<void>(!::read(answer[0], &told, 1));
  ::close(answer[0]);
  ::close(wish[0]);
  return told;
}

TEST(DieWithParent, KillsTheChildWhenTheParentEnds) { EXPECT_EQ(told_by_child(ParentEnds::after), '-'); }
TEST(DieWithParent, TellsThatTheParentIsGoneAlready) { EXPECT_EQ(told_by_child(ParentEnds::before), 'n'); }

}  // namespace
}  // namespace vmtool::util
