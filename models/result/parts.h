// What the accounts' parts are called as columns: bins, components of the energy, and what figures rest on.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "models/result/accounts.h"

namespace basil {

inline constexpr std::array energy_tags{Tag::measured, Tag::published, Tag::derived, Tag::estimated};

[[nodiscard]] std::string column_word(std::string_view word);            // "wait-psums": wait_psums
[[nodiscard]] std::string bin_column(Bin bin);                           // PE-cycles
[[nodiscard]] std::string component_column(std::string_view component);  // pJ
[[nodiscard]] std::string tagged_column(Tag tag);                        // pJ

}  // namespace basil
