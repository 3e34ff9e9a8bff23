#pragma once
// Small texts in fixed memory.

#include <stddef.h>
#include <stdint.h>

namespace keeper {

/// Collects characters; what does not fit is dropped.
template <size_t Size>
class Text {
 public:
  Text& add(char c) {
    if (size_ + 1 < Size) data_[size_++] = c;
    data_[size_] = 0;
    return *this;
  }
  Text& add(const char* text) {
    while (*text != 0) add(*text++);
    return *this;
  }
  /// A number with at least `digits` digits.
  Text& add(uint64_t number, int digits = 1) {
    char reversed[20];
    int count = 0;
    for (; number != 0 || count < digits; number /= 10) reversed[count++] = static_cast<char>('0' + number % 10);
    while (count > 0) add(reversed[--count]);
    return *this;
  }
  const char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  char data_[Size] = {};
  size_t size_ = 0;
};

/// Reads a number and the comma behind it.
inline int64_t take_number(const char*& text) {
  const bool negative = *text == '-';
  if (negative) ++text;
  int64_t value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  if (*text == ',') ++text;
  return negative ? -value : value;
}

}  // namespace keeper
