// A live reservation rebuilds the network's NAT rules: a connection that is established must not notice.
//
//   namespace vt-e2e-in                         host                          namespace vt-e2e-out
//   10.231.77.50 ── vte2e-in1 ═ vte2e-in0 ─ bridge vte2e0 ─ NAT ─ vte2e-out0 ═ vte2e-out1 ── 198.51.100.2

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/e2e/scene.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

void ip(std::vector<std::string> args) {
  args.insert(args.begin(), "ip");
  util::run_checked({.args = std::move(args)});
}

// A TCP socket that lives in a network namespace, made on a thread of its own: the others stay where they are.
util::Fd socket_in(const std::string& name) {
  util::Fd made;
  std::thread([&] {
    const util::Fd space = util::open_file("/run/netns/" + name, O_RDONLY);
    if (::setns(space.get(), CLONE_NEWNET) == 0) made.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }).join();
  const timeval limit{30, 0};
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return made;
}

sockaddr_in endpoint(const char* address) {
  sockaddr_in end{};
  end.sin_family = AF_INET;
  end.sin_port = htons(7777);
  ::inet_pton(AF_INET, address, &end.sin_addr);
  return end;
}

// One byte there and back.
bool round_trip(int client, int server) {
  char byte = 'x';
  if (::send(client, &byte, 1, MSG_NOSIGNAL) != 1 || ::recv(server, &byte, 1, 0) != 1) return false;
  return ::send(server, &byte, 1, MSG_NOSIGNAL) == 1 && ::recv(client, &byte, 1, 0) == 1;
}

class Nat : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    Scene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    remove_peers();
    define(network_yaml);
    ASSERT_EQ(vmtool({"net", "start", "vt-e2e-net"}).exit_code, 0);
    ip({"netns", "add", "vt-e2e-in"});
    ip({"link", "add", "vte2e-in0", "type", "veth", "peer", "name", "vte2e-in1", "netns", "vt-e2e-in"});
    ip({"link", "set", "vte2e-in0", "master", "vte2e0", "up"});
    ip({"-n", "vt-e2e-in", "addr", "add", "10.231.77.50/24", "dev", "vte2e-in1"});
    ip({"-n", "vt-e2e-in", "link", "set", "vte2e-in1", "up"});
    ip({"-n", "vt-e2e-in", "route", "add", "default", "via", "10.231.77.1"});
    ip({"netns", "add", "vt-e2e-out"});
    ip({"link", "add", "vte2e-out0", "type", "veth", "peer", "name", "vte2e-out1", "netns", "vt-e2e-out"});
    ip({"addr", "add", "198.51.100.1/30", "dev", "vte2e-out0"});
    ip({"link", "set", "vte2e-out0", "up"});
    ip({"-n", "vt-e2e-out", "addr", "add", "198.51.100.2/30", "dev", "vte2e-out1"});
    ip({"-n", "vt-e2e-out", "link", "set", "vte2e-out1", "up"});
  }
  void TearDown() override {
    if (!IsSkipped()) remove_peers();
    Scene::TearDown();
  }

 private:
  static void remove_peers() {
    for (const char* link : {"vte2e-in0", "vte2e-out0"}) util::run({.args = {"ip", "link", "delete", link}});
    for (const char* space : {"vt-e2e-in", "vt-e2e-out"}) util::run({.args = {"ip", "netns", "delete", space}});
  }
};

TEST_F(Nat, AnEstablishedConnectionSurvivesALiveReservation) {
  const util::Fd listener = socket_in("vt-e2e-out");
  const auto here = endpoint("198.51.100.2");
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const util::Fd client = socket_in("vt-e2e-in");
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0) << errno;
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  util::Fd server(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  ASSERT_TRUE(server);
  const timeval limit{30, 0};
  ::setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  // It went through the NAT: the other end sees the host.
  EXPECT_EQ(peer.sin_addr.s_addr, endpoint("198.51.100.1").sin_addr.s_addr);
  ASSERT_TRUE(round_trip(client.get(), server.get()));

  std::atomic<bool> reserving{true};
  util::Result reserved;
  std::thread reserver([&] {
    reserved = vmtool({"net", "reserve", "vt-e2e-net", "10.231.77.60", "--mac", "52:54:00:e2:e0:60", "--name", "late"});
    reserving = false;
  });
  int trips = 0;
  bool alive = true;
  while (reserving && alive) {
    alive = round_trip(client.get(), server.get());
    ++trips;
  }
  reserver.join();
  EXPECT_EQ(reserved.exit_code, 0) << testing::PrintToString(reserved);
  EXPECT_TRUE(alive) << "lost after " << trips << " round trips";
  EXPECT_GT(trips, 0);
  EXPECT_TRUE(round_trip(client.get(), server.get()));
}

}  // namespace
}  // namespace vmtool::tests
