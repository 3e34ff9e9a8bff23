#include "ops/identity_show.hpp"

#include <fmt/format.h>

#include "ops/identity_target.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// What a kernel is about to write may be there by half: another moment shows another disk.
constexpr int looks_at_a_live_disk = 3;

identity::Report look(const identity::Target& target, bool is_live) {
  for (int left = is_live ? looks_at_a_live_disk : 1;; --left) {
    try {
      return identity::show(target, {});
    } catch (const Error& error) {
      const bool is_unsettled = is_live && (error.kind() == Errc::io || error.kind() == Errc::invalid_input);
      if (!is_unsettled) throw;
      if (left > 1) continue;
      throw Error(Errc::io, fmt::format("it is running, and what its disks hold is not settled at this moment ({})",
                                        error.message()))
          .hint("look again, or shut it down for a sure look");
    }
  }
}

}  // namespace

MachineIdentity identity_of(const virt::Connection& connection, const std::string& name, identity::Way way) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const std::string definition = domain.xml(virt::Flavor::inactive);
  MachineIdentity found{
      .name = name, .definition = xml::unique_fields(definition), .guest = {}, .unread = {}, .hint = {}};
  try {
    IdentityTarget target = identity_target(connection, xml::read_domain(definition));
    target.target.way = way;
    found.guest = look(target.target, virt::is_active(domain.state()));
    found.guest.warnings.insert(found.guest.warnings.end(), target.left_out.begin(), target.left_out.end());
  } catch (const Error& error) {
    found.unread = error.message();
    found.hint = error.hint();
  }
  return found;
}

}  // namespace vmtool::ops
