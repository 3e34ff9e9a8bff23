#include "identity/directory_labels.hpp"

#include <sys/xattr.h>

#include <cerrno>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr std::string_view overlay_names = "trusted.";
constexpr std::size_t largest_value = 65536;  // XATTR_SIZE_MAX of Linux

std::optional<std::string> find_value(const util::Fd& file, const char* name) {
  std::string value(largest_value, '\0');
  const ssize_t length = ::fgetxattr(file.get(), name, value.data(), value.size());
  if (length < 0) return std::nullopt;
  value.resize(static_cast<std::size_t>(length));
  return value;
}

}  // namespace

std::optional<std::string> find_label(const util::Fd& file) { return find_value(file, label_attribute); }

void put_label(const util::Fd& file, const std::string& label) {
  if (::fsetxattr(file.get(), label_attribute, label.data(), label.size(), 0) == 0 || errno == ENOTSUP ||
      errno == EPERM)
    return;
  throw util::SysError(errno, "labelling a file of the guest");
}

void copy_attributes(const util::Fd& from, const util::Fd& to) {
  std::string names(largest_value, '\0');
  const ssize_t length = ::flistxattr(from.get(), names.data(), names.size());
  if (length < 0 && errno == ENOTSUP) return;
  if (length < 0) throw util::SysError(errno, "reading the attributes of a file of the guest");
  names.resize(static_cast<std::size_t>(length));
  for (const std::string& name : util::split(names, '\0')) {
    if (name.empty() || name.starts_with(overlay_names)) continue;
    const auto value = find_value(from, name.c_str());
    if (value && ::fsetxattr(to.get(), name.c_str(), value->data(), value->size(), 0) != 0) {
      throw util::SysError(errno, "keeping the attribute '" + util::printable(name) + "' of a file of the guest");
    }
  }
}

}  // namespace vmtool::identity
