#include "ops/journal_record.hpp"

#include <array>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using Words = std::vector<std::string>;

std::string escape(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '%' || c == '\t' || c == '\n' || c == '\r') out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

std::string unescape(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool is_code = word[i] == '%' && i + 2 < word.size() && digit(word[i + 1]) >= 0 && digit(word[i + 2]) >= 0;
    out += is_code ? static_cast<char>(digit(word[i + 1]) * 16 + digit(word[i + 2])) : word[i];
    if (is_code) i += 2;
  }
  return out;
}

std::string mac_text(const model::DhcpHost& host) { return host.mac ? model::to_text(*host.mac) : ""; }

struct ToWords {
  Words operator()(const MadeVolume& r) const { return {"volume", r.pool, r.name, r.path}; }
  Words operator()(const MadeFile& r) const { return {"file", r.path}; }
  Words operator()(const MadeDirectory& r) const { return {"directory", r.path}; }
  Words operator()(const MadePool& r) const { return {"pool", r.name}; }
  Words operator()(const MadeNetwork& r) const { return {"network", r.name}; }
  Words operator()(const MadeReservation& r) const {
    return {"reservation", r.network, r.host.name, mac_text(r.host), model::to_text(r.host.address)};
  }
  Words operator()(const MadeDomain& r) const { return {"domain", r.name, r.uuid}; }
  Words operator()(const ReplacedDomain& r) const { return {"replaced-domain", r.name, r.uuid, r.xml}; }
  Words operator()(const ReplacedNetwork& r) const { return {"replaced-network", r.name, r.xml}; }
  Words operator()(const StartedPool& r) const { return {"started-pool", r.name}; }
  Words operator()(const ChangedAutostart& r) const { return {"autostart", r.kind, r.name, r.was ? "on" : "off"}; }
  Words operator()(const ChangedHost& r) const {
    return {"host", r.network, r.section, r.added ? "added" : "removed", r.xml};
  }
  Words operator()(const MovedDisk& r) const {
    return {"moved-disk", r.name, r.uuid, r.target, r.overlay, r.path, r.format};
  }
  Words operator()(const RunningBackup& r) const { return {"backup", r.name, r.uuid, r.path}; }
  Words operator()(const MadeContainer& r) const { return {"container", r.name, r.path, r.uuid}; }
  Words operator()(const ReplacedContainer& r) const {
    return {"replaced-container", r.name, r.path, r.config, r.manifest, r.limits};
  }
  Words operator()(const RenamedContainer& r) const { return {"renamed-container", r.from, r.to, r.uuid}; }
  Words operator()(const BootedAppliance& r) const { return {"appliance", r.name, r.uuid}; }
};

std::optional<Record> reservation_from(const Words& w) {
  const auto address = model::parse_ip(w[4]);
  if (!address) return std::nullopt;
  return MadeReservation{w[1], {w[2], model::parse_mac(w[3]), *address}};
}

}  // namespace

std::string join_words(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : "\t") + escape(word);
  return line;
}

Words split_words(std::string_view line) {
  Words words = util::split(line, '\t');
  for (std::string& word : words) word = unescape(word);
  return words;
}

std::string write_line(const Record& record) { return join_words(std::visit(ToWords{}, record)); }

std::optional<Record> read_line(std::string_view line) {
  const Words w = split_words(line);
  const auto is = [&](std::string_view kind, std::size_t size) { return w[0] == kind && w.size() == size; };
  if (is("volume", 4)) return MadeVolume{w[1], w[2], w[3]};
  if (is("file", 2)) return MadeFile{w[1]};
  if (is("directory", 2)) return MadeDirectory{w[1]};
  if (is("pool", 2)) return MadePool{w[1]};
  if (is("network", 2)) return MadeNetwork{w[1]};
  if (is("reservation", 5)) return reservation_from(w);
  if (is("domain", 3)) return MadeDomain{w[1], w[2]};
  if (is("replaced-domain", 4)) return ReplacedDomain{w[1], w[2], w[3]};
  if (is("replaced-network", 3)) return ReplacedNetwork{w[1], w[2]};
  if (is("started-pool", 2)) return StartedPool{w[1]};
  if (is("autostart", 4)) return ChangedAutostart{w[1], w[2], w[3] == "on"};
  if (is("host", 5)) return ChangedHost{w[1], w[2], w[3] == "added", w[4]};
  if (is("moved-disk", 7)) return MovedDisk{w[1], w[2], w[3], w[4], w[5], w[6]};
  if (is("backup", 4)) return RunningBackup{w[1], w[2], w[3]};
  if (is("container", 4)) return MadeContainer{w[1], w[2], w[3]};
  if (is("replaced-container", 6)) return ReplacedContainer{w[1], w[2], w[3], w[4], w[5]};
  if (is("renamed-container", 4)) return RenamedContainer{w[1], w[2], w[3]};
  if (is("appliance", 3)) return BootedAppliance{w[1], w[2]};
  return std::nullopt;
}

std::string describe(const Record& record) {
  struct Describe {
    std::string operator()(const MadeVolume& r) const { return fmt::format("volume '{}'", r.name); }
    std::string operator()(const MadeFile& r) const { return fmt::format("file '{}'", r.path); }
    std::string operator()(const MadeDirectory& r) const { return fmt::format("directory '{}'", r.path); }
    std::string operator()(const MadePool& r) const { return fmt::format("pool '{}'", r.name); }
    std::string operator()(const MadeNetwork& r) const { return fmt::format("network '{}'", r.name); }
    std::string operator()(const MadeReservation& r) const {
      return fmt::format("the reservation of {}", model::to_text(r.host.address));
    }
    std::string operator()(const MadeDomain& r) const { return fmt::format("machine '{}'", r.name); }
    std::string operator()(const ReplacedDomain& r) const { return fmt::format("the change of machine '{}'", r.name); }
    std::string operator()(const ReplacedNetwork& r) const { return fmt::format("the change of network '{}'", r.name); }
    std::string operator()(const StartedPool& r) const { return fmt::format("the start of pool '{}'", r.name); }
    std::string operator()(const ChangedAutostart& r) const { return fmt::format("the autostart of '{}'", r.name); }
    std::string operator()(const ChangedHost& r) const {
      return fmt::format("a change of the hosts of network '{}'", r.network);
    }
    std::string operator()(const MovedDisk& r) const {
      return fmt::format("the overlay of disk '{}' of machine '{}'", r.target, r.name);
    }
    std::string operator()(const RunningBackup& r) const { return fmt::format("the backup of machine '{}'", r.name); }
    std::string operator()(const MadeContainer& r) const { return fmt::format("container '{}'", r.name); }
    std::string operator()(const ReplacedContainer& r) const {
      return fmt::format("the change of container '{}'", r.name);
    }
    std::string operator()(const RenamedContainer& r) const { return fmt::format("the renaming of '{}'", r.from); }
    std::string operator()(const BootedAppliance& r) const { return fmt::format("appliance '{}'", r.name); }
  };
  return std::visit(Describe{}, record);
}

}  // namespace vmtool::ops
