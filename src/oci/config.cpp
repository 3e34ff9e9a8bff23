#include "oci/config.hpp"

#include <fmt/format.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <utility>

#include "isolation/capability.hpp"
#include "oci/config_parts.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using isolation::NamespaceKind;
using isolation::Spec;

constexpr std::array<std::pair<std::string_view, NamespaceKind>, 8> namespace_names{{
    {"user", NamespaceKind::user},
    {"pid", NamespaceKind::pid},
    {"mount", NamespaceKind::mount},
    {"network", NamespaceKind::network},
    {"ipc", NamespaceKind::ipc},
    {"uts", NamespaceKind::uts},
    {"cgroup", NamespaceKind::cgroup},
    {"time", NamespaceKind::time},
}};

std::string absolute(const std::string& path, const std::string& bundle) {
  return path.starts_with('/') ? path : bundle + "/" + path;
}

/// An overlay on "/" (or "/.", as crun 1.8 needs it) is the root filesystem itself. `lowerdir+=` may be repeated and is taken as it stands; in
/// `lowerdir=` a colon separates and a backslash protects it, as mount(8) has it.
isolation::Overlay read_overlay(const JsonReader& mount, const std::vector<std::string>& options,
                                const std::string& bundle) {
  isolation::Overlay out;
  for (const std::string& option : options) {
    const auto equals = option.find('=');
    const std::string key = option.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (key == "lowerdir+") {
      out.lower.push_back(absolute(value, bundle));
    } else if (key == "lowerdir") {
      std::string layer;
      for (std::size_t i = 0; i <= value.size(); ++i) {
        if (i == value.size() || value[i] == ':') {
          if (layer.empty()) mount.refuse("an empty lower layer");
          out.lower.push_back(absolute(layer, bundle));
          layer.clear();
        } else {
          if (value[i] == '\\' && i + 1 < value.size()) ++i;
          layer += value[i];
        }
      }
    } else if (key == "upperdir") {
      out.upper = absolute(value, bundle);
    } else if (key == "workdir") {
      out.work = absolute(value, bundle);
    } else if (key != "ro" && key != "rw") {
      out.options.emplace_back(key, value);
    }
  }
  return out;
}

void read_root(const JsonReader& document, Spec& spec) {
  const auto root = document.find("root");
  if (!root) document.refuse("there is no root");
  const std::string path = root->text("path");
  if (path.empty()) root->refuse("needs a path");
  spec.root.path = absolute(path, spec.bundle);
  spec.root.read_only = root->boolean("readonly", false);
}

void read_mounts(const JsonReader& document, Spec& spec) {
  document.each("mounts", [&](const JsonReader& item) {
    isolation::Mount mount;
    mount.destination = item.text("destination");
    if (mount.destination.empty()) item.refuse("needs a destination");
    mount.type = item.text("type");
    mount.source = item.text("source");
    mount.options = item.texts("options");
    mount.uid_map = read_id_map(item, "uidMappings");
    mount.gid_map = read_id_map(item, "gidMappings");
    if (mount.uid_map.empty() != mount.gid_map.empty()) item.refuse("needs both uidMappings and gidMappings, or none");
    if ((mount.destination == "/" || mount.destination == "/.") && mount.type == "overlay") {
      spec.root.overlay = read_overlay(item, mount.options, spec.bundle);
      return;
    }
    spec.mounts.push_back(std::move(mount));
  });
}

void read_namespaces(const JsonReader& os, Spec& spec) {
  os.each("namespaces", [&](const JsonReader& item) {
    const std::string type = item.text("type");
    const auto* const found = std::find_if(namespace_names.begin(), namespace_names.end(),
                                           [&](const auto& known) { return known.first == type; });
    if (found == namespace_names.end()) item.refuse(fmt::format("there is no namespace '{}'", util::printable(type)));
    const std::string path = item.text("path");
    if (!path.empty() && !path.starts_with('/')) item.refuse("the path of a namespace must be absolute");
    spec.namespaces.push_back({found->second, path});
  });
  spec.uid_map = read_id_map(os, "uidMappings");
  spec.gid_map = read_id_map(os, "gidMappings");
  os.each_member("timeOffsets", [&](const std::string& clock, const JsonReader& item) {
    const auto secs = item.find("secs");
    const auto nanosecs = item.find("nanosecs");
    spec.time_offsets.emplace_back(clock, fmt::format("{} {}", secs ? secs->integer(INT64_MIN, INT64_MAX) : 0,
                                                      nanosecs ? nanosecs->unsigned_integer(999'999'999) : 0));
  });
}

void read_devices(const JsonReader& os, Spec& spec) {
  os.each("devices", [&](const JsonReader& item) {
    isolation::Device device;
    device.path = item.text("path");
    const std::string type = item.text("type");
    if (type != "c" && type != "b" && type != "u" && type != "p")
      item.refuse(fmt::format("'{}' is no type of device", util::printable(type)));
    device.type = type == "u" ? 'c' : type[0];
    if (const auto number = item.find("major")) device.major = static_cast<unsigned>(number->unsigned_integer(4095));
    if (const auto number = item.find("minor")) device.minor = static_cast<unsigned>(number->unsigned_integer(1048575));
    if (const auto mode = item.find("fileMode")) device.mode = static_cast<mode_t>(mode->unsigned_integer(0177777));
    if (const auto uid = item.find("uid")) device.uid = static_cast<uid_t>(uid->unsigned_integer(UINT32_MAX - 1));
    if (const auto gid = item.find("gid")) device.gid = static_cast<gid_t>(gid->unsigned_integer(UINT32_MAX - 1));
    spec.devices.push_back(std::move(device));
  });
}

