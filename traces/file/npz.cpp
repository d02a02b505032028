#include "traces/file/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <new>

#include "core/error.h"
#include "core/input_file.h"

namespace basil {
namespace {

constexpr std::int64_t greatest_stream = std::int64_t{4} << 30;  // bytes of a file that comes from a pipe
constexpr zip_uint64_t greatest_deflate_ratio = 1032;            // of DEFLATE: 258 bytes from 2 bits
// A file that unpacks to more than this holds next to nothing, or means harm.
constexpr std::int64_t always_unpacked = std::int64_t{256} << 20;  // bytes, whatever the file's size
constexpr std::int64_t greatest_ratio = 100;                       // beyond that

std::string not_whole(int zip_code) {
  switch (zip_code) {
    case ZIP_ER_NOZIP:
      return "no ZIP archive, or one that was cut off";
    case ZIP_ER_INCONS:
      return "a damaged ZIP archive: its directory contradicts its members";
    case ZIP_ER_EOF:
      return "a ZIP archive that was cut off";
    case ZIP_ER_MEMORY:
      return "not enough memory for its directory";
    default:
      return fmt::format("a ZIP archive that cannot be opened (libzip's error {})", zip_code);
  }
}

// Of a model that is no .npz file by its name: what it is, and what makes one of it.
struct OtherForm {
  const char *suffix, *found, *expected;
};
constexpr const char* imported = "a .npz file, as 'basil import' makes of it";
constexpr const char* exported =
    "a .npz file: export the model by torch.onnx.export, and 'basil import' makes one of it";
constexpr std::array<OtherForm, 5> other_forms{{{".onnx", "an ONNX model", imported},
                                                {".tflite", "a TensorFlow Lite model", imported},
                                                {".pt", "a PyTorch file", exported},
                                                {".pth", "a PyTorch file", exported},
                                                {".safetensors", "weights without a network", exported}}};

void refuse_other_form(const std::filesystem::path& file) {
  for (const OtherForm& form : other_forms) {
    if (file.extension() == form.suffix) throw Error(name_in_messages(file), form.found, form.expected);
  }
}

struct CloseMember {
  void operator()(zip_file* member) const { zip_fclose(member); }
};

// What is wrong with a member's entry in the directory, before a byte of it is read; empty: nothing. An entry
// may state any 64-bit sizes: those without flaw fit std::int64_t.
std::string flaw(const zip_stat_t& entry, std::uint64_t file_size) {
  constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((entry.valid & needed) != needed) return "a member without a size";
  if ((entry.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && entry.encryption_method != ZIP_EM_NONE) {
    return "an encrypted member";
  }
  if (entry.comp_size > file_size) return fmt::format("a member packed in {} bytes", entry.comp_size);
  if (entry.comp_method == ZIP_CM_STORE) {
    return entry.size == entry.comp_size ? "" : "a stored member of two sizes";
  }
  if (entry.comp_method != ZIP_CM_DEFLATE) return fmt::format("compression method {}", entry.comp_method);
  return entry.size / greatest_deflate_ratio <= entry.comp_size
             ? ""
             : "a member larger than its packed bytes can be";
}

}  // namespace

void NpzReader::Close::operator()(zip* archive) const { zip_discard(archive); }

// What can be read but once (a pipe, standard input) is read into memory first. Returns its size in bytes.
std::uintmax_t NpzReader::open(const std::filesystem::path& file) {
  std::error_code error;
  const std::string expected = "a .npz file";
  const std::string where = name_in_messages(file);
  if (std::filesystem::is_regular_file(file, error)) {
    check_readable(file, expected);
    int code = 0;
    archive_.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
    if (!archive_) {
      refuse_other_form(file);
      throw Error(where, not_whole(code), expected);
    }
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) throw Error(where, "cannot be read: " + error.message(), expected);
    return size;
  }
  bytes_ = read_file(file, greatest_stream, expected);
  zip_error_t reason;
  zip_error_init(&reason);
  zip_source_t* const source = zip_source_buffer_create(bytes_.data(), bytes_.size(), 0, &reason);
  if (source != nullptr) archive_.reset(zip_open_from_source(source, ZIP_RDONLY, &reason));
  const int code = zip_error_code_zip(&reason);
  zip_error_fini(&reason);
  if (!archive_) {
    if (source != nullptr) zip_source_free(source);
    throw Error(where, not_whole(code), expected);
  }
  return bytes_.size();
}

NpzReader::NpzReader(const std::filesystem::path& file) {
  const std::uintmax_t file_size = open(file);
  const zip_int64_t entries = zip_get_num_entries(archive_.get(), 0);
  std::int64_t unpacked = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(entries); ++i) {
    zip_stat_t entry;
    if (zip_stat_index(archive_.get(), i, 0, &entry) != 0 || entry.name == nullptr) {
      throw Error("", fmt::format("member {} of the ZIP cannot be read", i));
    }
    const std::string found = flaw(entry, file_size);
    if (!found.empty()) throw Error(entry.name, found, "a plain member, stored or deflated");
    if (!members_.emplace(entry.name, Member{i, static_cast<std::int64_t>(entry.size)}).second) {
      throw Error(entry.name, "a second member of that name", "names that differ");
    }
    unpacked += static_cast<std::int64_t>(entry.size);
    if (unpacked > std::max(always_unpacked, static_cast<std::int64_t>(file_size) * greatest_ratio)) {
      throw Error(entry.name,
                  fmt::format("a file of {} bytes that unpacks to {} and more", file_size, unpacked),
                  fmt::format("at most {} times its size", greatest_ratio));
    }
  }
  if (!members_.contains("network.json")) refuse_other_form(file);  // a checkpoint of PyTorch is a ZIP, too
}

