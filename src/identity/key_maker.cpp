#include "identity/key_maker.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "identity/private_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t largest_key = 64 * 1024;

// The worker asks, and the worker reads hostile disks: what it asks for is not trusted.
void require_sensible(const std::vector<KeySpec>& specs, const std::string& comment) {
  const bool right =
      specs.size() <= 8 && comment.size() <= 300 &&
      std::all_of(comment.begin(), comment.end(),
                  [](unsigned char c) { return std::isalnum(c) != 0 || c == '@' || c == '.' || c == '-'; }) &&
      std::all_of(specs.begin(), specs.end(), [](const KeySpec& spec) {
        return (spec.type == "rsa" || spec.type == "ecdsa" || spec.type == "ed25519" || spec.type == "dsa") &&
               spec.bits <= 4096;
      });
  if (!right) throw Error(Errc::invalid_input, "the guest asks for host keys that can't be meant");
}

util::Command command_for(const KeySpec& spec, const std::string& comment, const std::string& file) {
  util::Command command{{"ssh-keygen", "-q", "-t", spec.type, "-N", "", "-C", comment, "-f", file}};
  if (spec.bits != 0) command.args.insert(command.args.end(), {"-b", std::to_string(spec.bits)});
  return command;
}

}  // namespace

std::vector<HostKey> KeyMaker::make(const std::vector<KeySpec>& specs, const std::string& comment) {
  require_sensible(specs, comment);
  const PrivateDir directory;
  const auto file_of = [&](std::size_t i) { return (directory.path() / fmt::format("key{}", i)).native(); };
  // All at once: an RSA key takes ten times as long as the others.
  std::vector<util::Child> makers;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    try {
      makers.push_back(util::spawn(command_for(specs[i], comment, file_of(i)), {}));
    } catch (const util::SysError&) {
      throw Error(Errc::unavailable, "ssh-keygen is not installed, so that no new host keys can be made")
          .hint("install openssh-client, or use '--keep ssh-host-keys'");
    }
  }
  std::vector<HostKey> keys;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (makers[i].wait() != 0) continue;
    keys.push_back(
        {specs[i], util::read_file(file_of(i), largest_key), util::read_file(file_of(i) + ".pub", largest_key)});
  }
  return keys;
}

}  // namespace vmtool::identity
