#include <fmt/format.h>
#include <libvirt/libvirt.h>

#include "virt/handles.hpp"
#include "virt/session.hpp"
#include "virt/storage.hpp"
#include "virt/upload.hpp"

namespace vmtool::virt {
namespace {

std::string doing(const char* verb, const Volume& volume) { return fmt::format("{} volume '{}'", verb, volume.name()); }

}  // namespace

Volume::Volume(std::shared_ptr<const Session> session, std::shared_ptr<virStorageVol> handle)
    : session_(std::move(session)), handle_(std::move(handle)), name_(virStorageVolGetName(handle_.get())) {}

std::string Volume::path() const {
  return session_->call([v = handle_, what = doing("reading the path of", *this)] {
    return take_text(virStorageVolGetPath(v.get()), what);
  });
}

std::string Volume::xml() const {
  return session_->call([v = handle_, what = doing("reading the XML of", *this)] {
    return take_text(virStorageVolGetXMLDesc(v.get(), 0), what);
  });
}

void Volume::resize(std::uint64_t capacity_bytes) const {
  session_->call_long([v = handle_, capacity_bytes, what = doing("growing", *this)] {
    check(virStorageVolResize(v.get(), capacity_bytes, 0), what);
  });
}

void Volume::remove() const {
  session_->call_long([v = handle_, what = doing("deleting", *this)] { check(virStorageVolDelete(v.get(), 0), what); });
}

void Volume::upload(int descriptor, std::uint64_t length, const TransferProgress& progress) const {
  upload_file(*session_, handle_, descriptor, length, progress, doing("uploading into", *this));
}

void Volume::upload_zeros(std::uint64_t offset, std::uint64_t length, const TransferProgress& progress) const {
  virt::upload_zeros(*session_, handle_, offset, length, progress, doing("writing zeros into", *this));
}

}  // namespace vmtool::virt
