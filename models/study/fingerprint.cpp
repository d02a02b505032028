#include "models/study/fingerprint.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fstream>
#include <iterator>

#include "core/error.h"

namespace basil {

std::string fingerprint(std::string_view bytes) {
  const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(bytes.data(), bytes.size()));
}

std::string fingerprint_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw Error(file.string(), "cannot be read", "a readable file");
  return fingerprint(bytes);
}

}  // namespace basil
