#include "cli/identity_options.hpp"

namespace vmtool::cli {

std::shared_ptr<IdentityWords> add_identity_options(Command& command, const std::string& machine_id_doc) {
  auto words = std::make_shared<IdentityWords>();
  command.option("--machine-id", "ID", words->machine_id, machine_id_doc);
  command.repeatable("--address", "[OLD=]NEW", words->addresses,
                     "Rewrite a fixed address in the guest's own configuration");
  command.repeatable("--keep", "ITEM", words->keep, "Leave an item as it is (machine-id, ssh-host-keys, hostname …)");
  command.repeatable("--only", "ITEM", words->only, "Renew this item and no other");
  command.repeatable("--clean", "ITEM", words->clean, "Also empty what is kept by default: logs, histories");
  return words;
}

void add_hostname_option(Command& command, IdentityWords& words) {
  command.option("--hostname", "NAME", words.hostname, "The new host name (default: it stays)");
}

identity::Options identity_options(const IdentityWords& words, const std::string& machine_id) {
  identity::Options options;
  options.machine_id = words.machine_id.empty() ? machine_id : words.machine_id;
  options.hostname = words.hostname;
  for (const std::string& word : words.addresses) {
    const std::size_t equals = word.find('=');
    options.addresses.push_back(equals == std::string::npos
                                    ? identity::AddressChange{"", word}
                                    : identity::AddressChange{word.substr(0, equals), word.substr(equals + 1)});
  }
  options.keep = words.keep;
  options.only = words.only;
  options.clean = words.clean;
  return options;
}

}  // namespace vmtool::cli
