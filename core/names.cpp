#include "core/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace basil {
namespace {

constexpr std::uint32_t no_character = 0xffffffff;

// The first character of `rest`, and its bytes; no_character and 1 where there is none in UTF-8.
std::pair<std::uint32_t, std::size_t> first_of(std::string_view rest) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(rest[at]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || rest.size() < length) return {no_character, 1};
  std::uint32_t character = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {no_character, 1};
    character = character << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < least[length] || character > 0x10ffff || surrogate) return {no_character, 1};
  return {character, length};
}

// Control characters (C0, DEL, C1), those of direction (Unicode 15, 23.2), ends of lines and paragraphs, and
// tags.
bool acts(std::uint32_t c) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> ranges{{{0x00, 0x1f},
                                                                           {0x7f, 0x9f},
                                                                           {0x061c, 0x061c},
                                                                           {0x200e, 0x200f},
                                                                           {0x2028, 0x202e},
                                                                           {0x2066, 0x2069},
                                                                           {0xfeff, 0xfeff},
                                                                           {0xfff9, 0xfffb},
                                                                           {0xe0000, 0xe007f}}};
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

std::string shown(std::string_view text, bool keep_lines) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const auto [character, bytes] = first_of(text);
    if (character == no_character) {
      line += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[0]));
    } else if (character == '\n' && keep_lines) {
      line += '\n';
    } else if (character >= '\t' && character <= '\r') {
      line += ' ';
    } else if (acts(character)) {
      line += character < 0x80 ? fmt::format("\\x{:02X}", character) : fmt::format("\\u{:04X}", character);
    } else {
      line.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return line;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto [character, bytes] = first_of(text);
    if (character == no_character) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string library_message(const std::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.starts_with("[json.") ? text.find("] ") : std::string::npos;
  return end == std::string::npos ? text : text.substr(end + 2);
}

std::string printable(std::string_view text) { return shown(text, false); }
std::string printable_lines(std::string_view text) { return shown(text, true); }

std::string vcd_text(std::string_view text) { return replaced(printable(text), "$end", "$ end"); }

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string markdown_cell(std::string_view text) { return replaced(std::string(text), "|", "\\|"); }

}  // namespace basil
