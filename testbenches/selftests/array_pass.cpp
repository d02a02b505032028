#include "testbenches/selftests/array_pass.h"

#include "core/error.h"
#include "pe/unit.h"
#include "traces/golden/golden.h"

namespace basil {

TileWork array_pass(const Layer& layer, const Description& machine) {
  const Ofmap golden = run_golden(layer);
  Ofmap sums = golden;
  for (std::int64_t& sum : sums.sums) ++sum;  // every one of them must be written
  const TilePass whole{.group = 0, .n = {0, golden.N}, .filters = {0, golden.K}, .rows = {0, golden.P}};
  const TileWork work = machine.unit->array->make(layer, machine.unit_parameters)->run(whole, sums);
  if (sums.sums != golden.sums) throw Failure("layer " + layer.name + " on " + machine.name + ": other sums");
  return work;
}

}  // namespace basil
