#pragma once
// The options by which a user says what of an identity is renewed.

#include <memory>
#include <string>
#include <vector>

#include "cli/grammar.hpp"
#include "identity/options.hpp"

namespace vmtool::cli {

/// The words as they were given.
struct IdentityWords {
  std::string machine_id;
  std::string hostname;
  std::vector<std::string> addresses;
  std::vector<std::string> keep;
  std::vector<std::string> only;
  std::vector<std::string> clean;
};

/// --keep, --only, --clean, --address; with the default and meaning of --machine-id in `machine_id_doc`.
std::shared_ptr<IdentityWords> add_identity_options(Command& command, const std::string& machine_id_doc);

/// --hostname, for commands that give a machine another name inside.
void add_hostname_option(Command& command, IdentityWords& words);

/// The meaning of the words; `machine_id` where none was given. Throws Error{invalid_input}.
identity::Options identity_options(const IdentityWords& words, const std::string& machine_id);

}  // namespace vmtool::cli
