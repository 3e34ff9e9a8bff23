#pragma once
// The JSON documents of an image (OCI image-spec: image-index.md, manifest.md, config.md; `docker save`'s manifest.json). What
// comes from elsewhere is checked here, once.

#include <cstdint>
#include <string>
#include <vector>

#include "images/stored_image.hpp"

namespace vmtool::images {

inline constexpr std::size_t largest_document = std::size_t{4} << 20;
inline constexpr std::size_t most_layers = 128;

struct Descriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
  std::string architecture;  ///< empty: not said
  std::string os;
  std::string name;  ///< the annotation org.opencontainers.image.ref.name
};

struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  ///< lowest first
};

struct ConfigDocument {
  std::string architecture;
  std::string os;
  std::string created;
  ImageConfig config;
  std::vector<std::string> diff_ids;  ///< lowest first
};

/// One image of a `docker save` archive: paths in the archive.
struct DockerImage {
  std::string config;
  std::vector<std::string> names;
  std::vector<std::string> layers;  ///< lowest first
};

/// All throw Error{invalid_input} for what is no such document: no JSON, a field of another type, a digest that is none, more layers than
/// most_layers, a kind of layer that is no tar archive.
std::vector<Descriptor> parse_index(const std::string& text);
Manifest parse_manifest(const std::string& text);
ConfigDocument parse_config(const std::string& text);
std::vector<DockerImage> parse_docker_manifest(const std::string& text);

/// Whether a descriptor's (or a document's own) media type is an index of images.
bool is_index_type(const std::string& media_type);
/// The "mediaType" that a document names; empty where it names none.
std::string media_type_of(const std::string& text);

std::string write_index(const std::vector<Descriptor>& images);
std::string write_manifest(const Manifest& manifest);
std::string write_config(const ConfigDocument& document);

inline constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";
inline constexpr const char* layer_type = "application/vnd.oci.image.layer.v1.tar";

}  // namespace vmtool::images
