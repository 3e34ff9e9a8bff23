#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Run, GivesOutputAndExitCodeAndLeavesNothing) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle.script("echo hello; exit 7").run();
  EXPECT_EQ(result.out, "hello\n") << result.err;
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(bundle.leftovers(), testing::IsEmpty());
}

TEST(Run, ASignalGives128AndItsNumber) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["linux"]["namespaces"].erase(0);  // process 1 of a pid namespace ignores its own signals
  EXPECT_EQ(bundle.script("kill -TERM $$").run().exit_code, 143);
}

TEST(Run, EachNamespaceIsNew) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle.script("for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done").run();
  std::istringstream lines(result.out);
  for (const char* name : {"pid", "net", "ipc", "uts", "mnt", "cgroup"}) {
    std::string inside;
    std::getline(lines, inside);
    EXPECT_THAT(inside, HasSubstr(std::string(name) + ":["));
    EXPECT_NE(inside, fs::read_symlink(std::string("/proc/self/ns/") + name).native());
  }
}

TEST(Run, SeesOnlyItself) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle.script("hostname; echo $$; ls /; ls /dev; cat /proc/self/cgroup; ls /proc/self/fd").run();
  EXPECT_THAT(result.out, HasSubstr("inside\n1\nbin\ndev\netc\nproc\nsys\ntmp\n"));
  EXPECT_THAT(result.out,
              HasSubstr("fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n"));
  EXPECT_THAT(result.out, HasSubstr("0::/\n"));
  EXPECT_THAT(result.out, testing::EndsWith("\n0\n1\n2\n3\n")) << "ls itself holds 3";
}

TEST(Run, NothingOfTheHostIsMounted) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle.args({"cat", "/proc/mounts"}).run();
  std::istringstream lines(result.out);
  std::vector<std::string> points;
  for (std::string line; std::getline(lines, line);) {
    const auto start = line.find(' ') + 1;
    points.push_back(line.substr(start, line.find(' ', start) - start));
  }
  std::vector<std::string> expected{"/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/sys"};
  ASSERT_GT(points.size(), expected.size());
  EXPECT_EQ(std::vector<std::string>(points.begin(), points.begin() + 6), expected);
  for (std::size_t i = 6; i < points.size(); ++i)
    EXPECT_TRUE(points[i].starts_with("/proc/") || points[i] == "/sys/firmware") << points[i];
}

TEST(Run, AnOverlayIsInvisibleToTheHost) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  fs::rename(bundle.root(), bundle.path() / "lower:a,b");
  for (const char* name : {"rootfs", "top", "upper", "work"}) fs::create_directory(bundle.path() / name);
  std::ofstream(bundle.path() / "top/etc-marker") << "top";
  bundle.overlay(
      {"lowerdir+=top", "lowerdir+=" + (bundle.path() / "lower:a,b").native(), "upperdir=upper", "workdir=work"});
  const auto result = bundle.script("cat /etc-marker; echo made > /made; grep ' / ' /proc/mounts").run();
  EXPECT_THAT(result.out, HasSubstr("top")) << result.err;
  EXPECT_THAT(result.out, HasSubstr("overlay / overlay rw"));
  EXPECT_TRUE(fs::exists(bundle.path() / "upper/made"));
  EXPECT_TRUE(fs::is_empty(bundle.path() / "rootfs")) << "the host sees nothing merged";
  EXPECT_FALSE(fs::exists(bundle.path() / "lower:a,b/made"));
}

TEST(Run, ReadOnlyMaskedAndReadOnlyPaths) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["root"]["readonly"] = true;
  const auto result = bundle
                          .script(
                              "touch /x || echo ro; echo 1 > /proc/sys/kernel/domainname || echo sysro; ls "
                              "/sys/firmware | wc -l; wc -c < /proc/keys")
                          .run();
  EXPECT_EQ(result.out, "ro\nsysro\n0\n0\n") << result.err;
}

