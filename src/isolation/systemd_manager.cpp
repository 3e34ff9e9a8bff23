#include "isolation/systemd_manager.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <optional>

#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

constexpr const char* host_socket = "/run/systemd/private";
constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";

std::string user_socket() {
  const char* const runtime = ::getenv("XDG_RUNTIME_DIR");
  return (runtime != nullptr && *runtime == '/' ? std::string(runtime) : fmt::format("/run/user/{}", ::geteuid())) +
         "/systemd/private";
}

/// The object path of a unit: every byte that is no letter or digit is written as _XX.
std::string unit_path(const std::string& unit) {
  std::string out = std::string(manager_path) + "/unit/";
  for (const char c : unit) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

bool is_gone(const DbusError& error) { return error.name() == "org.freedesktop.systemd1.NoSuchUnit"; }

}  // namespace

SystemdManager SystemdManager::connect() {
  // Root of a user namespace is no root of the host: its own manager is the one that lets it in.
  std::optional<Error> refused;
  if (::geteuid() == 0) {
    try {
      return SystemdManager(host_socket, Whose::host);
    } catch (const Error& error) {
      refused = error;
    }
  }
  try {
    return SystemdManager(user_socket(), Whose::user);
  } catch (const Error& error) {
    const bool of_host = refused && ::getenv("XDG_RUNTIME_DIR") == nullptr;
    throw Error(Errc::unavailable,
                fmt::format("systemd can't manage the cgroups: {}", of_host ? refused->message() : error.message()))
        .hint(::geteuid() == 0 ? "use --cgroup-manager=cgroupfs where systemd does not run"
                               : "a user needs a manager of its own ('loginctl enable-linger' starts one); else use "
                                 "--cgroup-manager=cgroupfs");
  }
}

DbusMessage SystemdManager::call(const char* member, const char* signature, const DbusWriter& body) {
  DbusMessage message;
  message.path = manager_path;
  message.interface = manager_interface;
  message.member = member;
  message.destination = "org.freedesktop.systemd1";
  message.signature = signature;
  message.body = body.bytes();
  return connection_.call(std::move(message));
}

std::string SystemdManager::result_of_job(const DbusMessage& answer) {
  const std::string job = DbusReader(answer.body).text();
  for (;;) {
    const DbusMessage signal = connection_.next_signal();
    if (signal.member != "JobRemoved" || signal.signature != "uoss") continue;
    DbusReader in(signal.body);
    static_cast<void>(in.number32());
    const std::string path = in.text();
    static_cast<void>(in.text());
    if (path == job) return in.text();
  }
}

void SystemdManager::start_scope(const UnitName& name, pid_t process, const std::string& description,
                                 const std::vector<UnitProperty>& properties) {
  std::vector<UnitProperty> all{{"Description", description},
                                {"Slice", name.slice},
                                {"PIDs", std::vector{static_cast<std::uint32_t>(process)}},
                                {"Delegate", true}};
  for (const char* accounting : {"MemoryAccounting", "CPUAccounting", "IOAccounting", "TasksAccounting"})
    all.push_back({accounting, true});
  all.push_back({"TimeoutStopUSec", std::uint64_t{10'000'000}});
  all.insert(all.end(), properties.begin(), properties.end());
  DbusWriter body;
  body.text(name.unit);
  body.text("fail");
  write_properties(body, all);
  body.array(8, [] {});
  try {
    if (const std::string result = result_of_job(call("StartTransientUnit", "ssa(sv)a(sa(sv))", body));
        result != "done") {
      throw Error(Errc::unavailable,
                  fmt::format("systemd can't start the unit '{}': {}", name.unit, util::printable(result)))
          .hint(fmt::format("see: journalctl -u {}", name.unit));
    }
  } catch (const DbusError& error) {
    const bool exists = error.name() == "org.freedesktop.systemd1.UnitExists";
    throw Error(exists ? Errc::conflict : error.kind(),
                fmt::format("systemd can't start the unit '{}': {}", name.unit, error.message()));
  }
}

void SystemdManager::set_properties(const std::string& unit, const std::vector<UnitProperty>& properties) {
  if (properties.empty()) return;
  DbusWriter body;
  body.text(unit);
  body.boolean(true);  // until the unit ends
  write_properties(body, properties);
  try {
    call("SetUnitProperties", "sba(sv)", body);
  } catch (const DbusError& error) {
    throw Error(error.kind(), fmt::format("systemd can't change the unit '{}': {}", unit, error.message()));
  }
}

void SystemdManager::remove(const std::string& unit) {
  DbusWriter body;
  body.text(unit);
  DbusWriter stop = body;
  stop.text("replace");
  try {
    static_cast<void>(result_of_job(call("StopUnit", "ss", stop)));
    call("ResetFailedUnit", "s", body);
  } catch (const DbusError& error) {
    if (!is_gone(error)) throw;
  }
}

bool SystemdManager::ended_without_memory(const std::string& unit) {
  DbusMessage message;
  message.path = unit_path(unit);
  message.interface = "org.freedesktop.DBus.Properties";
  message.member = "Get";
  message.destination = "org.freedesktop.systemd1";
  message.signature = "ss";
  DbusWriter body;
  body.text("org.freedesktop.systemd1.Scope");
  body.text("Result");
  message.body = body.bytes();
  const DbusMessage answer = connection_.call(std::move(message));
  DbusReader in(answer.body);
  return answer.signature == "v" && in.signature() == "s" && in.text() == "oom-kill";
}

std::string unified_path_of(pid_t process) {
  const util::Fd file = util::open_file(fmt::format("/proc/{}/cgroup", process), O_RDONLY);
  for (const std::string& line : util::split(util::read_all(file.get(), 1 << 16), '\n')) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  throw Error(Errc::unavailable, "systemd can't manage the cgroups: this host has no cgroup v2 tree")
      .hint("use --cgroup-manager=cgroupfs");
}

}  // namespace vmtool::isolation
