#include "tests/support/bundle.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const std::vector<std::string>& hierarchies() {
  static const std::vector<std::string> found = [] {
    std::vector<std::string> out;
    if (fs::exists("/sys/fs/cgroup/cgroup.procs")) return std::vector<std::string>{"/sys/fs/cgroup"};
    for (const char* name : {"unified", "memory", "cpu", "cpuset", "pids", "devices", "freezer", "blkio"}) {
      const std::string path = std::string("/sys/fs/cgroup/") + name;
      if (fs::exists(path + "/cgroup.procs")) out.push_back(path);
    }
    return out;
  }();
  return found;
}

json default_config() {
  const json capabilities = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
                             "CAP_KILL",  "CAP_SETGID",       "CAP_SETUID", "CAP_NET_BIND_SERVICE"};
  json config = {
      {"ociVersion", "1.0.2"},
      {"root", {{"path", "rootfs"}, {"readonly", false}}},
      {"hostname", "inside"},
      {"process",
       {{"terminal", false},
        {"user", {{"uid", 0}, {"gid", 0}}},
        {"args", {"true"}},
        {"env", {"PATH=/bin"}},
        {"cwd", "/"},
        {"capabilities", {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"noNewPrivileges", true}}},
      {"linux",
       {{"namespaces", json::array()},
        {"maskedPaths", {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"}},
        {"readonlyPaths", {"/proc/bus", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}}}};
  for (const char* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"})
    config["linux"]["namespaces"].push_back({{"type", type}});
  const auto mount = [&](const char* destination, const char* type, std::vector<std::string> options) {
    config["mounts"].push_back(
        {{"destination", destination}, {"type", type}, {"source", type}, {"options", std::move(options)}});
  };
  mount("/proc", "proc", {"nosuid", "noexec", "nodev"});
  mount("/dev", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"});
  mount("/dev/pts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"});
  mount("/dev/shm", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"});
  mount("/sys", "sysfs", {"nosuid", "noexec", "nodev", "ro"});
  return config;
}

}  // namespace

Bundle::Bundle() : config(default_config()), group_("/vmtool-test-" + std::to_string(::getpid())) {
  for (const char* name : {"bin", "proc", "sys", "dev", "etc", "tmp"}) fs::create_directories(root() / name);
  fs::copy_file("/bin/busybox", root() / "bin/busybox");
  for (const char* name :
       {"sh",   "true", "false", "cat",      "ls",    "echo",    "sleep", "id",   "mount", "umount", "hostname",
        "stat", "kill", "grep",  "readlink", "test",  "touch",   "mkdir", "dd",   "ip",    "pwd",    "env",
        "tty",  "head", "ps",    "chmod",    "mknod", "unshare", "wc",    "tail", "sync",  "ln",     "rm"}) {
    fs::create_symlink("busybox", root() / "bin" / name);
  }
}

Bundle::~Bundle() {
  try {
    for (const auto& entry : fs::directory_iterator(state_root())) {
      if (entry.path().filename().native()[0] != '.') isolate({"delete", "--force", entry.path().filename().native()});
    }
  } catch (const std::exception&) {
    // no state directory: no container was made
  }
  for (const std::string& hierarchy : hierarchies()) ::rmdir((hierarchy + group_).c_str());
}

std::string Bundle::cgroup(const std::string& id) const { return group_ + "/" + id; }

Bundle& Bundle::args(std::vector<std::string> words) {
  config["process"]["args"] = std::move(words);
  return *this;
}

Bundle& Bundle::overlay(std::vector<std::string> options) {
  auto& mounts = config["mounts"];
  mounts.insert(
      mounts.begin(),
      json{{"destination", "/"}, {"type", "overlay"}, {"source", "overlay"}, {"options", std::move(options)}});
  return *this;
}

Bundle& Bundle::mount(const std::string& destination, const std::string& type, const std::string& source,
                      std::vector<std::string> options) {
  config["mounts"].push_back(
      {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}});
  return *this;
}

void Bundle::write(const std::string& id) {
  json copy = config;
  if (!copy["linux"].contains("cgroupsPath")) copy["linux"]["cgroupsPath"] = cgroup(id);
  std::ofstream(path() / "config.json") << copy.dump(1);
}

util::Result Bundle::isolate(std::vector<std::string> words) const {
  const char* const program = std::getenv("VMTOOL_ISOLATE");
  util::Command command{{program != nullptr ? program : "isolate", "--root", state_root()}};
  command.args.insert(command.args.end(), words.begin(), words.end());
  return util::run(command);
}

util::Result Bundle::run(const std::string& id) {
  write(id);
  return isolate({"run", "--bundle", path().native(), id});
}

util::Result Bundle::start(const std::string& id) {
  write(id);
  return isolate({"run", "--detach", "--output", (path() / "log").native(), "--bundle", path().native(), id});
}

util::Result Bundle::create(const std::string& id) const {
  return isolate({"create", "--output", (path() / "log").native(), "--pid-file", (path() / "pid").native(), "--bundle",
                  path().native(), id});
}

std::string Bundle::log() const {
  std::ostringstream out;
  out << std::ifstream(path() / "log").rdbuf();
  return out.str();
}

std::vector<std::string> Bundle::leftovers() const {
  std::vector<std::string> out;
  for (const std::string& hierarchy : hierarchies()) {
    if (!fs::exists(hierarchy + group_)) continue;
    for (const auto& entry : fs::directory_iterator(hierarchy + group_)) {
      if (entry.is_directory()) out.push_back(entry.path().native());
    }
  }
  if (fs::exists(state_root())) {
    for (const auto& entry : fs::directory_iterator(state_root())) {
      if (entry.path().filename() != ".seccomp") out.push_back(entry.path().native());
    }
  }
  return out;
}

}  // namespace vmtool::tests