TEST(Run, CapabilitiesAndNoNewPrivilegesAreExact) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle.script("grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status").run();
  EXPECT_EQ(result.out,
            "CapInh:\t0000000000000000\nCapPrm:\t00000000000004fb\nCapEff:\t00000000000004fb\nCapBnd:"
            "\t00000000000004fb\nCapAmb:\t0000000000000000\n"
            "NoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST(Run, UserGroupsUmaskAndDirectory) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["process"]["user"] = {{"uid", 1234}, {"gid", 567}, {"additionalGids", {8, 9}}, {"umask", 077}};
  bundle.config["process"]["cwd"] = "/work/dir";
  const auto result = bundle.script("id; umask; pwd; grep -E 'CapPrm|CapEff' /proc/self/status").run();
  EXPECT_EQ(result.out,
            "uid=1234 gid=567 groups=8,9\n0077\n/work/dir\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n")
      << result.err;
}

TEST(Run, BindMountsAreReadOnlyWhereAsked) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  fs::create_directory(bundle.path() / "data");
  std::ofstream(bundle.path() / "data/file") << "data\n";
  bundle.mount("/mnt/data", "bind", (bundle.path() / "data").native(), {"rbind", "ro"})
      .mount("/etc/one", "bind", "data/file", {"bind"});
  const auto result =
      bundle.script("cat /mnt/data/file /etc/one; touch /mnt/data/x || echo ro; echo more >> /etc/one").run();
  EXPECT_EQ(result.out, "data\ndata\nro\n") << result.err;
  std::ifstream file(bundle.path() / "data/file");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "data\nmore\n");
}

TEST(Run, TellsWhatIsWrongWithTheCommand) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  auto result = bundle.args({"nosuch"}).run();
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_THAT(result.err, HasSubstr("'nosuch': executable file not found in $PATH"));
  result = bundle.args({"/etc"}).run();
  EXPECT_EQ(result.exit_code, 126);
  std::ofstream(bundle.root() / "bin/script") << "#!/bin/nosuch\n";
  fs::permissions(bundle.root() / "bin/script", fs::perms::owner_all);
  EXPECT_EQ(bundle.args({"/bin/script"}).run().exit_code, 127);
  fs::permissions(bundle.root() / "bin/script", fs::perms::owner_read);
  result = bundle.args({"/bin/script"}).run();
  EXPECT_EQ(result.exit_code, 126);
  EXPECT_THAT(result.err, HasSubstr("'/bin/script': Permission denied"));
  EXPECT_THAT(bundle.leftovers(), testing::IsEmpty());
}

TEST(Run, BadInputIsOneErrorAndLeavesNothing) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  EXPECT_EQ(bundle.run("a/b").exit_code, 125);
  EXPECT_EQ(bundle.run("..").exit_code, 125);
  EXPECT_EQ(bundle.run(std::string(4096, 'x')).exit_code, 125);
  const auto config = bundle.config;
  bundle.config["linux"]["resources"]["memory"]["limit"] = 1000;
  EXPECT_THAT(bundle.run().err, HasSubstr("below the minimum"));
  bundle.config = config;
  bundle.config["linux"]["resources"]["hugepageLimits"] = {{{"pageSize", "7MB"}, {"limit", 0}}};
  EXPECT_THAT(bundle.run().err, HasSubstr("'hugetlb"));
  EXPECT_THAT(bundle.leftovers(), testing::IsEmpty());
  fs::remove(bundle.path() / "config.json");
  EXPECT_THAT(bundle.isolate({"run", "--bundle", bundle.path().native(), "x"}).err, HasSubstr("config.json"));
}

TEST(Run, AnIdThatIsTakenLeavesItsContainerAlone) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  const std::string before = bundle.isolate({"state", "test"}).out;
  const auto result = bundle.isolate({"run", "--bundle", bundle.path().native(), "test"});
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("container 'test' exists already"));
  EXPECT_THAT(before, HasSubstr("running"));
  EXPECT_EQ(bundle.isolate({"state", "test"}).out, before);
}

TEST(Run, TheMinimalInitReapsAndPassesTheCode) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["annotations"]["org.vmtool.init"] = "true";
  const auto result =
      bundle.script("echo $$; (sleep 0.05 &) ; sleep 0.2; ps | grep -c '[Zz]ombie\\|\\[sleep\\]'; exit 9").run();
  EXPECT_EQ(result.out, "2\n0\n") << result.err;
  EXPECT_EQ(result.exit_code, 9);
}

}  // namespace
}  // namespace vmtool::tests
