#include "ops/plan_machine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/derive.hpp"
#include "model/targets.hpp"
#include "ops/changes.hpp"
#include "ops/seed_content.hpp"
#include "util/error.hpp"
#include "xml/clone_source.hpp"
#include "xml/domain.hpp"
#include "xml/merge.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

const model::Disk* disk_named(const model::VirtualMachine* machine, const std::string& name) {
  if (machine == nullptr) return nullptr;
  const auto found = std::find_if(machine->disks.begin(), machine->disks.end(),
                                  [&](const model::Disk& disk) { return disk.name == name; });
  return found == machine->disks.end() ? nullptr : &*found;
}

const model::Interface* interface_named(const model::VirtualMachine* machine, const std::string& name) {
  if (machine == nullptr) return nullptr;
  const auto found = std::find_if(machine->interfaces.begin(), machine->interfaces.end(),
                                  [&](const model::Interface& interface) { return interface.name == name; });
  return found == machine->interfaces.end() ? nullptr : &*found;
}

void fill_in_identity(model::VirtualMachine& machine, const model::VirtualMachine* now, const Observed& observed,
                      Claims& claims) {
  machine.uuid = now != nullptr ? now->uuid : model::derive_uuid(observed.host, "VirtualMachine", machine.name);
  const auto [owner, fresh] = claims.uuids.emplace(*machine.uuid, machine.name);
  if (!fresh && owner->second != machine.name) {
    throw Error(Errc::conflict, fmt::format("machine '{}' would have the uuid {} of '{}'", machine.name,
                                            util::to_text(*machine.uuid), owner->second))
        .hint(fmt::format("'{}' was renamed: choose another name for one of them", owner->second));
  }
}

void fill_in_type(model::VirtualMachine& machine, const model::VirtualMachine* now, const PlanOptions& options) {
  if (options.domain_type) machine.domain_type = *options.domain_type;
  if (machine.domain_type == model::DomainType::automatic)
    machine.domain_type = now != nullptr ? now->domain_type : options.automatic;
  // Named models of the emulator are quicker under emulation than "everything that can be emulated".
  if (!machine.cpu.mode && machine.domain_type == model::DomainType::kvm) machine.cpu.mode = model::CpuMode::host_model;
}

void check_attachment(const model::VirtualMachine& machine, const model::Interface& interface,
                      const Observed& observed) {
  if (interface.network && observed.session) {
    throw Error(Errc::unavailable,
                fmt::format("machine '{}' wants network '{}', which a session of an ordinary user can't reach",
                            machine.name, *interface.network))
        .hint("use --connect qemu:///system, or leave 'network' out of the interface for user-mode networking");
  }
  if (interface.bridge && observed.local && !observed.session && !observed.interfaces.contains(*interface.bridge)) {
    throw Error(Errc::not_found, fmt::format("machine '{}' wants bridge '{}', which this host does not have",
                                             machine.name, *interface.bridge))
        .hint("'ip -brief link show type bridge' lists the bridges");
  }
}

void fill_in_macs(model::VirtualMachine& machine, const model::VirtualMachine* now, const Observed& observed,
                  Claims& claims) {
  for (model::Interface& interface : machine.interfaces) {
    check_attachment(machine, interface, observed);
    const model::Interface* before = interface_named(now, interface.name);
    if (!interface.mac && before != nullptr) interface.mac = before->mac;
    if (interface.mac) {
      const auto [owner, fresh] = claims.macs.emplace(*interface.mac, machine.name);
      if (!fresh && owner->second != machine.name) {
        throw Error(Errc::conflict, fmt::format("interface '{}' of '{}' wants MAC {}, which '{}' has", interface.name,
                                                machine.name, model::to_text(*interface.mac), owner->second))
            .hint("give another macAddress, or 'auto'");
      }
      continue;
    }
    for (unsigned attempt = 0; !interface.mac; ++attempt) {
      const model::MacAddress mac =
          model::derive_mac(observed.host, "VirtualMachine", machine.name, interface.name, attempt);
      if (claims.macs.emplace(mac, machine.name).second) interface.mac = mac;
    }
  }
}

