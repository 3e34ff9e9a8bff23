#include "isolation/dbus_message.hpp"

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

/// Codes of the header's fields.
enum class Field : unsigned char {
  path = 1,
  interface = 2,
  member = 3,
  error = 4,
  answers = 5,
  destination = 6,
  sender = 7,
  signature = 8,
  descriptors = 9
};

constexpr std::size_t largest_message = std::size_t{1} << 20;
constexpr std::size_t struct_boundary = 8;

[[noreturn]] void refuse() { throw Error(Errc::io, "the other side of the D-Bus connection sent a malformed message"); }

void put_field(DbusWriter& out, Field field, std::string_view type, const std::string& value) {
  if (value.empty()) return;
  out.align(struct_boundary);
  out.byte(static_cast<unsigned char>(field));
  out.signature(type);
  if (type == "g") {
    out.signature(value);
  } else {
    out.text(value);
  }
}

void take_field(DbusReader& in, DbusMessage& message) {
  in.align(struct_boundary);
  const auto field = static_cast<Field>(in.byte());
  const std::string type = in.signature();
  std::uint32_t number = 0;
  std::string text;
  if (type == "u") {
    number = in.number32();
  } else if (type == "g") {
    text = in.signature();
  } else if (type == "s" || type == "o") {
    text = in.text();
  } else {
    refuse();
  }
  switch (field) {
    case Field::path: message.path = text; return;
    case Field::interface: message.interface = text; return;
    case Field::member: message.member = text; return;
    case Field::error: message.error = text; return;
    case Field::answers: message.answers = number; return;
    case Field::destination: message.destination = text; return;
    case Field::signature: message.signature = text; return;
    case Field::sender:
    case Field::descriptors: return;
  }
}

std::size_t aligned(std::size_t size) noexcept {
  return (size + struct_boundary - 1) / struct_boundary * struct_boundary;
}

}  // namespace

void DbusWriter::align(std::size_t boundary) {
  bytes_.resize((bytes_.size() + boundary - 1) / boundary * boundary, '\0');
}

void DbusWriter::number(std::uint64_t value, std::size_t size) {
  align(size);
  for (std::size_t index = 0; index < size; ++index) byte(static_cast<unsigned char>(value >> (8 * index)));
}

void DbusWriter::set_number32(std::size_t at, std::uint32_t value) noexcept {
  for (std::size_t index = 0; index < sizeof value; ++index)
    bytes_[at + index] = static_cast<char>(static_cast<unsigned char>(value >> (8 * index)));
}

void DbusWriter::text(std::string_view value) {
  number32(static_cast<std::uint32_t>(value.size()));
  bytes_ += value;
  byte(0);
}

void DbusWriter::signature(std::string_view value) {
  byte(static_cast<unsigned char>(value.size()));
  bytes_ += value;
  byte(0);
}

std::string_view DbusReader::take(std::size_t size) {
  if (size > bytes_.size() - at_) refuse();
  at_ += size;
  return bytes_.substr(at_ - size, size);
}

void DbusReader::align(std::size_t boundary) { take((boundary - at_ % boundary) % boundary); }

unsigned char DbusReader::byte() { return static_cast<unsigned char>(take(1)[0]); }

std::uint32_t DbusReader::number32() {
  align(sizeof(std::uint32_t));
  std::uint32_t value = 0;
  unsigned shift = 0;
  for (const char c : take(sizeof value)) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << shift;
    shift += 8;
  }
  return value;
}

std::string DbusReader::bytes_until_zero(std::size_t size) {
  std::string out(take(size));
  if (byte() != 0) refuse();
  return out;
}

std::string DbusReader::text() {
  const std::uint32_t size = number32();
  return bytes_until_zero(size);
}

std::string DbusReader::signature() {
  const unsigned char size = byte();
  return bytes_until_zero(size);
}

std::string encode(const DbusMessage& message) {
  DbusWriter out;
  out.byte('l');
  out.byte(static_cast<unsigned char>(message.kind));
  out.byte(0);  // no flags
  out.byte(1);  // the protocol's version
  out.number32(static_cast<std::uint32_t>(message.body.size()));
  out.number32(message.serial);
  out.array(struct_boundary, [&] {
    put_field(out, Field::path, "o", message.path);
    put_field(out, Field::interface, "s", message.interface);
    put_field(out, Field::member, "s", message.member);
    put_field(out, Field::error, "s", message.error);
    if (message.answers != 0) {
      out.align(struct_boundary);
      out.byte(static_cast<unsigned char>(Field::answers));
      out.signature("u");
      out.number32(message.answers);
    }
    put_field(out, Field::destination, "s", message.destination);
    put_field(out, Field::signature, "g", message.signature);
  });
  out.align(struct_boundary);
  return out.bytes() + message.body;
}

std::size_t dbus_message_size(std::string_view head) {
  DbusReader in(head);
  if (in.byte() != 'l') refuse();  // the byte order of this very host
  static_cast<void>(in.byte());
  static_cast<void>(in.byte());
  if (in.byte() != 1) refuse();
  const std::size_t body = in.number32();
  static_cast<void>(in.number32());
  const std::size_t fields = in.number32();
  if (body > largest_message || fields > largest_message) refuse();
  return aligned(dbus_head_size + fields) + body;
}

DbusMessage decode(std::string_view bytes) {
  if (bytes.size() < dbus_head_size || dbus_message_size(bytes.substr(0, dbus_head_size)) != bytes.size()) refuse();
  DbusReader in(bytes);
  DbusMessage message;
  static_cast<void>(in.byte());
  const unsigned char kind = in.byte();
  if (kind < static_cast<unsigned char>(DbusKind::call) || kind > static_cast<unsigned char>(DbusKind::signal))
    refuse();
  message.kind = static_cast<DbusKind>(kind);
  static_cast<void>(in.byte());
  static_cast<void>(in.byte());
  const std::size_t body = in.number32();
  message.serial = in.number32();
  const std::size_t end = dbus_head_size + in.number32();
  while (in.position() < end) take_field(in, message);
  if (in.position() != end) refuse();
  message.body = bytes.substr(bytes.size() - body);
  return message;
}

}  // namespace vmtool::isolation
