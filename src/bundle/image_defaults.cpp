#include "bundle/image_defaults.hpp"

#include "bundle/parts.hpp"

namespace vmtool::bundle {

std::string write_image_defaults(const ImageDefaults& image) {
  Json out{{"name", image.name}};
  if (!image.digest.empty()) out["digest"] = image.digest;
  if (!image.entrypoint.empty()) out["entrypoint"] = image.entrypoint;
  if (!image.cmd.empty()) out["cmd"] = image.cmd;
  if (!image.env.empty()) out["env"] = image.env;
  if (!image.cwd.empty()) out["cwd"] = image.cwd;
  if (image.user) out["user"] = {{"uid", image.user->uid}, {"gid", image.user->gid}};
  if (!image.stop_signal.empty()) out["stopSignal"] = image.stop_signal;
  return out.dump();
}

std::optional<ImageDefaults> read_image_defaults(std::string_view text) {
  const Json in = Json::parse(text, nullptr, false);
  if (!in.is_object()) return std::nullopt;
  try {
    using Words = std::vector<std::string>;
    ImageDefaults out{in.value("name", ""),
                      in.value("digest", ""),
                      in.value("entrypoint", Words{}),
                      in.value("cmd", Words{}),
                      in.value("env", Words{}),
                      in.value("cwd", ""),
                      {},
                      in.value("stopSignal", "")};
    if (in.contains("user"))
      out.user = model::ContainerUser{in["user"].value("uid", 0U), in["user"].value("gid", 0U), {}};
    return out;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vmtool::bundle
