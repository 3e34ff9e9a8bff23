#include "isolation/netlink.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

template <class T>
void store(std::vector<unsigned char>& bytes, std::size_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// A length that does not fit would wrap, and what follows be read as attributes of its own (CVE-2021-43784).
std::uint16_t attribute_length(std::size_t size) {
  if (size > UINT16_MAX) throw util::Error(util::Errc::invalid_input, "a netlink attribute is longer than 65535 bytes");
  return static_cast<std::uint16_t>(size);
}

}  // namespace

NetlinkBuilder::NetlinkBuilder(std::uint16_t type, std::uint16_t flags, const void* fixed, std::size_t size) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK);
  header.nlmsg_seq = 1;
  bytes_.resize(sizeof header);
  store(bytes_, 0, header);
  raw(fixed, size);
}

void NetlinkBuilder::pad() { bytes_.resize((bytes_.size() + 3) & ~std::size_t{3}); }

NetlinkBuilder& NetlinkBuilder::raw(const void* data, std::size_t size) {
  const auto* const from = static_cast<const unsigned char*>(data);
  bytes_.insert(bytes_.end(), from, from + size);
  pad();
  return *this;
}

NetlinkBuilder& NetlinkBuilder::attribute(std::uint16_t type, const void* data, std::size_t size) {
  const rtattr header{attribute_length(sizeof(rtattr) + size), type};
  const std::size_t at = bytes_.size();
  bytes_.resize(at + sizeof header);
  store(bytes_, at, header);
  return raw(data, size);
}

NetlinkBuilder& NetlinkBuilder::text(std::uint16_t type, std::string_view value) {
  std::vector<char> copy(value.begin(), value.end());
  copy.push_back('\0');
  return attribute(type, copy.data(), copy.size());
}

NetlinkBuilder& NetlinkBuilder::number(std::uint16_t type, std::uint32_t value) {
  return attribute(type, &value, sizeof value);
}

NetlinkBuilder& NetlinkBuilder::open(std::uint16_t type) {
  open_.push_back(bytes_.size());
  return attribute(type, nullptr, 0);
}

NetlinkBuilder& NetlinkBuilder::close() {
  const std::size_t at = open_.back();
  open_.pop_back();
  store(bytes_, at, attribute_length(bytes_.size() - at));
  return *this;
}

std::vector<unsigned char> NetlinkBuilder::take() {
  store(bytes_, 0, static_cast<std::uint32_t>(bytes_.size()));
  return std::move(bytes_);
}

int open_netlink() noexcept { return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

Outcome send_netlink(int socket, const std::vector<unsigned char>& message) noexcept {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(socket, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) <
      0) {
    return Outcome::last_error();
  }
  alignas(nlmsghdr) char answer[4096];
  const ssize_t got = ::recv(socket, answer, sizeof answer, 0);
  if (got < 0) return Outcome::last_error();
  nlmsghdr header{};
  nlmsgerr error{};
  if (static_cast<std::size_t>(got) < sizeof header + sizeof error) return {EPROTO, "a short netlink answer"};
  std::memcpy(&header, answer, sizeof header);
  std::memcpy(&error, answer + sizeof header, sizeof error);
  if (header.nlmsg_type != NLMSG_ERROR) return {EPROTO, "an unexpected netlink answer"};
  return Outcome{-error.error, nullptr};
}

}  // namespace vmtool::isolation
