#include "models/machine/pass_work.h"

#include "pe/systolic/systolic.h"

namespace basil {
namespace {

FoldTiming time_fold(const Description& machine, const GemmPass& pass, bool last) {
  const SystolicGrid grid{machine.rows, machine.cols};
  const int pixels = pass.pixels.size(), reduction = pass.reduction.size(), filters = pass.filters.size();
  if (machine.dataflow == Dataflow::output_stationary)
    return time_output_stationary(grid, pixels, reduction, filters);
  return machine.delivery().weights ? time_weight_stationary_doubled(grid, pixels, reduction, filters, last)
                                    : time_weight_stationary(grid, pixels, reduction, filters);
}

void add_slots(const Products& products, CycleAccount& bins) {
  bins.add(Bin::compute, products.all - products.gated);
  bins.add(Bin::gated, products.gated);
}

}  // namespace

PassWork row_work(const RowPassTiming& timing, const Products& products) {
  PassWork work{.cycles = timing.cycles, .bins = {}, .activity = timing.activity};
  const RowFlow& flow = timing.flow;
  add_slots(products, work.bins);
  work.bins.add(Bin::wait_weights, flow.wait_weights);
  work.bins.add(Bin::wait_activations, flow.wait_activations);
  work.bins.add(Bin::wait_psums, flow.wait_psums);
  work.bins.add(Bin::noc, flow.noc);
  work.bins.add(Bin::drain, flow.drain);
  work.bins.add(Bin::imbalance, flow.imbalance);
  add_products(products, work.activity);
  return work;
}

PassWork fold_work(const Description& machine, const GemmPass& pass, const Products& products, bool last) {
  const FoldTiming fold = time_fold(machine, pass, last);
  const std::int64_t mapped =  // where weights stay, which alone wait to be shifted in
      std::int64_t{pass.reduction.size()} * pass.filters.size();
  PassWork work{.cycles = fold.cycles - Cycles(fold.wait_weights / mapped), .bins = {}, .activity = {}};
  add_slots(products, work.bins);
  work.bins.add(Bin::wait_activations, fold.wait_activations);
  work.bins.add(Bin::drain, fold.drain);
  work.activity.products = products.all - products.gated;
  work.activity.gated = products.gated;
  work.activity.register_bits = systolic_register_bits(machine.systolic_registers(), pass, products.all);
  return work;
}

}  // namespace basil
