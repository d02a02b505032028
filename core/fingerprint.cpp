#include "core/fingerprint.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "core/input_file.h"

namespace basil {

std::string fingerprint(std::string_view bytes) {
  const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(bytes.data(), bytes.size()));
}

std::string fingerprint_of_file(const std::filesystem::path& file) {
  return fingerprint(read_file(file, std::int64_t{1} << 40, "a readable file"));
}

}  // namespace basil
