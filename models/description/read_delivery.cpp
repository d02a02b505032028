#include "models/description/read_delivery.h"

#include "core/error.h"

namespace basil {

OperandDelivery read_delivery(const DataflowType& dataflow, YamlReader reader) {
  const auto doubled = [&](const char* operand, const char* meaning, bool OperandDelivery::*store) {
    const bool usual = dataflow.usual_delivery.*store;
    const bool found =
        reader.word({operand, "", meaning}, {"single", "double"}, usual ? "double" : "single") == "double";
    if (found && !(dataflow.may_double.*store)) {
      throw Error(reader.where(operand), "'double' with " + std::string(dataflow.name),
                  "single: that array has no store of them to double");
    }
    return found;
  };
  const OperandDelivery delivery{
      .weights =
          doubled("weights", "double: the next pass's weights fill stores of two halves under this one",
                  &OperandDelivery::weights),
      .ifmap = doubled("ifmap", "double: the next pass's ifmap fills stores of two halves under this one",
                       &OperandDelivery::ifmap),
      .psums = doubled("psums", "double: finished sums leave stores of two halves under the next pass",
                       &OperandDelivery::psums)};
  reader.done();
  return delivery;
}

}  // namespace basil
