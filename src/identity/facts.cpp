#include "identity/facts.hpp"

#include <fnmatch.h>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t largest_fact = 1 << 20;
constexpr std::size_t most_facts = 20'000;
constexpr std::size_t deepest = 32;
constexpr std::string_view everything_below = "/**";

class Gatherer {
 public:
  Gatherer(GuestTree& tree, Facts& facts) : tree_(tree), facts_(facts) {}

  void gather(const Interest& interest) {
    content_ = interest.content;
    const std::string& pattern = interest.pattern;
    if (pattern.ends_with(everything_below)) {
      descend(pattern.substr(0, pattern.size() - everything_below.size()), 0);
      return;
    }
    std::vector<std::string> parts = util::split(pattern, '/');
    expand("", parts, 1);
  }

 private:
  void expand(const std::string& base, const std::vector<std::string>& parts, std::size_t next) {
    if (next == parts.size()) return record(base);
    if (parts[next].find('*') == std::string::npos) return expand(base + "/" + parts[next], parts, next + 1);
    const auto directory = tree_.resolve(base);
    if (!directory || directory->attributes.kind != Kind::directory) return;
    for (const std::string& name : tree_.list(directory->path)) {
      if (::fnmatch(parts[next].c_str(), name.c_str(), FNM_PERIOD) == 0) expand(base + "/" + name, parts, next + 1);
    }
  }

  // Links are recorded, never descended: they may lead anywhere in the guest.
  void descend(const std::string& base, std::size_t depth) {
    const auto directory = tree_.look(base);
    if (!directory || directory->attributes.kind != Kind::directory) return;
    if (depth > deepest)
      throw Error(Errc::invalid_input, fmt::format("'{}' in the guest is nested too deeply", util::printable(base)));
    for (const std::string& name : tree_.list(directory->path)) {
      record(base + "/" + name);
      descend(base + "/" + name, depth + 1);
    }
  }

  void record(const std::string& path) {
    const auto seen = tree_.look(path);
    if (!seen) return;
    if (++count_ > most_facts)
      throw Error(Errc::invalid_input, "the guest has too many files where its identity is kept");
    Fact fact{.path = path,
              .real_path = seen->path,
              .kind = seen->attributes.kind,
              .is_link = false,
              .target = {},
              .content = {},
              .has_content = false,
              .size = seen->attributes.size,
              .owner = seen->attributes.owner};
    if (fact.kind == Kind::symlink) follow(fact, seen->path);
    if (fact.kind == Kind::file && content_ == Interest::Content::read && fact.size <= largest_fact) {
      fact.content = tree_.read(fact.real_path, largest_fact);
      fact.has_content = true;
    }
    facts_.add(std::move(fact));
  }

  void follow(Fact& fact, const std::string& link) {
    fact.is_link = true;
    fact.target = tree_.read_link(link);
    fact.real_path.clear();
    const auto end = tree_.resolve(fact.path);
    if (!end) return;
    fact.real_path = end->path;
    fact.kind = end->attributes.kind;
    fact.size = end->attributes.size;
    fact.owner = end->attributes.owner;
  }

  GuestTree& tree_;
  Facts& facts_;
  Interest::Content content_ = Interest::Content::read;
  std::size_t count_ = 0;
};

}  // namespace

void Facts::add(Fact fact) {
  const std::string path = fact.path;
  const auto known = facts_.find(path);
  // An item that asked only for the presence must not hide what another one has read.
  if (known != facts_.end() && known->second.has_content) return;
  facts_.insert_or_assign(path, std::move(fact));
}

const Fact* Facts::find(const std::string& path) const {
  const auto found = facts_.find(path);
  return found == facts_.end() ? nullptr : &found->second;
}

const Fact* Facts::file(const std::string& path) const {
  const Fact* found = find(path);
  return found != nullptr && found->kind == Kind::file && found->has_content ? found : nullptr;
}

std::vector<const Fact*> Facts::matching(const std::string& pattern) const {
  std::vector<const Fact*> found;
  const bool deep = pattern.ends_with(everything_below);
  const std::string prefix = deep ? pattern.substr(0, pattern.size() - 2) : "";
  for (const auto& [path, fact] : facts_) {
    const bool fits =
        deep ? path.starts_with(prefix) : ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
    if (fits) found.push_back(&fact);
  }
  return found;
}

Facts gather(GuestTree& tree, const std::vector<Interest>& interests) {
  Facts facts;
  Gatherer gatherer(tree, facts);
  for (const Interest& interest : interests) gatherer.gather(interest);
  return facts;
}

}  // namespace vmtool::identity
