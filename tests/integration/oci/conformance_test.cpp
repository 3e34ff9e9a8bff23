// The same bundles run by isolate, crun and runc: what comes out is compared.
#include <gmock/gmock.h>

#include <fstream>
#include <functional>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

bool is_there(const std::string& program) {
  return fs::exists("/usr/bin/" + program) || fs::exists("/usr/sbin/" + program);
}

struct Outcome {
  int exit_code;
  std::string out;
};

/// `run` of one runtime, with a state directory of its own.
Outcome run_with(const std::string& runtime, Bundle& bundle) {
  bundle.write("conform");
  const std::string root = (bundle.path() / ("root-" + runtime)).native();
  const auto result = util::run({{runtime == "isolate" ? std::getenv("VMTOOL_ISOLATE") : runtime, "--root", root, "run",
                                  "--bundle", bundle.path().native(), "conform"}});
  return {result.exit_code, result.out};
}

struct Case {
  const char* name;
  std::function<void(Bundle&)> prepare;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"ExitCode", [](Bundle& b) { b.script("exit 7"); }},
      {"Signal",
       [](Bundle& b) {
         b.config["linux"]["namespaces"].erase(0);
         b.script("kill -TERM $$");
       }},
      {"Capabilities",
       [](Bundle& b) { b.script("grep -E 'CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs' /proc/self/status"); }},
      {"UserAndGroups",
       [](Bundle& b) {
         b.config["process"]["user"] = {{"uid", 1000}, {"gid", 1001}, {"additionalGids", {5, 6}}, {"umask", 027}};
         b.script("id; umask");
       }},
      {"Environment",
       [](Bundle& b) {
         b.config["process"]["env"] = {"PATH=/bin", "A=b c", "EMPTY="};
         b.script("echo \"$A|$EMPTY|$PATH\"");
       }},
      {"Hostname", [](Bundle& b) { b.args({"hostname"}); }},
      {"WorkingDirectoryIsMade",
       [](Bundle& b) {
         b.config["process"]["cwd"] = "/new/dir";
         b.args({"pwd"});
       }},
      {"ReadOnlyRoot",
       [](Bundle& b) {
         b.config["root"]["readonly"] = true;
         b.script("touch /x 2>/dev/null || echo refused");
       }},
      {"MaskedAndReadOnlyPaths",
       [](Bundle& b) {
         b.script(
             "cat /proc/keys | wc -c; ls /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/domainname || echo refused");
       }},
      {"Devices",
       [](Bundle& b) {
         b.script(
             "for d in null zero full random urandom tty; do stat -c '%n %t:%T %a' /dev/$d; done; readlink /dev/stdin "
             "/dev/ptmx");
       }},
      {"BindMount",
       [](Bundle& b) {
         fs::create_directory(b.path() / "data");
         std::ofstream(b.path() / "data/file") << "data\n";
         b.mount("/mnt", "bind", (b.path() / "data").native(), {"rbind", "ro"})
             .script("cat /mnt/file; touch /mnt/x 2>/dev/null || echo refused");
       }},
      {"Tmpfs",
       [](Bundle& b) {
         b.mount("/scratch", "tmpfs", "tmpfs", {"size=64k", "mode=700", "nosuid", "nodev"})
             .script("stat -c %a /scratch; grep -o 'tmpfs /scratch tmpfs rw,nosuid,nodev' /proc/mounts");
       }},
      {"ResourceLimit",
       [](Bundle& b) {
         b.config["process"]["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 100}, {"hard", 200}}};
         b.script("ulimit -n; ulimit -Hn");
       }},
      {"Sysctl",
       [](Bundle& b) {
         b.config["linux"]["sysctl"]["net.ipv4.ip_forward"] = "1";
         b.args({"cat", "/proc/sys/net/ipv4/ip_forward"});
       }},
      {"MemoryLimitKills",
       [](Bundle& b) {
         b.config["linux"]["resources"]["memory"]["limit"] = 20 << 20;
         b.args({"tail", "-c", "60000000", "/dev/zero"});
       }},
      {"SeccompErrno",
       [](Bundle& b) {
         b.config["linux"]["seccomp"] = {
             {"defaultAction", "SCMP_ACT_ALLOW"},
             {"architectures", {"SCMP_ARCH_X86_64"}},
             {"syscalls", {{{"names", {"mkdir", "mkdirat"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 28}}}}};
         b.script("mkdir /tmp/x");
       }},
      {"UserNamespace",
       [](Bundle& b) {
         b.config["linux"]["namespaces"].push_back({{"type", "user"}});
         for (const char* map : {"uidMappings", "gidMappings"})
           b.config["linux"][map] = {{{"containerID", 0}, {"hostID", 200000}, {"size", 65536}}};
         fs::permissions(b.path(), fs::perms::all);
         b.script("id -u; cat /proc/self/uid_map");
       }},
  };
  return all;
}

class Conformance : public testing::TestWithParam<Case> {};

