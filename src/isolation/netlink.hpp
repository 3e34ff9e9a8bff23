#pragma once
// Building and sending rtnetlink requests.

#include <cstdint>
#include <string_view>
#include <vector>

#include "isolation/failure.hpp"

namespace vmtool::isolation {

/// Builds one request: header, fixed part, attributes. Lengths are patched when take() is called. Throws Error where an
/// attribute is too long for its length field.
class NetlinkBuilder {
 public:
  /// `type` is RTM_*, `flags` NLM_F_* (request and ack are added).
  NetlinkBuilder(std::uint16_t type, std::uint16_t flags, const void* fixed, std::size_t size);

  NetlinkBuilder& attribute(std::uint16_t type, const void* data, std::size_t size);
  NetlinkBuilder& text(std::uint16_t type, std::string_view value);
  NetlinkBuilder& number(std::uint16_t type, std::uint32_t value);
  /// Attributes until the matching close() lie inside this one.
  NetlinkBuilder& open(std::uint16_t type);
  NetlinkBuilder& close();
  /// Bytes without a header of their own (the ifinfomsg of a veth's peer).
  NetlinkBuilder& raw(const void* data, std::size_t size);

  std::vector<unsigned char> take();

 private:
  void pad();
  std::vector<unsigned char> bytes_;
  std::vector<std::size_t> open_;
};

/// A socket of the network namespace of the caller; -1 with errno.
int open_netlink() noexcept;

/// Sends one request and waits for its answer.
Outcome send_netlink(int socket, const std::vector<unsigned char>& message) noexcept;

}  // namespace vmtool::isolation
