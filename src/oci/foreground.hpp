#pragma once
// A foreground container: signals go in, the terminal goes both ways, until its process ends.

#include "util/fd.hpp"

namespace vmtool::oci {

/// Holds signals back from now on, so that none is lost between launch and follow_to_end(). The launched process gets
/// them unblocked.
class SignalGate {
 public:
  SignalGate();
  int descriptor() const noexcept { return signals_.get(); }

 private:
  util::Fd signals_;
};

/// Returns when the process behind the pidfd has ended (it is not reaped). `terminal` may be -1.
void follow_to_end(const SignalGate& gate, int process, int terminal);

}  // namespace vmtool::oci
