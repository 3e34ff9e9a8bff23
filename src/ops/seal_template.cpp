#include "ops/seal_template.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

#include "ops/identity_reset.hpp"
#include "ops/observe.hpp"
#include "ops/volume_users.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"
#include "xml/template_mark.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// RFC 3339.
std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

identity::Report seal_template(const virt::Connection& connection, const std::string& name,
                               const identity::Options& options, util::Reporter& reporter) {
  if (options.machine_id != "empty" && options.machine_id != "uninitialized") {
    throw Error(Errc::invalid_input, fmt::format("a template's machine-id is empty or uninitialized, not '{}'",
                                                 util::printable(options.machine_id)));
  }
  return util::during(fmt::format("sealing machine '{}'", name), [&] {
    const virt::Domain domain = domain_or_throw(connection, name);
    if (const auto sealed = xml::template_mark(domain.xml(virt::Flavor::inactive))) {
      throw Error(Errc::conflict, fmt::format("machine '{}' is a template since {}", name, *sealed))
          .hint(fmt::format("vmtool template unseal {}", name));
    }
    if (virt::is_active(domain.state()))
      throw Error(Errc::conflict, fmt::format("machine '{}' is running", name))
          .hint(fmt::format("shut it down first: vmtool stop {}", name));
    return reset_identity(connection, name, options, reporter, [&] {
      domain.set_metadata(xml::write_template_mark(now()), xml::template_prefix, xml::template_space);
    });
  });
}

std::vector<SealedTemplate> templates(const virt::Connection& connection) {
  std::vector<SealedTemplate> found;
  for (const virt::Domain& domain : connection.domains()) {
    if (const auto sealed = xml::template_mark(domain.xml(virt::Flavor::inactive)))
      found.push_back({domain.name(), *sealed});
  }
  std::sort(found.begin(), found.end(),
            [](const SealedTemplate& a, const SealedTemplate& b) { return a.name < b.name; });
  return found;
}

void unseal_template(const virt::Connection& connection, const std::string& name) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const std::string definition = domain.xml(virt::Flavor::inactive);
  if (!xml::template_mark(definition)) throw Error(Errc::conflict, fmt::format("machine '{}' is no template", name));
  for (const model::Disk& disk : xml::read_domain(definition).disks) {
    const std::vector<std::string> users =
        disk.path.empty() ? std::vector<std::string>() : overlays_of(connection, disk.path);
    if (users.empty()) continue;
    throw Error(Errc::conflict, fmt::format("disk '{}' of template '{}' is the backing file of {}", disk.target, name,
                                            util::join(users, ", ")))
        .hint("a start of it would damage those; delete them first, or clone the template");
  }
  domain.set_metadata("", xml::template_prefix, xml::template_space);
}

}  // namespace vmtool::ops
