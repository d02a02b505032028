// Linked into every test program: property tests draw the same works each time, unless RC_PARAMS says
// otherwise, so that a failure is one of the change under test. RapidCheck reads the variable at its first
// use.
#include <cstdlib>

namespace {

[[maybe_unused]] const int chosen = setenv("RC_PARAMS", "seed=20261121", 0);

}  // namespace