unsigned long read_propagation(const JsonReader& os) {
  const std::string word = os.text("rootfsPropagation");
  if (word.empty() || word == "private" || word == "rprivate") return 0;
  constexpr std::array<std::pair<std::string_view, unsigned long>, 6> words{{{"shared", MS_SHARED},
                                                                             {"rshared", MS_SHARED | MS_REC},
                                                                             {"slave", MS_SLAVE},
                                                                             {"rslave", MS_SLAVE | MS_REC},
                                                                             {"unbindable", MS_UNBINDABLE},
                                                                             {"runbindable", MS_UNBINDABLE | MS_REC}}};
  for (const auto& [text, flag] : words) {
    if (text == word) return flag;
  }
  os.find("rootfsPropagation")->refuse(fmt::format("'{}' is no propagation", util::printable(word)));
}

void read_linux(const JsonReader& os, Spec& spec) {
  read_namespaces(os, spec);
  read_devices(os, spec);
  spec.masked_paths = os.texts("maskedPaths");
  spec.read_only_paths = os.texts("readonlyPaths");
  os.each_member("sysctl", [&](const std::string& name, const JsonReader& value) {
    spec.sysctl.emplace_back(name, value.text());
  });
  spec.cgroups_path = os.text("cgroupsPath");
  if (const auto resources = os.find("resources")) spec.resources = read_resources(*resources);
  spec.root.propagation = read_propagation(os);
  if (const auto seccomp = os.find("seccomp")) {
    spec.seccomp = read_seccomp(*seccomp);
    spec.seccomp_use = isolation::SeccompUse::profile;
  }
  if (const auto intel = os.find("intelRdt")) intel->refuse("Intel RDT is not available");
  if (!os.text("mountLabel").empty()) os.find("mountLabel")->refuse("SELinux labels are not available");
}

std::vector<isolation::Hook> read_hook_list(const JsonReader& hooks, const char* key) {
  std::vector<isolation::Hook> out;
  hooks.each(key, [&](const JsonReader& item) {
    isolation::Hook hook;
    hook.path = item.text("path");
    if (!hook.path.starts_with('/')) item.refuse("the path of a hook must be absolute");
    hook.args = item.texts("args");
    hook.env = item.texts("env");
    if (const auto timeout = item.find("timeout")) hook.timeout = static_cast<int>(timeout->integer(1, 86'400));
    out.push_back(std::move(hook));
  });
  return out;
}

void read_annotations(const JsonReader& document, Spec& spec) {
  document.each_member("annotations", [&](const std::string& key, const JsonReader& value) {
    spec.annotations.emplace(key, value.text());
  });
  const auto find = [&](const char* key) {
    const auto found = spec.annotations.find(key);
    return found == spec.annotations.end() ? std::string() : found->second;
  };
  if (find(annotation_seccomp) == "unconfined" && spec.seccomp_use == isolation::SeccompUse::standard)
    spec.seccomp_use = isolation::SeccompUse::unconfined;
  spec.init = find(annotation_init) == "true";
  if (const std::string text = find(annotation_interfaces); !text.empty()) {
    const nlohmann::json list = JsonReader::parse(text, annotation_interfaces);
    spec.interfaces = read_interfaces(JsonReader(list, fmt::format("annotations.{}", annotation_interfaces)));
  }
}

void check_version(const JsonReader& document) {
  const std::string version = document.text("ociVersion");
  if (version.empty()) document.refuse("there is no ociVersion");
  if (!version.starts_with("1."))
    document.find("ociVersion")
        ->refuse(fmt::format("'{}' is no version 1 of the runtime-spec", util::printable(version)));
}

}  // namespace

std::vector<isolation::IdMap> read_id_map(const JsonReader& parent, const char* key) {
  std::vector<isolation::IdMap> out;
  parent.each(key, [&](const JsonReader& item) {
    const auto number = [&](const char* name) {
      const auto found = item.find(name);
      if (!found) item.refuse(fmt::format("needs {}", name));
      return static_cast<std::uint32_t>(found->unsigned_integer(UINT32_MAX));
    };
    out.push_back({number("containerID"), number("hostID"), number("size")});
  });
  return out;
}

Spec read_config(std::string_view text, const std::string& bundle, const std::string& id) {
  const nlohmann::json json = JsonReader::parse(text, "config.json");
  const JsonReader document(json, "");
  if (!json.is_object()) document.refuse("must be an object");
  check_version(document);
  Spec spec;
  spec.id = id;
  spec.bundle = bundle;
  read_root(document, spec);
  read_mounts(document, spec);
  const auto process = document.find("process");
  if (!process) document.refuse("there is no process");
  spec.process = read_process(*process);
  spec.hostname = document.text("hostname");
  spec.domainname = document.text("domainname");
  if (const auto os = document.find("linux")) read_linux(*os, spec);
  if (const auto hooks = document.find("hooks")) {
    spec.hooks = {read_hook_list(*hooks, "prestart"),        read_hook_list(*hooks, "createRuntime"),
                  read_hook_list(*hooks, "createContainer"), read_hook_list(*hooks, "startContainer"),
                  read_hook_list(*hooks, "poststart"),       read_hook_list(*hooks, "poststop")};
  }
  read_annotations(document, spec);
  return spec;
}

isolation::Process read_process(std::string_view text) {
  const nlohmann::json json = JsonReader::parse(text, "the process document");
  return read_process(JsonReader(json, "process"));
}

isolation::Resources read_resources(std::string_view text) {
  const nlohmann::json json = JsonReader::parse(text, "the resources document");
  return read_resources(JsonReader(json, "resources"));
}

}  // namespace vmtool::oci
