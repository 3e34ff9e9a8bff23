#include "ops/seed_content.hpp"

#include <fmt/format.h>

#include "util/digest.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr std::size_t short_digest = 8;

// A text in double quotes, as YAML and JSON both read it.
std::string quoted_yaml(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string key_line(const std::string& text) { return std::string(util::trim(text.substr(0, text.find('\n')))); }

std::string public_keys(const model::CloudInit& cloud_init,
                        const std::function<std::string(const std::string&)>& read) {
  std::string out;
  for (const model::SshKey& key : cloud_init.ssh_authorized_keys)
    out += fmt::format("  - {}\n", quoted_yaml(key.file.empty() ? key.key : key_line(read(key.file))));
  return out.empty() ? out : "public-keys:\n" + out;
}

}  // namespace

std::vector<std::string> seed_sources(const model::CloudInit& cloud_init) {
  std::vector<std::string> paths;
  for (const model::SshKey& key : cloud_init.ssh_authorized_keys) {
    if (!key.file.empty()) paths.push_back(key.file);
  }
  if (cloud_init.network_config && !cloud_init.network_config->file.empty())
    paths.push_back(cloud_init.network_config->file);
  return paths;
}

std::vector<storage::SeedFile> seed_files(const model::VirtualMachine& machine,
                                          const std::function<std::string(const std::string&)>& read) {
  const model::CloudInit& cloud_init = *machine.cloud_init;
  const std::string meta =
      fmt::format("local-hostname: {}\n{}", cloud_init.hostname.empty() ? machine.name : cloud_init.hostname,
                  public_keys(cloud_init, read));
  std::vector<storage::SeedFile> files{
      {"meta-data", meta}, {"user-data", cloud_init.user_data.empty() ? "#cloud-config\n{}\n" : cloud_init.user_data}};
  if (const auto& network = cloud_init.network_config)
    files.push_back({"network-config", network->file.empty() ? network->text : read(network->file)});
  files[0].content.insert(
      0, fmt::format("instance-id: {}-{}\n", machine.name, seed_digest(files).substr(0, short_digest)));
  return files;
}

std::string seed_digest(const std::vector<storage::SeedFile>& files) {
  std::string all;
  for (const storage::SeedFile& file : files)
    all += fmt::format("{}\n{}\n{}\n", file.name, file.content.size(), file.content);
  return util::sha256_hex(all);
}

std::string seed_volume_name(const std::string& machine, const std::string& digest) {
  return fmt::format("{}-seed-{}.iso", machine, digest.substr(0, short_digest));
}

std::string seed_pool(const model::VirtualMachine& machine) {
  return machine.disks.empty() ? "default" : machine.disks.front().pool;
}

}  // namespace vmtool::ops
