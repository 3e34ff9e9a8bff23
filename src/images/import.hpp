#pragma once
// Images from files and directories.

#include <filesystem>
#include <string>

#include "images/store.hpp"

namespace vmtool::images {

struct ImportRequest {
  std::filesystem::path
      source;  ///< an OCI layout or a `docker save` archive, as directory or tar archive; or the files of a system, as directory or tar archive
  std::string name;       ///< in the store; empty: what the source gives, else its file name
  std::string reference;  ///< which of several images in the source
};

/// Throws as add_image() and open_layout(), Error{not_found} where there is no source.
StoredImage import_image(const Store& store, const ImportRequest& request, util::Reporter& reporter);

/// Makes a directory that holds a system the only layer of an image. Its files are packed by tar(1), with the owners, modes and extended attributes that they
/// have; `tar_args` are added. Throws as add_image(), Error{io} with the words of tar.
StoredImage add_directory(const Store& store, const std::filesystem::path& directory, const std::string& name,
                          const ConfigDocument& document, const std::vector<std::string>& tar_args,
                          util::Reporter& reporter);

/// What an image is that says nothing of itself: a shell with an ordinary PATH, for this host.
ConfigDocument plain_document();

}  // namespace vmtool::images
