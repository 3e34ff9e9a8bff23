#pragma once
// Taking containers away, whole.

#include <filesystem>
#include <string>
#include <vector>

#include "ops/container_wiring.hpp"
#include "ops/force.hpp"
#include "util/reporter.hpp"

namespace vmtool::ops {

/// Throws Error{conflict} where the container is protected, or runs and `force` is not set.
void check_container_deletion(const ContainerHome& home, const std::string& name, Force force);

/// Kills what runs, and removes the bundle with all that the container has written, its log and its end. After a failure a
/// second run goes on where the first stopped.
void delete_container(const ContainerHome& home, const std::string& name, ContainerWiring& wiring);

/// Removes a bundle, first out of sight. What is not there is no error.
void remove_bundle(const ContainerHome& home, const std::filesystem::path& bundle);

/// Removes a container of `run --rm` that is over and that nobody watches; whether it did.
bool remove_if_over(const ContainerHome& home, const std::string& name, ContainerWiring& wiring);

/// Removes what killed runs left half-made or half-removed, containers of `run --rm` that are over, and addresses of those that do not run; returns
/// what it was. With `look`, changes nothing.
enum class Sweep { look, act };
std::vector<std::string> sweep_containers(const ContainerHome& home, ContainerWiring& wiring, Sweep how);

}  // namespace vmtool::ops
