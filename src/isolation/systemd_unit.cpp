#include "isolation/systemd_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include "isolation/cgroup_plan.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view slice_suffix = ".slice";
constexpr std::string_view property_prefix = "org.systemd.property.";

struct PutVariant {
  DbusWriter& out;
  void operator()(bool value) const { out.signature("b"), out.boolean(value); }
  void operator()(std::int32_t value) const { out.signature("i"), out.number32(static_cast<std::uint32_t>(value)); }
  void operator()(std::uint32_t value) const { out.signature("u"), out.number32(value); }
  void operator()(std::uint64_t value) const { out.signature("t"), out.number64(value); }
  void operator()(const std::string& value) const { out.signature("s"), out.text(value); }
  void operator()(const std::vector<std::uint32_t>& values) const {
    out.signature("au");
    out.array(sizeof(std::uint32_t),
              [&] { std::for_each(values.begin(), values.end(), [&](std::uint32_t value) { out.number32(value); }); });
  }
  void operator()(const std::vector<unsigned char>& values) const {
    out.signature("ay");
    out.array(1, [&] { std::for_each(values.begin(), values.end(), [&](unsigned char value) { out.byte(value); }); });
  }
  void operator()(const UnitProperty::Devices& values) const {
    out.signature("a(st)");
    out.array(8, [&] {
      for (const auto& [device, rate] : values) {
        out.align(8);
        out.text(device);
        out.number64(rate);
      }
    });
  }
};

bool is_unit_part(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(":-_.\\@+").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

[[noreturn]] void refuse_path(const std::string& path) {
  throw Error(Errc::invalid_input, fmt::format("the cgroup path '{}' is no SLICE:PREFIX:NAME", util::printable(path)))
      .hint(
          "systemd as cgroup manager needs one such as 'system.slice:libpod:web'; a plain path needs "
          "--cgroup-manager=cgroupfs");
}

std::uint64_t bytes_or_all(std::int64_t value) { return value < 0 ? UINT64_MAX : static_cast<std::uint64_t>(value); }

/// "0-3,7" as a mask: bit N of it, from the first byte's lowest on, is number N.
std::vector<unsigned char> parse_mask(const std::string& list, const char* what) {
  constexpr std::uint64_t most = 8191;
  std::vector<unsigned char> mask;
  for (const std::string& range : util::split(util::trim(list), ',')) {
    const auto dash = range.find('-');
    const auto first = util::parse_decimal(range.substr(0, dash), most);
    const auto last = dash == std::string::npos ? first : util::parse_decimal(range.substr(dash + 1), most);
    if (!first || !last || *first > *last)
      throw Error(Errc::invalid_input, fmt::format("'{}' is no list of {}", util::printable(list), what));
    if (mask.size() <= *last / 8) mask.resize(*last / 8 + 1);
    for (std::uint64_t number = *first; number <= *last; ++number)
      mask[number / 8] = static_cast<unsigned char>(mask[number / 8] | (1U << (number % 8)));
  }
  return mask;
}

/// The property that stands for a file of cgroup v2 with one number, or "max".
std::optional<UnitProperty> find_unified(const std::string& file, const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names{{{"memory.min", "MemoryMin"},
                                                                                {"memory.low", "MemoryLow"},
                                                                                {"memory.high", "MemoryHigh"},
                                                                                {"memory.max", "MemoryMax"},
                                                                                {"memory.swap.max", "MemorySwapMax"},
                                                                                {"pids.max", "TasksMax"},
                                                                                {"cpu.weight", "CPUWeight"}}};
  const auto* const found =
      std::find_if(names.begin(), names.end(), [&](const auto& item) { return item.first == file; });
  const auto number = text == "max" ? std::optional<std::uint64_t>(UINT64_MAX) : util::parse_decimal(text);
  if (found == names.end() || !number) return std::nullopt;
  return UnitProperty{std::string(found->second), *number};
}

void add_throttles(const char* name, const std::vector<BlockThrottle>& throttles, std::vector<UnitProperty>& out) {
  if (throttles.empty()) return;
  UnitProperty::Devices devices;
  for (const BlockThrottle& item : throttles)
    devices.emplace_back(fmt::format("/dev/block/{}:{}", item.major, item.minor), item.rate);
  out.push_back({name, std::move(devices)});
}

void add_cpu_limits(const Resources& r, std::vector<UnitProperty>& out) {
  if (r.cpu_shares && *r.cpu_shares != 0) out.push_back({"CPUWeight", cpu_weight(*r.cpu_shares)});
  const std::uint64_t period = r.cpu_period.value_or(0) != 0 ? *r.cpu_period : 100'000;
  if (r.cpu_period.value_or(0) != 0) out.push_back({"CPUQuotaPeriodUSec", period});
  if (r.cpu_quota && *r.cpu_quota != 0) {
    // Of a second; systemd counts in hundredths of a CPU, and is told rather a little more than too little.
    constexpr std::uint64_t hundredth = 10'000;
    const std::uint64_t quota = bytes_or_all(*r.cpu_quota);
    const std::uint64_t a_second =
        quota == UINT64_MAX ? quota : (quota * 1'000'000 / period + hundredth - 1) / hundredth * hundredth;
    out.push_back({"CPUQuotaPerSecUSec", a_second});
  }
  if (!r.cpu_cpus.empty()) out.push_back({"AllowedCPUs", parse_mask(r.cpu_cpus, "CPUs")});
  if (!r.cpu_mems.empty()) out.push_back({"AllowedMemoryNodes", parse_mask(r.cpu_mems, "memory nodes")});
}

UnitProperty::Value parse_wish(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0] &&
      text.find('\\') == std::string::npos)
    return text.substr(1, text.size() - 2);
  const auto blank = text.find(' ');
  const std::string type = blank == std::string::npos ? "int32" : text.substr(0, blank);
  const std::string digits = blank == std::string::npos ? text : text.substr(blank + 1);
  const bool negative = digits.starts_with('-');
  const auto number = util::parse_decimal(negative ? digits.substr(1) : digits, type == "uint64"   ? UINT64_MAX
                                                                                : type == "uint32" ? UINT32_MAX
                                                                                                   : INT32_MAX);
  if (number && type == "int32")
    return static_cast<std::int32_t>(negative ? -static_cast<std::int64_t>(*number)
                                              : static_cast<std::int64_t>(*number));
  if (number && !negative && type == "uint32") return static_cast<std::uint32_t>(*number);
  if (number && !negative && type == "uint64") return *number;
  throw Error(Errc::invalid_input, fmt::format("'{}' is no value of a unit's property", util::printable(text)))
      .hint("as in: true, 'text', 5, uint64 90000000");
}

}  // namespace