// What would replace a disk's content is refused: a disk is never destroyed because a number changed.
void check_not_replaced(const model::VirtualMachine& machine, const model::Disk& now, const model::Disk& wanted) {
  const auto refuse = [&](std::string_view key, std::string_view from, std::string_view to) {
    throw Error(Errc::conflict,
                fmt::format("disk '{}' of '{}': {} can't change from '{}' to '{}' without replacing the disk",
                            wanted.name, machine.name, key, from, to))
        .hint("add a disk under another name and remove this one");
  };
  if (now.image != wanted.image) refuse("image", now.image.value_or(""), wanted.image.value_or(""));
  if (now.volume != wanted.volume) refuse("volume", now.volume.value_or(""), wanted.volume.value_or(""));
  if (now.format != wanted.format) refuse("format", model::to_text(now.format), model::to_text(wanted.format));
  if (now.pool != wanted.pool) refuse("pool", now.pool, wanted.pool);
}

void plan_growth(const model::VirtualMachine& machine, const model::Disk& disk, const PlannedVolume& volume,
                 PlannedMachine& out) {
  if (!disk.capacity || *disk.capacity == volume.capacity) return;
  if (*disk.capacity < volume.capacity) {
    throw Error(Errc::conflict,
                fmt::format("disk '{}' of '{}' has {}, the manifest says {}: a disk is never shrunk", disk.name,
                            machine.name, util::to_text(volume.capacity), util::to_text(*disk.capacity)))
        .hint(fmt::format("write capacity: {}", util::to_text(volume.capacity)));
  }
  const std::string name = model::volume_name(machine, disk);
  out.late_steps.push_back(GrowVolume{disk.pool, name, *disk.capacity, machine.name, disk.target});
  out.disk_changes.push_back({fmt::format("disks[{}].capacity", disk.name), util::to_text(volume.capacity),
                              util::to_text(*disk.capacity), Effect::live});
}

const PlannedVolume& volume_or_throw(const model::VirtualMachine& machine, const model::Disk& disk,
                                     const std::string& name, VolumeSpace& space) {
  if (const PlannedVolume* volume = space.find({disk.pool, name})) return *volume;
  throw Error(Errc::not_found,
              fmt::format("disk '{}' of '{}' wants '{}', which is neither in the manifest nor in pool '{}'", disk.name,
                          machine.name, name, disk.pool))
      .hint(disk.image ? "add a document of kind Image with that name"
                       : "add a document of kind Volume with that name");
}

// A volume of the machine's own: empty, or standing on its image.
void plan_new_disk(const model::VirtualMachine& machine, model::Disk& disk, VolumeSpace& space, PlannedMachine& out) {
  model::Volume volume;
  volume.name = model::volume_name(machine, disk);
  volume.pool = disk.pool;
  volume.format = disk.format;
  volume.preallocation = disk.preallocation;
  CreateVolume step{volume, "", false};
  util::Bytes needed_now = bytes_needed_now(disk.preallocation, disk.capacity.value_or(util::Bytes{}));
  if (disk.image) {
    const PlannedVolume& image = volume_or_throw(machine, disk, *disk.image, space);
    if (disk.capacity && *disk.capacity < image.capacity) {
      throw Error(Errc::conflict,
                  fmt::format("disk '{}' of '{}' has {}, its image '{}' needs {}", disk.name, machine.name,
                              util::to_text(*disk.capacity), *disk.image, util::to_text(image.capacity)))
          .hint("leave the capacity out to take the image's own");
    }
    step.volume.capacity = disk.capacity.value_or(image.capacity);
    const model::Backing backing = disk.backing.value_or(model::Backing::linked);
    if (backing == model::Backing::linked && disk.format == model::DiskFormat::raw) {
      throw Error(Errc::conflict, fmt::format("disk '{}' of '{}' is raw: a raw disk can't be an overlay of its image",
                                              disk.name, machine.name))
          .hint("write 'format: qcow2', or 'backing: full'");
    }
    if (backing == model::Backing::linked) step.volume.backing = model::BackingFile{image.path, image.format};
    else step.copy_of = *disk.image;
    step.reflink = backing == model::Backing::reflink;
    if (step.reflink && image.format != disk.format) {
      throw Error(Errc::conflict,
                  fmt::format("disk '{}' of '{}' is {}, its image is {}: a reflink keeps the format", disk.name,
                              machine.name, model::to_text(disk.format), model::to_text(image.format)))
          .hint(fmt::format("write 'format: {}', or 'backing: full'", model::to_text(image.format)));
    }
  } else {
    step.volume.capacity = disk.capacity.value_or(util::Bytes{});
  }
  disk.path = space.add({disk.pool, step.volume.name}, disk.format, step.volume.capacity, needed_now).path;
  out.disk_steps.push_back(std::move(step));
}

