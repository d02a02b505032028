#include "models/study/build_id.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <bit>
#include <cstring>
#include <span>

#include "core/error.h"

namespace basil {
namespace {

// A note's name and description are padded to four bytes each.
std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// Of a segment of notes; empty when none of them is a build id.
std::string id_among(std::span<const unsigned char> notes) {
  ElfW(Nhdr) note{};
  while (notes.size() >= sizeof note) {
    std::memcpy(&note, notes.data(), sizeof note);
    const std::size_t name = padded(note.n_namesz), whole = sizeof note + name + padded(note.n_descsz);
    if (whole > notes.size()) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof ELF_NOTE_GNU &&
        std::memcmp(notes.data() + sizeof note, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0) {
      std::string text;
      for (const unsigned char byte : notes.subspan(sizeof note + name, note.n_descsz))
        text += fmt::format("{:02x}", byte);
      return text;
    }
    notes = notes.subspan(whole);
  }
  return {};
}

std::span<const ElfW(Phdr)> segments_of(const dl_phdr_info& object) {
  return {object.dlpi_phdr, object.dlpi_phnum};
}

bool holds_this_code(const dl_phdr_info& object) {
  const auto here = reinterpret_cast<ElfW(Addr)>(&build_id);
  for (const auto& segment : segments_of(object)) {
    const ElfW(Addr) start = object.dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && here >= start && here - start < segment.p_memsz) return true;
  }
  return false;
}

// Asked of each loaded object until it answers other than 0.
int find_id(dl_phdr_info* object, std::size_t, void* found) {
  if (!holds_this_code(*object)) return 0;
  auto& id = *static_cast<std::string*>(found);
  for (const auto& segment : segments_of(*object)) {
    if (segment.p_type == PT_NOTE && id.empty())
      id = id_among(
          {std::bit_cast<const unsigned char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz});
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string id;
  dl_iterate_phdr(find_id, &id);
  if (id.empty()) throw Failure("this program was linked without a build id, which results are kept under");
  return id;
}

}  // namespace basil
