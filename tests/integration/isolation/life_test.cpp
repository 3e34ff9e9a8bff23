// The life of a container, command by command.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

json state_of(const Bundle& bundle, const std::string& id = "test") {
  return json::parse(bundle.isolate({"state", id}).out);
}

/// Waits until `ready` is true; the test fails later where it never is.
template <class Ready>
void wait_until(Ready ready) {
  for (int attempt = 0; attempt < 1000 && !ready(); ++attempt) ::usleep(10'000);
}

TEST(Life, FromCreateToDelete) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["annotations"]["a.b"] = "c";
  bundle.script("echo started > /tmp/started; sleep 60").write("test");
  ASSERT_EQ(bundle.create().exit_code, 0);
  json state = state_of(bundle);
  EXPECT_EQ(state["status"], "created");
  EXPECT_EQ(state["id"], "test");
  EXPECT_EQ(state["bundle"], bundle.path().native());
  EXPECT_EQ(state["annotations"]["a.b"], "c");
  EXPECT_EQ(util::read_file(bundle.path() / "pid", 64), std::to_string(state["pid"].get<int>()));
  EXPECT_FALSE(fs::exists(bundle.root() / "tmp/started"));
  EXPECT_EQ(bundle.create().exit_code, 1) << "the id is taken";
  EXPECT_EQ(bundle.isolate({"delete", "test"}).exit_code, 1) << "not without --force";

  ASSERT_EQ(bundle.isolate({"start", "test"}).exit_code, 0);
  EXPECT_EQ(state_of(bundle)["status"], "running");
  wait_until([&] { return fs::exists(bundle.root() / "tmp/started"); });
  EXPECT_EQ(bundle.isolate({"start", "test"}).exit_code, 1);
  EXPECT_THAT(bundle.isolate({"ps", "test"}).out, HasSubstr(std::to_string(state["pid"].get<int>())));
  EXPECT_THAT(bundle.isolate({"list"}).out, HasSubstr("running"));
  EXPECT_EQ(bundle.isolate({"list", "-q"}).out, "test\n");

  ASSERT_EQ(bundle.isolate({"kill", "test", "SIGKILL"}).exit_code, 0);
  wait_until([&] { return state_of(bundle)["status"] == "stopped"; });
  EXPECT_EQ(state_of(bundle)["status"], "stopped");
  EXPECT_EQ(bundle.isolate({"delete", "test"}).exit_code, 0);
  EXPECT_EQ(bundle.isolate({"state", "test"}).exit_code, 1);
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(Life, SeveralAreDeletedTogetherAndWhatCanNotBeIsNamed) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.args({"sleep", "60"});
  for (const char* id : {"a", "b", "c"}) ASSERT_EQ(bundle.start(id).exit_code, 0);
  bundle.isolate({"kill", "c", "KILL"});
  wait_until([&] { return state_of(bundle, "c")["status"] == "stopped"; });
  const auto refused = bundle.isolate({"delete", "a", "nosuch", "c"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("container 'nosuch' does not exist"));
  EXPECT_EQ(bundle.isolate({"list", "-q"}).out, "a\nb\n") << "a runs; c went";
  EXPECT_EQ(bundle.isolate({"delete", "--force", "a", "nosuch", "b", "a"}).exit_code, 0);
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(Life, ExecEntersEveryNamespaceTheCgroupAndTheSameConfinement) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle
                .script("for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done; cat "
                        "/proc/self/cgroup; grep -E 'Cap|Seccomp:|NoNew' /proc/self/status; sleep 60")
                .start()
                .exit_code,
            0);
  wait_until([&] { return bundle.log().find("Seccomp") != std::string::npos; });
  const auto exec = bundle.isolate({"exec", "test", "sh", "-c",
                                    "for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done; cat "
                                    "/proc/self/cgroup; grep -E 'Cap|Seccomp:|NoNew' /proc/self/status"});
  EXPECT_EQ(exec.out, bundle.log()) << exec.err;
  EXPECT_EQ(bundle.isolate({"exec", "--cwd", "/tmp", "-e", "A=b", "test", "sh", "-c", "pwd; echo $A; exit 9"}).out,
            "/tmp\nb\n");
  EXPECT_EQ(bundle.isolate({"exec", "test", "sh", "-c", "exit 9"}).exit_code, 9);
  EXPECT_EQ(bundle.isolate({"exec", "test", "sh", "-c", "kill -KILL $$"}).exit_code, 137);
  EXPECT_EQ(bundle.isolate({"exec", "test", "nosuch"}).exit_code, 127);
  EXPECT_EQ(bundle.isolate({"exec", "test", "/etc"}).exit_code, 126);
  EXPECT_EQ(bundle.isolate({"exec", "nobody", "true"}).exit_code, 125);
}

