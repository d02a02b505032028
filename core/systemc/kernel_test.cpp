#include "core/systemc/kernel.h"

#include <gtest/gtest.h>

#include <systemc>

#include "core/error.h"

namespace basil {
namespace {

// Throws `Thrown` from an SC_METHOD, 3 ns into the simulation, where it would else run for ever.
template <class Thrown>
struct Thrower : sc_core::sc_module {
  Thrower(const sc_core::sc_module_name& name, ProcessGuard* guard) : sc_module(name), guard_(guard) {
    SC_HAS_PROCESS(Thrower);
    SC_METHOD(tick);
  }
  void tick() {
    next_trigger(1, sc_core::SC_NS);
    if (guard_ != nullptr) {
      (*guard_)([this] { step(); });
    } else {
      step();
    }
  }
  void step() const {
    if (sc_core::sc_time_stamp() >= sc_core::sc_time(3, sc_core::SC_NS)) throw Thrown("layer conv1: lost");
  }
  ProcessGuard* guard_;
};

TEST(Kernel, AGuardedProcessThrowsWhatItThrew) {
  quiet_systemc();
  ProcessGuard guard;
  const Thrower<Failure> thrower("thrower", &guard);
  try {
    start_and_rethrow(guard);
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) { EXPECT_STREQ(failure.what(), "layer conv1: lost"); }
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(3, sc_core::SC_NS));
}

TEST(Kernel, AnUnguardedProcessComesOutAsFailureWithItsText) {
  quiet_systemc();
  const ProcessGuard guard;
  const Thrower<std::runtime_error> thrower("thrower", nullptr);
  try {
    start_and_rethrow(guard);
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("layer conv1: lost"), std::string::npos) << failure.what();
  }
}

TEST(Kernel, AnUnboundPortIsAFailureThatNamesIt) {
  struct Unbound : sc_core::sc_module {
    explicit Unbound(const sc_core::sc_module_name& name) : sc_module(name) {}
    sc_core::sc_in<bool> go{"go"};
  };
  quiet_systemc();
  const Unbound unbound("unbound");
  try {
    start_and_rethrow(ProcessGuard{});
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("unbound.go"), std::string::npos) << failure.what();
  }
}

TEST(Kernel, InformationIsSilentAndWarningsTakeOneLineOfStderr) {
  quiet_systemc();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  SC_REPORT_INFO("basil", "said");
  SC_REPORT_WARNING("basil", "beware");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: SystemC: basil: beware\n");
}

}  // namespace
}  // namespace basil
