#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

// qemu-img(1), cluster_size of qcow2.
constexpr util::Bytes smallest_cluster{512};
constexpr util::Bytes largest_cluster = util::operator""_MiB(2);
constexpr std::string_view checksum_prefix = "sha256:";
constexpr std::size_t checksum_digits = 64;

bool is_checksum(std::string_view text) {
  if (text.substr(0, checksum_prefix.size()) != checksum_prefix) return false;
  text.remove_prefix(checksum_prefix.size());
  return text.size() == checksum_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::vector<Finding> check(const Volume& volume) {
  Findings findings;
  findings.check_name("name", volume.name);
  findings.check_reference("pool", volume.pool);
  findings.check_capacity("capacity", volume.capacity);
  if (volume.format != DiskFormat::qcow2) {
    const auto refuse = [&](bool given, const char* path, const char* what) {
      if (given) findings.add(path, fmt::format("{} needs format qcow2", what));
    };
    refuse(volume.preallocation == Preallocation::metadata, "preallocation", "preallocation metadata");
    refuse(volume.cluster_size.has_value(), "clusterSize", "a cluster size");
    refuse(volume.lazy_refcounts, "lazyRefcounts", "lazyRefcounts");
  }
  if (volume.cluster_size) {
    const util::Bytes size = *volume.cluster_size;
    if (size < smallest_cluster || size > largest_cluster || !std::has_single_bit(size.count)) {
      findings.add("clusterSize",
                   fmt::format("a cluster size of {} is not a power of two from 512B to 2MiB", to_text(size)),
                   "64KiB is usual");
    }
  }
  findings.check_edits(volume.xml);
  return findings.take();
}

std::vector<Finding> check(const Image& image) {
  Findings findings;
  findings.check_name("name", image.name);
  findings.check_reference("pool", image.pool);
  findings.check_absolute_path("source.file", image.source_file);
  if (!image.checksum.empty() && !is_checksum(image.checksum)) {
    findings.add("checksum", fmt::format("'{}' is not a checksum", util::printable(image.checksum, 100)),
                 "write sha256: and 64 lower-case hexadecimal digits, as sha256sum prints them");
  }
  return findings.take();
}

}  // namespace vmtool::model
