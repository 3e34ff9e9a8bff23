#pragma once
// The log of a container, a line a line: "2026-11-23T19:30:00.123456789Z stdout F text" (the form of the Kubernetes CRI;
// P instead of F: the line goes on in the next entry of that stream). Past its size the file becomes log.1, log.1 becomes
// log.2 and so on; the last is dropped.

#include "kernel.hpp"
#include "text.hpp"

namespace keeper {

class Log {
 public:
  Log(int directory, int64_t limit, int64_t files) : directory_(directory), limit_(limit), files_(files) {
    open(open_append);
  }

  /// One entry for each line of `data`.
  void write(const char* stream, const char* data, size_t size) {
    const Text<32> time = timestamp();
    for (size_t begin = 0; begin < size;) {
      size_t end = begin;
      while (end < size && data[end] != '\n') ++end;
      write_entry(time, stream, end < size ? " F " : " P ", data + begin, end - begin);
      begin = end + 1;
    }
  }

 private:
  struct Part {
    const void* data;
    size_t size;
  };

  static Text<32> timestamp() {
    TimeSpec now{};
    kernel(__NR_clock_gettime, 0, address(&now));
    const int64_t second = now.seconds % 86'400;
    // Days to a date by the civil calendar's 400-year eras, the year beginning in March.
    const int64_t day = now.seconds / 86'400 + 719'468;
    const int64_t era = day / 146'097;
    const int64_t of_era = day - era * 146'097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted = (5 * of_year + 2) / 153;
    const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    Text<32> out;
    out.add(static_cast<uint64_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), 4)
        .add('-')
        .add(static_cast<uint64_t>(month), 2)
        .add('-');
    out.add(static_cast<uint64_t>(of_year - (153 * shifted + 2) / 5 + 1), 2).add('T');
    out.add(static_cast<uint64_t>(second / 3600), 2).add(':').add(static_cast<uint64_t>(second / 60 % 60), 2).add(':');
    return out.add(static_cast<uint64_t>(second % 60), 2)
        .add('.')
        .add(static_cast<uint64_t>(now.nanoseconds), 9)
        .add('Z');
  }

  void write_entry(const Text<32>& time, const char* stream, const char* tag, const char* data, size_t size) {
    Text<64> head;
    head.add(time.data()).add(' ').add(stream).add(tag);
    const auto total = static_cast<int64_t>(head.size() + size + 1);
    if (size_ > 0 && limit_ > 0 && size_ + total > limit_) rotate();
    const Part parts[] = {{head.data(), head.size()}, {data, size}, {"\n", 1}};
    // What a full disk refuses is lost: the container is not to wait for it.
    if (const long wrote = kernel(__NR_writev, file_, address(parts), 3); wrote > 0) size_ += wrote;
  }

  void open(int flags) {
    file_ = kernel(__NR_openat, directory_, address("log"), flags, 0600);
    const long end = kernel(__NR_lseek, file_, 0, 2);
    size_ = end > 0 ? end : 0;
  }

  static Text<32> rotated(int64_t number) {
    Text<32> name;
    return name.add("log.").add(static_cast<uint64_t>(number));
  }

  void rotate() {
    close(file_);
    for (int64_t number = files_; number > 1; --number) {
      kernel(__NR_renameat2, directory_, address(rotated(number - 1).data()), directory_,
             address(rotated(number).data()), 0);
    }
    if (files_ > 0) kernel(__NR_renameat2, directory_, address("log"), directory_, address(rotated(1).data()), 0);
    open(open_empty);
  }

  int directory_;
  int64_t limit_;
  int64_t files_;
  long file_ = -1;
  int64_t size_ = 0;
};

}  // namespace keeper
