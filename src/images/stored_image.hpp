#pragma once
// An image of the store, as a value.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vmtool::images {

/// What the image says of the process that runs in it (OCI image-spec, config.md).
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  ///< "NAME=VALUE"
  std::string working_dir;
  std::string user;         ///< "", "1000", "1000:1000", "name" or "name:group"
  std::string stop_signal;  ///< "" or "SIGTERM" or "15"
};

struct StoredImage {
  std::string name;
  std::string digest;        ///< of its manifest, "sha256:…"
  std::string architecture;  ///< as Go names it: amd64, arm64 …
  std::string created;       ///< RFC 3339; empty: not said
  std::uint64_t size = 0;    ///< of the files in its layers, in bytes
  ImageConfig config;
  std::vector<std::filesystem::path> layers;  ///< lower directories of an overlay, top first, absolute
};

}  // namespace vmtool::images