void plan_disks(const model::VirtualMachine* now, VolumeSpace& space, Claims& claims, PlannedMachine& out) {
  model::VirtualMachine& machine = out.wanted;
  for (model::Disk& disk : machine.disks) {
    const model::Disk* before = disk_named(now, disk.name);
    if (before != nullptr && before->bus == disk.bus) disk.target = before->target;
  }
  model::assign_targets(machine);
  for (model::Disk& disk : machine.disks) {
    const model::Disk* before = disk_named(now, disk.name);
    if (before != nullptr) {
      check_not_replaced(machine, *before, disk);
      disk.path = before->path;
      if (const PlannedVolume* volume = space.find({disk.pool, model::volume_name(machine, disk)}))
        plan_growth(machine, disk, *volume, out);
    } else if (disk.volume) {
      const PlannedVolume& volume = volume_or_throw(machine, disk, *disk.volume, space);
      disk.path = volume.path;
      disk.format = volume.format;
      plan_growth(machine, disk, volume, out);
    } else {
      plan_new_disk(machine, disk, space, out);
    }
    if (disk.read_only) continue;
    const auto [owner, fresh] = claims.paths.emplace(disk.path, machine.name);
    if (!fresh && owner->second != machine.name) {
      throw Error(Errc::conflict, fmt::format("disk '{}' of '{}' is '{}', which '{}' writes to", disk.name,
                                              machine.name, disk.path, owner->second))
          .hint("two machines that write to one disk destroy it: give each its own, or write 'readOnly: true'");
    }
  }
  if (now == nullptr) return;
  if (now->firmware.type == model::FirmwareType::efi && machine.firmware.type != model::FirmwareType::efi) {
    const std::string variables = xml::read_clone_source(out.existing->xml).nvram;
    if (!variables.empty())
      out.notes.push_back(fmt::format("EFI is taken out; the file of its variables stays: {}", variables));
  }
  for (const model::Disk& before : now->disks) {
    if (disk_named(&machine, before.name) == nullptr)
      out.notes.push_back(fmt::format("disk '{}' is taken out; its file stays: {}", before.name, before.path));
  }
}

// A seed is never changed in place: a machine that runs reads the old one until its next start.
void plan_seed(const model::VirtualMachine* now, const Observed& observed, VolumeSpace& space, PlannedMachine& out) {
  model::VirtualMachine& machine = out.wanted;
  const std::optional<model::Seed> before = now != nullptr ? now->seed : std::nullopt;
  const std::string pool = seed_pool(machine);
  if (machine.cloud_init) {
    CreateSeed step{pool, "",
                    seed_files(machine, [&](const std::string& path) { return observed.seed_texts.at(path); })};
    const std::string digest = seed_digest(step.files);
    machine.seed = before;
    // From here on the digest stands for it.
    machine.cloud_init.reset();
    if (before && before->digest == digest) return;
    step.volume = seed_volume_name(machine.name, digest);
    machine.seed =
        model::Seed{space.add({pool, step.volume}, model::DiskFormat::raw, {1U << 20}, {1U << 20}).path, digest};
    out.notes.push_back(fmt::format("creates the seed '{}' for cloud-init", step.volume));
    out.disk_steps.push_back(std::move(step));
  }
  if (!before) {
    if (machine.seed && now != nullptr) out.disk_changes.push_back({"cloudInit", "", "a seed", Effect::next_start});
    return;
  }
  out.disk_changes.push_back({"cloudInit", "a seed", machine.seed ? "another seed" : "", Effect::next_start});
  if (out.existing->active)
    out.notes.push_back(fmt::format("the old seed stays, since the machine runs with it: {}", before->path));
  else out.late_steps.push_back(RemoveVolume{before->path});
}

void plan_reservations(PlannedMachine& out) {
  for (const model::Interface& interface : out.wanted.interfaces) {
    if (interface.network && interface.address)
      out.reservations.push_back({*interface.network, {out.wanted.name, interface.mac, *interface.address}});
  }
}

bool is_live(const std::string& path) {
  return path == "autostart" || path == "protected" || path == "stopTimeout" || path.starts_with("labels") ||
         (path.starts_with("interfaces[") && path.ends_with("].address"));
}

}  // namespace

