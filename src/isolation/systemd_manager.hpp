#pragma once
// systemd's manager (org.freedesktop.systemd1(5)) over its private socket, where no bus is in between: scopes are made for
// containers and removed.

#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/dbus_connection.hpp"
#include "isolation/systemd_unit.hpp"

namespace vmtool::isolation {

class SystemdManager {
 public:
  /// Connects to the host's manager where this process may, else to the user's own. Throws Error{unavailable} with the next step.
  static SystemdManager connect();

  enum class Whose { host, user };
  /// The manager that `socket` leads to. Throws Error.
  SystemdManager(const std::string& socket, Whose whose) : connection_(DbusConnection::open(socket)), whose_(whose) {}

  /// Makes a scope of a process and waits until it is in it. Throws Error{conflict} where the unit exists, Error{unavailable}.
  void start_scope(const UnitName& name, pid_t process, const std::string& description,
                   const std::vector<UnitProperty>& properties);
  /// Changes properties of a running unit. Throws Error.
  void set_properties(const std::string& unit, const std::vector<UnitProperty>& properties);
  /// Ends a unit and forgets how it ended; nothing to do where there is none. Throws Error.
  void remove(const std::string& unit);
  /// Whether systemd says that the unit ended for want of memory. Throws Error.
  bool ended_without_memory(const std::string& unit);

  bool is_users() const noexcept { return whose_ == Whose::user; }
  int descriptor() const noexcept { return connection_.descriptor(); }

 private:
  DbusMessage call(const char* member, const char* signature, const DbusWriter& body);
  /// Waits for the end of the job that a call began, and tells its result: "done", "failed" …
  std::string result_of_job(const DbusMessage& answer);

  DbusConnection connection_;
  Whose whose_;
};

/// The directory of a process in the v2 tree. Throws Error{unavailable} where there is no such tree.
std::string unified_path_of(pid_t process);

}  // namespace vmtool::isolation
