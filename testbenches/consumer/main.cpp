// A program that knows Basil as installed: the cycles of a trace on an accelerator.
#include <cstdio>
#include <exception>

#include "models/simulate.h"
#include "traces/file/trace_file.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: consumer TRACE ACCELERATOR\n");
    return 2;
  }
  try {
    const basil::Trace trace = basil::read_trace(argv[1]);
    const basil::Result result = basil::simulate(trace, basil::load_accelerator(argv[2]), {});
    std::printf("%lld cycles\n", static_cast<long long>(result.cycles().value));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "consumer: %s\n", error.what());
    return 1;
  }
}
