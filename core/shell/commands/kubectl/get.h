#pragma once

#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/resources.h"

#include <set>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// How `get` turns the server's rows into lines: which columns are added or left out.
class RowLayout {
public:
    RowLayout(const Call& call, const ResourceKind& kind, bool wide, bool showKind);

    std::vector<std::string> headers(const std::vector<sim::kube::Table::Column>& columns) const;
    std::vector<std::string> cells(const std::vector<sim::kube::Table::Column>& columns,
                                   const sim::kube::Table::Row& row) const;

private:
    const ResourceKind& m_kind;
    bool m_wide;
    bool m_showKind;
    bool m_nameSpace;
    bool m_showLabels;
    std::vector<std::string> m_labelColumns;
};

/// Sorts indices of objects by the value of a path, as --sort-by does: numbers, quantities, dates and natural
/// text order; objects without the value first. Nothing, and `error` filled, when no object has it.
std::optional<std::vector<std::size_t>> sortedBy(const std::string& path, const std::vector<Json>& objects,
                                                 std::string& error);

/// Notes a row as shown to the learner.
void sawRow(Call& call, const ResourceKind& kind, const sim::kube::Table::Row& row);

/// `get -w` and `get --watch-only` after the list was printed: prints changes until Ctrl-C.
/// `widths` are those of the table so far.
int watchResource(Call& call, const Named& named, const OutputFormat& format, TableWidths widths,
                  std::uint64_t fromVersion);

} // namespace core::shell::kubectl