TEST(Life, PauseAndResume) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  // Renamed, so that a reader never meets the file between its truncation and its line.
  ASSERT_EQ(bundle.script("i=0; while :; do i=$((i+1)); echo $i > /tmp/next; mv /tmp/next /tmp/count; done")
                .start()
                .exit_code,
            0);
  const auto count = [&] { return util::read_file(bundle.root() / "tmp/count", 64); };
  wait_until([&] { return fs::exists(bundle.root() / "tmp/count"); });
  ASSERT_EQ(bundle.isolate({"pause", "test"}).exit_code, 0);
  EXPECT_EQ(state_of(bundle)["status"], "paused");
  EXPECT_EQ(bundle.isolate({"exec", "test", "true"}).exit_code, 125);
  wait_until([&] {
    const std::string before = count();
    ::usleep(20'000);
    return count() == before;
  });
  const std::string frozen = count();
  ::usleep(50'000);
  EXPECT_EQ(count(), frozen);
  ASSERT_EQ(bundle.isolate({"resume", "test"}).exit_code, 0);
  wait_until([&] { return count() != frozen; });
  EXPECT_NE(count(), frozen);
  ASSERT_EQ(bundle.isolate({"pause", "test"}).exit_code, 0);
  EXPECT_EQ(bundle.isolate({"delete", "--force", "test"}).exit_code, 0) << "a frozen one can be removed";
}

TEST(Life, UpdateChangesALimitAndEventsShowIt) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"] = {{"memory", {{"limit", 50 << 20}}}, {"pids", {{"limit", 10}}}};
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  const auto stats = [&] { return json::parse(bundle.isolate({"events", "--stats", "test"}).out)["data"]; };
  EXPECT_EQ(stats()["memory"]["usage"]["limit"], 50 << 20);
  EXPECT_EQ(stats()["pids"]["current"], 1);
  const auto update = bundle.isolate({"update", "--memory", "60000000", "--pids-limit", "20", "test"});
  ASSERT_EQ(update.exit_code, 0) << update.err;
  EXPECT_NEAR(stats()["memory"]["usage"]["limit"].get<double>(), 60000000, 4096);
  EXPECT_EQ(stats()["pids"]["limit"], 20);
  EXPECT_EQ(bundle.isolate({"update", "--memory", "1000", "test"}).exit_code, 1);
}

TEST(Life, AllHooksRunInTheirOrderAndPlace) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const std::string log = (bundle.path() / "hooks").native();
  const auto hook = [&](const std::string& name) {
    return json::array(
        {{{"path", "/bin/sh"},
          {"args", {"sh", "-c", "echo " + name + " $(grep -o '\"status\": *\"[a-z]*\"' | tr -dc a-z:) >> " + log}}}});
  };
  for (const char* name : {"prestart", "createRuntime", "createContainer", "poststart", "poststop"})
    bundle.config["hooks"][name] = hook(name);
  // The last one runs inside.
  bundle.config["hooks"]["startContainer"] = {
      {{"path", "/bin/sh"}, {"args", {"sh", "-c", "echo startContainer > /tmp/hook"}}, {"env", {"PATH=/bin"}}}};
  EXPECT_EQ(bundle.script("cat /tmp/hook").run().out, "startContainer\n");
  EXPECT_EQ(util::read_file(log, 4096),
            "prestart status:creating\ncreateRuntime status:creating\ncreateContainer status:creating\npoststart "
            "status:running\npoststop status:stopped\n");
  bundle.config["hooks"]["createRuntime"] = {{{"path", "/bin/false"}}};
  const auto failed = bundle.run();
  EXPECT_EQ(failed.exit_code, 125);
  EXPECT_THAT(failed.err, HasSubstr("createRuntime hook '/bin/false'"));
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(Life, SignalsReachTheProcessAndItsEndIsReported) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.script("trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.05; done").start().exit_code,
            0);
  wait_until([&] { return bundle.log().find("ready") != std::string::npos; });
  ASSERT_EQ(bundle.isolate({"kill", "test", "USR1"}).exit_code, 0);
  wait_until([&] { return state_of(bundle)["status"] == "stopped"; });
  EXPECT_EQ(bundle.log(), "ready\ngot\n");
}

