#include "identity/supervisor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include "identity/appliance.hpp"
#include "identity/appliance_boot.hpp"
#include "identity/chain_check.hpp"
#include "identity/filesystem_check.hpp"
#include "identity/image_lock.hpp"
#include "identity/nbd_server.hpp"
#include "identity/serve_keys.hpp"
#include "identity/undo_file.hpp"
#include "identity/worker.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::chrono::minutes longest_work{4};
constexpr std::size_t most_repairs = 8;

// All disks of a machine, open until the object ends.
class OpenDisks {
 public:
  OpenDisks(const std::vector<Disk>& disks, ImageAccess access) : disks_(disks) {
    for (const Disk& disk : disks) {
      util::during(fmt::format("opening disk '{}'", disk.chain.empty() ? "" : disk.chain.front().path.native()), [&] {
        check_chain(disk);
        open(disk, access);
      });
    }
  }

  std::vector<OpenDisk> take() { return std::move(open_); }

  /// Waits for the servers' ends, after which the images are closed.
  void finish() {
    for (auto& server : servers_) {
      if (server) server->finish();
    }
  }

  /// What a server says of its end, which is the true cause of a broken connection.
  void throw_if_server_failed() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const auto failure = servers_[i] ? servers_[i]->failure() : std::nullopt;
      if (!failure) continue;
      const bool in_use = failure->find("lock") != std::string::npos;
      throw Error(in_use ? Errc::conflict : Errc::io,
                  fmt::format("disk '{}' can't be opened: {}", disks_[i].chain.front().path.native(),
                              util::printable(*failure, 600)))
          .hint(in_use ? "another process has it open: shut the machine down first" : "");
    }
  }

 private:
  void open(const Disk& disk, ImageAccess access) {
    const Image& top = disk.chain.front();
    if (top.format == "raw") {
      util::Fd file = util::open_file(top.path, access == ImageAccess::look ? O_RDONLY : O_RDWR);
      if (access == ImageAccess::write) lock_image(file.get());
      open_.push_back({OpenDisk::Kind::file, std::move(file)});
      servers_.emplace_back();
    } else {
      servers_.push_back(std::make_unique<NbdServer>(disk, access));
      open_.push_back({OpenDisk::Kind::nbd, servers_.back()->take_connection()});
    }
  }

  const std::vector<Disk>& disks_;
  std::vector<std::unique_ptr<NbdServer>> servers_;  // null for a raw file
  std::vector<OpenDisk> open_;
};

// Absent where the other end is gone before its end.
std::optional<Json> serve(const Channel& channel) {
  return serve_keys([&] { return channel.receive(longest_work); }, [&](const Json& answer) { channel.send(answer); });
}

// Forks the worker and serves it until it has sent its end.
Json run_in_worker(WorkerInput input) {
  auto [ours, theirs] = make_channel();
  const pid_t pid = ::fork();
  if (pid < 0) throw util::SysError(errno, "starting the worker");
  if (pid == 0) {
    ours = Channel(util::Fd());
    ::_exit(run_worker(std::move(input), std::move(theirs)));
  }
  util::Child worker(pid);
  theirs = Channel(util::Fd());
  input = {};
  auto end = serve(ours);
  const int code = worker.wait();
  if (end) return std::move(*end);
  throw Error(Errc::internal, fmt::format("the process that reads the guest's disk ended with code {}", code))
      .hint("nothing was written unless the disk is damaged; use '--identity none' for this guest");
}

// The disk's locks are QEMU's own there. A machine that is killed in the middle leaves what any crash leaves: journals.
Json run_in_appliance(const Job& job, const std::vector<std::string>& contents) {
  return util::during("working in the micro-appliance", [&] {
    Appliance appliance(job, contents);
    std::optional<Json> end;
    try {
      appliance.channel().send(to_json(job));
      end = serve(appliance.channel());
    } catch (const util::SysError&) {
      end.reset();  // it is gone: its last words tell more
    }
    if (!end) {
      const std::string words = appliance.last_words();
      const bool in_use = words.find(" lock") != std::string::npos;
      throw Error(in_use ? Errc::conflict : Errc::io, fmt::format("the appliance gave no answer: {}", words))
          .hint(in_use ? "another process has the disk open: shut the machine down first" : "");
    }
    appliance.finish();
    return std::move(*end);
  });
}

