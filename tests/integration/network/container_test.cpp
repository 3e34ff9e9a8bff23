// Containers on a real network: reached by address, by name and through a port of the host.
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "ops/port_rules.hpp"
#include "tests/integration/network/scene.hpp"
#include "tests/support/bundle.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

class ContainerOnNetwork : public NetworkScene {
 protected:
  static void plug(tests::Bundle& bundle, const ContainerAddress& given) {
    nlohmann::json item{{"name", given.interface},
                        {"bridge", given.bridge},
                        {"macAddress", model::to_text(given.mac)},
                        {"addresses", {model::to_text(given.address)}}};
    if (given.gateway) item["routes"] = {{{"destination", "default"}, {"gateway", model::to_text(*given.gateway)}}};
    bundle.config["annotations"]["org.vmtool.interfaces"] = nlohmann::json::array({item}).dump();
  }
  static util::Result fetch(const std::string& url) {
    return util::run(
        {.args = {"python3", "-c",
                  "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=10).read().decode(), end='')",
                  url}});
  }
  std::filesystem::path lock() const { return directory() / "ports.lock"; }
  static std::string table() { return util::run({.args = {"nft", "list", "table", "ip", "vmtool"}}).out; }
};

TEST_F(ContainerOnNetwork, ServesOthersAndTheHost) {
  VMTOOL_NEEDS("cell");
  const auto given = addresses().allot({wish("cn-web"), wish("cn-client")});
  const std::string address = model::to_text(given[0].address.address);
  tests::Bundle server;
  plug(server, given[0]);
  std::filesystem::create_directories(server.root() / "www");
  util::write_file_atomic(server.root() / "www/index.html", "hello from the container");
  ASSERT_EQ(server.args({"/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"}).start("cn-web").exit_code, 0)
      << server.log();

  tests::Bundle client;
  plug(client, given[1]);
  util::write_file_atomic(client.root() / "etc/resolv.conf", resolver_file({given[1]}));
  client.script(
      "for try in 1 2 3 4 5 6 7 8; do busybox ping -c 1 -W 1 cn-web && break; done; busybox wget -q -O - "
      "http://cn-web.cnet.test/");
  const util::Result seen = client.run("cn-client");
  EXPECT_THAT(seen.out, HasSubstr("hello from the container")) << seen.err;

  publish_ports(lock(), "cn-web", bridge, given[0].address.address,
                {{18087, 80, model::PortProtocol::tcp, std::nullopt}});
  EXPECT_EQ(fetch("http://127.0.0.1:18087/").out, "hello from the container") << table();
  EXPECT_EQ(fetch("http://10.214.7.1:18087/").out, "hello from the container");
  EXPECT_EQ(error_of([&] {
              publish_ports(lock(), "cn-client", bridge, given[1].address.address,
                            {{18087, 80, model::PortProtocol::tcp, model::parse_ip("127.0.0.1")}});
            }),
            "conflict: tcp port 18087 of the host is published by container 'cn-web'");

  EXPECT_EQ(server.isolate({"delete", "--force", "cn-web"}).exit_code, 0);
  unpublish_ports(lock(), {"cn-web"});
  addresses().release({"cn-web", "cn-client"});
  EXPECT_THAT(table(), Not(HasSubstr("cn-web")));
  EXPECT_THAT(live_xml(), Not(HasSubstr("cn-")));
  EXPECT_THAT(util::run({.args = {"ip", "-o", "link", "show", "master", bridge}}).out, Not(HasSubstr("vt")));
  EXPECT_EQ(fetch("http://127.0.0.1:18087/").exit_code, 1);
}

TEST_F(ContainerOnNetwork, LeavesAPortToTheProgramThatHasIt) {
  const util::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(18088);
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  EXPECT_EQ(error_of([&] {
              publish_ports(lock(), "cn-web", bridge, *model::parse_ip("10.214.7.2"),
                            {{18088, 80, model::PortProtocol::tcp, std::nullopt}});
            }),
            "conflict: a program of the host listens on tcp port 18088");
  EXPECT_THAT(error_of([&] {
                publish_ports(lock(), "cn-web", bridge, *model::parse_ip("10.214.7.2"),
                              {{0, 80, model::PortProtocol::tcp, std::nullopt}});
              }),
              HasSubstr("invalid_input"));
  EXPECT_THAT(table(), Not(HasSubstr("cn-web")));
}

}  // namespace
}  // namespace vmtool::ops