std::vector<std::string> NpzReader::unread() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) {
    if (!member.read) names.push_back(name);
  }
  return names;
}

std::string NpzReader::read(const std::string& member, std::int64_t limit, const std::string& where) {
  const auto found = members_.find(member);
  if (found == members_.end()) throw Error(where, "no member " + member);
  found->second.read = true;
  const std::int64_t size = found->second.size;
  if (size > limit) {
    throw Error(where, fmt::format("member {} of {} bytes", member, size), fmt::format("at most {}", limit));
  }
  const std::unique_ptr<zip_file, CloseMember> open(zip_fopen_index(archive_.get(), found->second.index, 0));
  if (!open) {
    throw Error(where, fmt::format("member {} cannot be opened: {}", member, zip_strerror(archive_.get())));
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  char beyond = 0;
  // The CRC is checked when the end is reached, so one byte more is asked for.
  if (zip_fread(open.get(), bytes.data(), bytes.size()) != size || zip_fread(open.get(), &beyond, 1) != 0) {
    zip_error_t* error = zip_file_get_error(open.get());
    const int code = zip_error_code_zip(error);
    constexpr int zlib_memory = -4;  // Z_MEM_ERROR
    if (code == ZIP_ER_MEMORY || (code == ZIP_ER_ZLIB && zip_error_code_system(error) == zlib_memory))
      throw std::bad_alloc();  // nothing is wrong with the file
    const bool known = code != ZIP_ER_OK;
    throw Error(where, fmt::format("member {} is damaged: {}", member,
                                   known ? zip_error_strerror(error) : "not of the size it states"));
  }
  return bytes;
}

NpyArray NpzReader::read_array(const std::string& name, std::int64_t payload_limit,
                               const std::string& where) {
  return NpyArray::parse(read(name + ".npy", payload_limit + npy_header_limit, where), where);
}

void NpzWriter::add(std::string member, std::string bytes, Packing packing) {
  members_.push_back({std::move(member), std::move(bytes), packing});
}

namespace {

struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

[[noreturn]] void refuse(zip_t* archive) {
  const std::string text = zip_strerror(archive);
  zip_discard(archive);
  throw Error("ZIP", "cannot be made: " + text);
}

std::string content(zip_source_t* source) {
  zip_stat_t entry;
  if (zip_source_stat(source, &entry) != 0 || zip_source_open(source) != 0) {
    throw Error("ZIP", "cannot be made");
  }
  std::string bytes(entry.size, '\0');
  const bool whole =
      zip_source_read(source, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(entry.size);
  zip_source_close(source);
  if (!whole) throw Error("ZIP", "cannot be made");
  return bytes;
}

}  // namespace

std::string NpzWriter::finish() const {
  constexpr zip_uint16_t first_of_january_1980 = (1 << 5) | 1;  // the same bytes on any day
  constexpr zip_uint32_t fastest = 1;
  zip_error_t error;
  const std::unique_ptr<zip_source_t, FreeSource> source(zip_source_buffer_create(nullptr, 0, 0, &error));
  zip_t* archive = source ? zip_open_from_source(source.get(), ZIP_TRUNCATE, &error) : nullptr;
  if (archive == nullptr) throw Error("ZIP", "cannot be made");
  zip_source_keep(source.get());
  for (const Member& member : members_) {
    zip_source_t* bytes = zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, member.name.c_str(), bytes, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(bytes);
      refuse(archive);
    }
    const auto at = static_cast<zip_uint64_t>(index);
    const zip_int32_t method = member.packing == Packing::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    zip_set_file_compression(archive, at, method, fastest);
    zip_file_set_dostime(archive, at, 0, first_of_january_1980, 0);
  }
  if (zip_close(archive) != 0) refuse(archive);
  return content(source.get());
}

}  // namespace basil
