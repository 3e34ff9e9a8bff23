#include "images/documents.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "images/reference.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using Json = nlohmann::json;
using util::Errc;
using util::Error;

constexpr const char* name_annotation = "org.opencontainers.image.ref.name";

Error refused_document(const std::string& why) { return {Errc::invalid_input, "the image is damaged: " + why}; }

Json parse_document(const std::string& text, const char* what) {
  Json out = Json::parse(text, nullptr, false);
  if (out.is_discarded()) throw refused_document(fmt::format("its {} is no JSON", what));
  return out;
}

// A field that is missing or null counts as empty: Go's encoders write both.
const Json* find_field(const Json& object, const char* key, Json::value_t type) {
  if (!object.is_object()) throw refused_document(fmt::format("'{}' is looked for in what is no object", key));
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return nullptr;
  if (found->type() != type) throw refused_document(fmt::format("'{}' has another type", key));
  return &*found;
}

std::string text_field(const Json& object, const char* key) {
  const Json* value = find_field(object, key, Json::value_t::string);
  const std::string out = value != nullptr ? value->get<std::string>() : "";
  if (out.find('\0') != std::string::npos) throw refused_document(fmt::format("'{}' has a NUL", key));
  return out;
}

std::vector<std::string> texts_field(const Json& object, const char* key) {
  const Json* list = find_field(object, key, Json::value_t::array);
  std::vector<std::string> out;
  if (list == nullptr) return out;
  for (const Json& item : *list) {
    if (!item.is_string()) throw refused_document(fmt::format("'{}' is no list of texts", key));
    out.push_back(item.get<std::string>());
    if (out.back().find('\0') != std::string::npos) throw refused_document(fmt::format("'{}' has a NUL", key));
  }
  return out;
}

Descriptor read_descriptor(const Json& from) {
  Descriptor out;
  out.media_type = text_field(from, "mediaType");
  out.digest = text_field(from, "digest");
  static_cast<void>(hex_of_digest(out.digest));
  const Json* size = find_field(from, "size", Json::value_t::number_unsigned);
  if (size == nullptr) throw refused_document("a descriptor says no size");
  out.size = size->get<std::uint64_t>();
  if (const Json* platform = find_field(from, "platform", Json::value_t::object)) {
    out.architecture = text_field(*platform, "architecture");
    out.os = text_field(*platform, "os");
  }
  if (const Json* annotations = find_field(from, "annotations", Json::value_t::object))
    out.name = text_field(*annotations, name_annotation);
  return out;
}

bool is_layer_type(const std::string& type) {
  for (const char* known :
       {"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.foreign.diff.tar"}) {
    if (type == known || type == fmt::format("{}+gzip", known) || type == fmt::format("{}+zstd", known) ||
        type == fmt::format("{}.gzip", known))
      return true;
  }
  return false;
}

Json to_json(const Descriptor& from) {
  Json out{{"mediaType", from.media_type}, {"digest", from.digest}, {"size", from.size}};
  if (!from.architecture.empty()) out["platform"] = {{"architecture", from.architecture}, {"os", from.os}};
  if (!from.name.empty()) out["annotations"] = {{name_annotation, from.name}};
  return out;
}

}  // namespace

bool is_index_type(const std::string& media_type) {
  return media_type == "application/vnd.oci.image.index.v1+json" ||
         media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

std::string media_type_of(const std::string& text) { return text_field(parse_document(text, "manifest"), "mediaType"); }

std::vector<Descriptor> parse_index(const std::string& text) {
  const Json index = parse_document(text, "index");
  std::vector<Descriptor> out;
  const Json* list = find_field(index, "manifests", Json::value_t::array);
  if (list == nullptr) throw refused_document("its index lists no manifests");
  for (const Json& item : *list) out.push_back(read_descriptor(item));
  return out;
}

Manifest parse_manifest(const std::string& text) {
  const Json manifest = parse_document(text, "manifest");
  const Json* config = find_field(manifest, "config", Json::value_t::object);
  const Json* layers = find_field(manifest, "layers", Json::value_t::array);
  if (config == nullptr || layers == nullptr) throw refused_document("its manifest has no config or no layers");
  Manifest out;
  out.config = read_descriptor(*config);
  if (layers->size() > most_layers)
    throw refused_document(fmt::format("it has {} layers; {} are allowed", layers->size(), most_layers));
  for (const Json& item : *layers) {
    out.layers.push_back(read_descriptor(item));
    if (!is_layer_type(out.layers.back().media_type)) {
      throw Error(Errc::invalid_input,
                  fmt::format("a layer of type '{}' can't be unpacked", util::printable(out.layers.back().media_type)))
          .hint("this may be no image of a container");
    }
  }
  return out;
}

ConfigDocument parse_config(const std::string& text) {
  const Json document = parse_document(text, "configuration");
  ConfigDocument out;
  out.architecture = text_field(document, "architecture");
  out.os = text_field(document, "os");
  out.created = text_field(document, "created");
  if (const Json* config = find_field(document, "config", Json::value_t::object)) {
    out.config = {texts_field(*config, "Entrypoint"), texts_field(*config, "Cmd"), texts_field(*config, "Env"),
                  text_field(*config, "WorkingDir"),  text_field(*config, "User"), text_field(*config, "StopSignal")};
  }
  const Json* root = find_field(document, "rootfs", Json::value_t::object);
  if (root == nullptr) throw refused_document("its configuration has no 'rootfs'");
  out.diff_ids = texts_field(*root, "diff_ids");
  for (const std::string& id : out.diff_ids) static_cast<void>(hex_of_digest(id));
  return out;
}

std::vector<DockerImage> parse_docker_manifest(const std::string& text) {
  const Json list = parse_document(text, "manifest.json");
  if (!list.is_array()) throw refused_document("its manifest.json is no list");
  std::vector<DockerImage> out;
  for (const Json& item : list) {
    out.push_back({text_field(item, "Config"), texts_field(item, "RepoTags"), texts_field(item, "Layers")});
    if (out.back().layers.size() > most_layers)
      throw refused_document(fmt::format("it has {} layers; {} are allowed", out.back().layers.size(), most_layers));
  }
  return out;
}

std::string write_index(const std::vector<Descriptor>& images) {
  Json out{{"schemaVersion", 2}, {"manifests", Json::array()}};
  for (const Descriptor& image : images) out["manifests"].push_back(to_json(image));
  return out.dump(2) + "\n";
}

std::string write_manifest(const Manifest& manifest) {
  Json out{{"schemaVersion", 2},
           {"mediaType", manifest_type},
           {"config", to_json(manifest.config)},
           {"layers", Json::array()}};
  for (const Descriptor& layer : manifest.layers) out["layers"].push_back(to_json(layer));
  return out.dump();
}

std::string write_config(const ConfigDocument& document) {
  Json out{{"architecture", document.architecture},
           {"os", document.os},
           {"rootfs", {{"type", "layers"}, {"diff_ids", document.diff_ids}}}};
  if (!document.created.empty()) out["created"] = document.created;
  const auto put_texts = [&](const char* key, const std::vector<std::string>& value) {
    if (!value.empty()) out["config"][key] = value;
  };
  const auto put_text = [&](const char* key, const std::string& value) {
    if (!value.empty()) out["config"][key] = value;
  };
  put_texts("Entrypoint", document.config.entrypoint);
  put_texts("Cmd", document.config.cmd);
  put_texts("Env", document.config.env);
  put_text("WorkingDir", document.config.working_dir);
  put_text("User", document.config.user);
  put_text("StopSignal", document.config.stop_signal);
  return out.dump();
}

}  // namespace vmtool::images
