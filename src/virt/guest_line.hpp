#pragma once
// One end of a guest's serial console or virtio channel.

#include <memory>
#include <string>

struct _virStream;

namespace vmtool::virt {

class Session;

/// Nothing here waits for the guest. The other user of the line is cut off when the object ends. At its end, a guest that is destroyed included, `ended` is told.
class GuestLine {
 public:
  /// `stream` is a non-blocking one that was opened; `doing` stands in messages.
  GuestLine(std::shared_ptr<const Session> session, std::shared_ptr<_virStream> stream, std::string doing);
  GuestLine(GuestLine&&) = default;
  GuestLine(const GuestLine&) = delete;
  GuestLine& operator=(const GuestLine&) = delete;
  ~GuestLine();

  struct Heard {
    std::string text;    ///< 1 MiB at most
    bool ended = false;  ///< and nothing more will come
  };
  /// What has come since the last time.
  Heard hear() const;
  /// Sends what the daemon takes now; the number of bytes.
  std::size_t say(const std::string& text) const;

 private:
  std::shared_ptr<const Session> session_;
  std::shared_ptr<_virStream> stream_;
  std::string doing_;
};

}  // namespace vmtool::virt
