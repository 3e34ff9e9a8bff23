#pragma once
// A unix socket that behaves as a libvirt daemon in trouble, alone or in front of a real one.

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "util/fd.hpp"

namespace vmtool::tests {

/// Serves one client at a time on a socket in a directory of its own, until its end.
class FakeDaemon {
 public:
  enum class Manner {
    silent,   ///< accepts, reads, and never answers
    closing,  ///< closes the connection at the first byte
    forward,  ///< hands everything on to the socket `behind` until told otherwise
  };
  explicit FakeDaemon(Manner manner, std::filesystem::path behind = {});
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  std::filesystem::path socket() const { return dir_.path() / "sock"; }
  /// qemu+unix:///system?socket=…
  std::string uri() const { return "qemu+unix:///system?socket=" + socket().native(); }
  /// From now on nothing is answered, or the connection is cut.
  void become(Manner manner) { manner_ = manner; }

 private:
  void serve();
  void serve_client(int client);

  TempDir dir_;
  std::filesystem::path behind_;
  std::atomic<Manner> manner_;
  std::atomic<bool> ended_ = false;
  util::Fd listener_;
  std::thread thread_;
};

}  // namespace vmtool::tests
