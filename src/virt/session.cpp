#include "virt/session.hpp"

#include <libvirt/virterror.h>

#include "util/handle.hpp"
#include "virt/handles.hpp"

namespace vmtool::virt {
namespace {

// A connection that is merely slow to say goodbye is not worth waiting for.
constexpr std::chrono::milliseconds close_limit{2'000};

void say_nothing(void*, virErrorPtr) {}

}  // namespace

Session::Session(const std::string& uri, std::chrono::milliseconds call_limit)
    : calls_("the libvirt daemon at '" + uri + "'"), call_limit_(call_limit) {}

std::shared_ptr<const Session> Session::open(const std::string& uri, std::chrono::milliseconds open_limit,
                                             std::chrono::milliseconds call_limit) {
  auto session = std::make_shared<Session>(uri, call_limit);
  const auto connection = std::make_shared<std::shared_ptr<virConnect>>();
  session->calls_.run(
      [connection, uri] {
        virSetErrorFunc(nullptr, say_nothing);
        *connection = own<virConnectClose>(virConnectOpen(uri.c_str()), "connecting to '" + uri + "'");
      },
      open_limit);
  session->connection_ = std::move(*connection);
  return session;
}

Session::~Session() {
  if (!connection_) return;
  try {
    const auto last = std::make_shared<std::shared_ptr<virConnect>>(std::move(connection_));
    const auto close = [last] { last->reset(); };
    if (calls_.is_dead()) {
      calls_.leave(close);
    } else {
      calls_.try_run(close, close_limit);
    }
  } catch (const util::Error&) {
    // Nobody is left to say goodbye to.
  }
}

Calls::Body Session::ping() const {
  return [connection = connection_] {
    unsigned long version = 0;
    check(virConnectGetLibVersion(connection.get(), &version), "asking for a sign of life");
  };
}

}  // namespace vmtool::virt
