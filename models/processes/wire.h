// What processes say to each other: values as CBOR (RFC 8949). A result is its columns, as its JSON has them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace basil {

using WireValue = nlohmann::ordered_json;

[[nodiscard]] std::string to_wire(const WireValue& value);
// The inverse. Throws Failure for bytes that it did not write.
[[nodiscard]] WireValue from_wire(std::string_view bytes);

// In a child: what `work` gives, or the Error or Failure that it met, as the answer to whoever started it.
[[nodiscard]] WireValue answer_to(const std::function<WireValue()>& work);
[[nodiscard]] std::string answer_of(const std::function<WireValue()>& work);  // on the wire
// In the parent: what the child's work gave. Throws what it met.
[[nodiscard]] WireValue value_in(WireValue answer);
[[nodiscard]] WireValue value_in(const std::string& answer);  // on the wire

}  // namespace basil
