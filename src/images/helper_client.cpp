#include "images/helper_client.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/helper_path.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr const char* helper_name = "vmtool-image";

// Takes complete lines from what the helper says, as it comes.
class Answer {
 public:
  explicit Answer(const HelperProgress* progress) : progress_(progress) {}

  void take(std::string_view part) {
    rest_ += part;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      take_line(util::split(std::string_view(rest_).substr(0, end), '\t'));
      rest_.erase(0, end + 1);
    }
  }

  std::map<std::string, std::string> results;
  std::vector<std::string> error;

 private:
  void take_line(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "progress" && progress_ != nullptr) {
      const auto done = util::parse_decimal(words[1]);
      if (done) progress_->reporter.progress(progress_->title, std::min(*done, progress_->total), progress_->total);
    }
    if (words.size() == 3 && words[0] == "result") results[words[1]] = words[2];
    if (words.size() == 4 && words[0] == "error") error = words;
  }

  const HelperProgress* progress_;
  std::string rest_;
};

void read_answer(int descriptor, Answer& answer) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw util::SysError(errno, "reading the helper's answer");
    if (got == 0) return;
    answer.take({buffer.data(), static_cast<std::size_t>(got)});
  }
}

Errc kind_of_code(const std::string& code) {
  for (const Errc kind : {Errc::usage, Errc::invalid_input, Errc::not_found, Errc::conflict, Errc::unavailable,
                          Errc::denied, Errc::io, Errc::interrupted}) {
    if (code == std::to_string(static_cast<int>(kind))) return kind;
  }
  return Errc::internal;
}

}  // namespace

fs::path find_image_helper() { return util::find_helper(helper_name, "images"); }

std::map<std::string, std::string> ask_helper(const std::vector<std::string>& args, const HelperProgress* progress) {
  util::Command command{.args = {find_image_helper().native()}};
  command.args.insert(command.args.end(), args.begin(), args.end());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw util::SysError(errno, "making a pipe");
  const util::Fd from(ends[0]);
  util::Fd to(ends[1]);
  util::Child helper = util::spawn(command, {-1, to.get(), -1});
  to.reset();
  Answer answer(progress);
  read_answer(from.get(), answer);
  const int code = helper.wait();
  if (!answer.error.empty()) throw Error(kind_of_code(answer.error[1]), answer.error[2]).hint(answer.error[3]);
  if (code != 0) {
    throw Error(Errc::invalid_input, fmt::format("the process that reads the archive ended with code {}", code))
        .hint("the archive is damaged or hostile; nothing of it is used");
  }
  return answer.results;
}

void remove_tree(const fs::path& tree) {
  ask_helper({"remove", tree.parent_path().native(), tree.filename().native()});
}

}  // namespace vmtool::images
