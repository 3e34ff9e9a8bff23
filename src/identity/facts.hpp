#pragma once
// What the guest holds at the paths that matter, read once; the plan is a pure function of it.

#include <map>
#include <string>
#include <vector>

#include "identity/guest_tree.hpp"

namespace vmtool::identity {

/// Paths that matter: "*" stands for part of a name, as in "/etc/ssh/ssh_host_*"; "/**" at the end for everything
/// below, at any depth.
struct Interest {
  enum class Content { read, skip };
  std::string pattern;
  Content content = Content::read;
};

struct Fact {
  std::string path;         ///< as asked for
  std::string real_path;    ///< after every link; empty for a link that leads nowhere
  Kind kind = Kind::other;  ///< of what is at real_path; symlink for a link that leads nowhere
  bool is_link = false;     ///< path itself is a symbolic link
  std::string target;       ///< of that link
  std::string content;
  bool has_content = false;  ///< false: not asked for, larger than 1 MiB, or no file
  std::uint64_t size = 0;    ///< bytes
  Ownership owner;
};

class Facts {
 public:
  void add(Fact fact);
  const Fact* find(const std::string& path) const;
  /// The fact, where it is a regular file whose content was read.
  const Fact* file(const std::string& path) const;
  /// All facts whose path matches the pattern, by path.
  std::vector<const Fact*> matching(const std::string& pattern) const;

 private:
  std::map<std::string, Fact> facts_;
};

/// Reads what is there of `interests`. Throws what the tree throws, and Error{invalid_input} where a guest has more than
/// 20,000 files to look at.
Facts gather(GuestTree& tree, const std::vector<Interest>& interests);

}  // namespace vmtool::identity
