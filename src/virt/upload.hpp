#pragma once
// Bytes into a volume by libvirt's streams. Private to the room.

#include <libvirt/libvirt.h>

#include <cstdint>
#include <memory>
#include <string>

#include "virt/session.hpp"
#include "virt/storage.hpp"

namespace vmtool::virt {

/// As Volume::upload; `doing` stands in messages.
void upload_file(const Session& session, const std::shared_ptr<virStorageVol>& volume, int descriptor,
                 std::uint64_t length, const TransferProgress& progress, const std::string& doing);

/// As Volume::upload_zeros.
void upload_zeros(const Session& session, const std::shared_ptr<virStorageVol>& volume, std::uint64_t offset,
                  std::uint64_t length, const TransferProgress& progress, const std::string& doing);

}  // namespace vmtool::virt
