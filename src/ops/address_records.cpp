#include "ops/address_records.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "ops/state_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_address_record = 4096;

std::optional<AddressRecord> read_address_record(const fs::path& file) {
  const auto address = model::parse_ip(file.filename().native());
  if (!address) return std::nullopt;
  const auto words = util::split(util::trim(util::read_file(file, largest_address_record)), '\t');
  if (words.size() != 5) return std::nullopt;
  const auto mac = model::parse_mac(words[2]);
  if (!mac) return std::nullopt;
  return AddressRecord{file.parent_path().filename(), *address, words[0], words[1], *mac, words[3], words[4] == "dhcp"};
}

}  // namespace

AddressRecords::AddressRecords(fs::path directory) : directory_(std::move(directory)) {
  fs::create_directories(directory_);
  lock_.emplace(directory_ / "lock", util::FileLock::Kind::exclusive);
  for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
    if (!entry.is_regular_file()) continue;
    if (auto record = read_address_record(entry.path())) records_.push_back(std::move(*record));
  }
}

const AddressRecord* AddressRecords::find(const std::string& network, const model::IpAddress& address) const {
  const auto found = std::find_if(records_.begin(), records_.end(), [&](const AddressRecord& record) {
    return record.network == network && record.address == address;
  });
  return found == records_.end() ? nullptr : &*found;
}

const AddressRecord* AddressRecords::find(const std::string& network, const std::string& container,
                                          const std::string& interface) const {
  const auto found = std::find_if(records_.begin(), records_.end(), [&](const AddressRecord& record) {
    return record.network == network && record.container == container && record.interface == interface;
  });
  return found == records_.end() ? nullptr : &*found;
}

fs::path AddressRecords::file_of(const AddressRecord& record) const {
  return directory_ / record.network / model::to_text(record.address);
}

void AddressRecords::add(const AddressRecord& record) {
  fs::create_directories(directory_ / record.network);
  util::write_file_atomic(file_of(record),
                          fmt::format("{}\t{}\t{}\t{}\t{}\n", record.container, record.interface,
                                      model::to_text(record.mac), record.name, record.is_reserved ? "dhcp" : "free"),
                          0600);
  records_.push_back(record);
}

void AddressRecords::remove(const AddressRecord& record) {
  const fs::path file = file_of(record);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    throw util::SysError(errno, fmt::format("removing '{}'", file.native()));
  std::erase_if(records_, [gone = file, this](const AddressRecord& other) { return file_of(other) == gone; });
}

std::filesystem::path address_directory() { return run_dir() / "addresses"; }

std::vector<std::string> containers_on(const std::string& network) {
  std::error_code missing;
  if (!fs::exists(address_directory(), missing)) return {};
  std::set<std::string> names;
  const AddressRecords records(address_directory());
  for (const AddressRecord& record : records.all()) {
    if (network.empty() || record.network == network) names.insert(record.container);
  }
  return {names.begin(), names.end()};
}

}  // namespace vmtool::ops
