#include "identity/report.hpp"

namespace vmtool::identity {

const char* to_text(Status status) noexcept {
  switch (status) {
    case Status::renewed: return "renewed";
    case Status::removed: return "removed";
    case Status::kept: return "kept";
    case Status::absent: return "absent";
    case Status::not_possible: return "not possible";
  }
  return "absent";
}

}  // namespace vmtool::identity
