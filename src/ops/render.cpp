#include "ops/render.hpp"

#include <fmt/format.h>

#include "bundle/config.hpp"
#include "manifest/document.hpp"
#include "model/derive.hpp"
#include "model/targets.hpp"
#include "ops/container_facts.hpp"
#include "ops/seed_content.hpp"
#include "util/file.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

constexpr std::string_view pool_path = "/var/lib/libvirt/images";
constexpr std::string_view bundle_path = "/var/lib/vmtool/containers";

std::string path_of(const std::string& volume) { return fmt::format("{}/{}", pool_path, volume); }

model::DiskFormat format_of_image(const model::Manifest& manifest, const std::string& image) {
  for (const model::Document& document : manifest.documents) {
    const auto* found = std::get_if<model::Image>(&document.object);
    if (found != nullptr && found->name == image && found->source_file.ends_with(".raw")) return model::DiskFormat::raw;
  }
  return model::DiskFormat::qcow2;
}

const model::Volume* volume_named(const model::Manifest& manifest, const std::string& name) {
  for (const model::Document& document : manifest.documents) {
    const auto* volume = std::get_if<model::Volume>(&document.object);
    if (volume != nullptr && volume->name == name) return volume;
  }
  return nullptr;
}

// A volume whose capacity is its image's own can be written only where the image can be read: on the host.
void render_own_volume(const model::Manifest& manifest, const model::VirtualMachine& machine, const model::Disk& disk,
                       std::vector<Rendered>& out) {
  if (!disk.is_owned() || !disk.capacity) return;
  model::Volume volume;
  volume.name = model::volume_name(machine, disk);
  volume.pool = disk.pool;
  volume.format = disk.format;
  volume.capacity = *disk.capacity;
  volume.preallocation = disk.preallocation;
  if (disk.image && disk.backing.value_or(model::Backing::linked) == model::Backing::linked) {
    volume.backing = model::BackingFile{path_of(*disk.image), format_of_image(manifest, *disk.image)};
  }
  out.push_back({"Volume", volume.name, xml::write_volume(volume), {}});
}

void render_machine(const model::Manifest& manifest, model::VirtualMachine machine,
                    const std::optional<util::Uuid>& host, std::vector<Rendered>& out) {
  model::assign_targets(machine);
  for (model::Disk& disk : machine.disks) {
    render_own_volume(manifest, machine, disk, out);
    disk.path = path_of(model::volume_name(machine, disk));
    if (const model::Volume* volume = disk.volume ? volume_named(manifest, *disk.volume) : nullptr)
      disk.format = volume->format;
  }
  if (machine.cloud_init) {
    constexpr std::size_t largest_seed_text = 1 << 20;
    const std::string digest = seed_digest(
        seed_files(machine, [](const std::string& path) { return util::read_file(path, largest_seed_text); }));
    machine.seed = model::Seed{path_of(seed_volume_name(machine.name, digest)), digest};
  }
  if (machine.console.log) machine.console.log_path = fmt::format("/var/log/libvirt/qemu/{}-console.log", machine.name);
  if (host) {
    machine.uuid = model::derive_uuid(*host, "VirtualMachine", machine.name);
    for (model::Interface& interface : machine.interfaces) {
      if (!interface.mac) interface.mac = model::derive_mac(*host, "VirtualMachine", machine.name, interface.name);
    }
  }
  out.push_back({"VirtualMachine", machine.name, xml::write_domain(machine), {}});
}

void render_network(model::Network network, const std::optional<util::Uuid>& host, std::vector<Rendered>& out) {
  if (host) {
    network.uuid = model::derive_uuid(*host, "Network", network.name);
    if (network.forward.mode != model::ForwardMode::bridge)
      network.mac = model::derive_mac(*host, "Network", network.name, "bridge");
  }
  out.push_back({"Network", network.name, xml::write_network(network), {}});
}

bundle::Attachment open_attachment(const model::Container& container, const model::ContainerInterface& interface,
                                   const std::optional<util::Uuid>& host) {
  bundle::Attachment out;
  out.name = interface.name;
  out.bridge = fmt::format("<bridge of network '{}'>", interface.network);
  if (interface.mac) out.mac = model::to_text(*interface.mac);
  else if (host) out.mac = model::to_text(model::derive_mac(*host, "Container", container.name, interface.name));
  out.mtu = interface.mtu.value_or(0);
  if (interface.address) out.addresses = {fmt::format("{}/<prefix length>", model::to_text(*interface.address))};
  return out;
}

void render_container(const model::Container& container, const std::optional<util::Uuid>& host,
                      std::vector<Rendered>& out) {
  bundle::ConfigFacts facts;
  facts.directory = fmt::format("{}/{}", bundle_path, container.name);
  facts.layers = container.rootfs.layers;
  if (container.rootfs.archive) facts.layers = {fmt::format("<layer of archive '{}'>", *container.rootfs.archive)};
  if (container.rootfs.image) {
    facts.layers = {fmt::format("<layers of image '{}'>", *container.rootfs.image)};
    facts.image.emplace().name = *container.rootfs.image;
    facts.image->cmd = {fmt::format("<command of image '{}'>", *container.rootfs.image)};
  }
  if (container.user_mappings.mode == model::MappingMode::list)
    facts.uids = facts.gids = container.user_mappings.ranges;
  facts.seccomp_profile = seccomp_text(container);
  facts.devices = device_numbers(container.resources);
  for (const model::ContainerInterface& interface : container.interfaces)
    facts.attachments.push_back(open_attachment(container, interface, host));
  facts.digest = manifest::digest_of(container);
  out.push_back({"Container", container.name, {}, bundle::write_config(container, facts)});
}

}  // namespace

std::vector<Rendered> render(const model::Manifest& manifest, const std::optional<util::Uuid>& host) {
  std::vector<Rendered> out;
  for (const model::Document& document : manifest.documents) {
    if (const auto* network = std::get_if<model::Network>(&document.object)) render_network(*network, host, out);
    if (const auto* volume = std::get_if<model::Volume>(&document.object))
      out.push_back({"Volume", volume->name, xml::write_volume(*volume), {}});
    if (const auto* machine = std::get_if<model::VirtualMachine>(&document.object))
      render_machine(manifest, *machine, host, out);
    if (const auto* container = std::get_if<model::Container>(&document.object))
      render_container(*container, host, out);
  }
  return out;
}

}  // namespace vmtool::ops
