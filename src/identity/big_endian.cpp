#include "identity/big_endian.hpp"

#include "util/error.hpp"

namespace vmtool::identity {

BigEndian BigEndian::part(std::size_t at, std::size_t length) const {
  if (at > bytes_.size() || length > bytes_.size() - at) {
    throw util::Error(util::Errc::io, "the filesystem is damaged: a block ends before what it should hold");
  }
  return BigEndian(bytes_.subspan(at, length));
}

std::uint64_t BigEndian::number(std::size_t at, std::size_t width) const {
  std::uint64_t value = 0;
  for (const unsigned char byte : part(at, width).bytes_) value = value << 8 | byte;
  return value;
}

std::string BigEndian::text(std::size_t at, std::size_t length) const {
  const auto bytes = part(at, length).bytes_;
  return {bytes.begin(), bytes.end()};
}

}  // namespace vmtool::identity
