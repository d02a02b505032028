#include "models/processes/wire.h"

#include <cstdint>
#include <new>
#include <vector>

#include "core/error.h"
#include "core/memory_limit.h"
#include "core/names.h"

namespace basil {
namespace {

Failure broken() { return Failure("a child's answer breaks off"); }

std::string text_in(const WireValue& value) {
  if (!value.is_string()) throw broken();
  return value.get<std::string>();
}

}  // namespace

std::string to_wire(const WireValue& value) {
  const std::vector<std::uint8_t> bytes = WireValue::to_cbor(value);
  return {bytes.begin(), bytes.end()};
}

WireValue from_wire(std::string_view bytes) {
  try {
    return WireValue::from_cbor(bytes.begin(), bytes.end());
  } catch (const nlohmann::json::exception&) { throw broken(); }
}

WireValue answer_to(const std::function<WireValue()>& work) {
  try {
    return {{"value", work()}};
  } catch (const Error& error) { return {{"error", error.marked()}}; } catch (const std::bad_alloc&) {
    return {{"error", out_of_memory().marked()}};
  } catch (const std::exception& error) { return {{"failure", library_message(error)}}; }
}

std::string answer_of(const std::function<WireValue()>& work) { return to_wire(answer_to(work)); }

WireValue value_in(WireValue answer) {
  if (answer.contains("error")) throw Error("", text_in(answer["error"]));
  if (answer.contains("failure")) throw Failure(text_in(answer["failure"]));
  if (!answer.contains("value")) throw broken();
  return std::move(answer["value"]);
}

WireValue value_in(const std::string& answer) { return value_in(from_wire(answer)); }

}  // namespace basil
