#include "identity/image_lock.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

constexpr off_t used_base = 100;      // a lock here: "I use this permission"
constexpr off_t unshared_base = 200;  // a lock here: "nobody else may use this permission"
constexpr off_t consistent_read = 0;
constexpr off_t write_access = 1;
constexpr off_t resize = 3;

struct flock lock_of(short type, off_t at) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = at;
  lock.l_len = 1;
  return lock;
}

void take(int descriptor, off_t at) {
  struct flock lock = lock_of(F_RDLCK, at);
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) != 0) throw util::SysError(errno, "locking an image");
}

void require_free(int descriptor, off_t at) {
  struct flock lock = lock_of(F_WRLCK, at);
  if (::fcntl(descriptor, F_OFD_GETLK, &lock) != 0) throw util::SysError(errno, "asking for the lock of an image");
  if (lock.l_type != F_UNLCK)
    throw util::Error(util::Errc::conflict, "the image is in use by another process")
        .hint("shut the machine down first");
}

}  // namespace

void lock_image(int descriptor) {
  // First say what is used, then look at what others say: in this order two can't both succeed.
  for (const off_t permission : {consistent_read, write_access}) take(descriptor, used_base + permission);
  for (const off_t permission : {write_access, resize}) take(descriptor, unshared_base + permission);
  for (const off_t permission : {consistent_read, write_access}) require_free(descriptor, unshared_base + permission);
  for (const off_t permission : {write_access, resize}) require_free(descriptor, used_base + permission);
}

}  // namespace vmtool::identity
