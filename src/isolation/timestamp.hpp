#pragma once
// Points in time as the engine writes them.

#include <string>

namespace vmtool::isolation {

/// Now, in RFC 3339 with nanoseconds, UTC.
std::string timestamp();

}  // namespace vmtool::isolation
