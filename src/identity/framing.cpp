#include "identity/framing.hpp"

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

constexpr std::uint32_t largest_message = 16U << 20;
// Nobody sends a second message before the first one is answered.
constexpr std::size_t largest_backlog = 2 * std::size_t{largest_message};

}  // namespace

std::string framed(const Json& message) {
  const std::string text = message.dump();
  std::string bytes;
  for (unsigned shift = 0; shift < 8 * frame_header; shift += 8)
    bytes += static_cast<char>(text.size() >> shift & 0xff);
  return bytes + text;
}

std::uint32_t frame_length(std::string_view header) {
  std::uint32_t length = 0;
  for (std::size_t i = frame_header; i-- > 0;) length = length << 8 | static_cast<unsigned char>(header[i]);
  if (length > largest_message) throw util::Error(util::Errc::internal, "a message of the worker is too large");
  return length;
}

std::optional<std::uint32_t> Unframer::length() const {
  if (bytes_.size() < frame_header) return std::nullopt;
  return frame_length(bytes_);
}

void Unframer::add(std::string_view bytes) {
  bytes_ += bytes;
  length();
  if (bytes_.size() > largest_backlog)
    throw util::Error(util::Errc::internal, "the worker sends more than it was asked for");
}

std::optional<Json> Unframer::next() {
  const auto size = length();
  if (!size || bytes_.size() < frame_header + *size) return std::nullopt;
  const std::string text = bytes_.substr(frame_header, *size);
  bytes_.erase(0, frame_header + *size);
  return parse(text);
}

}  // namespace vmtool::identity
