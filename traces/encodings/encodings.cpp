#include "traces/encodings/encodings.h"

#include "core/error.h"

namespace basil {

std::int64_t bits_before(const Operand& operand, int filter) {
  switch (operand.encoding) {
    case Encoding::power_of_two:
      return power_of_two::bits_before(operand, filter);
    case Encoding::basis:
      return basis::bits_before(operand, filter);
    case Encoding::comparator:
      return comparator::bits_before(operand, filter);
    case Encoding::binary:
      return binary::bits_before(operand, filter);
    default:
      throw Error("bits of filters", std::string(to_string(operand.encoding)), "an encoding of weights only");
  }
}

}  // namespace basil
