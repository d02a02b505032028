#include "traces/encodings/encode.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/payload.h"

namespace basil {

namespace {

template <class T, class Pack>
std::vector<T> packed(std::vector<T> dense, Pack pack, Operand& to) {
  if (static_cast<std::int64_t>(dense.size()) != to.extent.positions()) {
    throw Error("encode", fmt::format("{} values", dense.size()),
                fmt::format("{}, as many as the extent has positions", to.extent.positions()));
  }
  if (pack == nullptr) {
    std::string words;
    for (const Encoding plain : plain_encodings())
      words += (words.empty() ? "" : ", ") + std::string(plain->name);
    throw Error("encode", std::string(to_string(to.encoding)),
                "one of " + words + ": others are fitted by a recipe");
  }
  return pack(std::move(dense), to);
}

}  // namespace

void refuse_parts(Encoding encoding) {
  throw Error("operand", "parts of another encoding",
              fmt::format("those of {}, or none to fill", to_string(encoding)));
}

Operand encode(Encoding encoding, Dtype dtype, const Extent& extent, std::vector<std::int16_t> dense,
               std::vector<float> scales, const OwnParts& settings) {
  Operand operand;
  operand.encoding = encoding;
  operand.dtype = dtype;
  operand.extent = extent;
  operand.scales = std::move(scales);
  operand.own = settings;
  operand.values = packed(std::move(dense), encoding->pack, operand);
  return operand;
}

Operand encode_real(Encoding encoding, const Extent& extent, std::vector<float> dense,
                    const OwnParts& settings) {
  Operand operand;
  operand.encoding = encoding;
  operand.dtype = Dtype::fp32;
  operand.extent = extent;
  operand.own = settings;
  operand.reals = packed(std::move(dense), encoding->pack_reals, operand);
  return operand;
}

OwnParts settings_of(const Operand& operand) {
  Operand bare;
  for (const EncodingField& field : operand.encoding->fields) field.set(bare, field.get(operand));
  return std::move(bare.own);
}

std::vector<std::int16_t> decode(const Operand& operand) {
  if (operand.encoding->unpack == nullptr) return operand.values;
  std::vector<std::int16_t> dense(static_cast<std::size_t>(operand.extent.positions()));
  operand.encoding->unpack(operand, dense);
  return dense;
}

std::vector<float> decode_real(const Operand& operand) {
  if (operand.encoding->unpack_reals == nullptr) return operand.reals;
  std::vector<float> dense(static_cast<std::size_t>(operand.extent.positions()));
  operand.encoding->unpack_reals(operand, dense);
  return dense;
}

Operand re_encode(const Operand& operand, Encoding encoding) {
  if (operand.encoding == encoding) return operand;
  if (!operand.is_real()) {
    Operand integers = encode(encoding, operand.dtype, operand.extent, decode(operand), operand.scales);
    integers.codes = operand.codes;
    return integers;
  }
  Operand real = encode_real(encoding, operand.extent, decode_real(operand));
  real.scales = operand.scales;
  return real;
}

int decoded_bits(const Operand& operand) {
  return only_weights(operand.encoding) ? 8 : bits_of(operand.dtype);
}

std::int64_t weights_held(const Operand& operand) {
  return operand.encoding->weights_held != nullptr ? operand.encoding->weights_held(operand)
                                                   : operand.extent.positions();
}

std::int64_t nonzeros(const Operand& operand) {
  if (operand.encoding->nonzeros != nullptr) return operand.encoding->nonzeros(operand);
  const auto of = [](const auto& dense) {
    return static_cast<std::int64_t>(dense.size()) - std::count(dense.begin(), dense.end(), 0);
  };
  return operand.is_real() ? of(decode_real(operand)) : of(decode(operand));
}

std::int64_t encoded_bits(const Operand& operand) {
  return operand.encoding->bits != nullptr ? operand.encoding->bits(operand)
                                           : operand.encoding->bits_before(operand, operand.extent.outer);
}

std::int64_t max_weight(const Operand& operand, std::int64_t max_value) {
  return operand.encoding->max_weight != nullptr ? operand.encoding->max_weight(operand, max_value)
                                                 : max_value;
}

}  // namespace basil
