#pragma once
// The rules that values must keep, whatever file they come from. Pure: no I/O.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/document.hpp"

namespace vmtool::model {

/// A broken rule. `path` is the manifest's own path to the value, e.g. "disks[0].capacity"; empty: the whole object.
struct Finding {
  std::string path;
  std::string message;  ///< lower case, no final period
  std::string hint;     ///< the next step; may be empty
};

/// Why a text can't be the name of an object, or nothing. Names are 1 … 63 characters of A-Z a-z 0-9 . _ + - and start
/// with a letter or a digit, since they become file, host and DNS names.
std::optional<std::string> fault_of_name(std::string_view name);

/// Why a text can't be a value, or nothing: it must be UTF-8 and hold only characters of XML 1.0 (section 2.2), since it
/// may become part of libvirt's XML.
std::optional<std::string> fault_of_text(std::string_view text);

/// All broken rules of one object.
std::vector<Finding> check(const VirtualMachine& machine);
std::vector<Finding> check(const Network& network);
std::vector<Finding> check(const Volume& volume);
std::vector<Finding> check(const Image& image);
std::vector<Finding> check(const Container& container);

/// A broken rule between documents.
struct CrossFinding {
  std::size_t document = 0;  ///< index into Manifest::documents
  Finding finding;
};

/// Rules between documents: one name of a kind once (machines and containers are one kind here), one MAC once, one address of a network once, subnets that do not
/// overlap, an address that lies in its network.
std::vector<CrossFinding> check(const Manifest& manifest);

}  // namespace vmtool::model
