#include "ops/execute_storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "identity/private_dir.hpp"
#include "storage/copy.hpp"
#include "storage/preallocate.hpp"
#include "storage/seed.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/undo.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

util::Undo::OnFailure warnings_to(util::Reporter& reporter) {
  return [&reporter](const std::string& what, const std::string& why) {
    reporter.warn(fmt::format("could not undo: {}: {}", what, why));
  };
}

storage::Progress progress_to(util::Reporter& reporter, std::string what) {
  return [&reporter, what = std::move(what)](std::uint64_t done, std::uint64_t total) {
    reporter.progress(what, done, total);
  };
}

void check_checksum(const model::Image& image, int descriptor) {
  if (image.checksum.empty()) return;
  const std::string found = "sha256:" + util::sha256_hex_of_file(descriptor);
  if (found != image.checksum) {
    throw Error(Errc::invalid_input,
                fmt::format("image '{}' is not the one that is meant: its checksum is {}, the manifest says {}",
                            image.name, found, image.checksum))
        .hint("get the file again, or correct the checksum");
  }
  if (::lseek(descriptor, 0, SEEK_SET) != 0) throw util::SysError(errno, "rewinding the image");
}

void require_local(const virt::Connection& connection, const std::string& what) {
  if (!connection.is_local()) {
    throw Error(Errc::unavailable, fmt::format("{} can't be done on a remote host", what))
        .hint("run vmtool on that host, or use another mode");
  }
}

void create_reflink(const virt::Connection& connection, const virt::Pool& pool, const CreateVolume& step,
                    util::Reporter& reporter) {
  require_local(connection, "a reflink");
  const auto source = pool.find_volume(step.copy_of);
  if (!source) throw Error(Errc::not_found, fmt::format("there is no volume '{}'", step.copy_of));
  const std::string target = fmt::format("{}/{}", xml::read_pool(pool.xml()).path, step.volume.name);
  storage::copy_file(source->path(), target, storage::Reflink::required,
                     progress_to(reporter, fmt::format("copying '{}'", step.copy_of)));
  pool.refresh();  // a local tool wrote beside libvirt
}

void copy_content(const virt::Pool& pool, const CreateVolume& step) {
  const auto source = pool.find_volume(step.copy_of);
  if (!source) throw Error(Errc::not_found, fmt::format("there is no volume '{}'", step.copy_of));
  pool.copy_volume(xml::write_volume(step.volume), *source);
}

void create_empty(const virt::Connection& connection, const virt::Pool& pool, const CreateVolume& step,
                  util::Reporter& reporter) {
  const model::Volume& volume = step.volume;
  const bool full = volume.preallocation == model::Preallocation::full;
  if (full && volume.format == model::DiskFormat::qcow2) {
    require_local(connection, "full preallocation of a qcow2 volume");
    storage::Qcow2Layout layout;
    layout.cluster_size = volume.cluster_size.value_or(layout.cluster_size);
    layout.lazy_refcounts = volume.lazy_refcounts;
    const std::string path = fmt::format("{}/{}", xml::read_pool(pool.xml()).path, volume.name);
    storage::make_full_qcow2(path, volume.capacity, layout,
                             progress_to(reporter, fmt::format("allocating '{}'", volume.name)));
    pool.refresh();  // a local tool wrote beside libvirt
    return;
  }
  const bool metadata =
      volume.format == model::DiskFormat::qcow2 &&
      (volume.preallocation == model::Preallocation::metadata || volume.preallocation == model::Preallocation::falloc);
  const virt::Volume made = pool.create_volume(
      xml::write_volume(volume), metadata ? virt::Pool::Metadata::preallocate : virt::Pool::Metadata::sparse);
  if (!full) return;
  util::Undo undo(warnings_to(reporter));
  undo.add(fmt::format("remove volume '{}'", volume.name), [&] { made.remove(); });
  made.upload_zeros(0, volume.capacity.count, progress_to(reporter, fmt::format("allocating '{}'", volume.name)));
  undo.commit();
}

}  // namespace

virt::Pool pool_or_throw(const virt::Connection& connection, const std::string& name) {
  auto pool = connection.find_pool(name);
  if (!pool)
    throw Error(Errc::not_found, fmt::format("there is no storage pool '{}'", name))
        .hint("'virsh pool-list --all' shows the pools");
  if (!pool->is_active()) pool->start();
  return *pool;
}

