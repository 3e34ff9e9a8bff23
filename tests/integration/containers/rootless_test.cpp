// An ordinary user's containers.
#include <unistd.h>

#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

class RootlessContainers : public Containers {
 protected:
  // The programs lie where only root may get to.
  RootlessContainers() {
    fs::permissions(place.path(), fs::perms::all);
    fs::permissions(lower_bundle.path(), fs::perms(0755));
    fs::create_directory(run());
    for (const char* program : {"VMTOOL_PROGRAM", "VMTOOL_ISOLATE"}) {
      const fs::path copy = place.path() / (std::string(program) == "VMTOOL_PROGRAM" ? "vmtool" : "isolate");
      fs::copy_file(std::getenv(program), copy);
      fs::permissions(copy, fs::perms(0755));
    }
    util::run_checked({.args = {"chown", "12345:12345", run().native(), place.path().native()}});
  }

  util::Result as_user(std::vector<std::string> words, std::string input = {}) const {
    std::vector<std::string> all{
        "setpriv", "--reuid", "12345",      "--regid", "12345",          "--clear-groups",
        "env",     "-C",      place.path(), "-u",      "VMTOOL_ISOLATE", place.path() / "vmtool"};
    all.insert(all.end(), words.begin(), words.end());
    return util::run({.args = std::move(all), .input = std::move(input)});
  }
};

TEST_F(RootlessContainers, DefineStartExecuteAndDelete) {
  VMTOOL_NEEDS("cell");
  VMTOOL_NEEDS("userns");
  const auto defined = as_user({"define", "-f", "-"}, document("mine", "touch /made; exec sleep 60"));
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  const auto started = as_user({"start", "mine"});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  const auto executed = as_user({"exec", "mine", "sh", "-c", "id -u; cat /etc/hostname; ls /made"});
  EXPECT_EQ(executed.out, "0\nmine\n/made\n") << executed.err;
  EXPECT_THAT(as_user({"list"}).out, HasSubstr("mine  container  running"));
  EXPECT_EQ(as_user({"stop", "mine"}).exit_code, 0);
  const auto deleted = as_user({"delete", "--yes", "mine"});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.err;
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(RootlessContainers, RunThrowsAway) {
  VMTOOL_NEEDS("cell");
  VMTOOL_NEEDS("userns");
  const auto result = as_user({"run", "--rm", "--rootfs", lower(), "sh", "-c", "id -u; exit 9"});
  EXPECT_EQ(result.exit_code, 9) << result.err;
  EXPECT_EQ(result.out, "0\n");
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(RootlessContainers, TheUserNetworkReachesOutAndAPublishedPortLeadsIn) {
  VMTOOL_NEEDS("cell");
  VMTOOL_NEEDS("userns");
  const auto defined =
      as_user({"define", "-f", "-"},
              document("mine", "mkdir /www; echo inside > /www/index.html; exec busybox httpd -f -p 80 -h /www",
                       "interfaces: [{name: eth0, network: user}]\nports: [{hostPort: 18098, containerPort: 80}]"));
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  const auto started = as_user({"start", "mine"});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  EXPECT_THAT(as_user({"exec", "mine", "ip", "-o", "link"}).out, HasSubstr("eth0"));
  EXPECT_THAT(as_user({"exec", "mine", "cat", "/etc/resolv.conf"}).out, HasSubstr("nameserver"));
  const auto fetched =
      util::run({.args = {"busybox", "timeout", "10", "busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:18098/"}});
  EXPECT_EQ(fetched.out, "inside\n") << fetched.err;
  EXPECT_EQ(as_user({"delete", "--yes", "--force", "mine"}).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
  const auto again = as_user({"run", "--rm", "--network", "default", "--rootfs", lower(), "true"});
  EXPECT_EQ(again.exit_code, 125);
  EXPECT_THAT(again.err, HasSubstr("network: user"));
}

TEST_F(RootlessContainers, ALimitIsRefusedWithTheWayToGetIt) {
  VMTOOL_NEEDS("cell");
  VMTOOL_NEEDS("userns");
  const auto result = as_user({"run", "--rm", "--memory", "50M", "--rootfs", lower(), "true"});
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("cgroup"));
  EXPECT_THAT(leftovers(), IsEmpty());
  const auto host = as_user({"define", "-f", "-"}, document("mine", "true", "userMappings: host"));
  EXPECT_EQ(host.exit_code, 7);
  EXPECT_THAT(host.err, HasSubstr("needs root"));
}

}  // namespace
}  // namespace vmtool::tests
