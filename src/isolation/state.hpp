#pragma once
// What is known of a container between commands: a directory of its own below the run directory.
//
//   ROOT/ID/state         lines "KEY VALUE", appended as facts become true; the last of a key counts (cgroups add up, until "no-cgroups")
//   ROOT/ID/config.json   the document it was made from
//   ROOT/ID/start         fifo, while the container waits for `start`
//   ROOT/.seccomp         compiled filters

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/cgroup.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

enum class Status { creating, created, running, paused, stopped };
const char* to_text(Status status) noexcept;

struct State {
  std::string id{};
  std::string bundle{};
  std::string created{};  ///< RFC 3339
  uid_t owner = 0;
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< of `pid`, in clock ticks since boot: tells a reused pid
  std::string cgroup_path{};
  std::vector<CgroupDirectory> cgroups{};
  std::string unit{};                     ///< the scope of systemd's that its cgroup is; empty: none
  std::vector<std::string> interfaces{};  ///< host ends of its network
};

/// Whether an id is fit for a path: 1 to 1024 of letters, digits and _ + - . , but not "." or "..". Throws Error{invalid_input}.
void check_id(const std::string& id);

/// The directory of one container.
class StateDirectory {
 public:
  /// `alone`: other commands that change the container wait until this one is done.
  enum class Lock { shared, alone };
  /// Makes it and locks it. Throws Error{conflict} where the id is taken.
  static StateDirectory create(const std::string& root, const std::string& id);
  /// Opens it. Throws Error{not_found}.
  static StateDirectory open(const std::string& root, const std::string& id, Lock lock);
  /// Lets others change the container; a child that inherited the descriptor does not keep the lock.
  void unlock() const noexcept;
  /// Ids below `root`, sorted; empty where there is no such directory.
  static std::vector<std::string> list(const std::string& root);

  int descriptor() const noexcept { return directory_.get(); }
  const std::string& path() const noexcept { return path_; }
  void append(const std::string& key, const std::string& value) const;
  void write_document(std::string_view text) const;
  std::string read_document() const;
  State read() const;
  /// Makes the start fifo and returns a descriptor of it (O_PATH).
  util::Fd make_start_fifo() const;
  /// The fifo's reading end, not blocking; none where there is no fifo.
  util::Fd open_start_fifo() const;
  bool has_start_fifo() const;
  void remove_start_fifo() const;
  /// Removes it with everything in it.
  void remove() const;

 private:
  StateDirectory(std::string root, std::string path, util::Fd directory)
      : root_(std::move(root)), path_(std::move(path)), directory_(std::move(directory)) {}
  std::string root_;
  std::string path_;
  util::Fd directory_;
};

/// The start time of a process; absent where it is gone or a zombie.
std::optional<std::uint64_t> process_start_time(pid_t pid);

}  // namespace vmtool::isolation
