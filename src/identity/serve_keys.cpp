#include "identity/serve_keys.hpp"

#include "identity/key_maker.hpp"

namespace vmtool::identity {
namespace {

// A guest's keys are asked for all at once.
constexpr int most_requests = 4;

Json answer_keys(const Json& message) {
  try {
    const auto comment = message.at("comment").get<std::string>();
    return {{"keys", to_json(KeyMaker().make(key_specs_from(message.at("keys")), comment))}};
  } catch (const util::Error& error) {
    return {{"error", to_json(error)}};
  } catch (const Json::exception& error) {
    throw util::Error(util::Errc::internal, error.what());
  }
}

}  // namespace

std::optional<Json> serve_keys(const std::function<std::optional<Json>()>& receive,
                               const std::function<void(const Json&)>& send) {
  for (int requests = 0;; ++requests) {
    auto message = receive();
    if (!message || !message->contains("keys")) return message;
    if (requests == most_requests)
      throw util::Error(util::Errc::invalid_input, "the guest asks for host keys again and again");
    send(answer_keys(*message));
  }
}

}  // namespace vmtool::identity
