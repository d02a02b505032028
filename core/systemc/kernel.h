// The SystemC kernel as the rest of the project wants it: silent when well, and honest about errors.
#pragma once

#include <exception>
#include <functional>
#include <utility>

namespace basil {

// SC_INFO says nothing, SC_WARNING goes to stderr on one line, SC_ERROR and SC_FATAL throw
// sc_core::sc_report. Call before elaboration.
void quiet_systemc();

// Carries an exception out of SystemC processes with its type: the kernel itself would turn it into
// report E549 and keep the text only. One for a simulation; modules hold a reference.
//
//   void Sequencer::run() { guard_([&] { step(); }); }   // an SC_METHOD or SC_THREAD
class ProcessGuard {
 public:
  ProcessGuard() = default;
  // `beat` is called before each body.
  explicit ProcessGuard(std::function<void()> beat) : beat_(std::move(beat)) {}

  // Runs `body`; what it throws is kept (the first one only) and the simulation stops.
  template <class Body>
  void operator()(Body&& body) {
    try {
      if (beat_) beat_();
      std::forward<Body>(body)();
    } catch (...) { keep(std::current_exception()); }
  }

  // Throws what was kept; does nothing when nothing was.
  void rethrow() const;

 private:
  void keep(std::exception_ptr thrown);

  std::exception_ptr thrown_;
  std::function<void()> beat_;
};

// sc_start() until nothing is left to do or sc_stop(). What a guarded process threw comes out as it
// was; SystemC's own reports (an unbound port, an unguarded process) come out as basil::Failure.
void start_and_rethrow(const ProcessGuard& guard);

}  // namespace basil
