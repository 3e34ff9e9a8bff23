#include "storage/preallocate.hpp"

#include <string>

#include <fmt/format.h>

#include "storage/pending_file.hpp"
#include "storage/qemu_img.hpp"

namespace vmtool::storage {

void make_full_qcow2(const std::filesystem::path& path, util::Bytes capacity, const Qcow2Layout& layout,
                     const Progress& progress) {
  PendingFile pending(std::filesystem::absolute(path));
  const std::string options = fmt::format("preallocation=full,compat=1.1,cluster_size={},lazy_refcounts={}",
                                          layout.cluster_size.count, layout.lazy_refcounts ? "on" : "off");
  run_qemu_img(
      {"create", "-q", "-f", "qcow2", "-o", options, "file:" + pending.path().native(), std::to_string(capacity.count)},
      pending.descriptor(), path, capacity, progress);
  pending.commit();
  if (progress) progress(capacity.count, capacity.count);
}

}  // namespace vmtool::storage
