#pragma once
// The veth pairs of a container, as its config.json has them: an annotation that the engine reads when the container is created.

#include <string>
#include <string_view>
#include <vector>

namespace vmtool::bundle {

/// A veth pair as it is made at the start.
struct Attachment {
  std::string name;  ///< inside
  std::string bridge;
  std::string mac{};
  unsigned mtu = 0;                      ///< bytes; 0: the kernel's default
  std::vector<std::string> addresses{};  ///< "192.168.140.30/24"
  std::vector<std::string> gateways{};   ///< of default routes
};

/// The annotation's text, a JSON array.
std::string write_attachments(const std::vector<Attachment>& attachments);

/// What write_attachments() wrote; what is no such text is none. Throws Error{invalid_input} for items of other types.
std::vector<Attachment> read_attachments(std::string_view text);

/// A config.json with other veth pairs. Throws Error{invalid_input} where it is none.
std::string with_attachments(const std::string& config, const std::vector<Attachment>& attachments);

}  // namespace vmtool::bundle
