#include "core/stack.h"

#include <pthread.h>
#include <sys/resource.h>

namespace basil {
namespace {

inline constexpr std::size_t whole = std::size_t{8} << 20;

struct Work {
  const std::function<int()>& run;
  int result = 0;
};

void* run(void* work) {
  auto& own = *static_cast<Work*>(work);
  own.result = own.run();
  return nullptr;
}

}  // namespace

int with_whole_stack(const std::function<int()>& work) {
  rlimit stack{};
  if (::getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur >= whole) return work();
  Work own{.run = work};
  pthread_t thread{};
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, whole);
  const bool started = ::pthread_create(&thread, &attributes, run, &own) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!started) return work();
  ::pthread_join(thread, nullptr);
  return own.result;
}

}  // namespace basil
