#pragma once
// What child and launcher say to each other over their socket, besides Failure: one 32-bit word a packet. The values
// stand above every index of a step, so that the first word of a packet tells what it is.

#include <cstdint>

namespace vmtool::isolation {

enum class Message : std::uint32_t {
  go = 0xfffffff0,          ///< launcher: go on; child: the gate is next
  namespaces = 0xfffffff1,  ///< child: the namespaces are there (network, hooks are due); waits for go
  console = 0xfffffff2,     ///< child: here is the master of the terminal
  overlay = 0xfffffff4,     ///< child: here is the device of a FUSE mount that wants a server; waits for go
  created = 0xfffffff3,     ///< child: all is set up; waits for `start`
};

}  // namespace vmtool::isolation
