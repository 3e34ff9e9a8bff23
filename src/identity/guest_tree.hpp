#pragma once
// The guest's directory tree as the guest sees it. Every path is absolute in the guest, and every symbolic link is
// resolved inside the guest only: "/etc/machine-id → /etc/shadow" means the guest's own shadow file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vmtool::identity {

enum class Kind { file, directory, symlink, other };

/// Who owns a file and what may be done with it (permission bits only).
struct Ownership {
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

struct Attributes {
  Kind kind = Kind::other;
  std::uint64_t size = 0;  ///< bytes
  Ownership owner;
};

/// A file that was found: `path` is where it really is, after all links that were followed.
struct Entry {
  std::string path;
  Attributes attributes;
};

/// One change of the tree, as data.
struct Edit {
  enum class Action { write, symlink, remove };
  Action action = Action::write;
  std::string path;     ///< links in the parents are followed, the last part never is
  std::string content;  ///< what to write, or the target of the link
  Ownership owner;      ///< for a file that is new; one that exists keeps its own

  friend bool operator==(const Edit& a, const Edit& b) {
    return a.action == b.action && a.path == b.path && a.content == b.content;
  }
};

class GuestTree {
 public:
  virtual ~GuestTree() = default;
  /// Follows links in the parents, not the last one. Absent where nothing is there, or a parent is missing or loops.
  virtual std::optional<Entry> look(const std::string& path) = 0;
  /// Follows all links (40 at most, as Linux does). Absent where nothing is there at the end.
  virtual std::optional<Entry> resolve(const std::string& path) = 0;
  /// The content of the regular file at a real path. Throws Error{invalid_input} past `limit` bytes.
  virtual std::string read(const std::string& real_path, std::size_t limit) = 0;
  /// The target of the symbolic link at a real path.
  virtual std::string read_link(const std::string& real_path) = 0;
  /// Names in the directory at a real path, sorted.
  virtual std::vector<std::string> list(const std::string& real_path) = 0;
  /// Makes one change. Throws Error{conflict} where a directory, device or socket is in the way.
  virtual void apply(const Edit& edit) = 0;
};

}  // namespace vmtool::identity
