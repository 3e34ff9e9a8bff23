// Descriptors, directories and binaries of the engine that a container might get hold of.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

struct DescriptorAttack : testing::Test {
  Bundle bundle;
  fs::path outside = bundle.path() / "outside";
  DescriptorAttack() {
    fs::create_directory(outside);
    std::ofstream(outside / "marker") << "marker";
  }
};

TEST_F(DescriptorAttack, CVE_2024_21626_CwdThroughALeakedDescriptor) {
  VMTOOL_NEEDS("root");
  for (int descriptor = 3; descriptor < 12; ++descriptor) {
    bundle.config["process"]["cwd"] = "/proc/self/fd/" + std::to_string(descriptor);
    const auto result = bundle.script("cat marker ../marker ../outside/marker").run();
    EXPECT_THAT(result.out, Not(HasSubstr("marker"))) << descriptor;
    EXPECT_NE(result.exit_code, 0);
  }
}

TEST_F(DescriptorAttack, CVE_2024_21626_ExecWithSuchACwd) {
  VMTOOL_NEEDS("root");
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  for (int descriptor = 3; descriptor < 12; ++descriptor) {
    EXPECT_EQ(bundle.isolate({"exec", "--cwd", "/proc/self/fd/" + std::to_string(descriptor), "test", "pwd"}).exit_code,
              125);
  }
  EXPECT_EQ(bundle.isolate({"exec", "--cwd", "/tmp", "test", "pwd"}).out, "/tmp\n");
}

TEST_F(DescriptorAttack, CVE_2019_5736_TheEntryPointIsTheRuntimesOwnBinary) {
  VMTOOL_NEEDS("root");
  const fs::path program = std::getenv("VMTOOL_ISOLATE");
  const auto before = fs::last_write_time(program);
  const auto size = fs::file_size(program);
  for (const char* interpreter : {"/proc/self/exe", "/proc/1/exe", "/proc/thread-self/exe"}) {
    std::ofstream(bundle.root() / "bin/entry", std::ios::trunc) << "#!" << interpreter << "\n";
    fs::permissions(bundle.root() / "bin/entry", fs::perms::all);
    const auto result = bundle.args({"/bin/entry", "--version"}).run();
    EXPECT_THAT(result.out, Not(HasSubstr("isolate version"))) << "it ran the engine inside: " << interpreter;
  }
  // The same entry point does run a program's own binary where nothing stands between.
  const auto unprotected = util::run({{"/bin/sh", "-c", "exec \"$0\" --version", program.native()}});
  EXPECT_THAT(unprotected.out, HasSubstr("isolate version"));
  EXPECT_EQ(fs::last_write_time(program), before);
  EXPECT_EQ(fs::file_size(program), size);
}

TEST_F(DescriptorAttack, CVE_2019_5736_ExecOfProcSelfExe) {
  VMTOOL_NEEDS("root");
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  const auto result = bundle.isolate({"exec", "test", "/proc/self/exe", "--version"});
  EXPECT_THAT(result.out, Not(HasSubstr("isolate version")));
}

TEST_F(DescriptorAttack, CVE_2024_21626_ADirectoryThatTheCallerLeftOpen) {
  VMTOOL_NEEDS("root");
  bundle.script("ls /proc/self/fd; cat /proc/self/fd/9/marker").write("test");
  const auto run = [&](const std::string& option) {
    return util::run(
        {{"/bin/sh", "-c", "exec 9< \"$0\"; exec \"$1\" --root \"$2\" run $4 --bundle \"$3\" test", outside.native(),
          std::getenv("VMTOOL_ISOLATE"), bundle.state_root(), bundle.path().native(), option}});
  };
  EXPECT_EQ(run("").out, "0\n1\n2\n3\n") << "ls itself holds 3";
  EXPECT_THAT(run("--preserve-fds=7").out, HasSubstr("marker")) << "what is asked for stays open";
}

TEST_F(DescriptorAttack, CVE_2016_9962_TheJoiningProcessCanNotBeLookedInto) {
  VMTOOL_NEEDS("root");
  ASSERT_EQ(bundle
                .script("while :; do for f in /proc/[0-9]*/exe /proc/[0-9]*/cwd /proc/[0-9]*/fd/*; do readlink $f; "
                        "done; done >> /tmp/seen 2>/dev/null")
                .start()
                .exit_code,
            0);
  while (!fs::exists(bundle.root() / "tmp/seen") || fs::file_size(bundle.root() / "tmp/seen") < 1000) ::usleep(10'000);
  for (int round = 0; round < 25; ++round) EXPECT_EQ(bundle.isolate({"exec", "test", "true"}).exit_code, 0);
  std::ifstream file(bundle.root() / "tmp/seen");
  const std::string seen{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(seen, HasSubstr("/bin/busybox")) << "the container looked";
  EXPECT_THAT(seen, Not(HasSubstr("oci/isolate")));
  EXPECT_THAT(seen, Not(HasSubstr("/sys/fs/cgroup")));
  EXPECT_THAT(seen, Not(HasSubstr(bundle.state_root())));
}

TEST_F(DescriptorAttack, CVE_2019_5736_TheEngineThatWaitsForStartCanNotBeLookedInto) {
  VMTOOL_NEEDS("root");
  bundle.args({"sleep", "20"}).write("test");
  ASSERT_EQ(bundle.create().exit_code, 0) << bundle.log();
  const std::string look =
      "readlink /proc/1/exe; for f in /proc/1/fd/*; do readlink $f; done; (exec 3< /proc/1/exe) && echo opened; echo "
      "done";
  EXPECT_EQ(bundle.isolate({"exec", "test", "sh", "-c", look}).out, "done\n");
  ASSERT_EQ(bundle.isolate({"start", "test"}).exit_code, 0);
  EXPECT_THAT(bundle.isolate({"exec", "test", "sh", "-c", look}).out, HasSubstr("/bin/busybox"))
      << "the program itself can be";
}

TEST_F(DescriptorAttack, HooksDoNotGetTheContainersEnvironment) {
  VMTOOL_NEEDS("root");
  const fs::path hook = bundle.path() / "hook.sh";
  std::ofstream(hook) << "#!/bin/sh\nenv > \"$1\"\n";
  fs::permissions(hook, fs::perms::owner_all);
  const fs::path log = bundle.path() / "hook.log";
  bundle.config["process"]["env"] = {"PATH=/bin", "LD_PRELOAD=/evil.so"};
  bundle.config["hooks"]["createRuntime"] = {
      {{"path", hook.native()}, {"args", {"hook", log.native()}}, {"env", {"FROM=config"}}}};
  EXPECT_THAT(bundle.args({"env"}).run().out, HasSubstr("LD_PRELOAD=/evil.so"));
  std::ifstream file(log);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("FROM=config"));
  EXPECT_THAT(text, Not(HasSubstr("LD_PRELOAD")));
}

TEST_F(DescriptorAttack, CVE_2020_5291_TheProgramIsNotSetuid) {
  struct stat about {};
  ASSERT_EQ(::stat(std::getenv("VMTOOL_ISOLATE"), &about), 0);
  EXPECT_EQ(about.st_mode & (S_ISUID | S_ISGID), 0u);
}

}  // namespace
}  // namespace vmtool::tests
