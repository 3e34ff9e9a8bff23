#include "isolation/mount_option.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

struct Word {
  std::string_view text;
  std::uint64_t set;
  std::uint64_t clear;
};

// The access-time words share one field, so each clears the field first.
constexpr std::uint64_t atime = MOUNT_ATTR__ATIME;
constexpr std::array words{Word{"ro", MOUNT_ATTR_RDONLY, 0},
                           Word{"rw", 0, MOUNT_ATTR_RDONLY},
                           Word{"nosuid", MOUNT_ATTR_NOSUID, 0},
                           Word{"suid", 0, MOUNT_ATTR_NOSUID},
                           Word{"nodev", MOUNT_ATTR_NODEV, 0},
                           Word{"dev", 0, MOUNT_ATTR_NODEV},
                           Word{"noexec", MOUNT_ATTR_NOEXEC, 0},
                           Word{"exec", 0, MOUNT_ATTR_NOEXEC},
                           Word{"noatime", MOUNT_ATTR_NOATIME, atime},
                           Word{"atime", MOUNT_ATTR_RELATIME, atime},
                           Word{"relatime", MOUNT_ATTR_RELATIME, atime},
                           Word{"norelatime", MOUNT_ATTR_STRICTATIME, atime},
                           Word{"strictatime", MOUNT_ATTR_STRICTATIME, atime},
                           Word{"nostrictatime", MOUNT_ATTR_RELATIME, atime},
                           Word{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
                           Word{"diratime", 0, MOUNT_ATTR_NODIRATIME},
                           Word{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
                           Word{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW}};

constexpr std::array<std::pair<std::string_view, unsigned long>, 8> propagations{{
    {"private", MS_PRIVATE},
    {"rprivate", MS_PRIVATE | MS_REC},
    {"shared", MS_SHARED},
    {"rshared", MS_SHARED | MS_REC},
    {"slave", MS_SLAVE},
    {"rslave", MS_SLAVE | MS_REC},
    {"unbindable", MS_UNBINDABLE},
    {"runbindable", MS_UNBINDABLE | MS_REC},
}};

bool take_attribute(std::string_view text, MountOptions& out) {
  for (const Word& word : words) {
    if (text == word.text) {
      out.set = (out.set & ~word.clear) | word.set;
      out.clear = (out.clear & ~word.set) | word.clear;
      return true;
    }
    if (text.size() == word.text.size() + 1 && text[0] == 'r' && text.substr(1) == word.text) {
      out.recursive_set = (out.recursive_set & ~word.clear) | word.set;
      out.recursive_clear = (out.recursive_clear & ~word.set) | word.clear;
      return true;
    }
  }
  return false;
}

bool take_word(std::string_view text, MountOptions& out) {
  if (take_attribute(text, out)) return true;
  for (const auto& [word, flag] : propagations) {
    if (text == word) {
      out.propagation = flag;
      return true;
    }
  }
  if (text == "bind") {
    out.bind = true;
  } else if (text == "rbind") {
    out.bind = out.recursive_bind = true;
  } else if (text == "tmpcopyup") {
    out.copy_up = true;
  } else if (text == "idmap") {
    out.idmap = true;
  } else if (text == "ridmap") {
    out.idmap = out.recursive_idmap = true;
  } else if (text != "defaults" && text != "async" && text != "silent" && text != "loud" && text != "nomand" &&
             text != "mand" && text != "nolazytime" && text != "lazytime" && text != "iversion" &&
             text != "noiversion") {
    return false;
  }
  return true;
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& texts) {
  MountOptions out;
  for (const std::string& text : texts) {
    if (text.empty() || text.find('\0') != std::string::npos) {
      throw util::Error(util::Errc::invalid_input, "a mount option is empty or has a NUL byte");
    }
    if (take_word(text, out)) continue;
    const auto equals = text.find('=');
    out.data.emplace_back(text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1));
  }
  if (!out.bind) out.read_only_superblock = (out.set & MOUNT_ATTR_RDONLY) != 0;
  return out;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> out{"bind", "rbind", "tmpcopyup", "idmap", "ridmap", "defaults"};
  for (const Word& word : words) {
    out.emplace_back(word.text);
    out.emplace_back("r" + std::string(word.text));
  }
  for (const auto& [word, flag] : propagations) out.emplace_back(word);
  std::sort(out.begin(), out.end());
  return out;
}

unsigned long classic_flags(std::uint64_t attributes) noexcept {
  unsigned long flags = 0;
  if (attributes & MOUNT_ATTR_RDONLY) flags |= MS_RDONLY;
  if (attributes & MOUNT_ATTR_NOSUID) flags |= MS_NOSUID;
  if (attributes & MOUNT_ATTR_NODEV) flags |= MS_NODEV;
  if (attributes & MOUNT_ATTR_NOEXEC) flags |= MS_NOEXEC;
  if (attributes & MOUNT_ATTR_NODIRATIME) flags |= MS_NODIRATIME;
  if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
  if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  return flags;
}

}  // namespace vmtool::isolation
