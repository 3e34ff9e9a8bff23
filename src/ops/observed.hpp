#pragma once
// What a host has, as values: what plans are made from. Filled by observe(); made by hand in tests.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/document.hpp"
#include "storage/chain.hpp"
#include "util/uuid.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {

struct ObservedDomain {
  model::VirtualMachine machine;  ///< as its definition reads
  std::string xml;                ///< its definition (inactive XML)
  bool active = false;
  bool autostart = false;  ///< known only for machines that the manifest names
};

struct ObservedNetwork {
  model::Network network;  ///< its autostart is known only where the manifest names it
  std::string xml;
  bool active = false;
  std::optional<model::Network> live;  ///< as it runs; only where the manifest names it
};

struct ObservedPool {
  model::Pool pool;
  bool active = false;
  std::uint64_t available_bytes = 0;
  std::map<std::string, xml::VolumeFacts> volumes;  ///< only the names that were asked for
};

/// A subnet that something else on the host uses already.
struct HostSubnet {
  model::IpPrefix prefix;
  std::string owner;      ///< "interface 'eth0'" or "the route through 'eth0'"
  std::string interface;  ///< "eth0"
};

struct Observed {
  util::Uuid host;           ///< libvirt's host uuid
  bool local = true;         ///< files and interfaces of the host are this machine's own
  bool session = false;      ///< qemu:///session: no privileged networks
  std::string default_pool;  ///< where pool 'default' would be made
  std::string log_dir;       ///< where console logs lie
  std::map<std::string, ObservedDomain> domains;
  std::map<std::string, ObservedNetwork> networks;
  std::map<std::string, ObservedPool> pools;
  std::map<std::string, storage::ImageFile> image_files;  ///< of the manifest's images, by path
  std::map<std::string, std::string> seed_texts;          ///< of the files that the manifest's cloudInits name, by path
  std::vector<HostSubnet> subnets;                        ///< empty for a remote host
  std::set<std::string> interfaces;                       ///< names of links; empty for a remote host
};

/// (pool, name) of a volume.
using VolumeId = std::pair<std::string, std::string>;

/// Every volume that the manifest's objects are or stand on.
std::set<VolumeId> volumes_of(const model::Manifest& manifest);

}  // namespace vmtool::ops
