#pragma once
// What a config.json that this room wrote says, as far as commands need it without the manifest.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/attachments.hpp"
#include "bundle/image_defaults.hpp"
#include "model/container.hpp"

namespace vmtool::bundle {

struct Summary {
  std::string hostname{};
  std::vector<std::string> layers{};  ///< top first
  bool terminal = false;
  std::optional<std::uint64_t> memory_limit{};  ///< bytes
  std::optional<double> cpus{};                 ///< processors' worth of time: quota / period
  std::optional<std::uint64_t> pids_limit{};
  std::vector<Attachment> attachments{};  ///< since its last start
  std::vector<model::IdMapping> uids{};
  std::vector<model::IdMapping> gids{};
  std::optional<ImageDefaults> image{};
  std::string uuid{};
  std::string digest{};
  model::RestartPolicy restart_policy = model::RestartPolicy::no;
  std::chrono::milliseconds stop_timeout{};
  std::string stop_signal{};
  bool autostart = false;
  bool is_protected = false;
  bool remove_at_end = false;
};

/// The addresses of its interfaces, without their prefix lengths.
std::vector<std::string> addresses_of(const Summary& summary);

/// Throws Error{invalid_input} where the text is no config.json.
Summary read_summary(std::string_view text);

}  // namespace vmtool::bundle
