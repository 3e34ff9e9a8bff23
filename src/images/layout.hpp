#pragma once
// Images in a directory: an OCI image layout (OCI image-spec, image-layout.md) or what `docker save` has in its archive. Nothing outside of it
// is read, whatever its links say.

#include <filesystem>
#include <string>

#include "images/add_image.hpp"
#include "util/dir_fd.hpp"

namespace vmtool::images {

enum class LayoutKind { none, oci, docker };

/// By the file "oci-layout" or "manifest.json".
LayoutKind layout_kind(const util::DirFd& directory);

/// The image for this host of that name, or the only one where `reference` is empty. NewImage::name is the one that the layout gives, or empty.
/// Throws Error{not_found} with the names that there are, Error{conflict} where one of several must be named, Error{invalid_input} where it is
/// damaged or only for other architectures.
NewImage open_layout(const util::DirFd& directory, LayoutKind kind, const std::string& reference);

/// Of several descriptors the one for this host. Throws Error{invalid_input} with the architectures that there are.
Descriptor for_this_host(const std::vector<Descriptor>& candidates);

}  // namespace vmtool::images
