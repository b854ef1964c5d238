#pragma once

#include <string>
#include <vector>

namespace core::shell::etcd {

/// A table as olekukonko/tablewriter 0.0.5 draws it for etcdctl: headers in capitals and centred, cells to the right,
/// words wrapped at 30 characters.
std::string boxedTable(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows);

} // namespace core::shell::etcd
