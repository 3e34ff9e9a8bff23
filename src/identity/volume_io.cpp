#include "identity/volume_io.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

// libext2fs frees a channel and its name with free(3) in some of its error paths, so both come from malloc.
struct FreeChannel {
  void operator()(io_channel channel) const noexcept {
    std::free(channel->name);
    std::free(channel);
  }
};

StagedVolume& volume_of(io_channel channel) { return *static_cast<StagedVolume*>(channel->private_data); }

// Nothing may be thrown through C frames: the cause is turned into libext2fs's own error code.
template <class F>
errcode_t guarded(F&& action, errcode_t on_error) noexcept {
  try {
    action();
    return 0;
  } catch (const util::Error&) {
    return on_error;
  } catch (const std::bad_alloc&) {
    return EXT2_ET_NO_MEMORY;
  }
}

// A negative count is a number of bytes, by the interface's definition.
std::size_t length_of(io_channel channel, int count) {
  return count < 0 ? static_cast<std::size_t>(-static_cast<std::int64_t>(count))
                   : static_cast<std::size_t>(count) * static_cast<std::size_t>(channel->block_size);
}

bool offset_of(io_channel channel, unsigned long long block, std::uint64_t& offset) {
  return !__builtin_mul_overflow(block, static_cast<std::uint64_t>(channel->block_size), &offset);
}

errcode_t read_blk64(io_channel channel, unsigned long long block, int count, void* data) {
  std::uint64_t offset = 0;
  if (!offset_of(channel, block, offset)) return EXT2_ET_SHORT_READ;
  return guarded(
      [&] {
        volume_of(channel).read(offset, {static_cast<unsigned char*>(data), length_of(channel, count)});
      },
      EXT2_ET_SHORT_READ);
}

errcode_t write_blk64(io_channel channel, unsigned long long block, int count, const void* data) {
  std::uint64_t offset = 0;
  if (!offset_of(channel, block, offset)) return EXT2_ET_SHORT_WRITE;
  return guarded(
      [&] {
        volume_of(channel).write(offset, {static_cast<const unsigned char*>(data), length_of(channel, count)});
      },
      EXT2_ET_SHORT_WRITE);
}

errcode_t read_blk(io_channel channel, unsigned long block, int count, void* data) {
  return read_blk64(channel, block, count, data);
}

errcode_t write_blk(io_channel channel, unsigned long block, int count, const void* data) {
  return write_blk64(channel, block, count, data);
}

errcode_t write_byte(io_channel channel, unsigned long offset, int count, const void* data) {
  return guarded(
      [&] {
        volume_of(channel).write(offset, {static_cast<const unsigned char*>(data), static_cast<std::size_t>(count)});
      },
      EXT2_ET_SHORT_WRITE);
}

errcode_t set_blksize(io_channel channel, int block_size) {
  channel->block_size = block_size;
  return 0;
}

errcode_t flush(io_channel) { return 0; }

errcode_t close_channel(io_channel channel) {
  if (--channel->refcount <= 0) FreeChannel{}(channel);
  return 0;
}

errcode_t open_channel(const char* name, int, io_channel* channel) {
  std::uintptr_t address = 0;
  const auto parsed = std::from_chars(name, name + std::strlen(name), address, 16);
  if (parsed.ec != std::errc{} || *parsed.ptr != '\0') return EXT2_ET_BAD_DEVICE_NAME;
  std::unique_ptr<struct_io_channel, FreeChannel> made(
      static_cast<io_channel>(std::calloc(1, sizeof(struct_io_channel))));
  if (!made) return EXT2_ET_NO_MEMORY;
  made->name = ::strdup(name);
  if (made->name == nullptr) return EXT2_ET_NO_MEMORY;
  made->magic = EXT2_ET_MAGIC_IO_CHANNEL;
  made->manager = volume_io_manager();
  made->block_size = 1024;
  made->refcount = 1;
  made->private_data = reinterpret_cast<void*>(address);
  *channel = made.release();
  return 0;
}

}  // namespace

io_manager volume_io_manager() {
  static const struct_io_manager manager = [] {
    struct_io_manager made{};
    made.magic = EXT2_ET_MAGIC_IO_MANAGER;
    made.name = "staged volume";
    made.open = open_channel;
    made.close = close_channel;
    made.set_blksize = set_blksize;
    made.read_blk = read_blk;
    made.write_blk = write_blk;
    made.flush = flush;
    made.write_byte = write_byte;
    made.read_blk64 = read_blk64;
    made.write_blk64 = write_blk64;
    return made;
  }();
  // The C interface takes a pointer to non-const, and never writes through it.
  return const_cast<io_manager>(&manager);
}

std::string volume_io_name(StagedVolume& volume) {
  return fmt::format("{:x}", reinterpret_cast<std::uintptr_t>(&volume));
}

}  // namespace vmtool::identity