Json run_once(const Job& job, const std::vector<Disk>& disks, util::Fd undo_file) {
  if (!job.request.target.directory.empty()) {
    return run_in_worker({job, {}, util::open_file(job.request.target.directory, O_RDONLY | O_DIRECTORY), {}});
  }
  OpenDisks open(disks, job.action == Job::Action::show ? ImageAccess::look : ImageAccess::write);
  Json end = run_in_worker({job, open.take(), {}, std::move(undo_file)});
  if (end.contains("error") && !end.contains("needsFsck")) open.throw_if_server_failed();
  open.finish();
  return end;
}

util::Fd new_undo_file(const Request& request) {
  if (request.undo_file.empty()) return {};
  util::Fd file = util::open_file(request.undo_file, O_RDWR | O_CREAT | O_EXCL, 0600);
  util::write_all(file.get(), undo_header(request.target.disks));
  return file;
}

void check_filesystem_of(const Target& target, const Json& place, Check check) {
  check_filesystem(target.disks.at(place.at("disk").get<std::size_t>()), place.at("offset").get<std::uint64_t>(),
                   check);
}

// Before it is complete, nothing was written, so there is nothing to undo.
void remove_if_incomplete(const std::filesystem::path& undo_file) {
  if (undo_file.empty() || read_undo(util::open_file(undo_file, O_RDONLY).get())) return;
  std::filesystem::remove(undo_file);
}

Json restore(const Job& job) {
  const util::Fd file = util::open_file(job.request.undo_file, O_RDONLY);
  const auto undo = read_undo(file.get());
  if (undo) {
    util::Fd again = util::open_file(job.request.undo_file, O_RDONLY);
    const Json end = run_once(job, undo->disks, std::move(again));
    if (end.contains("error")) throw error_from(end.at("error"));
  }
  std::filesystem::remove(job.request.undo_file);
  return {{"restored", undo.has_value()}};
}

// What a kernel has written can't be taken back page by page: the caller has to find another way back.
Json finish_in_appliance(const Job& job, const std::vector<std::string>& contents) {
  if (!job.request.undo_file.empty()) return {{"needsAppliance", contents}};
  Json end = run_in_appliance(job, contents);
  if (end.contains("error")) throw error_from(end.at("error"));
  return {{"report", end.at("report")}};
}

// e2fsck sees a raw image as it is, any other one through FUSE.
bool can_check_from_outside(const Target& target) {
  const bool all_raw = std::all_of(target.disks.begin(), target.disks.end(),
                                   [](const Disk& disk) { return disk.chain.front().format == "raw"; });
  return all_raw || ::access("/dev/fuse", R_OK | W_OK) == 0;
}

}  // namespace

Json run_job(const Job& job) {
  if (job.action == Job::Action::restore) return restore(job);
  const Request& request = job.request;
  const bool renews = job.action == Job::Action::renew;
  if (request.target.way == Way::appliance && request.target.directory.empty())
    return finish_in_appliance(job, all_appliance_filesystems());
  Json end = run_once(job, request.target.disks, renews ? new_undo_file(request) : util::Fd());
  std::vector<std::string> repaired;
  // Each filesystem of the guest may need it once. The undo file begins after that: a replay is what any mount would do.
  while (end.contains("needsFsck") && repaired.size() < most_repairs) {
    remove_if_incomplete(request.undo_file);
    if (request.target.way == Way::automatic && request.undo_file.empty() && !can_check_from_outside(request.target))
      return finish_in_appliance(job, {});
    check_filesystem_of(request.target, end.at("needsFsck"), Check::journal);
    repaired.push_back(error_from(end.at("error")).message());
    end = run_once(job, request.target.disks, new_undo_file(request));
  }
  if (end.contains("needsAppliance") && request.target.way == Way::automatic) {
    remove_if_incomplete(request.undo_file);
    return finish_in_appliance(job, end.at("needsAppliance").get<std::vector<std::string>>());
  }
  if (end.contains("error")) {
    remove_if_incomplete(request.undo_file);
    throw error_from(end.at("error"));
  }
  for (const Json& place : end.at("fsckAfter")) check_filesystem_of(request.target, place, Check::everything);
  for (const std::string& what : repaired) {
    end.at("report")
        .at("warnings")
        .push_back(what + ": e2fsck did so first, since the source was not shut down in order");
  }
  return {{"report", end.at("report")}};
}

}  // namespace vmtool::identity
