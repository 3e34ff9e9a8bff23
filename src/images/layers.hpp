#pragma once
// Layers of the store, unpacked once each.

#include <string>

#include "images/blobs.hpp"

namespace vmtool::images {

/// Unpacks a blob of the store unless the layer is there already, and returns the digest of the tar archive in it. Where `expected` is such a
/// digest and the archive has another, nothing is kept. The layer appears whole or not at all, also after a crash; of two that unpack the same
/// at once, one waits. Throws Error{invalid_input} for a damaged or hostile archive, SysError.
std::string unpack_layer(const StoreFiles& files, const Blob& blob, const std::string& expected,
                         util::Reporter& reporter, const std::string& title);

/// Of the files in an unpacked layer, in bytes. Throws Error{io} where it is not as it was left.
std::uint64_t layer_size(const StoreFiles& files, const std::string& diff_id);

/// Whether the tree is still what it was when it was unpacked; reads all of it. Throws SysError.
bool is_layer_whole(const StoreFiles& files, const std::string& diff_id);

}  // namespace vmtool::images
