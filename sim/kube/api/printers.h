#pragma once

#include "sim/kube/api/api_server.h"

#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

/// An age as kubectl prints it: "45s", "3m20s", "5h", "2d3h" (apimachinery duration.HumanDuration).
std::string humanDuration(Duration age);
/// The age of an instant, or "<unknown>" when it is not set.
std::string ageOf(const std::optional<Time>& since, Instant now);
/// The STATUS column of `kubectl get pods` (printers/internalversion: printPod).
std::string podStatusWord(const Pod& pod);

/// The columns of a kind's table, wide ones included, in the order of printing.
const std::vector<Table::Column>& tableColumns(KindId kind);
/// One object's row. Requires: the object is of that kind.
Table::Row tableRow(KindId kind, std::shared_ptr<const void> object, Instant now);

} // namespace sim::kube
