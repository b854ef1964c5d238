#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

/// Aligns tab-terminated cells as Go's text/tabwriter does: a column is a run of adjacent lines that have
/// that cell, the last cell of a line belongs to none. A form feed ends all columns without ending a line.
std::string alignTabs(std::string_view text, std::size_t minWidth, std::size_t padding);

/// Screen columns of UTF-8 text, counted as tabwriter does: one per code point.
std::size_t textWidth(std::string_view text);

/// The column widths of a `get` table: cells are at least 6 wide with 3 spaces between, and widths once
/// used stay, so that the rows of a watch line up with the rows above.
class TableWidths {
public:
    void fit(const std::vector<std::string>& cells);
    void append(std::string& out, const std::vector<std::string>& cells) const;
    bool empty() const { return m_widths.empty(); }

private:
    std::vector<std::size_t> m_widths;
};

/// The rows below each other, their columns aligned.
std::string alignedRows(const std::vector<std::vector<std::string>>& rows);

} // namespace core::shell::kubectl
