#pragma once
// The steps of a plan that make pools and volumes. Each leaves nothing behind when it fails.

#include <string>

#include "ops/plan.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// The pool, started where it is not active. Throws Error{not_found}.
virt::Pool pool_or_throw(const virt::Connection& connection, const std::string& name);
void start_pool(const virt::Connection& connection, const std::string& name);

/// Defines a directory pool, makes its directory, starts it and marks it for autostart.
void define_pool(const virt::Connection& connection, const model::Pool& pool);
/// Forgets a pool; its directory and files stay.
void remove_pool(const virt::Connection& connection, const std::string& name);

/// Streams an image file into a new volume, verifying its checksum where one is given.
/// Throws Error{invalid_input} where the checksum is another.
void import_image(const virt::Connection& connection, const ImportImage& step, util::Reporter& reporter);

/// Creates a volume, empty, as an overlay or as a copy, with its preallocation.
/// Throws Error{unavailable} for what only a local host can do (full preallocation of qcow2, reflinks).
void create_volume(const virt::Connection& connection, const CreateVolume& step, util::Reporter& reporter);

/// Writes a seed here and uploads it, so that a remote host gets it in the same way.
void create_seed(const virt::Connection& connection, const CreateSeed& step);

/// Grows a volume, through the machine that runs on it where there is one.
void grow_volume(const virt::Connection& connection, const GrowVolume& step);

}  // namespace vmtool::ops
