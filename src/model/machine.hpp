#pragma once
// A virtual machine (libvirt formatdomain.html).

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/cloud_init.hpp"
#include "model/disk.hpp"
#include "model/enum_text.hpp"
#include "model/interface.hpp"
#include "model/xml_edit.hpp"
#include "util/bytes.hpp"
#include "util/uuid.hpp"

namespace vmtool::model {

/// The virtualisation a machine runs on; `automatic` is decided by what the host can really run.
enum class DomainType { automatic, kvm, qemu };
template <>
struct Words<DomainType> {
  static constexpr WordTable<DomainType, 3> table{
      {{DomainType::automatic, "auto"}, {DomainType::kvm, "kvm"}, {DomainType::qemu, "qemu"}}};
};

enum class FirmwareType { bios, efi };
template <>
struct Words<FirmwareType> {
  static constexpr WordTable<FirmwareType, 2> table{{{FirmwareType::bios, "bios"}, {FirmwareType::efi, "efi"}}};
};

struct Firmware {
  FirmwareType type = FirmwareType::bios;
  bool secure_boot = false;  ///< efi only
  friend bool operator==(const Firmware&, const Firmware&) = default;
};

/// Direct kernel boot; paths on the host.
struct DirectBoot {
  std::string kernel;
  std::string initrd;   ///< may be empty
  std::string cmdline;  ///< may be empty
  friend bool operator==(const DirectBoot&, const DirectBoot&) = default;
};

enum class CpuMode { host_passthrough, host_model, maximum, custom };
template <>
struct Words<CpuMode> {
  static constexpr WordTable<CpuMode, 4> table{{{CpuMode::host_passthrough, "host-passthrough"},
                                                {CpuMode::host_model, "host-model"},
                                                {CpuMode::maximum, "maximum"},
                                                {CpuMode::custom, "custom"}}};
};

enum class FeaturePolicy { force, require, optional, disable, forbid };
template <>
struct Words<FeaturePolicy> {
  static constexpr WordTable<FeaturePolicy, 5> table{{{FeaturePolicy::force, "force"},
                                                      {FeaturePolicy::require, "require"},
                                                      {FeaturePolicy::optional, "optional"},
                                                      {FeaturePolicy::disable, "disable"},
                                                      {FeaturePolicy::forbid, "forbid"}}};
};

struct CpuFeature {
  std::string name;
  FeaturePolicy policy = FeaturePolicy::require;
  friend bool operator==(const CpuFeature&, const CpuFeature&) = default;
};

struct CpuTopology {
  unsigned sockets = 1;
  unsigned cores = 1;
  unsigned threads = 1;
  friend bool operator==(const CpuTopology&, const CpuTopology&) = default;
};

struct Cpu {
  unsigned count = 1;
  std::optional<CpuMode> mode;  ///< absent: host-model under kvm, QEMU's own default model under emulation
  std::string model;            ///< with mode custom only
  std::optional<CpuTopology> topology;
  std::vector<CpuFeature> features;
  friend bool operator==(const Cpu&, const Cpu&) = default;
};

struct Memory {
  util::Bytes size{std::uint64_t{1} << 30};
  friend bool operator==(const Memory&, const Memory&) = default;
};

enum class GraphicsType { vnc };
template <>
struct Words<GraphicsType> {
  static constexpr WordTable<GraphicsType, 1> table{{{GraphicsType::vnc, "vnc"}}};
};

struct Graphics {
  GraphicsType type = GraphicsType::vnc;
  std::string listen = "127.0.0.1";
  std::optional<unsigned> port;  ///< absent: automatic, from 5900
  friend bool operator==(const Graphics&, const Graphics&) = default;
};

/// The serial console.
struct Console {
  bool log = true;       ///< its output is kept in a file too
  std::string log_path;  ///< not a manifest key: where
  friend bool operator==(const Console&, const Console&) = default;
};

struct Rng {
  std::string source = "/dev/urandom";
  friend bool operator==(const Rng&, const Rng&) = default;
};

enum class LifecycleAction { destroy, restart, preserve };
template <>
struct Words<LifecycleAction> {
  static constexpr WordTable<LifecycleAction, 3> table{{{LifecycleAction::destroy, "destroy"},
                                                        {LifecycleAction::restart, "restart"},
                                                        {LifecycleAction::preserve, "preserve"}}};
};

/// Where a definition came from; kept in the domain's metadata.
struct Provenance {
  std::string manifest;  ///< the document as it was written, variables not filled in
  std::string digest;    ///< sha256 of the document with everything filled in, 64 hexadecimal digits
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

struct VirtualMachine {
  std::string name;
  std::optional<util::Uuid> uuid;  ///< not a manifest key: derived, or the existing domain's own
  std::map<std::string, std::string> labels;
  DomainType domain_type = DomainType::automatic;
  std::string machine = "q35";
  Firmware firmware;
  std::optional<DirectBoot> boot;
  Cpu cpu;
  Memory memory;
  std::vector<Disk> disks;
  std::vector<Interface> interfaces;
  std::optional<CloudInit> cloud_init;
  std::optional<Seed> seed;  ///< not a manifest key: what cloud_init became
  std::vector<Graphics> graphics;
  Console console;
  Rng rng;
  bool guest_agent = true;
  bool autostart = false;  ///< kept by libvirt outside of the XML
  std::chrono::milliseconds stop_timeout{90'000};
  LifecycleAction on_poweroff = LifecycleAction::destroy;
  LifecycleAction on_reboot = LifecycleAction::restart;
  LifecycleAction on_crash = LifecycleAction::restart;
  bool is_protected = false;  ///< key `protected`: destructive commands refuse it
  std::vector<XmlEdit> xml;
  std::optional<Provenance> provenance;  ///< not a manifest key
  friend bool operator==(const VirtualMachine&, const VirtualMachine&) = default;
};

}  // namespace vmtool::model