Claims claims_of(const Observed& observed) {
  Claims claims;
  for (const auto& [name, domain] : observed.domains) {
    if (domain.machine.uuid) claims.uuids.emplace(*domain.machine.uuid, name);
    for (const model::Interface& interface : domain.machine.interfaces) {
      if (interface.mac) claims.macs.emplace(*interface.mac, name);
    }
    for (const model::Disk& disk : domain.machine.disks) {
      if (!disk.read_only && !disk.path.empty()) claims.paths.emplace(disk.path, name);
    }
  }
  return claims;
}

PlannedMachine plan_machine(const model::VirtualMachine& document, const Observed& observed, const PlanOptions& options,
                            VolumeSpace& space, Claims& claims) {
  PlannedMachine out;
  out.wanted = document;
  if (const auto found = observed.domains.find(document.name); found != observed.domains.end())
    out.existing = &found->second;
  const model::VirtualMachine* now = out.existing != nullptr ? &out.existing->machine : nullptr;
  if (now != nullptr && !now->provenance) {
    throw Error(Errc::conflict, fmt::format("a machine '{}' exists that another tool made", document.name))
        .hint("choose another name; vmtool changes only machines that it defined");
  }
  fill_in_identity(out.wanted, now, observed, claims);
  fill_in_type(out.wanted, now, options);
  fill_in_macs(out.wanted, now, observed, claims);
  plan_disks(now, space, claims, out);
  plan_seed(now, observed, space, out);
  plan_reservations(out);
  if (out.wanted.console.log)
    out.wanted.console.log_path = fmt::format("{}/{}-console.log", observed.log_dir, document.name);
  return out;
}

namespace {

std::string note_of(const CreateVolume& step) {
  const std::string what = fmt::format("creates volume '{}': {} {}", step.volume.name,
                                       util::to_text(step.volume.capacity), model::to_text(step.volume.format));
  if (!step.copy_of.empty())
    return fmt::format("{}, a {} of '{}'", what, step.reflink ? "reflink" : "copy", step.copy_of);
  return step.volume.backing ? fmt::format("{}, an overlay of '{}'", what, step.volume.backing->path) : what;
}

}  // namespace

Action machine_action(PlannedMachine machine, const std::vector<WantedReservation>& live) {
  Action action;
  action.kind = "VirtualMachine";
  action.name = machine.wanted.name;
  action.notes = std::move(machine.notes);
  action.steps = std::move(machine.disk_steps);
  for (const Step& step : action.steps) {
    if (const auto* volume = std::get_if<CreateVolume>(&step)) action.notes.push_back(note_of(*volume));
  }
  const bool validate = !machine.wanted.xml.empty();
  if (machine.existing == nullptr) {
    action.verb = Verb::create;
    action.steps.push_back(
        DefineMachine{action.name, *machine.wanted.uuid, xml::write_domain(machine.wanted), "", validate});
    if (machine.wanted.autostart) action.steps.push_back(SetAutostart{false, action.name, true});
  } else {
    const ObservedDomain& existing = *machine.existing;
    action.changes = changes_between(existing.machine, machine.wanted);
    for (Change& change : action.changes) change.effect = is_live(change.path) ? Effect::live : Effect::next_start;
    // A comment or the order of keys is no change: the text that is kept stays the one that was applied.
    if (action.changes.empty()) machine.wanted.provenance = existing.machine.provenance;
    const std::string merged =
        xml::merge(existing.xml, xml::rewrite_domain(existing.xml), xml::write_domain(machine.wanted));
    if (!xml::is_same(merged, existing.xml))
      action.steps.push_back(DefineMachine{action.name, *machine.wanted.uuid, merged, existing.xml, validate});
    if (existing.machine.autostart != machine.wanted.autostart)
      action.steps.push_back(SetAutostart{false, action.name, machine.wanted.autostart});
    for (const Change& change : machine.disk_changes) {
      const auto same = [&](const Change& other) { return other.path == change.path; };
      std::erase_if(action.changes, same);
      action.changes.push_back(change);
    }
  }
  for (const WantedReservation& reservation : live) {
    action.steps.push_back(Reserve{reservation.network, reservation.host});
    if (machine.existing != nullptr) {
      action.notes.push_back(
          fmt::format("reserves {} in network '{}'", model::to_text(reservation.host.address), reservation.network));
    }
  }
  for (Step& step : machine.late_steps) action.steps.push_back(std::move(step));
  if (machine.existing != nullptr && !action.steps.empty()) action.verb = Verb::update;
  return action;
}

}  // namespace vmtool::ops
