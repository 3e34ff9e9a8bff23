#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

// What cloud-init tells user-data by (its documentation, "user-data formats"); anything else it ignores, and says so only in the guest.
constexpr std::array<std::string_view, 8> headers{"#cloud-config",  "#!",
                                                  "#include",       "#cloud-boothook",
                                                  "#part-handler",  "## template: jinja",
                                                  "Content-Type: ", "MIME-Version: "};

// One line of an authorized_keys file without options (sshd(8)).
bool is_public_key(std::string_view text) {
  const std::vector<std::string> words = util::split(text, ' ');
  const bool is_type = words[0].starts_with("ssh-") || words[0].starts_with("ecdsa-") || words[0].starts_with("sk-");
  return is_type && words.size() >= 2 && words[1].starts_with("AAAA");
}

void check_key(const SshKey& key, const std::string& path, Findings& findings) {
  if (key.file.empty() == key.key.empty()) {
    findings.add(path, "a key is given by 'file' or by 'key', one of the two");
  } else if (!key.file.empty()) {
    findings.check_absolute_path(path + ".file", key.file);
  } else if (!is_public_key(key.key)) {
    findings.add(path + ".key", "this is no public key",
                 "it looks like 'ssh-ed25519 AAAA… me@here', one line of a .pub file");
  } else {
    findings.check_line(path + ".key", key.key);
  }
}

}  // namespace

void check_cloud_init(const CloudInit& cloud_init, Findings& findings) {
  if (!cloud_init.hostname.empty()) findings.check_dns_name("cloudInit.hostname", cloud_init.hostname);
  for (std::size_t i = 0; i < cloud_init.ssh_authorized_keys.size(); ++i) {
    check_key(cloud_init.ssh_authorized_keys[i], at("cloudInit.sshAuthorizedKeys", i), findings);
  }
  const auto begins = [&](std::string_view header) { return cloud_init.user_data.starts_with(header); };
  if (!cloud_init.user_data.empty() && std::none_of(headers.begin(), headers.end(), begins)) {
    findings.add("cloudInit.userData", "cloud-init would ignore it: its first line does not say what it is",
                 "begin with '#cloud-config', or with '#!' and an interpreter");
  }
  if (!cloud_init.network_config) return;
  const NetworkConfig& network = *cloud_init.network_config;
  if (network.file.empty() == network.text.empty())
    findings.add("cloudInit.networkConfig", "it is given by 'file' or by 'text', one of the two");
  if (!network.file.empty()) findings.check_absolute_path("cloudInit.networkConfig.file", network.file);
}

}  // namespace vmtool::model
