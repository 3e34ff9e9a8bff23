// Commands of the QEMU guest agent: libvirt keeps them in a library of their own.
#include <libvirt/libvirt-qemu.h>

#include <cstdlib>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/handle.hpp"
#include "virt/domain.hpp"
#include "virt/error.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

// libvirt's own limit comes first, so that its words are heard.
constexpr int answer_seconds = 15;
constexpr std::chrono::seconds answer_limit(20);

}  // namespace

std::string Domain::agent_command(const std::string& command) const {
  const std::string what = fmt::format("asking the guest agent of domain '{}'", name_);
  auto answer = session_->call_guest(
      [d = handle_, command, what] {
        const util::Handle<char, std::free> text(
            virDomainQemuAgentCommand(d.get(), command.c_str(), answer_seconds, 0));
        if (!text) throw VirtError(what);
        return std::string(text.get());
      },
      answer_limit);
  if (!answer) throw util::Error(util::Errc::unavailable, what + ": it does not answer");
  return std::move(*answer);
}

}  // namespace vmtool::virt
