#pragma once

#include "sim/kube/api/selection.h"

#include <memory>
#include <variant>
#include <vector>

namespace sim::kube {

/// One page of a list.
struct Page {
    std::vector<std::shared_ptr<const void>> objects; ///< in the order of namespace and name
    std::string continue_;
    std::int64_t remaining = 0; ///< after the page, when there are no selectors
    std::uint64_t resourceVersion = 0;
};
/// A page as of the version it began at, or 400 and 410.
std::variant<Page, Response> listPage(const Store& store, const Request& request, const Target& target);

Response readObjects(const Store& store, const Request& request, const Target& target);
std::variant<Table, Response> readTable(const Store& store, const Request& request, const Target& target, Instant now);

} // namespace sim::kube
