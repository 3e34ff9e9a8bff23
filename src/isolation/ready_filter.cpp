#include "isolation/ready_filter.hpp"

#include <iterator>
#include <string_view>

#include "util/digest.hpp"

namespace vmtool::isolation {
namespace {

constexpr std::uint64_t filter[] = {
#include "isolation/made/default_filter.inc"
};

constexpr unsigned char gate[] = {
#include "isolation/made/gate.inc"
};

}  // namespace

std::vector<std::uint64_t> ready_filter() { return {std::begin(filter), std::end(filter)}; }

std::string ready_filter_digest() { return util::sha256_hex({reinterpret_cast<const char*>(filter), sizeof filter}); }

std::span<const unsigned char> gate_program() noexcept { return gate; }

}  // namespace vmtool::isolation