void write_properties(DbusWriter& out, const std::vector<UnitProperty>& properties) {
  out.array(8, [&] {
    for (const UnitProperty& item : properties) {
      out.align(8);
      out.text(item.name);
      std::visit(PutVariant{out}, item.value);
    }
  });
}

UnitName unit_name(const std::string& cgroups_path, const std::string& id, const std::string& default_slice) {
  if (cgroups_path.empty()) return {default_slice, fmt::format("isolate-{}.scope", id)};
  const auto parts = util::split(cgroups_path, ':');
  if (parts.size() != 3 || parts[2].empty() || !is_unit_part(parts[1]) || !is_unit_part(parts[2]))
    refuse_path(cgroups_path);
  UnitName out{parts[0].empty() ? default_slice : parts[0],
               fmt::format("{}{}{}.scope", parts[1], parts[1].empty() ? "" : "-", parts[2])};
  static_cast<void>(slice_path(out.slice));
  return out;
}

std::string slice_path(const std::string& slice) {
  if (slice == "-.slice") return "";
  const std::string_view name =
      std::string_view(slice).substr(0, slice.size() - std::min(slice.size(), slice_suffix.size()));
  const bool well_formed = slice.ends_with(slice_suffix) && !name.empty() && is_unit_part(name) &&
                           name.front() != '-' && name.back() != '-' && name.find("--") == std::string_view::npos &&
                           name.find("..") == std::string_view::npos;
  if (!well_formed)
    throw Error(Errc::invalid_input, fmt::format("'{}' is no name of a slice", util::printable(slice)))
        .hint("as in: system.slice, user-1000.slice");
  std::string path;
  for (std::size_t dash = slice.find('-'); dash != std::string::npos; dash = slice.find('-', dash + 1))
    path += fmt::format("/{}{}", slice.substr(0, dash), slice_suffix);
  return path + "/" + slice;
}

std::vector<UnitProperty> unit_limits(const Resources& r) {
  std::vector<UnitProperty> out;
  if (r.memory_limit && *r.memory_limit != 0) out.push_back({"MemoryMax", bytes_or_all(*r.memory_limit)});
  if (r.memory_reservation && *r.memory_reservation != 0)
    out.push_back({"MemoryLow", bytes_or_all(*r.memory_reservation)});
  if (r.memory_swap && *r.memory_swap != 0) out.push_back({"MemorySwapMax", bytes_or_all(swap_alone(r))});
  add_cpu_limits(r, out);
  if (r.pids_limit && *r.pids_limit != 0) out.push_back({"TasksMax", bytes_or_all(*r.pids_limit)});
  if (r.block_weight && *r.block_weight != 0) out.push_back({"IOWeight", io_weight(*r.block_weight)});
  add_throttles("IOReadBandwidthMax", r.read_bps, out);
  add_throttles("IOWriteBandwidthMax", r.write_bps, out);
  add_throttles("IOReadIOPSMax", r.read_iops, out);
  add_throttles("IOWriteIOPSMax", r.write_iops, out);
  for (const auto& [file, text] : r.unified) {
    if (auto property = find_unified(file, text)) out.push_back(std::move(*property));
  }
  return out;
}

std::vector<UnitProperty> unit_wishes(const std::map<std::string, std::string>& annotations) {
  constexpr std::string_view seconds = "Sec";
  std::vector<UnitProperty> out;
  for (const auto& [key, text] : annotations) {
    if (!key.starts_with(property_prefix)) continue;
    std::string name = key.substr(property_prefix.size());
    if (name.size() < 3 ||
        !std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; })) {
      throw Error(Errc::invalid_input, fmt::format("'{}' is no property of a unit", util::printable(name)));
    }
    UnitProperty::Value value = parse_wish(text);
    const auto* const whole = std::get_if<std::int32_t>(&value);
    if (whole != nullptr && *whole >= 0 && name.ends_with(seconds) && !name.ends_with("USec")) {
      value = static_cast<std::uint64_t>(*whole) * 1'000'000;
      name.replace(name.size() - seconds.size(), seconds.size(), "USec");
    }
    out.push_back({std::move(name), std::move(value)});
  }
  return out;
}

}  // namespace vmtool::isolation
