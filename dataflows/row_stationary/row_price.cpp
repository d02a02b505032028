#include "dataflows/row_stationary/row_price.h"

#include "dataflows/row_stationary/layer_walk.h"

namespace basil {
RowPricer::RowPricer(const LayerShape& shape, const RowData& data, const RowArray& array,
                     const RowPrices& prices, RowFlows* flows)
    : shape_(shape),
      data_(data),
      array_(array),
      prices_(prices),
      own_flows_(array),
      flows_(flows != nullptr ? flows : &own_flows_) {}

RowCost RowPricer::price(const RowMapping& mapping, RowPace pace) const {
  PassCosts costs(shape_, data_, array_, prices_, *flows_, pace);
  return LayerWalk(shape_, data_, array_, prices_, mapping, costs).run();
}

}  // namespace basil
