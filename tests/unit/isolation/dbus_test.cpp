// The bytes below were written by GLib (g_dbus_message_to_blob), an implementation that has nothing in common with ours.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "isolation/systemd_manager.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using testing::HasSubstr;

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  return out;
}

std::string hex_of(const std::string& bytes) {
  return util::to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

// StartTransientUnit("web.scope", "fail", [Slice, PIDs, Delegate, MemoryMax, AllowedCPUs, IOReadBandwidthMax, X], [])
const std::string start_call = from_hex(
    "6c01000108010000010000008b00000001016f00190000002f6f72672f667265656465736b746f702f73797374656d64310000000000000002"
    "017300200000006f72672e66726565"
    "6465736b746f702e73797374656d64312e4d616e61676572000000000000000008016700107373612873762961287361287376292900000003"
    "0173001200000053746172745472"
    "616e7369656e74556e6974000000000000090000007765622e73636f7065000000040000006661696c00000000e000000005000000536c6963"
    "650001730000000007000000612e"
    "736c69636500000000000400000050494473000261750000000004000000671200000800000044656c65676174650001620001000000000000"
    "00090000004d656d6f72794d6178"
    "000174000000000000000000004006000000000b000000416c6c6f77656443505573000261790001000000050000000000000012000000494f"
    "5265616442616e6477696474684d"
    "6178000561287374290000001800000000000000080000002f6465762f766461000000000000100000000000010000005800016900000000fe"
    "ffffff0000000000000000");
// JobRemoved(7, "/org/freedesktop/systemd1/job/7", "web.scope", "done")
const std::string job_signal = from_hex(
    "6c04010141000000090000007b00000001016f00190000002f6f72672f667265656465736b746f702f73797374656d64310000000000000002"
    "017300200000006f72672e66726565"
    "6465736b746f702e73797374656d64312e4d616e6167657200000000000000000801670004756f737300000000000000030173000a0000004a"
    "6f6252656d6f76656400000000000007"
    "0000001f0000002f6f72672f667265656465736b746f702f73797374656d64312f6a6f622f3700090000007765622e73636f70650000000400"
    "0000646f6e6500");
const std::string error_answer = from_hex(
    "6c030101100000000a0000004000000004017300230000006f72672e667265656465736b746f702e73797374656d64312e556e697445786973"
    "74730000000000080167000173000005"
    "017500010000000b000000697420697320746865726500");

TEST(Dbus, WritesTheBodyOfACallAsOthersDo) {
  DbusWriter body;
  body.text("web.scope");
  body.text("fail");
  write_properties(body, {{"Slice", std::string("a.slice")},
                          {"PIDs", std::vector<std::uint32_t>{4711}},
                          {"Delegate", true},
                          {"MemoryMax", std::uint64_t{100} << 20},
                          {"AllowedCPUs", std::vector<unsigned char>{5}},
                          {"IOReadBandwidthMax", UnitProperty::Devices{{"/dev/vda", 1 << 20}}},
                          {"X", std::int32_t{-2}}});
  body.array(8, [] {});
  const DbusMessage expected = decode(start_call);
  EXPECT_EQ(hex_of(body.bytes()), hex_of(expected.body));
  EXPECT_EQ(expected.member, "StartTransientUnit");
  EXPECT_EQ(expected.signature, "ssa(sv)a(sa(sv))");
}

TEST(Dbus, ReadsSignalsAndErrorsOfOthers) {
  const DbusMessage signal = decode(job_signal);
  EXPECT_EQ(signal.kind, DbusKind::signal);
  EXPECT_EQ(signal.member, "JobRemoved");
  DbusReader in(signal.body);
  EXPECT_EQ(in.number32(), 7U);
  EXPECT_EQ(in.text(), "/org/freedesktop/systemd1/job/7");
  EXPECT_EQ(in.text(), "web.scope");
  EXPECT_EQ(in.text(), "done");
  EXPECT_THROW(in.number32(), util::Error);
  const DbusMessage error = decode(error_answer);
  EXPECT_EQ(error.kind, DbusKind::error);
  EXPECT_EQ(error.answers, 1U);
  EXPECT_EQ(error.error, "org.freedesktop.systemd1.UnitExists");
}

TEST(Dbus, ReadsBackWhatItWrites) {
  DbusMessage message;
  message.kind = DbusKind::answer;
  message.serial = 3;
  message.answers = 9;
  message.signature = "o";
  DbusWriter body;
  body.text("/job/1");
  message.body = body.bytes();
  const std::string bytes = encode(message);
  EXPECT_EQ(dbus_message_size(bytes.substr(0, dbus_head_size)), bytes.size());
  const DbusMessage read = decode(bytes);
  EXPECT_EQ(read.answers, 9U);
  EXPECT_EQ(DbusReader(read.body).text(), "/job/1");
}

TEST(Dbus, RefusesEveryMessageThatIsCutOrBent) {
  for (std::size_t size = 0; size < job_signal.size(); ++size)
    EXPECT_THROW(decode(job_signal.substr(0, size)), util::Error) << size;
  std::string large = job_signal;
  large[7] = 0x7f;  // a body of two gigabytes
  EXPECT_THROW(static_cast<void>(dbus_message_size(large.substr(0, dbus_head_size))), util::Error);
  std::string field = job_signal;
  field[20] = 0x7f;  // a path that is longer than the message
  EXPECT_THROW(decode(field), util::Error);
}

/// A peer that says what it is told, once, and keeps what it hears.
class Peer {
 public:
  explicit Peer(std::string says) : says_(std::move(says)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    thread_ = std::thread([this] { serve(); });
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { static_cast<void>(heard()); }

  std::string path() const { return (directory_.path() / "private").native(); }
  /// Everything that came until the other side closed.
  const std::string& heard() {
    if (thread_.joinable()) thread_.join();
    return heard_;
  }

 private:
  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    ::close(listener_);
    static_cast<void>(::write(client, says_.data(), says_.size()));
    ::shutdown(client, SHUT_WR);
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(client, buffer, sizeof buffer)) > 0;)
      heard_.append(buffer, static_cast<std::size_t>(got));
    ::close(client);
  }

  tests::TempDir directory_;
  std::string says_;
  std::string heard_;
  int listener_ = -1;
  std::thread thread_;
};

