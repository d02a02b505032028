#include "models/description/read_delivery.h"

#include "core/error.h"

namespace basil {
namespace {

// A store has two halves only where the array has it: a systolic array streams what does not stay in its
// registers, and the FIFOs and the column of a row-stationary one belong to its passes' own time.
bool may_double(Dataflow dataflow, std::string_view operand) {
  switch (dataflow) {
    case Dataflow::row_stationary:
    case Dataflow::weight_stationary:
      return operand == "weights";
    case Dataflow::output_stationary:
      return operand == "psums";
    case Dataflow::tiles:
      break;
  }
  return true;
}

}  // namespace

OperandDelivery usual_delivery(Dataflow dataflow) {
  return {.psums = dataflow == Dataflow::output_stationary};
}

OperandDelivery read_delivery(Dataflow dataflow, YamlReader reader) {
  const auto doubled = [&](const char* operand, const char* meaning, bool usual) {
    const bool found =
        reader.word({operand, "", meaning}, {"single", "double"}, usual ? "double" : "single") == "double";
    if (found && !may_double(dataflow, operand)) {
      throw Error(reader.where(operand), "'double' with " + std::string(to_string(dataflow)),
                  "single: that array has no store of them to double");
    }
    return found;
  };
  const OperandDelivery usual = usual_delivery(dataflow);
  const OperandDelivery delivery{
      .weights =
          doubled("weights", "double: the next pass's weights fill stores of two halves under this one",
                  usual.weights),
      .ifmap = doubled("ifmap", "double: the next pass's ifmap fills stores of two halves under this one",
                       usual.ifmap),
      .psums = doubled("psums", "double: finished sums leave stores of two halves under the next pass",
                       usual.psums)};
  reader.done();
  return delivery;
}

}  // namespace basil
