#pragma once
// Images from registries, through skopeo(1).

#include <string>

#include "images/store.hpp"

namespace vmtool::images {

enum class Transport { verified, plain };

struct PullRequest {
  std::string reference;  ///< "alpine:3.19", "registry.example/team/web@sha256:…", with or without "docker://"
  std::string name;       ///< in the store; empty: that of the reference
  Transport transport = Transport::verified;  ///< plain: also over HTTP, and with any certificate
};

/// Blobs that the store has, or that a broken pull of the same reference has left, are not fetched again. Everything is verified by
/// its digest before it is used. Throws Error{unavailable} where skopeo is missing, Error{io} with its words where it fails, and as add_image().
StoredImage pull_image(const Store& store, const PullRequest& request, util::Reporter& reporter);

}  // namespace vmtool::images
