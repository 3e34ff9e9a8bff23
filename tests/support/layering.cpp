#include "tests/support/layering.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::tests {

std::set<std::string> Layering::reachable(const std::string& room) const {
  std::set<std::string> seen{room};
  std::vector<std::string> open{room};
  while (!open.empty()) {
    const auto declared = rooms.find(open.back());
    open.pop_back();
    if (declared == rooms.end()) continue;
    for (const auto& next : declared->second.uses) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return seen;
}

std::string Layering::external_of(std::string_view spelling) const {
  for (const auto& [name, headers] : externals) {
    for (const auto& header : headers) {
      const bool matches = header.ends_with('/') ? spelling.starts_with(header) : spelling == header;
      if (matches) return name;
    }
  }
  return "";
}

Layering read_layering(std::string_view text) {
  const auto list = [](const std::string& field) {
    return field.empty() ? std::vector<std::string>{} : util::split(field, ',');
  };
  Layering layering;
  for (const auto& line : util::split(text, '\n')) {
    if (line.empty()) continue;
    const auto fields = util::split(line, '\t');
    if (fields[0] == "room" && fields.size() == 4) {
      const auto uses = list(fields[2]);
      const auto externals = list(fields[3]);
      layering.rooms[fields[1]] = {{uses.begin(), uses.end()}, {externals.begin(), externals.end()}};
    } else if (fields[0] == "external" && fields.size() == 3) {
      layering.externals[fields[1]] = list(fields[2]);
    } else {
      throw util::Error(util::Errc::invalid_input, "not a line of layering.txt: '" + line + "'");
    }
  }
  return layering;
}

std::vector<std::string> check_includes(const Layering& layering, const std::string& room, const std::string& path,
                                        std::string_view source) {
  const auto allowed = layering.reachable(room);
  const auto declared = layering.rooms.find(room);
  std::vector<std::string> complaints;
  unsigned number = 0;
  for (const auto& line : util::split(source, '\n')) {
    ++number;
    auto rest = util::trim(line);
    if (!rest.starts_with('#')) continue;
    rest = util::trim(rest.substr(1));
    if (!rest.starts_with("include")) continue;
    rest = util::trim(rest.substr(7));
    const auto end = rest.empty() ? std::string_view::npos : rest.find(rest[0] == '<' ? '>' : '"', 1);
    const auto complain = [&](const std::string& text) {
      complaints.push_back(path + ":" + std::to_string(number) + ": " + text);
    };
    if (end == std::string_view::npos) {
      complain("no header can be read from this line");
      continue;
    }
    const std::string header(rest.substr(1, end - 1));
    if (rest[0] == '"') {
      const auto target = header.substr(0, header.find('/'));
      if (header.find("..") != std::string::npos) {
        complain("'" + header + "' climbs out of its folder");
      } else if (!layering.rooms.contains(target) || target == header) {
        complain("'" + header + "' is in no room: write \"room/file.hpp\"");
      } else if (!allowed.contains(target)) {
        complain("room '" + room + "' may not include room '" + target + "'");
      }
    } else if (const auto external = layering.external_of(header);
               !external.empty() &&
               (declared == layering.rooms.end() || !declared->second.externals.contains(external))) {
      complain("library '" + external + "' is not an EXTERNAL of room '" + room + "'");
    }
  }
  return complaints;
}

std::vector<std::string> find_cycles(const Layering& layering) {
  std::vector<std::string> cycles;
  for (const auto& [name, room] : layering.rooms) {
    for (const auto& used : room.uses) {
      if (layering.reachable(used).contains(name)) {
        cycles.push_back(name);
        break;
      }
    }
  }
  return cycles;
}

}  // namespace vmtool::tests
