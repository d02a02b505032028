// Every column of results, for people: what it is called, of what, and what it means.
#pragma once

#include <string>

namespace basil {

// As `basil list columns` prints them.
[[nodiscard]] std::string columns_table();

// A page in Markdown with a table a group.
[[nodiscard]] std::string columns_page();

}  // namespace basil
