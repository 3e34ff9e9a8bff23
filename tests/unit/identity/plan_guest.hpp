#pragma once
// Hand-made guests, and the plans for them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "identity/plan.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

inline constexpr const char* old_id = "0123456789abcdef0123456789abcdef";
inline constexpr const char* etc_id = "/etc/machine-id";
inline constexpr const char* dbus_id = "/var/lib/dbus/machine-id";

inline void fill_with_seven(std::span<unsigned char> out) {
  std::fill(out.begin(), out.end(), static_cast<unsigned char>(7));
}

class Guest {
 public:
  Guest& file(const std::string& path, const std::string& content) {
    Fact fact;
    fact.path = fact.real_path = path;
    fact.kind = Kind::file;
    fact.content = content;
    fact.has_content = true;
    fact.size = content.size();
    facts_.add(fact);
    return *this;
  }
  Guest& link(const std::string& path, const std::string& target, const std::string& content = "",
              bool dangles = false) {
    Fact fact;
    fact.path = path;
    fact.is_link = true;
    fact.target = target;
    fact.kind = dangles ? Kind::symlink : Kind::file;
    if (!dangles) fact.real_path = target;
    fact.content = content;
    fact.has_content = !dangles;
    facts_.add(fact);
    return *this;
  }
  Guest& directory(const std::string& path) {
    Fact fact;
    fact.path = fact.real_path = path;
    fact.kind = Kind::directory;
    facts_.add(fact);
    return *this;
  }
  Plan plan(const Options& options = {}, std::vector<HostKey> keys = {}) const {
    return make_plan(facts_, options, {fill_with_seven, std::move(keys)});
  }

 private:
  Facts facts_;
};

inline Edit write(const std::string& path, const std::string& content) {
  return {Edit::Action::write, path, content, {}};
}
inline Edit link(const std::string& path, const std::string& target) {
  return {Edit::Action::symlink, path, target, {}};
}
inline Edit removal(const std::string& path) { return {Edit::Action::remove, path, {}, {}}; }

inline const Outcome& outcome(const Plan& plan, const std::string& item, const std::string& path = "") {
  const auto found = std::find_if(plan.report.outcomes.begin(), plan.report.outcomes.end(), [&](const Outcome& one) {
    return one.item == item && (path.empty() || one.path == path);
  });
  if (found == plan.report.outcomes.end()) throw std::runtime_error("no outcome for " + item);
  return *found;
}

inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const util::Error& error) {
    return error.message();
  }
  return "nothing was thrown";
}

inline constexpr const char* sevens = "07070707070747078707070707070707";

}  // namespace vmtool::identity
