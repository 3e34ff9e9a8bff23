#include "identity/host_keys.hpp"

#include <algorithm>
#include <bit>

#include "identity/base64.hpp"
#include "identity/facts.hpp"
#include "util/digest.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr std::string_view prefix = "/etc/ssh/ssh_host_";
constexpr std::string_view suffix = "_key";

// The second word of a public key line, decoded.
std::optional<std::string> blob_of(std::string_view public_key) {
  const auto words = util::split(util::trim(public_key), ' ');
  return words.size() < 2 ? std::nullopt : from_base64(words[1]);
}

// The next length-prefixed string (RFC 4251, section 5) of a blob.
std::string_view take_string(std::string_view& blob) {
  if (blob.size() < 4) return {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(blob[i]);
  blob.remove_prefix(4);
  const std::string_view text = blob.substr(0, length);
  blob.remove_prefix(text.size());
  return text;
}

std::uint32_t rsa_bits(std::string_view public_key) {
  const auto bytes = blob_of(public_key);
  if (!bytes) return 0;
  std::string_view blob = *bytes;
  take_string(blob);  // "ssh-rsa"
  take_string(blob);  // the exponent
  std::string_view modulus = take_string(blob);
  while (modulus.starts_with('\0')) modulus.remove_prefix(1);
  if (modulus.empty()) return 0;
  const auto first = static_cast<unsigned char>(modulus.front());
  return static_cast<std::uint32_t>(modulus.size() * 8) - static_cast<std::uint32_t>(std::countl_zero(first));
}

std::uint32_t ecdsa_bits(std::string_view public_key) {
  for (const std::uint32_t bits : {256U, 384U, 521U}) {
    if (public_key.find("nistp" + std::to_string(bits)) != public_key.npos) return bits;
  }
  return 256;
}

}  // namespace

std::optional<KeySpec> key_spec(std::string_view private_path, std::string_view public_key) {
  if (!private_path.starts_with(prefix) || !private_path.ends_with(suffix)) return std::nullopt;
  const std::size_t length = private_path.size() - prefix.size() - suffix.size();
  const std::string type(private_path.substr(prefix.size(), length));
  if (type == "ed25519" || type == "dsa") return KeySpec{type, 0};
  if (type == "ecdsa") return KeySpec{type, ecdsa_bits(public_key)};
  if (type != "rsa") return std::nullopt;
  const std::uint32_t bits = rsa_bits(public_key);
  // Shorter keys are refused by sshd today; longer ones would let a guest keep the host busy for minutes.
  return KeySpec{type, bits == 0 ? 3072 : std::clamp(bits, 2048U, 4096U)};
}

std::vector<KeySpec> needed_host_keys(const Facts& facts) {
  std::vector<KeySpec> specs;
  for (const Fact* key : facts.matching("/etc/ssh/ssh_host_*_key")) {
    if (key->kind != Kind::file) continue;
    const Fact* half = facts.file(key->path + ".pub");
    const auto spec = key_spec(key->path, half != nullptr ? half->content : std::string());
    if (spec && std::find(specs.begin(), specs.end(), *spec) == specs.end()) specs.push_back(*spec);
  }
  return specs;
}

std::string fingerprint(std::string_view public_key) {
  const auto blob = blob_of(public_key);
  if (!blob || blob->empty()) return {};
  return "SHA256:" + to_base64_unpadded(util::sha256(*blob));
}

}  // namespace vmtool::identity
