#pragma once
// A container as a unit of systemd: its name, and limits as the unit's properties (systemd.resource-control(5)), as data.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "isolation/dbus_message.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// A property of a unit, of one of the D-Bus types b, i, u, t, s, au, ay and a(st).
struct UnitProperty {
  using Devices = std::vector<std::pair<std::string, std::uint64_t>>;
  using Value = std::variant<bool, std::int32_t, std::uint32_t, std::uint64_t, std::string, std::vector<std::uint32_t>,
                             std::vector<unsigned char>, Devices>;
  std::string name{};
  Value value{};
  friend bool operator==(const UnitProperty&, const UnitProperty&) = default;
};

/// Appends an array of properties, a(sv).
void write_properties(DbusWriter& out, const std::vector<UnitProperty>& properties);

struct UnitName {
  std::string slice{};
  std::string unit{};  ///< PREFIX-NAME.scope
};

/// The slice and the scope of "SLICE:PREFIX:NAME"; an empty SLICE is `default_slice`, no path at all is the scope
/// isolate-ID in it. Throws Error{invalid_input} for any other path.
UnitName unit_name(const std::string& cgroups_path, const std::string& id, const std::string& default_slice);

/// The directory of a slice, from the root of its manager: "a-b.slice" lies in "/a.slice/a-b.slice" (systemd.slice(5)).
/// Throws Error{invalid_input}.
std::string slice_path(const std::string& slice);

/// Limits as properties, so that the manager keeps them when it is reloaded; what has no property is left out.
/// Throws Error{invalid_input} for a malformed list of CPUs.
std::vector<UnitProperty> unit_limits(const Resources& resources);

/// Annotations org.systemd.property.NAME, whose values are true, false, 'text', "text", a number (int32), "int32 N", "uint32 N"
/// or "uint64 N"; the time NAMESec, in seconds, becomes NAMEUSec. Throws Error{invalid_input}.
std::vector<UnitProperty> unit_wishes(const std::map<std::string, std::string>& annotations);

}  // namespace vmtool::isolation