void start_pool(const virt::Connection& connection, const std::string& name) {
  static_cast<void>(pool_or_throw(connection, name));
}

void define_pool(const virt::Connection& connection, const model::Pool& pool) {
  const virt::Pool made = connection.define_pool(xml::write_pool(pool));
  util::Undo undo(nullptr);
  undo.add("undefine the pool", [&] { made.undefine(); });
  made.build();
  made.start();
  undo.add("stop the pool", [&] { made.destroy(); });
  made.set_autostart(true);
  undo.commit();
}

void remove_pool(const virt::Connection& connection, const std::string& name) {
  const auto pool = connection.find_pool(name);
  if (!pool) return;
  if (pool->is_active()) pool->destroy();
  pool->undefine();
}

void import_image(const virt::Connection& connection, const ImportImage& step, util::Reporter& reporter) {
  const util::Fd file = util::open_file(step.image.source_file, O_RDONLY);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw util::SysError(errno, fmt::format("reading '{}'", step.image.source_file));
  check_checksum(step.image, file.get());
  const virt::Pool pool = pool_or_throw(connection, step.image.pool);
  model::Volume volume;
  volume.name = step.image.name;
  volume.pool = step.image.pool;
  // Made as raw of the file's own length: the upload brings the real header, whatever its size.
  volume.format = model::DiskFormat::raw;
  volume.capacity = {static_cast<std::uint64_t>(info.st_size)};
  const virt::Volume made = pool.create_volume(xml::write_volume(volume), virt::Pool::Metadata::sparse);
  util::Undo undo(warnings_to(reporter));
  undo.add(fmt::format("remove volume '{}'", volume.name), [&] { made.remove(); });
  made.upload(file.get(), volume.capacity.count, progress_to(reporter, fmt::format("importing '{}'", step.image.name)));
  // libvirt reads format and capacity from the header that it now has.
  pool.refresh();
  undo.commit();
}

void create_volume(const virt::Connection& connection, const CreateVolume& step, util::Reporter& reporter) {
  const virt::Pool pool = pool_or_throw(connection, step.volume.pool);
  if (step.copy_of.empty()) {
    create_empty(connection, pool, step, reporter);
    return;
  }
  if (step.reflink) create_reflink(connection, pool, step, reporter);
  else copy_content(pool, step);
  util::Undo undo(warnings_to(reporter));
  const auto made = pool.find_volume(step.volume.name);
  if (!made) throw Error(Errc::io, fmt::format("volume '{}' is not there after it was copied", step.volume.name));
  undo.add(fmt::format("remove volume '{}'", step.volume.name), [&] { made->remove(); });
  if (step.volume.capacity > xml::read_volume(made->xml()).capacity) made->resize(step.volume.capacity.count);
  undo.commit();
}

void create_seed(const virt::Connection& connection, const CreateSeed& step) {
  const identity::PrivateDir folder;
  const std::string path = folder.path() / "seed.iso";
  storage::write_seed(path, step.files);
  const util::Fd file = util::open_file(path, O_RDONLY);
  model::Volume volume;
  volume.name = step.volume;
  volume.pool = step.pool;
  volume.format = model::DiskFormat::raw;
  volume.capacity = {std::filesystem::file_size(path)};
  const virt::Volume made =
      pool_or_throw(connection, step.pool).create_volume(xml::write_volume(volume), virt::Pool::Metadata::sparse);
  util::Undo undo(nullptr);
  undo.add(fmt::format("remove volume '{}'", volume.name), [&] { made.remove(); });
  made.upload(file.get(), volume.capacity.count, {});
  undo.commit();
}

void grow_volume(const virt::Connection& connection, const GrowVolume& step) {
  if (!step.machine.empty()) {
    const auto domain = connection.find_domain(step.machine);
    if (domain && virt::is_active(domain->state())) {
      domain->block_resize(step.target, step.capacity.count);
      return;
    }
  }
  const auto volume = pool_or_throw(connection, step.pool).find_volume(step.volume);
  if (!volume)
    throw Error(Errc::not_found, fmt::format("there is no volume '{}' in pool '{}'", step.volume, step.pool));
  volume->resize(step.capacity.count);
}

}  // namespace vmtool::ops
