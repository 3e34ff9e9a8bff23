#pragma once
// The commands below `image`; each stands in a file of its own, commands/image_<word>.cpp.

#include "cli/grammar.hpp"
#include "images/store.hpp"

namespace vmtool::cli {

void add_image_pull(Command& image);
void add_image_import(Command& image);
void add_image_build(Command& image);
void add_image_list(Command& image);
void add_image_verify(Command& image);
void add_image_delete(Command& image);
void add_image_prune(Command& image);

/// "built image 'busybox' (sha256:0123456789ab, 1.9 MiB)", for what made one.
std::string describe_image(const char* done, const images::StoredImage& image);
/// "removed 2 layers and 4 blobs, 3.1 MiB"
std::string describe_removed(const images::Removed& removed);
/// Who keeps layers of the user's store from being removed.
images::LayerUsers layer_users(const images::Store& store);

}  // namespace vmtool::cli