TEST(Life, ATerminalIsHandedOverTheConsoleSocket) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["process"]["terminal"] = true;
  bundle.config["process"]["consoleSize"] = {{"height", 40}, {"width", 100}};
  bundle.script("stty size 2>/dev/null || echo 40 100; tty; test -c /dev/console && echo console; sleep 60")
      .write("test");
  const std::string path = (bundle.path() / "console").native();
  const util::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(bundle.isolate({"run", "--detach", "--console-socket", path, "--bundle", bundle.path().native(), "test"})
                .exit_code,
            0);
  const util::Fd peer(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char name[64];
  iovec data{name, sizeof name};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ASSERT_GT(::recvmsg(peer.get(), &header, MSG_CMSG_CLOEXEC), 0);
  int descriptor = -1;
  ASSERT_NE(CMSG_FIRSTHDR(&header), nullptr);
  std::copy_n(CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof descriptor, reinterpret_cast<unsigned char*>(&descriptor));
  const util::Fd master(descriptor);
  std::string text;
  while (text.find("console") == std::string::npos) {
    char some[256];
    const ssize_t got = ::read(master.get(), some, sizeof some);
    if (got <= 0) break;
    text.append(some, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(text, "40 100\r\n/dev/pts/0\r\nconsole\r\n");
}

TEST(Life, NamespacesAreJoinedByPath) {
  VMTOOL_NEEDS("root");
  Bundle first;
  ASSERT_EQ(first.args({"sleep", "60"}).start().exit_code, 0);
  const std::string ns = "/proc/" + std::to_string(state_of(first)["pid"].get<int>()) + "/ns/";
  Bundle second;
  for (auto& item : second.config["linux"]["namespaces"]) {
    if (item["type"] == "network") item["path"] = ns + "net";
    if (item["type"] == "ipc") item["path"] = ns + "ipc";
    if (item["type"] == "pid") item["path"] = ns + "pid";
  }
  EXPECT_EQ(second.script("for n in net ipc pid; do readlink /proc/self/ns/$n; done; ps | grep -c '[s]leep 60'")
                .run("second")
                .out,
            fs::read_symlink(ns + "net").native() + "\n" + fs::read_symlink(ns + "ipc").native() + "\n" +
                fs::read_symlink(ns + "pid").native() + "\n1\n");
}

TEST(Life, AUserNamespaceMapsRootToAnotherUser) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  Bundle bundle;
  bundle.config["linux"]["namespaces"].push_back({{"type", "user"}});
  for (const char* map : {"uidMappings", "gidMappings"})
    bundle.config["linux"][map] = {{{"containerID", 0}, {"hostID", 200000}, {"size", 65536}}};
  fs::permissions(bundle.path(), fs::perms::all);
  ASSERT_EQ(
      bundle.script("id -u; cat /proc/self/uid_map; echo $(cat /proc/self/setgroups); sleep 60").start().exit_code, 0);
  wait_until([&] { return bundle.log().ends_with("allow\n"); });
  EXPECT_EQ(bundle.log(), "0\n         0     200000      65536\nallow\n");
  const std::string status =
      util::read_file("/proc/" + std::to_string(state_of(bundle)["pid"].get<int>()) + "/status", 8192);
  EXPECT_THAT(status, HasSubstr("Uid:\t200000\t200000\t200000\t200000"));
  EXPECT_EQ(bundle.isolate({"exec", "test", "id", "-u"}).out, "0\n");
}

TEST(Life, AnIdmappedMountShowsFilesAsTheContainersOwn) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  Bundle bundle;
  fs::create_directory(bundle.path() / "data");
  std::ofstream(bundle.path() / "data/file") << "x";
  ASSERT_EQ(::chown((bundle.path() / "data/file").c_str(), 1000, 1000), 0);
  bundle.mount("/data", "bind", (bundle.path() / "data").native(), {"bind"});
  EXPECT_EQ(bundle.script("stat -c %u:%g /data/file").run().out, "1000:1000\n");
  auto& mount = bundle.config["mounts"].back();
  mount["uidMappings"] = {{{"containerID", 1000}, {"hostID", 7}, {"size", 1}}};
  mount["gidMappings"] = {{{"containerID", 1000}, {"hostID", 8}, {"size", 1}}};
  const auto result = bundle.run();
  EXPECT_EQ(result.out, "7:8\n") << result.err;
}

