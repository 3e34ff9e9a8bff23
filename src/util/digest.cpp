#include "util/digest.hpp"

#include <sha2.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::util {
namespace {

SHA2_CTX* context_in(std::array<std::byte, 256>& storage) {
  static_assert(sizeof(SHA2_CTX) <= sizeof(storage) && alignof(SHA2_CTX) <= 8);
  return reinterpret_cast<SHA2_CTX*>(storage.data());
}

}  // namespace

Sha256::Sha256() { SHA256Init(context_in(context_)); }

void Sha256::update(std::string_view data) {
  SHA256Update(context_in(context_), reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
}

std::string Sha256::finish_hex() {
  Digest digest{};
  SHA256Final(digest.data(), context_in(context_));
  return to_hex(digest);
}

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
  Sha256 digest;
  std::vector<char> buffer(std::size_t{1} << 20);
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SysError(errno, "reading a file for its sha256");
    if (got == 0) return digest.finish_hex();
    digest.update({buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace vmtool::util
