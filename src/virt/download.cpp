// Bytes out of a volume by libvirt's streams.
#include <libvirt/libvirt.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "virt/handles.hpp"
#include "virt/session.hpp"
#include "virt/storage.hpp"

namespace vmtool::virt {

std::string Volume::read(std::uint64_t offset, std::uint64_t length) const {
  return session_->call(
      [c = session_->connection(), v = handle_, offset, length, what = fmt::format("reading from volume '{}'", name_)] {
        auto stream = own<virStreamFree>(virStreamNew(c.get(), 0), what);
        check(virStorageVolDownload(v.get(), stream.get(), offset, length, 0), what);
        std::string bytes;
        std::vector<char> buffer(64U << 10);
        while (bytes.size() < length) {
          const auto size = static_cast<std::size_t>(check(
              virStreamRecv(stream.get(), buffer.data(), std::min<std::size_t>(buffer.size(), length - bytes.size())),
              what));
          if (size == 0) break;
          bytes.append(buffer.data(), size);
        }
        // Finishing waits for an end that may not have been read yet.
        if (bytes.size() == length) virStreamAbort(stream.get());
        else check(virStreamFinish(stream.get()), what);
        return bytes;
      });
}

}  // namespace vmtool::virt
