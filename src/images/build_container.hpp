#pragma once
// Images of containers that need no registry.

#include <string>
#include <vector>

#include "images/store.hpp"

namespace vmtool::images {

/// A root of nothing but the host's static busybox (Debian's package busybox-static), with a link for each of its commands. The same busybox makes the
/// same digest. Throws Error{unavailable} where it is missing or not static.
StoredImage build_busybox(const Store& store, const std::string& name, util::Reporter& reporter);

/// A root of the host's own Debian release from the host's own apt sources (mmdebstrap's variant "minbase" and `packages`); no kernel, no init.
/// Throws Error{unavailable} where mmdebstrap is missing or this is no Debian, Error{invalid_input} for what is no package's name, Error{io} with the words of
/// mmdebstrap.
StoredImage build_debian_root(const Store& store, const std::string& name, const std::vector<std::string>& packages,
                              util::Reporter& reporter);

}  // namespace vmtool::images
