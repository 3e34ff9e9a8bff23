#include "isolation/cgroup_layout.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

long filesystem_of(const std::string& path) noexcept {
  struct statfs about {};
  return ::statfs(path.c_str(), &about) == 0 ? static_cast<long>(about.f_type) : 0;
}

std::set<std::string> read_words(const std::string& path) {
  std::set<std::string> words;
  try {
    const std::string text = util::read_file(path, 4096);
    for (const std::string& word : util::split(util::trim(text), ' ')) {
      if (!word.empty()) words.insert(word);
    }
  } catch (const util::Error&) {
    return {};
  }
  return words;
}

}  // namespace

CgroupLayout find_cgroup_layout(const std::string& base) {
  CgroupLayout layout;
  if (filesystem_of(base) == CGROUP2_SUPER_MAGIC) {
    layout.unified = base;
  } else {
    if (filesystem_of(base + "/unified") == CGROUP2_SUPER_MAGIC) layout.unified = base + "/unified";
    for (const char* controller :
         {"memory", "cpu", "cpuacct", "cpuset", "pids", "devices", "freezer", "blkio", "hugetlb"}) {
      const std::string place = base + "/" + controller;
      if (filesystem_of(place) == CGROUP_SUPER_MAGIC) layout.v1.emplace(controller, place);
    }
  }
  if (!layout.unified.empty()) layout.unified_controllers = read_words(layout.unified + "/cgroup.controllers");
  return layout;
}

}  // namespace vmtool::isolation
