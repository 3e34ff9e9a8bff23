#include "identity/volume_tree.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr int most_links = 40;
constexpr std::size_t longest_path = 4096;

std::deque<std::string> components_of(const std::string& path) {
  std::deque<std::string> out;
  for (std::string& part : util::split(path, '/')) {
    if (!part.empty() && part != ".") out.push_back(std::move(part));
  }
  return out;
}

std::pair<std::string, std::string> parent_and_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

VolumeTree::VolumeTree(GuestFs& root) { mounts_.emplace("", &root); }

void VolumeTree::mount(const std::string& path, GuestFs& filesystem) { mounts_.insert_or_assign(path, &filesystem); }

std::optional<VolumeTree::Place> VolumeTree::step(const Place& directory, const std::string& name) {
  const std::optional<Inode> inode = directory.fs->lookup(directory.inode, name);
  if (!inode) return std::nullopt;
  std::string path = directory.path + "/" + name;
  const auto mounted = mounts_.find(path);
  if (mounted != mounts_.end()) return Place{std::move(path), mounted->second, mounted->second->root()};
  return Place{std::move(path), directory.fs, *inode};
}

std::optional<VolumeTree::Place> VolumeTree::walk(const std::string& path, LastLink last) {
  std::deque<std::string> todo = components_of(path);
  GuestFs* root = mounts_.at("");
  std::vector<Place> stack{{"", root, root->root()}};
  int links = 0;
  while (!todo.empty()) {
    const std::string name = std::move(todo.front());
    todo.pop_front();
    if (name == "..") {
      // ".." of the root is the root, as for any process inside.
      if (stack.size() > 1) stack.pop_back();
      continue;
    }
    std::optional<Place> next = step(stack.back(), name);
    if (!next) return std::nullopt;
    const bool is_link = next->fs->attributes(next->inode).kind == Kind::symlink;
    if (!is_link || (todo.empty() && last == LastLink::keep)) {
      stack.push_back(std::move(*next));
      continue;
    }
    if (++links > most_links) return std::nullopt;
    const std::string target = next->fs->read(next->inode, longest_path);
    if (target.starts_with('/')) stack.resize(1);
    std::deque<std::string> inserted = components_of(target);
    if (inserted.size() + todo.size() > longest_path) return std::nullopt;
    todo.insert(todo.begin(), inserted.begin(), inserted.end());
  }
  return stack.back();
}

std::optional<Entry> VolumeTree::look(const std::string& path) {
  const auto place = walk(path, LastLink::keep);
  if (!place) return std::nullopt;
  return Entry{place->path, place->fs->attributes(place->inode)};
}

std::optional<Entry> VolumeTree::resolve(const std::string& path) {
  const auto place = walk(path, LastLink::follow);
  if (!place) return std::nullopt;
  return Entry{place->path, place->fs->attributes(place->inode)};
}

VolumeTree::Place VolumeTree::at(const std::string& real_path, Kind kind) {
  auto place = walk(real_path, LastLink::keep);
  if (!place) throw Error(Errc::not_found, fmt::format("'{}' does not exist in the guest", real_path));
  if (place->fs->attributes(place->inode).kind != kind) {
    throw Error(Errc::conflict,
                fmt::format("'{}' in the guest is not what was expected there", util::printable(real_path)));
  }
  return *place;
}

std::string VolumeTree::read(const std::string& real_path, std::size_t limit) {
  const Place place = at(real_path, Kind::file);
  return place.fs->read(place.inode, limit);
}

std::string VolumeTree::read_link(const std::string& real_path) {
  const Place place = at(real_path, Kind::symlink);
  return place.fs->read(place.inode, longest_path);
}

std::vector<std::string> VolumeTree::list(const std::string& real_path) {
  const Place place = at(real_path, Kind::directory);
  std::vector<std::string> names = place.fs->list(place.inode);
  std::sort(names.begin(), names.end());
  return names;
}

void VolumeTree::write(const Edit& edit, const Place& directory, const std::string& name) {
  const auto existing = step(directory, name);
  if (existing) existing->fs->overwrite(existing->inode, edit.content);
  else directory.fs->make_file(directory.inode, name, edit.content, edit.owner);
}

void VolumeTree::link(const Edit& edit, const Place& directory, const std::string& name) {
  std::optional<std::string> label;
  if (const auto existing = step(directory, name)) {
    if (existing->fs->attributes(existing->inode).kind == Kind::directory) {
      throw Error(Errc::conflict, "a directory is where a link is to be made");
    }
    label = existing->fs->label(existing->inode);
    directory.fs->remove(directory.inode, name);
  }
  if (!label) label = directory.fs->label(directory.inode);
  const Inode made = directory.fs->make_symlink(directory.inode, name, edit.content);
  if (label) directory.fs->set_label(made, *label);
}

void VolumeTree::apply(const Edit& edit) {
  const auto parts = parent_and_name(edit.path);
  // Plain references: clang 14 lets no lambda capture a structured binding.
  const auto& parent = parts.first;
  const auto& name = parts.second;
  util::during(fmt::format("changing '{}' in the guest", util::printable(edit.path)), [&] {
    const auto found = walk(parent, LastLink::follow);
    if (!found)
      throw Error(Errc::not_found,
                  fmt::format("the directory '{}' does not exist in the guest", util::printable(parent)));
    const Place& directory = *found;
    if (mounts_.count(edit.path) != 0) throw Error(Errc::conflict, "another filesystem is mounted there");
    switch (edit.action) {
      case Edit::Action::write: return write(edit, directory, name);
      case Edit::Action::symlink: return link(edit, directory, name);
      case Edit::Action::remove: return directory.fs->remove(directory.inode, name);
    }
  });
}

}  // namespace vmtool::identity
