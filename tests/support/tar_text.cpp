#include "tests/support/tar_text.hpp"

#include <fmt/format.h>

#include "util/command.hpp"

namespace vmtool::tests {
namespace {

constexpr std::size_t block = 512;

void put(std::string& header, std::size_t at, std::size_t size, const std::string& value) {
  header.replace(at, std::min(size, value.size()), value, 0, size);
}

std::string octal(std::uint64_t value, int digits) { return fmt::format("{:0{}o}", value, digits); }

}  // namespace

void TarText::header(char type, const std::string& name, std::uint64_t size, const Extra& extra) {
  std::string out(block, '\0');
  put(out, 0, 100, name);
  put(out, 100, 8, octal(extra.mode, 7));
  put(out, 108, 8, octal(extra.uid, 7));
  put(out, 116, 8, octal(extra.gid, 7));
  put(out, 124, 12, octal(size, 11));
  put(out, 136, 12, octal(extra.time, 11));
  put(out, 148, 8, "        ");
  out[156] = type;
  put(out, 157, 100, extra.target);
  put(out, 257, 6, std::string("ustar\0", 6));
  put(out, 263, 2, "00");
  put(out, 329, 8, octal(extra.major, 7));
  put(out, 337, 8, octal(extra.minor, 7));
  unsigned sum = 0;
  for (const char c : out) sum += static_cast<unsigned char>(c);
  put(out, 148, 7, octal(sum, 6) + std::string(1, '\0'));
  text_ += out;
}

void TarText::content(std::string_view data) {
  text_ += data;
  text_.append((block - data.size() % block) % block, '\0');
}

TarText& TarText::add(char type, const std::string& name, std::string_view data, const Extra& extra) {
  auto records = extra.pax;
  if (name.size() > 100) records.emplace_back("path", name);
  if (extra.target.size() > 100) records.emplace_back("linkpath", extra.target);
  std::string pax;
  for (const auto& [key, value] : records) {
    // "LENGTH KEY=VALUE\n", where the length counts itself.
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (length != rest + std::to_string(length).size()) length = rest + std::to_string(length).size();
    pax += fmt::format("{} {}={}\n", length, key, value);
  }
  if (!pax.empty()) {
    header('x', "pax", pax.size(), {});
    content(pax);
  }
  header(type, name, data.size(), extra);
  content(data);
  return *this;
}

std::string compressed(const std::string& program, const std::string& data) {
  util::Command command{.args = {program, "-c"}};
  command.input = data;
  return util::run_checked(command).out;
}

}  // namespace vmtool::tests
