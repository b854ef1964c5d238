#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace core::shell::nccl {

/// What torch's reader says of flight recorder dumps (torch/distributed/flight_recorder of 2.10: components/builder, utils, types), for
/// one process group and collectives that are not coalesced.
struct FrReport {
    std::vector<std::string> lines;
    std::string assertion; ///< it gives up; empty: it does not
};
/// `dumps` by rank.
FrReport analysed(const std::map<std::int64_t, nlohmann::json>& dumps, bool allowIncomplete, std::size_t mismatchCap);
/// -j: a table with a column for each rank.
FrReport entriesTable(const std::map<std::int64_t, nlohmann::json>& dumps, const std::set<std::int64_t>& selected);

} // namespace core::shell::nccl
