#pragma once
// From documents of containers to bundles.

#include "model/document.hpp"
#include "ops/container_home.hpp"
#include "ops/plan.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Looks at the containers that the manifest names, and at what they stand on, and plans; changes nothing. Throws
/// Error{not_found} for a layer, a mount's source or an image that is missing, Error{conflict} for a root filesystem or id
/// mappings that would change under what the container has written.
ContainerPlan plan_containers(const ContainerHome& home, const model::Manifest& manifest);

/// Whether the manifest holds a container, and whether it holds anything else.
bool has_containers(const model::Manifest& manifest);
bool has_others(const model::Manifest& manifest);

/// Throws Error{conflict} where a machine has the name of a container to be made.
void check_no_machine_is_named(const virt::Connection& connection, const std::string& container);
/// The same for each container that the plan makes.
void check_no_machine_is_named(const virt::Connection& connection, const Plan& plan);
/// Throws Error{conflict} where a container has the name of a machine.
void check_no_container_is_named(const ContainerHome& home, const std::string& machine);

/// Carries out one step: a new bundle appears at once and whole; one that exists is replaced file by file, and the limits of a
/// container that runs are set. Throws Error{conflict} where a container of that name was made meanwhile.
void define_container(const ContainerHome& home, const DefineContainer& step, util::Reporter& reporter);

/// Replaces the configuration of a bundle; what a kill left half-done is done again by the next call.
void write_bundle_files(const std::filesystem::path& bundle, const std::string& config, const std::string& manifest);

/// Makes the directories of a new bundle at `path`, as the layers below want them.
void make_bundle(const std::filesystem::path& path, const bundle::Summary& summary);

}  // namespace vmtool::ops
