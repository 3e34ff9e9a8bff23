#include <chrono>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "virt/error.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"
#include "virt/storage.hpp"

namespace vmtool::virt {
namespace {

constexpr std::chrono::minutes busy_limit{5};
constexpr std::chrono::milliseconds busy_pause{200};

std::string doing(const char* verb, const Pool& pool) { return fmt::format("{} pool '{}'", verb, pool.name()); }

}  // namespace

Pool::Pool(std::shared_ptr<const Session> session, std::shared_ptr<virStoragePool> handle)
    : session_(std::move(session)), handle_(std::move(handle)), name_(virStoragePoolGetName(handle_.get())) {}

bool Pool::is_active() const {
  return session_->call(
      [p = handle_, what = doing("reading", *this)] { return check(virStoragePoolIsActive(p.get()), what) == 1; });
}

bool Pool::is_persistent() const {
  return session_->call(
      [p = handle_, what = doing("reading", *this)] { return check(virStoragePoolIsPersistent(p.get()), what) == 1; });
}

std::string Pool::xml() const {
  return session_->call([p = handle_, what = doing("reading the XML of", *this)] {
    return take_text(virStoragePoolGetXMLDesc(p.get(), 0), what);
  });
}

bool Pool::autostart() const {
  return session_->call([p = handle_, what = doing("reading the autostart of", *this)] {
    int on = 0;
    check(virStoragePoolGetAutostart(p.get(), &on), what);
    return on == 1;
  });
}

void Pool::set_autostart(bool on) const {
  session_->call([p = handle_, on, what = doing("setting the autostart of", *this)] {
    check(virStoragePoolSetAutostart(p.get(), on ? 1 : 0), what);
  });
}

void Pool::build() const {
  session_->call_long([p = handle_, what = doing("building", *this)] { check(virStoragePoolBuild(p.get(), 0), what); });
}

void Pool::start() const {
  session_->call_long(
      [p = handle_, what = doing("starting", *this)] { check(virStoragePoolCreate(p.get(), 0), what); });
}

void Pool::destroy() const {
  session_->call([p = handle_, what = doing("stopping", *this)] { check(virStoragePoolDestroy(p.get()), what); });
}

void Pool::undefine() const {
  session_->call([p = handle_, what = doing("undefining", *this)] { check(virStoragePoolUndefine(p.get()), what); });
}

void Pool::refresh() const {
  // libvirt refuses while a volume of the pool is written to through it, with a code that says nothing.
  constexpr std::string_view busy = "has asynchronous jobs running";
  const auto end = std::chrono::steady_clock::now() + busy_limit;
  for (;;) {
    try {
      return session_->call_long(
          [p = handle_, what = doing("refreshing", *this)] { check(virStoragePoolRefresh(p.get(), 0), what); });
    } catch (const VirtError& error) {
      if (error.message().find(busy) == std::string::npos || std::chrono::steady_clock::now() > end) throw;
    }
    std::this_thread::sleep_for(busy_pause);
  }
}

PoolInfo Pool::info() const {
  return session_->call([p = handle_, what = doing("reading the space of", *this)]() -> PoolInfo {
    virStoragePoolInfo info{};
    check(virStoragePoolGetInfo(p.get(), &info), what);
    return {.active = info.state != VIR_STORAGE_POOL_INACTIVE, .available_bytes = info.available};
  });
}

std::vector<Volume> Pool::volumes() const {
  std::vector<Volume> volumes;
  for (auto& volume : session_->call([p = handle_, what = doing("listing the volumes of", *this)] {
         return list<virStorageVolFree, virStorageVol>(
             [&](virStorageVolPtr** out) { return virStoragePoolListAllVolumes(p.get(), out, 0); }, what);
       })) {
    volumes.emplace_back(session_, std::move(volume));
  }
  return volumes;
}

std::optional<Volume> Pool::find_volume(const std::string& name) const {
  auto volume =
      session_->call([p = handle_, name, what = fmt::format("looking for volume '{}' in pool '{}'", name, name_)] {
        util::Handle<virStorageVol, virStorageVolFree> found(virStorageVolLookupByName(p.get(), name.c_str()));
        if (!found && virGetLastErrorCode() != VIR_ERR_NO_STORAGE_VOL) throw VirtError(what);
        return std::shared_ptr<virStorageVol>(std::move(found));
      });
  if (!volume) return std::nullopt;
  return Volume(session_, std::move(volume));
}

Volume Pool::create_volume(const std::string& xml, Metadata metadata) const {
  const unsigned flags = metadata == Metadata::preallocate ? unsigned{VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA} : 0U;
  return {session_, session_->call_long([p = handle_, xml, flags, what = doing("making a volume in", *this)] {
            return own<virStorageVolFree>(virStorageVolCreateXML(p.get(), xml.c_str(), flags), what);
          })};
}

Volume Pool::copy_volume(const std::string& xml, const Volume& source) const {
  const std::string what = fmt::format("copying volume '{}' into pool '{}'", source.name(), name_);
  return {session_, session_->call_long([p = handle_, xml, from = source.handle_, what] {
            return own<virStorageVolFree>(virStorageVolCreateXMLFrom(p.get(), xml.c_str(), from.get(), 0), what);
          })};
}

}  // namespace vmtool::virt
