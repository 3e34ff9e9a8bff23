// libvirt's client reads its socket only while a call is under way or an event loop runs. There is no loop here, so a cheap call is made
// each time: it brings in what the guest wrote, and tells of a daemon that went away.
#include "virt/guest_line.hpp"

#include <libvirt/libvirt.h>

#include <array>

#include <fmt/format.h>

#include "util/error.hpp"
#include "virt/domain.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

// A guest may write without end.
constexpr std::size_t largest_piece = 1 << 20;

using Open = int (*)(virDomain*, const char*, virStream*, unsigned);

GuestLine open_line(const std::shared_ptr<const Session>& session, const std::shared_ptr<virDomain>& domain, Open open,
                    const std::string& device, unsigned flags, const std::string& doing) {
  auto stream = session->call([c = session->connection(), domain, open, device, flags, doing] {
    auto made = own<virStreamFree>(virStreamNew(c.get(), VIR_STREAM_NONBLOCK), doing);
    check(open(domain.get(), device.empty() ? nullptr : device.c_str(), made.get(), flags), doing);
    return made;
  });
  return {session, std::move(stream), doing};
}

}  // namespace

GuestLine::GuestLine(std::shared_ptr<const Session> session, std::shared_ptr<virStream> stream, std::string doing)
    : session_(std::move(session)), stream_(std::move(stream)), doing_(std::move(doing)) {}

GuestLine::~GuestLine() {
  if (!stream_) return;
  try {
    session_->call([stream = stream_] { virStreamAbort(stream.get()); });
  } catch (const util::Error&) {
    // Gone already.
  }
}

GuestLine::Heard GuestLine::hear() const {
  return session_->call([stream = stream_, c = session_->connection(), what = doing_] {
    unsigned long ignored = 0;
    check(virConnectGetLibVersion(c.get(), &ignored), what);
    Heard heard;
    std::array<char, 4096> buffer{};
    while (heard.text.size() < largest_piece) {
      const int size = virStreamRecv(stream.get(), buffer.data(), buffer.size());
      if (size == -2) break;
      // A guest that is destroyed ends its console by an error.
      if (size <= 0) {
        heard.ended = true;
        break;
      }
      heard.text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return heard;
  });
}

std::size_t GuestLine::say(const std::string& text) const {
  return session_->call([stream = stream_, text, what = doing_]() -> std::size_t {
    const int size = virStreamSend(stream.get(), text.data(), text.size());
    if (size == -2) return 0;
    return static_cast<std::size_t>(check(size, what));
  });
}

GuestLine Domain::open_console(Console how) const {
  const unsigned flags = how == Console::forced ? VIR_DOMAIN_CONSOLE_FORCE : VIR_DOMAIN_CONSOLE_SAFE;
  return open_line(session_, handle_, virDomainOpenConsole, "", flags,
                   fmt::format("opening the console of domain '{}'", name_));
}

GuestLine Domain::open_channel(const std::string& port) const {
  return open_line(session_, handle_, virDomainOpenChannel, port, 0,
                   fmt::format("opening channel '{}' of domain '{}'", port, name_));
}

}  // namespace vmtool::virt
