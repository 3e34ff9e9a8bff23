#include "virt/domain.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <array>

#include "virt/domain_state.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

std::string doing(const char* verb, const Domain& domain) { return fmt::format("{} domain '{}'", verb, domain.name()); }

}  // namespace

Domain::Domain(std::shared_ptr<const Session> session, std::shared_ptr<virDomain> handle)
    : session_(std::move(session)), handle_(std::move(handle)), name_(virDomainGetName(handle_.get())) {}

std::string Domain::uuid() const {
  std::array<char, VIR_UUID_STRING_BUFLEN> text{};
  check(virDomainGetUUIDString(handle_.get(), text.data()), doing("reading the uuid of", *this));
  return text.data();
}

DomainState Domain::state() const {
  return session_->call([d = handle_, what = doing("reading the state of", *this)] {
    int state = 0;
    check(virDomainGetState(d.get(), &state, nullptr, 0), what);
    return domain_state_of(state);
  });
}

bool Domain::is_persistent() const {
  return session_->call(
      [d = handle_, what = doing("reading", *this)] { return check(virDomainIsPersistent(d.get()), what) == 1; });
}

std::string Domain::xml(Flavor flavor) const {
  const unsigned flags = VIR_DOMAIN_XML_SECURE | (flavor == Flavor::inactive ? unsigned{VIR_DOMAIN_XML_INACTIVE} : 0U);
  return session_->call([d = handle_, flags, what = doing("reading the XML of", *this)] {
    return take_text(virDomainGetXMLDesc(d.get(), flags), what);
  });
}

void Domain::start() const {
  session_->call_long(
      [d = handle_, what = doing("starting", *this)] { check(virDomainCreateWithFlags(d.get(), 0), what); });
}

void Domain::shutdown() const {
  session_->call([d = handle_, what = doing("shutting down", *this)] { check(virDomainShutdown(d.get()), what); });
}

void Domain::reboot() const {
  session_->call([d = handle_, what = doing("rebooting", *this)] { check(virDomainReboot(d.get(), 0), what); });
}

void Domain::destroy() const {
  session_->call([d = handle_, what = doing("stopping", *this)] { check(virDomainDestroy(d.get()), what); });
}

void Domain::suspend() const {
  session_->call([d = handle_, what = doing("suspending", *this)] { check(virDomainSuspend(d.get()), what); });
}

void Domain::resume() const {
  session_->call([d = handle_, what = doing("resuming", *this)] { check(virDomainResume(d.get()), what); });
}

bool Domain::autostart() const {
  return session_->call([d = handle_, what = doing("reading the autostart of", *this)] {
    int on = 0;
    check(virDomainGetAutostart(d.get(), &on), what);
    return on == 1;
  });
}

void Domain::set_autostart(bool on) const {
  session_->call([d = handle_, on, what = doing("setting the autostart of", *this)] {
    check(virDomainSetAutostart(d.get(), on ? 1 : 0), what);
  });
}

void Domain::set_metadata(const std::string& element, const std::string& prefix, const std::string& uri) const {
  session_->call([d = handle_, element, prefix, uri, what = doing("marking", *this)] {
    unsigned flags = VIR_DOMAIN_AFFECT_CONFIG;
    int state = 0;
    check(virDomainGetState(d.get(), &state, nullptr, 0), what);
    if (is_active(domain_state_of(state))) flags |= VIR_DOMAIN_AFFECT_LIVE;
    const char* text = element.empty() ? nullptr : element.c_str();
    check(virDomainSetMetadata(d.get(), VIR_DOMAIN_METADATA_ELEMENT, text, prefix.c_str(), uri.c_str(), flags), what);
  });
}

bool Domain::has_managed_save() const {
  return session_->call([d = handle_, what = doing("reading the saved state of", *this)] {
    return check(virDomainHasManagedSaveImage(d.get(), 0), what) == 1;
  });
}

std::vector<std::string> Domain::snapshots() const {
  return session_->call([d = handle_, what = doing("listing the snapshots of", *this)] {
    std::vector<std::string> names;
    for (const auto& snapshot : list<virDomainSnapshotFree, virDomainSnapshot>(
             [&](virDomainSnapshotPtr** out) { return virDomainListAllSnapshots(d.get(), out, 0); }, what)) {
      names.emplace_back(virDomainSnapshotGetName(snapshot.get()));
    }
    return names;
  });
}

void Domain::undefine() const {
  constexpr unsigned metadata = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                                VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
  session_->call_long([d = handle_, what = doing("undefining", *this)] {
    // Drivers refuse the flags that they don't know, and an older daemon knows no TPM.
    for (const unsigned flags : {metadata | VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_TPM,
                                 metadata | VIR_DOMAIN_UNDEFINE_NVRAM, metadata}) {
      if (virDomainUndefineFlags(d.get(), flags) == 0) return;
      const int code = virGetLastErrorCode();
      if (code != VIR_ERR_INVALID_ARG && code != VIR_ERR_NO_SUPPORT && code != VIR_ERR_ARGUMENT_UNSUPPORTED)
        throw VirtError(what);
    }
    check(virDomainUndefineFlags(d.get(), 0), what);
  });
}

void Domain::block_resize(const std::string& target, std::uint64_t capacity_bytes) const {
  session_->call(
      [d = handle_, target, capacity_bytes, what = fmt::format("growing disk '{}' of domain '{}'", target, name_)] {
        check(virDomainBlockResize(d.get(), target.c_str(), capacity_bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES), what);
      });
}

}  // namespace vmtool::virt