TEST_P(Conformance, IsAsOtherRuntimesHaveIt) {
  VMTOOL_NEEDS("cell");
  int compared = 0;
  Bundle bundle;
  GetParam().prepare(bundle);
  const Outcome ours = run_with("isolate", bundle);
  for (const char* other : {"crun", "runc"}) {
    if (!is_there(other)) continue;
    Bundle again;
    GetParam().prepare(again);
    const Outcome theirs = run_with(other, again);
    EXPECT_EQ(ours.out, theirs.out) << other;
    EXPECT_EQ(ours.exit_code, theirs.exit_code) << other;
    ++compared;
  }
  EXPECT_GT(compared, 0) << "neither crun nor runc is installed";
}

INSTANTIATE_TEST_SUITE_P(Cases, Conformance, testing::ValuesIn(cases()),
                         [](const auto& about) { return about.param.name; });

std::string schema_fault(const char* schema, const fs::path& file) {
  return util::run({{"/usr/bin/python3", "-W", "ignore",
                     std::string(std::getenv("VMTOOL_SOURCE_DIR")) + "/tests/integration/oci/check_schema.py", schema,
                     file.native()}})
      .err;
}

TEST(Schema, OfTheExampleAndTheState) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  for (const bool rootless : {false, true}) {
    const fs::path file = bundle.path() / "config.json";
    fs::remove(file);
    std::vector<std::string> words{"spec", "--bundle", bundle.path().native()};
    if (rootless) words.emplace_back("--rootless");
    ASSERT_EQ(bundle.isolate(words).exit_code, 0);
    EXPECT_EQ(schema_fault("config-schema.json", file), "");
  }
  bundle.args({"sleep", "60"});
  ASSERT_EQ(bundle.start().exit_code, 0);
  std::ofstream(bundle.path() / "state.json") << bundle.isolate({"state", "test"}).out;
  EXPECT_EQ(schema_fault("state-schema.json", bundle.path() / "state.json"), "");
  std::ofstream(bundle.path() / "wrong.json") << R"({"ociVersion": 1})";
  EXPECT_NE(schema_fault("state-schema.json", bundle.path() / "wrong.json"), "") << "the schema does find faults";
}

TEST(Podman, RunsExecutesStopsAndRemovesByOurRuntime) {
  VMTOOL_NEEDS("cell");
  VMTOOL_NEEDS("podman");
  Bundle bundle;
  const fs::path& base = bundle.path();
  const auto podman = [&](std::vector<std::string> words) {
    // Elsewhere than a directory of its own, podman would share the host's images and containers.
    std::vector<std::string> all{"podman",
                                 "--root",
                                 (base / "store").native(),
                                 "--runroot",
                                 (base / "run").native(),
                                 "--tmpdir",
                                 (base / "tmp").native(),
                                 "--cgroup-manager",
                                 "cgroupfs",
                                 "--storage-driver",
                                 "vfs",
                                 "--runtime",
                                 std::getenv("VMTOOL_ISOLATE")};
    all.insert(all.end(), words.begin(), words.end());
    return util::run({std::move(all)});
  };
  const std::string tar = (base / "root.tar").native();
  ASSERT_EQ(util::run({{"tar", "-C", bundle.root().native(), "-cf", tar, "."}}).exit_code, 0);
  const auto import = podman({"import", tar, "local/busybox"});
  ASSERT_EQ(import.exit_code, 0) << import.err;
  // A host that lacks CAP_SYS_RESOURCE can't raise limits, which podman does by default.
  const std::vector<std::string> limits{"--network",        "none",     "--ulimit",
                                        "nofile=1024:1024", "--ulimit", "nproc=1024:1024"};
  const auto with_limits = [&](std::vector<std::string> words, const std::vector<std::string>& rest) {
    words.insert(words.end(), limits.begin(), limits.end());
    words.insert(words.end(), rest.begin(), rest.end());
    return podman(std::move(words));
  };
  const auto once =
      with_limits({"run", "--rm", "--memory", "50m"}, {"local/busybox", "sh", "-c", "echo hello; exit 5"});
  EXPECT_EQ(once.out, "hello\n") << once.err;
  EXPECT_EQ(once.exit_code, 5);
  const auto detached =
      with_limits({"run", "-d", "--name", "one"}, {"local/busybox", "sh", "-c", "echo from the log; exec sleep 60"});
  ASSERT_EQ(detached.exit_code, 0) << detached.err;
  EXPECT_EQ(podman({"exec", "one", "id", "-u"}).out, "0\n");
  EXPECT_EQ(podman({"logs", "one"}).out, "from the log\n");
  const auto stats = podman({"stats", "--no-stream", "--format", "{{.PIDs}}", "one"});
  EXPECT_EQ(stats.out, "1\n") << stats.err;
  EXPECT_EQ(podman({"stop", "-t", "0", "one"}).exit_code, 0);
  EXPECT_EQ(podman({"rm", "one"}).exit_code, 0);
  EXPECT_EQ(podman({"ps", "-aq"}).out, "");
}

}  // namespace
}  // namespace vmtool::tests
