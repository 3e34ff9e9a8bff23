#include "bundle/summary.hpp"

#include <nlohmann/json.hpp>

#include "bundle/annotations.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::bundle {
namespace {

using Tree = nlohmann::json;

[[noreturn]] void refuse() {
  throw util::Error(util::Errc::invalid_input, "the container's config.json is damaged")
      .hint("define the container again from its manifest");
}

// The member at a JSON pointer, or null.
const Tree& member(const Tree& document, const char* pointer) {
  static const Tree none;
  const Tree::json_pointer place(pointer);
  return document.contains(place) ? document[place] : none;
}

std::string text_at(const Tree& document, const char* pointer) {
  const Tree& found = member(document, pointer);
  return found.is_string() ? found.get<std::string>() : std::string();
}

std::string annotation(const Tree& document, const char* name) {
  const Tree& all = member(document, "/annotations");
  if (!all.is_object()) return {};
  const auto found = all.find(name);
  return found != all.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_at(const Tree& document, const char* pointer) {
  const Tree& found = member(document, pointer);
  if (!found.is_number_integer() || found.get<std::int64_t>() < 0) return std::nullopt;
  return found.get<std::uint64_t>();
}

std::vector<std::string> split_layers(std::string_view text) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') out.emplace_back();
    else out.back() += text[i] == '\\' && i + 1 < text.size() ? text[++i] : text[i];
  }
  return out;
}

std::vector<std::string> layers_of(const Tree& document) {
  const Tree& options = member(document, "/mounts/0/options");
  if (!options.is_array() || options.empty() || !options[0].is_string()) return {};
  const auto text = options[0].get<std::string>();
  constexpr std::string_view key = "lowerdir=";
  return text.starts_with(key) ? split_layers(std::string_view(text).substr(key.size())) : std::vector<std::string>{};
}

std::vector<model::IdMapping> ranges_at(const Tree& document, const char* pointer) {
  std::vector<model::IdMapping> out;
  const Tree& list = member(document, pointer);
  if (!list.is_array()) return out;
  for (const Tree& item : list)
    out.push_back({item.value("containerID", 0U), item.value("hostID", 0U), item.value("size", 0U)});
  return out;
}

}  // namespace

std::vector<std::string> addresses_of(const Summary& summary) {
  std::vector<std::string> out;
  for (const Attachment& one : summary.attachments) {
    for (const std::string& address : one.addresses) out.push_back(address.substr(0, address.find('/')));
  }
  return out;
}

Summary read_summary(std::string_view text) {
  const Tree document = Tree::parse(text, nullptr, false);
  if (!document.is_object()) refuse();
  try {
    Summary out;
    out.hostname = text_at(document, "/hostname");
    out.layers = layers_of(document);
    const Tree& terminal = member(document, "/process/terminal");
    out.terminal = terminal.is_boolean() && terminal.get<bool>();
    out.memory_limit = number_at(document, "/linux/resources/memory/limit");
    const auto quota = number_at(document, "/linux/resources/cpu/quota");
    const auto period = number_at(document, "/linux/resources/cpu/period");
    if (quota && period && *period > 0) out.cpus = static_cast<double>(*quota) / static_cast<double>(*period);
    out.pids_limit = number_at(document, "/linux/resources/pids/limit");
    out.uids = ranges_at(document, "/linux/uidMappings");
    out.gids = ranges_at(document, "/linux/gidMappings");
    out.attachments = read_attachments(annotation(document, annotation_interfaces));
    out.image = read_image_defaults(annotation(document, annotation_image));
    out.uuid = annotation(document, annotation_uuid);
    out.digest = annotation(document, annotation_digest);
    out.restart_policy = model::from_text<model::RestartPolicy>(annotation(document, annotation_restart))
                             .value_or(model::RestartPolicy::no);
    const std::string timeout = annotation(document, annotation_stop_timeout);
    out.stop_timeout = timeout.empty() ? model::Container{}.stop_timeout : util::parse_duration(timeout);
    out.stop_signal = annotation(document, annotation_stop_signal);
    out.autostart = annotation(document, annotation_autostart) == "true";
    out.is_protected = annotation(document, annotation_protected) == "true";
    out.remove_at_end = annotation(document, annotation_remove) == "true";
    return out;
  } catch (const Tree::exception&) {
    refuse();
  }
}

}  // namespace vmtool::bundle
