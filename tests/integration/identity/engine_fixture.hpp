#pragma once
// The disk engine on raw images, in this process.

#include <fcntl.h>

#include <memory>

#include "identity/engine.hpp"
#include "identity/file_device.hpp"
#include "util/file.hpp"

namespace vmtool::tests {

/// Makes no real keys, so that tests are quick; the program itself asks ssh-keygen.
class PaperKeys final : public identity::KeySource {
 public:
  std::vector<identity::HostKey> make(const std::vector<identity::KeySpec>& specs,
                                      const std::string& comment) override {
    std::vector<identity::HostKey> keys;
    for (const auto& spec : specs)
      keys.push_back({spec, "new private " + spec.type + "\n", "ssh-" + spec.type + " AAAA " + comment + "\n"});
    return keys;
  }
};

inline identity::DiskResult renew(const std::vector<std::filesystem::path>& disks, const identity::Options& options,
                                  const identity::RootChoice& root = {}, identity::Mode mode = identity::Mode::renew) {
  std::vector<std::unique_ptr<identity::FileDevice>> devices;
  std::vector<identity::BlockDevice*> pointers;
  for (const auto& disk : disks) {
    devices.push_back(std::make_unique<identity::FileDevice>(util::open_file(disk, O_RDWR)));
    pointers.push_back(devices.back().get());
  }
  PaperKeys keys;
  return identity::DiskEngine(pointers, keys).run(options, root, mode, {});
}

/// Everything that a clone changes.
inline identity::Options clone_options() {
  identity::Options options;
  options.hostname = "web";
  options.macs = {{"52:54:00:00:00:01", "52:54:00:00:00:02"}};
  return options;
}

}  // namespace vmtool::tests
