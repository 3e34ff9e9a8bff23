#include "identity/staged_volume.hpp"

#include <algorithm>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

// A clone's edit is about twenty pages; a filesystem that wants thousands is broken or hostile.
constexpr std::size_t most_pages = (std::size_t{64} << 20) / StagedVolume::page_size;

}  // namespace

StagedVolume::StagedVolume(BlockDevice& device, std::uint64_t offset, std::uint64_t size)
    : device_(device), offset_(offset), size_(size) {
  require_range(offset, size, device.size());
}

std::size_t StagedVolume::page_length(std::uint64_t index) const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(page_size, size_ - index * page_size));
}

void StagedVolume::load(std::uint64_t index, std::span<unsigned char> out) {
  device_.read(offset_ + index * page_size, out.first(page_length(index)));
}

void StagedVolume::read(std::uint64_t offset, std::span<unsigned char> out) {
  require_range(offset, out.size(), size_);
  if (out.empty()) return;
  device_.read(offset_ + offset, out);
  const std::uint64_t end = offset + out.size();
  for (auto page = pages_.lower_bound(offset / page_size); page != pages_.end(); ++page) {
    const std::uint64_t start = page->first * page_size;
    if (start >= end) break;
    const std::uint64_t from = std::max(start, offset);
    const std::uint64_t to = std::min(start + page_size, end);
    std::copy_n(page->second.begin() + static_cast<std::ptrdiff_t>(from - start), to - from,
                out.begin() + static_cast<std::ptrdiff_t>(from - offset));
  }
}

void StagedVolume::write(std::uint64_t offset, std::span<const unsigned char> data) {
  require_range(offset, data.size(), size_);
  while (!data.empty()) {
    const std::uint64_t index = offset / page_size;
    const std::size_t start = static_cast<std::size_t>(offset % page_size);
    const std::size_t part = std::min(data.size(), page_size - start);
    auto [page, is_new] = pages_.try_emplace(index);
    if (is_new) {
      if (pages_.size() > most_pages) throw util::Error(util::Errc::io, "the edits of this filesystem are too large");
      if (part < page_length(index)) load(index, page->second);
    }
    std::copy_n(data.begin(), part, page->second.begin() + static_cast<std::ptrdiff_t>(start));
    offset += part;
    data = data.subspan(part);
  }
}

std::vector<StagedVolume::Run> StagedVolume::changes() {
  std::vector<Run> runs;
  for (const auto& [index, page] : pages_) {
    const std::size_t length = page_length(index);
    Page old{};
    load(index, old);
    if (std::equal(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(length), old.begin())) continue;
    const std::uint64_t at = offset_ + index * page_size;
    if (runs.empty() || runs.back().offset + runs.back().bytes.size() != at) runs.push_back({at, {}});
    runs.back().bytes.insert(runs.back().bytes.end(), page.begin(), page.begin() + static_cast<std::ptrdiff_t>(length));
  }
  return runs;
}

void StagedVolume::commit() {
  for (const Run& run : changes()) device_.write(run.offset, run.bytes);
  device_.flush();
  pages_.clear();
}

}  // namespace vmtool::identity
