#include "identity/var_binding.hpp"

#include <algorithm>

#include "identity/facts.hpp"
#include "identity/machine_id.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr std::string_view var_type = "4d21b016-b534-45c2-a9fb-5c16e091fd2d";

}  // namespace

void require_var_stays(const std::vector<DiskView>& disks, const GuestLayout& layout, GuestTree& tree,
                       const Options& options) {
  const Facts facts = gather(tree, {{"/etc/machine-id"}});
  const Fact* id = facts.file("/etc/machine-id");
  if (id == nullptr || !is_selected(options, "machine-id")) return;
  const bool has_var = std::any_of(layout.mounts.begin(), layout.mounts.end(),
                                   [](const MountPlace& place) { return place.mount_point == "/var"; });
  if (has_var) return;
  const std::string bound = var_partition_uuid(util::trim(id->content));
  for (const DiskView& disk : disks) {
    for (const Partition& partition : disk.partitions) {
      if (partition.type != var_type || partition.uuid != bound) continue;
      throw util::Error(util::Errc::conflict,
                        "/var of the guest is found by a partition UUID that is made from its machine-id, so that a "
                        "new id would lose it")
          .hint("name /var in the guest's /etc/fstab, or keep the id with '--keep machine-id'");
    }
  }
}

}  // namespace vmtool::identity
