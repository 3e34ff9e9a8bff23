#include "cli/session.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include <unistd.h>

namespace vmtool::cli {
namespace {

// Gives a variable of the environment its old value back.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    if (value != nullptr) ::setenv(name, value, 1);
    else ::unsetenv(name);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_) ::setenv(name_, before_->c_str(), 1);
    else ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(DefaultUri, IsLibvirtsOwnVariable) {
  const Variable variable("LIBVIRT_DEFAULT_URI", "test:///default");
  EXPECT_EQ(default_uri(), "test:///default");
}

TEST(DefaultUri, IsTheSystemsForRootAndOneOfTheTwoForOthers) {
  for (const char* value : {static_cast<const char*>(nullptr), ""}) {
    const Variable variable("LIBVIRT_DEFAULT_URI", value);
    const std::string uri = default_uri();
    if (::geteuid() == 0) EXPECT_EQ(uri, "qemu:///system");
    else EXPECT_TRUE(uri == "qemu:///system" || uri == "qemu:///session") << uri;
  }
}

TEST(Session, PrefersTheUriOfTheCommandLine) {
  const Variable variable("LIBVIRT_DEFAULT_URI", "nosuch:///driver");
  Session session({"test:///default", OutputFormat::table, true});
  EXPECT_EQ(session.connection().domains().size(), 1u);
}

}  // namespace
}  // namespace vmtool::cli
