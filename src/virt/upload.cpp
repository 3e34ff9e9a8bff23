#include "virt/upload.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <vector>

#include "util/error.hpp"
#include "util/fd.hpp"
#include "virt/handles.hpp"

namespace vmtool::virt {
namespace {

// VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX: what every daemon takes in one packet.
constexpr std::size_t packet = 262'120;
// Sent in one call, so that handing over costs nothing beside it and progress still comes often.
constexpr std::uint64_t batch = 8 << 20;

/// An open upload; aborted unless it was finished.
class Upload {
 public:
  Upload(const Session& session, const std::shared_ptr<virStorageVol>& volume, std::uint64_t offset,
         std::uint64_t length, unsigned flags, std::string doing)
      : session_(session), doing_(std::move(doing)) {
    stream_ = session_.call([connection = session_.connection(), volume, offset, length, flags, what = doing_] {
      auto stream = own<virStreamFree>(virStreamNew(connection.get(), 0), what);
      check(virStorageVolUpload(volume.get(), stream.get(), offset, length, flags), what);
      return stream;
    });
  }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload() {
    if (!stream_) return;
    try {
      session_.call([stream = stream_] { virStreamAbort(stream.get()); });
    } catch (const util::Error&) {
      // The transfer has failed already, and that error is under way.
    }
  }

  /// Calls send(stream, position) within one call; it sends a batch from `position` on and returns where it ended.
  using Send = std::function<std::uint64_t(virStream&, std::uint64_t)>;
  void pump(std::uint64_t length, const Send& send, const TransferProgress& progress) {
    std::uint64_t done = 0;
    while (done < length) {
      done = session_.call([stream = stream_, send, done] { return send(*stream, done); });
      if (progress) progress(done, length);
    }
    session_.call_long([stream = stream_, what = doing_] { check(virStreamFinish(stream.get()), what); });
    stream_.reset();
  }

 private:
  const Session& session_;
  std::string doing_;
  std::shared_ptr<virStream> stream_;
};

void send_all(virStream& stream, const char* data, std::size_t size, const std::string& doing) {
  while (size > 0) {
    const auto sent = static_cast<std::size_t>(check(virStreamSend(&stream, data, size), doing));
    data += sent;
    size -= sent;
  }
}

/// A file with its holes.
struct Source {
  util::Fd file;
  std::uint64_t length = 0;
  std::uint64_t holes_from = 0;  ///< below it, the volume may hold something that zeros must overwrite
  std::string doing;

  std::uint64_t next(int whence, std::uint64_t position) const {
    const off_t found = ::lseek(file.get(), static_cast<off_t>(position), whence);
    if (found >= 0) return std::min(static_cast<std::uint64_t>(found), length);
    // No data up to the end; where the file system can't tell, everything is data.
    if (errno == ENXIO) return length;
    return whence == SEEK_DATA ? position : length;
  }

  std::uint64_t send(virStream& stream, std::uint64_t position) const {
    const std::uint64_t end = std::min(position + batch, length);
    std::vector<char> buffer(packet);
    while (position < end) {
      std::uint64_t limit = length;
      if (position < holes_from) {
        limit = std::min(limit, holes_from);
      } else {
        const std::uint64_t data = next(SEEK_DATA, position);
        if (data > position) {
          check(virStreamSendHole(&stream, static_cast<long long>(data - position), 0), doing);
          position = data;
          continue;
        }
        limit = next(SEEK_HOLE, position);
      }
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(packet, limit - position));
      const ssize_t size = ::pread(file.get(), buffer.data(), wanted, static_cast<off_t>(position));
      if (size < 0) throw util::SysError(errno, doing);
      if (size == 0) throw util::Error(util::Errc::invalid_input, doing + ": the file became shorter meanwhile");
      send_all(stream, buffer.data(), static_cast<std::size_t>(size), doing);
      position += static_cast<std::uint64_t>(size);
    }
    return position;
  }
};

/// What a fresh volume holds (a header, preallocated metadata) lies within its present size; an unallocated one is empty.
std::uint64_t end_of_content(const Session& session, const std::shared_ptr<virStorageVol>& volume,
                             const std::string& doing) {
  return session.call([volume, doing]() -> std::uint64_t {
    virStorageVolInfo info{};
    check(virStorageVolGetInfoFlags(volume.get(), &info, 0), doing);
    if (info.allocation == 0) return 0;
    check(virStorageVolGetInfoFlags(volume.get(), &info, VIR_STORAGE_VOL_GET_PHYSICAL), doing);
    return info.allocation;
  });
}

}  // namespace

void upload_file(const Session& session, const std::shared_ptr<virStorageVol>& volume, int descriptor,
                 std::uint64_t length, const TransferProgress& progress, const std::string& doing) {
  // An own descriptor: a call that is left behind must not read from whatever has got the number meanwhile.
  const auto source = std::make_shared<Source>();
  source->file = util::Fd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!source->file) throw util::SysError(errno, doing);
  source->length = length;
  source->holes_from = end_of_content(session, volume, doing);
  source->doing = doing;
  Upload upload(session, volume, 0, length, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, doing);
  upload.pump(
      length, [source](virStream& stream, std::uint64_t position) { return source->send(stream, position); }, progress);
}

void upload_zeros(const Session& session, const std::shared_ptr<virStorageVol>& volume, std::uint64_t offset,
                  std::uint64_t length, const TransferProgress& progress, const std::string& doing) {
  Upload upload(session, volume, offset, length, 0, doing);
  upload.pump(
      length,
      [length, doing](virStream& stream, std::uint64_t position) {
        const std::vector<char> zeros(packet);
        const std::uint64_t end = std::min(position + batch, length);
        while (position < end) {
          const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(packet, end - position));
          send_all(stream, zeros.data(), size, doing);
          position += size;
        }
        return position;
      },
      progress);
}

}  // namespace vmtool::virt
