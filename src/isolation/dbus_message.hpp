#pragma once
// Messages in D-Bus's wire format (D-Bus Specification, "Message Protocol"), as far as systemd's manager needs them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vmtool::isolation {

/// Appends values, little endian, each aligned from the beginning of what is written.
class DbusWriter {
 public:
  void byte(unsigned char value) { bytes_.push_back(static_cast<char>(value)); }
  void boolean(bool value) { number32(value ? 1 : 0); }
  void number32(std::uint32_t value) { number(value, sizeof value); }
  void number64(std::uint64_t value) { number(value, sizeof value); }
  /// A string or an object path.
  void text(std::string_view value);
  void signature(std::string_view value);
  /// Pads with zeros up to a multiple of `boundary`.
  void align(std::size_t boundary);
  /// An array: `fill` appends its elements, of which each is aligned to `boundary`.
  template <class Fill>
  void array(std::size_t boundary, const Fill& fill) {
    number32(0);
    const std::size_t length_at = bytes_.size() - sizeof(std::uint32_t);
    align(boundary);
    const std::size_t begin = bytes_.size();
    fill();
    set_number32(length_at, static_cast<std::uint32_t>(bytes_.size() - begin));
  }
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  void number(std::uint64_t value, std::size_t size);
  void set_number32(std::size_t at, std::uint32_t value) noexcept;
  std::string bytes_;
};

/// Reads values back. Throws Error{io} where there are none, or they are malformed.
class DbusReader {
 public:
  explicit DbusReader(std::string_view bytes) noexcept : bytes_(bytes) {}
  unsigned char byte();
  std::uint32_t number32();
  std::string text();
  std::string signature();
  void align(std::size_t boundary);
  std::size_t position() const noexcept { return at_; }

 private:
  std::string_view take(std::size_t size);
  std::string bytes_until_zero(std::size_t size);
  std::string_view bytes_;
  std::size_t at_ = 0;
};

enum class DbusKind : unsigned char { call = 1, answer = 2, error = 3, signal = 4 };

struct DbusMessage {
  DbusKind kind = DbusKind::call;
  std::uint32_t serial = 0;
  std::uint32_t answers = 0;  ///< the serial of the call that this answers
  std::string path{};
  std::string interface {};
  std::string member{};
  std::string error{};  ///< the name of an error
  std::string destination{};
  std::string signature{};  ///< of the body
  std::string body{};
};

/// The first bytes of a message, which tell its size.
inline constexpr std::size_t dbus_head_size = 16;

std::string encode(const DbusMessage& message);
/// The size of the message that begins with `head`, dbus_head_size bytes. Throws Error{io} where it is none, or larger than a MiB.
std::size_t dbus_message_size(std::string_view head);
/// Reads a whole message. Throws Error{io}.
DbusMessage decode(std::string_view bytes);

}  // namespace vmtool::isolation
