#pragma once
// libvirt storage pools and volumes.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "virt/domain.hpp"

struct _virStoragePool;
struct _virStorageVol;

namespace vmtool::virt {

/// Progress of a transfer: bytes done of bytes in all.
using TransferProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

class Volume {
 public:
  Volume(std::shared_ptr<const Session> session, std::shared_ptr<_virStorageVol> handle);
  const std::string& name() const noexcept { return name_; }
  std::string path() const;
  std::string xml() const;
  /// Grows (never shrinks) to `capacity_bytes`.
  void resize(std::uint64_t capacity_bytes) const;
  void remove() const;
  /// Streams the first `length` bytes of a local file into the volume, whose format is not looked at. Holes stay holes
  /// where nothing can lie in the volume yet. `progress` is called on this thread; what it throws ends the transfer.
  void upload(int descriptor, std::uint64_t length, const TransferProgress& progress) const;
  /// Streams `length` zero bytes at `offset` (how a raw volume is fully allocated through the API).
  void upload_zeros(std::uint64_t offset, std::uint64_t length, const TransferProgress& progress) const;
  /// Bytes of the volume's file, whose format is not looked at; fewer where it ends before. For small parts: a call has to end within the call limit.
  std::string read(std::uint64_t offset, std::uint64_t length) const;

 private:
  friend class Pool;
  // Before the handle, so that the connection outlives it.
  std::shared_ptr<const Session> session_;
  std::shared_ptr<_virStorageVol> handle_;
  std::string name_;
};

struct PoolInfo {
  bool active = false;
  std::uint64_t available_bytes = 0;  ///< 0 where it isn't active
};

class Pool {
 public:
  Pool(std::shared_ptr<const Session> session, std::shared_ptr<_virStoragePool> handle);
  const std::string& name() const noexcept { return name_; }
  bool is_active() const;
  bool is_persistent() const;
  std::string xml() const;
  bool autostart() const;
  void set_autostart(bool on) const;
  /// Makes the directory.
  void build() const;
  void start() const;
  void destroy() const;
  void undefine() const;
  /// Looks at its directory again; waits, five minutes at most, while volumes of it are written to by others.
  void refresh() const;
  PoolInfo info() const;

  std::vector<Volume> volumes() const;
  std::optional<Volume> find_volume(const std::string& name) const;
  /// Creates a volume; PREALLOC_METADATA is set where asked. No schema check: libvirt 9.0's flag for it is broken.
  enum class Metadata { sparse, preallocate };
  Volume create_volume(const std::string& xml, Metadata metadata) const;
  /// virStorageVolCreateXMLFrom: a full copy of `source` into a new volume.
  Volume copy_volume(const std::string& xml, const Volume& source) const;

 private:
  // Before the handle, so that the connection outlives it.
  std::shared_ptr<const Session> session_;
  std::shared_ptr<_virStoragePool> handle_;
  std::string name_;
};

}  // namespace vmtool::virt
