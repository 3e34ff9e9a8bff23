#pragma once

namespace vmtool::ops {

/// Whether the user insists on what is refused otherwise.
enum class Force { no, yes };

}  // namespace vmtool::ops
