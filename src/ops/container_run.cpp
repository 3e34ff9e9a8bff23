#include "ops/container_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include <fmt/format.h>

#include "manifest/document.hpp"
#include "manifest/fields.hpp"
#include "model/check.hpp"
#include "ops/container_define.hpp"
#include "ops/container_identity.hpp"
#include "ops/container_lifecycle.hpp"
#include "ops/container_remove.hpp"
#include "ops/container_source.hpp"
#include "ops/engine.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/random.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// Signals that end or steer a program come as input, so that the container is removed whatever comes.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) ::sigaddset(&held, signal);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    descriptor_.reset(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int descriptor() const noexcept { return descriptor_.get(); }
  // What the terminal sends, the engine gets itself: it is in the same group.
  void pass_on(int process) const {
    signalfd_siginfo info{};
    if (::read(descriptor_.get(), &info, sizeof info) != sizeof info || info.ssi_code == SI_KERNEL) return;
    ::syscall(SYS_pidfd_send_signal, process, static_cast<int>(info.ssi_signo), nullptr, 0);
  }

 private:
  sigset_t before_{};
  util::Fd descriptor_;
};

int wait_for_engine(util::Child& engine, const HeldSignals& signals) {
  const util::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, engine.pid(), 0)));
  if (!process) throw util::SysError(errno, "watching the engine");
  std::array<pollfd, 2> watched{pollfd{process.get(), POLLIN, 0}, pollfd{signals.descriptor(), POLLIN, 0}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
      throw util::SysError(errno, "waiting for the container");
    if (watched[1].revents != 0) signals.pass_on(process.get());
    if (watched[0].revents != 0) return engine.wait();
  }
}

DefineContainer first_step(const ContainerHome& home, const RunWishes& wishes) {
  if (home.has(wishes.container.name)) {
    throw Error(Errc::conflict, fmt::format("a container '{}' exists already", wishes.container.name))
        .hint(fmt::format("vmtool start {}, or choose another name", wishes.container.name));
  }
  const auto findings = model::check(wishes.container);
  if (!findings.empty())
    throw Error(Errc::usage, fmt::format("{}: {}", findings.front().path, findings.front().message))
        .hint(findings.front().hint);
  DefineContainer step;
  step.container = wishes.container.name;
  step.uuid = util::to_text(util::random_uuid());
  bundle::ConfigFacts facts = facts_of_new(home, wishes.container, step.uuid, manifest::digest_of(wishes.container));
  facts.remove_at_end = wishes.remove;
  step.config = bundle::write_config(wishes.container, facts);
  step.manifest = manifest::write_document(wishes.container);
  return step;
}

void write_status_file(const ContainerPaths& paths, const bundle::Status& status) {
  const auto fresh = paths.run / "status.new";
  {
    const util::Fd file = util::open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    util::write_all(file.get(), bundle::write_status(status));
  }
  std::filesystem::rename(fresh, paths.status());
}

void forget_container(const ContainerHome& home, const std::string& name) {
  std::error_code ignored;
  std::filesystem::remove_all(home.paths(name).run, ignored);
  remove_bundle(home, home.paths(name).bundle);
}

}  // namespace

std::string random_container_name() {
  std::array<unsigned char, 4> bytes{};
  util::fill_random(bytes);
  return "run-" + util::to_hex(bytes);
}

int run_in_foreground(const ContainerHome& home, const RunWishes& wishes, ContainerWiring& wiring,
                      util::Reporter& reporter) {
  const std::string& name = wishes.container.name;
  const DefineContainer step = first_step(home, wishes);
  const ContainerPaths paths = home.paths(name);
  const HeldSignals signals;
  std::filesystem::create_directories(paths.run);
  util::Undo undo(nullptr);
  undo.add("remove the container", [&] { forget_container(home, name); });
  // Before anybody sees the container, it says who watches over it.
  bundle::Status status = own_status();
  write_status_file(paths, status);
  define_container(home, step, reporter);
  prepare_identity(paths, bundle::read_summary(step.config));
  wiring.plug(wishes.container);
  util::Undo plugged([](const std::string&, const std::string&) {});
  plugged.add("unplug it", [&] { wiring.unplug(name); });
  std::filesystem::create_directories(home.engine_root());
  util::Child engine = util::spawn({.args = engine_command(home, {"run", "--bundle", paths.bundle, name})},
                                   {wishes.interactive ? STDIN_FILENO : -1, STDOUT_FILENO, STDERR_FILENO});
  const int code = wait_for_engine(engine, signals);
  if (wishes.remove) return code;
  undo.commit();
  status.state = "exited";
  status.exit_code = code;
  status.signal = code > 128 ? code - 128 : 0;
  write_status_file(paths, status);
  return code;
}

void run_detached(const ContainerHome& home, const RunWishes& wishes, ContainerWiring& wiring,
                  util::Reporter& reporter) {
  const std::string& name = wishes.container.name;
  const DefineContainer step = first_step(home, wishes);
  util::Undo undo(nullptr);
  define_container(home, step, reporter);
  undo.add("remove the container", [&] { forget_container(home, name); });
  start_container(home, name, wiring);
  undo.commit();
}

}  // namespace vmtool::ops
