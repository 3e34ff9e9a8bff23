#pragma once
// What has to be done to make a host be as a manifest says: data, made without touching anything.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/document.hpp"
#include "ops/observed.hpp"
#include "storage/seed.hpp"

namespace vmtool::ops {

/// When a change of an existing object takes effect.
enum class Effect { live, next_start };

/// One difference between an object as it is and as it shall be.
struct Change {
  std::string path;  ///< the manifest's path, e.g. "disks[root].capacity"
  std::string from;  ///< empty: not set
  std::string to;    ///< empty: removed
  Effect effect = Effect::next_start;
};

// The steps, each undone by execute() when a later one fails.
struct DefinePool {
  model::Pool pool;
};
struct StartPool {
  std::string pool;
};
/// Streams a local image file into a new volume.
struct ImportImage {
  model::Image image;
  model::DiskFormat format = model::DiskFormat::qcow2;
  util::Bytes capacity;
};
struct CreateVolume {
  model::Volume volume;
  std::string copy_of;   ///< a volume of the same pool whose content it gets; empty: none
  bool reflink = false;  ///< the copy shares extents, or fails
};
/// Writes a seed of cloud-init and uploads it as a volume.
struct CreateSeed {
  std::string pool;
  std::string volume;
  std::vector<storage::SeedFile> files;
};
/// Removes a volume that nothing needs once all other steps are done.
struct RemoveVolume {
  std::string path;
};
struct GrowVolume {
  std::string pool;
  std::string volume;
  util::Bytes capacity;
  std::string machine;  ///< grown through this machine where it runs; may be empty
  std::string target;
};
struct DefineNetwork {
  model::Network network;
  std::string xml;
  std::string old_xml;  ///< empty: new
};
/// Replaces one DHCP reservation or DNS entry of a network as it runs; its definition is not touched.
struct UpdateHost {
  enum class Kind { dhcp, dns };
  Kind kind = Kind::dhcp;
  std::string network;
  std::vector<std::string> old_xml;  ///< the elements that give way
  std::string xml;
};
struct Reserve {
  std::string network;
  model::DhcpHost host;
};
struct DefineMachine {
  std::string machine;
  util::Uuid uuid;
  std::string xml;
  std::string old_xml;    ///< empty: new
  bool validate = false;  ///< against libvirt's schema: only where xml edits were made
};
struct DefineContainer {
  std::string container;
  std::string uuid;
  std::string config;      ///< the text of its config.json
  std::string manifest;    ///< and of its manifest.yaml
  std::string archive{};   ///< where it is new and stands on one: unpacked first
  std::string old_config;  ///< empty: new
  std::string old_manifest;
  std::string limits;  ///< where it runs and its limits change: as `isolate update` takes them
  std::string old_limits;
};
struct SetAutostart {
  bool network = false;  ///< of a network, else of a machine
  std::string name;
  bool on = false;
};
using Step = std::variant<DefinePool, StartPool, ImportImage, CreateVolume, CreateSeed, RemoveVolume, GrowVolume,
                          DefineNetwork, UpdateHost, Reserve, DefineMachine, DefineContainer, SetAutostart>;

enum class Verb { create, update, unchanged, adopt };
/// "create", "update", "unchanged", "adopt".
const char* to_text(Verb verb) noexcept;

/// What happens to one object.
struct Action {
  Verb verb = Verb::unchanged;
  std::string kind;  ///< the manifest's word, or "Pool"
  std::string name;
  std::vector<Change> changes;
  std::vector<std::string> notes;  ///< what the user should know, e.g. "disk 'old' stays as volume 'db01-old.qcow2'"
  std::vector<Step> steps;
};

/// The actions in the order in which they are to be done; containers, then machines, come last and don't depend on each other.
struct Plan {
  std::vector<Action> actions;
  bool is_empty() const;
};

struct PlanOptions {
  model::DomainType automatic = model::DomainType::qemu;  ///< what `domainType: auto` is for new machines
  std::optional<model::DomainType> domain_type;           ///< overrides every machine's own
};

/// The plan of a manifest's containers, made by plan_containers().
struct ContainerPlan {
  std::vector<Action> actions;
};

/// Compares and decides; pure. Throws Error{conflict} or Error{not_found} for what can't be: a name, MAC, address, subnet
/// or bridge that is taken (with its owner), a missing network, pool, image or volume, a disk that would shrink or be replaced.
Plan make_plan(const model::Manifest& manifest, const Observed& observed, const PlanOptions& options,
               ContainerPlan containers = {});

}  // namespace vmtool::ops
