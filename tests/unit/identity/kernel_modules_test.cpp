#include "identity/kernel_modules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using ::testing::ElementsAre;
using tests::TempDir;

TEST(HostKernel, IsTheNewestThatHasModules) {
  const TempDir root;
  for (const char* release : {"6.9.1-amd64", "6.10.0-amd64", "6.11.0-amd64"})
    root.write(std::string("boot/vmlinuz-") + release, "k");
  for (const char* release : {"6.9.1-amd64", "6.10.0-amd64"})
    root.write(std::string("modules/") + release + "/modules.dep", "");
  EXPECT_EQ(find_kernel(root.path() / "boot", root.path() / "modules").image.filename(), "vmlinuz-6.10.0-amd64");
  EXPECT_THROW(find_kernel(root.path() / "none", root.path() / "modules"), util::Error);
}

TEST(ModulesFor, ComeInTheOrderInWhichTheyAreLoaded) {
  const TempDir root;
  root.write("modules.dep",
             "kernel/fs/xfs/xfs.ko: kernel/lib/libcrc32c.ko\nkernel/lib/libcrc32c.ko:\nkernel/a/virtio-net.ko: "
             "kernel/a/failover.ko kernel/a/base.ko\n"
             "kernel/b/packed.ko.xz:\n");
  root.write("modules.builtin", "kernel/fs/ext4/ext4.ko\n");
  const HostKernel kernel{root.path() / "vmlinuz", root.path()};
  EXPECT_THAT(modules_for(kernel, {"xfs", "ext4", "virtio_net", "libcrc32c"}),
              ElementsAre(root.path() / "kernel/lib/libcrc32c.ko", root.path() / "kernel/fs/xfs/xfs.ko",
                          root.path() / "kernel/a/base.ko", root.path() / "kernel/a/failover.ko",
                          root.path() / "kernel/a/virtio-net.ko"));
  EXPECT_THROW(modules_for(kernel, {"nothing"}), util::Error);
  EXPECT_THROW(modules_for(kernel, {"packed"}), util::Error);
}

}  // namespace
}  // namespace vmtool::identity
