#pragma once
// Tar archives as a hostile publisher would write them: any name, any type, any size.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmtool::tests {

class TarText {
 public:
  /// What every entry may have beside its name.
  struct Extra {
    std::string target{};
    unsigned mode = 0644;
    unsigned uid = 0;
    unsigned gid = 0;
    unsigned major = 0;
    unsigned minor = 0;
    std::uint64_t time = 0;
    std::vector<std::pair<std::string, std::string>> pax{};  ///< records of an extended header (pax(5)), as they are
  };

  /// `type` as in tar(5): '0' file, '1' hardlink, '2' symlink, '3' and '4' devices, '5' directory, '6' pipe.
  TarText& add(char type, const std::string& name, std::string_view content, const Extra& extra);
  TarText& file(const std::string& name, std::string_view content = "") { return add('0', name, content, {}); }
  TarText& directory(const std::string& name, unsigned mode = 0755) { return add('5', name, "", {.mode = mode}); }
  TarText& symlink(const std::string& name, const std::string& target) {
    return add('2', name, "", {.target = target});
  }
  TarText& hardlink(const std::string& name, const std::string& target) {
    return add('1', name, "", {.target = target});
  }

  /// The archive with its end.
  std::string text() const { return text_ + std::string(1024, '\0'); }

 private:
  void header(char type, const std::string& name, std::uint64_t size, const Extra& extra);
  void content(std::string_view data);

  std::string text_;
};

/// The same bytes, compressed by gzip or zstd.
std::string compressed(const std::string& program, const std::string& data);

}  // namespace vmtool::tests
