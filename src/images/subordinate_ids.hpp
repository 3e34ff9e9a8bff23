#pragma once
// Which ids an ordinary user's images may have.

#include <vector>

#include "isolation/spec.hpp"

namespace vmtool::images {

struct SubordinateIds {
  std::vector<isolation::IdMap>
      uids;  ///< 0 is the user; 1 and up are the first range of /etc/subuid, where there is one
  std::vector<isolation::IdMap> gids;
};

/// Of the calling user. Both maps have one line where a range, newuidmap or newgidmap is missing.
SubordinateIds subordinate_ids();

}  // namespace vmtool::images