std::string answer_to(std::uint32_t call, const std::string& path) {
  DbusMessage message;
  message.kind = DbusKind::answer;
  message.serial = 8;
  message.answers = call;
  message.signature = "o";
  DbusWriter body;
  body.text(path);
  message.body = body.bytes();
  return encode(message);
}

const UnitName web{"a.slice", "web.scope"};

TEST(SystemdManager, StartsAScopeAndWaitsForItsJob) {
  // The signal may come before the answer that names the job.
  Peer peer("DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n" + job_signal +
            answer_to(1, "/org/freedesktop/systemd1/job/7"));
  {
    SystemdManager(peer.path(), SystemdManager::Whose::host)
        .start_scope(web, 4711, "container web", {{"MemoryMax", std::uint64_t{1} << 30}});
  }
  const std::string hello("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n", 29);
  ASSERT_TRUE(peer.heard().starts_with(hello));
  const DbusMessage call = decode(peer.heard().substr(hello.size()));
  EXPECT_EQ(call.member, "StartTransientUnit");
  DbusReader in(call.body);
  EXPECT_EQ(in.text(), "web.scope");
  EXPECT_EQ(in.text(), "fail");
  for (const char* property : {"Slice", "PIDs", "Delegate", "MemoryMax"}) EXPECT_THAT(call.body, HasSubstr(property));
}

TEST(SystemdManager, SaysWhyAScopeIsRefused) {
  Peer peer("OK 0123456789abcdef0123456789abcdef\r\n" + error_answer);
  try {
    SystemdManager(peer.path(), SystemdManager::Whose::host).start_scope(web, 4711, "container web", {});
    FAIL() << "nothing was thrown";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::conflict);
    EXPECT_EQ(error.message(), "systemd can't start the unit 'web.scope': it is there");
  }
}

TEST(SystemdManager, EndsWithAPeerThatRefusesOrGoes) {
  const auto message_of = [](const std::string& socket) {
    try {
      SystemdManager(socket, SystemdManager::Whose::user).start_scope(web, 4711, "container web", {});
    } catch (const util::Error& error) {
      return error.message();
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(message_of(Peer("REJECTED EXTERNAL\r\n").path()), "the D-Bus peer refuses this user: 'REJECTED EXTERNAL'");
  EXPECT_EQ(message_of(Peer("OK 0\r\n").path()), "the D-Bus peer closed the connection");
  EXPECT_EQ(message_of("/nonexistent/private"), "can't connect to '/nonexistent/private': No such file or directory");
  EXPECT_THAT(message_of("/" + std::string(200, 'x')), HasSubstr("File name too long"));
}

}  // namespace
}  // namespace vmtool::isolation
