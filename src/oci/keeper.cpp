#include "oci/keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "isolation/sealed_program.hpp"
#include "isolation/system.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using util::Fd;

constexpr unsigned char keeper_program[] = {
#include "oci/made/keeper.inc"
};

}  // namespace

void become_keeper(const KeeperSetup& setup) {
  const Fd keeper = isolation::seal_program("isolate-keeper", keeper_program);
  const Fd self = util::open_file("/proc/self/exe", O_PATH);
  const std::string numbers =
      fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}", setup.process, setup.output, setup.error, setup.directory,
                  setup.listener, self.get(), setup.log_size, setup.log_files, setup.stop_signal, setup.stop_timeout_ms,
                  setup.pause_ms, setup.place);
  std::vector<std::string> words{"isolate-keeper", numbers};
  words.insert(words.end(), setup.next.begin(), setup.next.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  for (const int kept :
       {setup.process, setup.output, setup.error, setup.directory, setup.listener, setup.lock, self.get()}) {
    if (kept >= 0 && ::fcntl(kept, F_SETFD, 0) != 0)
      throw util::SysError(errno, "can't hand a descriptor to the keeper");
  }
  isolation::sys::execute(keeper.get(), argv.data(), environ);
  throw util::SysError(errno, "can't start the keeper");
}

KeeperReport read_keeper_report(const std::string& text) {
  using Kind = KeeperReport::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 5> words{{{"exit", Kind::exited},
                                                                    {"signal", Kind::signalled},
                                                                    {"gone", Kind::gone},
                                                                    {"stuck", Kind::stuck},
                                                                    {"pause", Kind::paused}}};
  KeeperReport out;
  const auto comma = text.find(',');
  out.stopped = comma != std::string::npos && text.substr(comma + 1) == "stop";
  const auto parts = util::split(text.substr(0, comma), ':');
  for (const auto& [word, kind] : words) {
    if (parts[0] != word) continue;
    out.kind = kind;
    if (parts.size() == 2) out.number = static_cast<int>(util::parse_decimal(parts[1], 255).value_or(255));
    return out;
  }
  throw util::Error(util::Errc::usage, fmt::format("'{}' is no end of a container", util::printable(text)));
}

}  // namespace vmtool::oci
