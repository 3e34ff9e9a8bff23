#include "util/digest.hpp"

#include <sha2.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::util {

Digest sha256(std::string_view data) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  Digest digest{};
  SHA256Final(digest.data(), &context);
  return digest;
}

std::string sha256_hex(std::string_view data) { return to_hex(sha256(data)); }

std::string sha256_hex_of_file(int descriptor) {
  SHA2_CTX context;
  SHA256Init(&context);
  std::vector<unsigned char> buffer(std::size_t{1} << 20);
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SysError(errno, "reading a file for its sha256");
    if (got == 0) break;
    SHA256Update(&context, buffer.data(), static_cast<std::size_t>(got));
  }
  Digest digest{};
  SHA256Final(digest.data(), &context);
  return to_hex(digest);
}

}  // namespace vmtool::util
