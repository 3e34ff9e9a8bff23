#include "ops/identity_show.hpp"

#include "ops/identity_target.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {

MachineIdentity identity_of(const virt::Connection& connection, const std::string& name, identity::Way way) {
  const std::string definition = domain_or_throw(connection, name).xml(virt::Flavor::inactive);
  MachineIdentity found{.name = name, .definition = xml::unique_fields(definition), .guest = {}, .unread = {}, .hint = {}};
  try {
    IdentityTarget target = identity_target(connection, xml::read_domain(definition));
    target.target.way = way;
    found.guest = identity::show(target.target, {});
    found.guest.warnings.insert(found.guest.warnings.end(), target.left_out.begin(), target.left_out.end());
  } catch (const util::Error& error) {
    found.unread = error.message();
    found.hint = error.hint();
  }
  return found;
}

}  // namespace vmtool::ops
