#pragma once
// Commands that take the names of machines or networks.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/grammar.hpp"
#include "ops/lifecycle.hpp"

namespace vmtool::cli {

/// Adds the argument NAME… to a command.
std::shared_ptr<std::vector<std::string>> add_names(Command& command,
                                                    const std::string& doc = "The machines and containers");

/// Whether a guest is a container. Asked first, so that libvirt is not needed for one.
bool is_container(const std::string& name);

/// How many containers a command starts or stops at a time.
constexpr std::size_t containers_at_once = 8;

/// Calls `change` for each name, at most `at_once` at a time, and says what happened ("started 'web'", or "'web' is running already"). One machine's failure
/// does not keep the others from their turn; the first failure is thrown at the end, the others are printed as warnings.
void for_each_guest(Session& session, const std::vector<std::string>& names, const std::string& done,
                    const std::string& already, std::size_t at_once,
                    const std::function<ops::Outcome(const std::string&)>& change);
/// The same, one after another.
void for_each_guest(Session& session, const std::vector<std::string>& names, const std::string& done,
                    const std::string& already, const std::function<ops::Outcome(const std::string&)>& change);

}  // namespace vmtool::cli
