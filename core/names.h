// Text that others chose, made fit for where it is shown. A name is data: it moves no cursor, ends no comment
// and starts no line.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace basil {

// Whether all of it is UTF-8 (RFC 3629: no surrogates, nothing overlong, nothing beyond U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);

// On one line: blanks for tabs and ends of lines, and visible escapes (\x1B, \u202E) for control characters,
// for those that turn the direction of what follows, and for bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
// The same for a text of several lines, which it keeps.
[[nodiscard]] std::string printable_lines(std::string_view text);

// What a library's exception says, without what only the library's authors read: the name of the exception in
// nlohmann-json's "[json.exception.parse_error.101] parse error at line 1, ...".
[[nodiscard]] std::string library_message(const std::exception& error);

// Inside $comment ... $end of a value change dump: printable, and without the end.
[[nodiscard]] std::string vcd_text(std::string_view text);

// Inside an element or a quoted attribute of HTML or SVG.
[[nodiscard]] std::string xml_text(std::string_view text);

// Inside a cell of a table in Markdown.
[[nodiscard]] std::string markdown_cell(std::string_view text);

}  // namespace basil