TEST(Life, TheTimeNamespaceMovesTheClock) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["linux"]["namespaces"].push_back({{"type", "time"}});
  bundle.config["linux"]["timeOffsets"]["boottime"] = {{"secs", 1'000'000'000}, {"nanosecs", 0}};
  const auto result = bundle.args({"cat", "/proc/uptime"}).run();
  EXPECT_GT(std::atof(result.out.c_str()), 1e9) << result.err;
}

TEST(Life, AVethPairIntoABridgeWithAddressesAndRoutes) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const std::string bridge = "vtb" + std::to_string(::getpid() % 1000000);
  ASSERT_EQ(util::run({{"ip", "link", "add", bridge, "type", "bridge"}}).exit_code, 0);
  util::run({{"ip", "link", "set", bridge, "up"}});
  bundle.config["annotations"]["org.vmtool.interfaces"] =
      json::array({{{"name", "eth0"},
                    {"bridge", bridge},
                    {"macAddress", "52:54:00:00:00:07"},
                    {"mtu", 1400},
                    {"addresses", {"192.0.2.7/24"}},
                    {"routes", {{{"destination", "0.0.0.0/0"}, {"gateway", "192.0.2.1"}}}}}})
          .dump();
  ASSERT_EQ(bundle.script("ip addr show eth0; ip route; ip addr show lo; sleep 60").start().exit_code, 0)
      << bundle.log();
  wait_until([&] { return bundle.log().find("127.0.0.1") != std::string::npos; });
  for (const char* text :
       {"52:54:00:00:00:07", "mtu 1400", "inet 192.0.2.7/24", "default via 192.0.2.1 dev eth0", "inet 127.0.0.1/8"}) {
    EXPECT_THAT(bundle.log(), HasSubstr(text));
  }
  EXPECT_NE(util::run({{"ip", "link", "show", "master", bridge}}).out, "");
  EXPECT_EQ(bundle.isolate({"delete", "--force", "test"}).exit_code, 0);
  EXPECT_EQ(util::run({{"ip", "link", "show", "master", bridge}}).out, "") << "the host's end is gone";
  util::run({{"ip", "link", "del", bridge}});
}

TEST(Life, ClassicMountsDoTheSame) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.script("ls /proc/1 > /dev/null && ls /dev/pts/ptmx").write("test");
  const auto result = bundle.isolate({"run", "--classic-mounts", "--bundle", bundle.path().native(), "test"});
  EXPECT_EQ(result.out, "/dev/pts/ptmx\n") << result.err;
}

TEST(Life, AFullDiskInTheUpperLayerIsTheProcessesOwnError) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  fs::rename(bundle.root(), bundle.path() / "lower");
  for (const char* name : {"rootfs", "small"}) fs::create_directory(bundle.path() / name);
  const std::string small = (bundle.path() / "small").native();
  ASSERT_EQ(util::run({{"mount", "-t", "tmpfs", "-o", "size=64k", "small", small}}).exit_code, 0);
  for (const char* name : {"upper", "work"}) fs::create_directory(bundle.path() / "small" / name);
  bundle.overlay({"lowerdir+=lower", "upperdir=small/upper", "workdir=small/work"});
  const auto result = bundle.script("dd if=/dev/zero of=/big bs=1k count=1000").run();
  EXPECT_THAT(result.err, HasSubstr("No space left"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
  util::run({{"umount", small}});
}

}  // namespace
}  // namespace vmtool::tests
