#include "core/shell/commands/ceph/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::cephtool {

namespace {

constexpr std::size_t kFits = 7;

std::string humanText(double value, double base, const char* const* units, std::size_t count)
{
    const auto whole = static_cast<std::uint64_t>(std::max(0.0, value));
    std::size_t unit = 0;
    double scale = 1;
    while (static_cast<double>(whole) / scale >= base && unit + 1 < count) {
        scale *= base;
        ++unit;
    }
    if (unit == 0 || std::fmod(static_cast<double>(whole), scale) == 0)
        return fmt::format("{}{}", static_cast<std::uint64_t>(static_cast<double>(whole) / scale), units[unit]);
    for (int precision = 2; precision > 0; --precision)
        if (std::string text = fmt::format("{:.{}f}{}", static_cast<double>(whole) / scale, precision, units[unit]); text.size() <= kFits)
            return text;
    return fmt::format("{:.0f}{}", static_cast<double>(whole) / scale, units[unit]);
}

std::string padded(const std::string& text, std::size_t width, Table::Align to)
{
    const std::string blanks(width - std::min(width, text.size()), ' ');
    return to == Table::Align::Left ? text + blanks : blanks + text;
}

} // namespace

void Table::column(std::string heading, Align headingTo, Align cellsTo) { m_columns.push_back({std::move(heading), headingTo, cellsTo}); }

void Table::row(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    m_rows.push_back(std::move(cells));
}

std::string Table::text() const
{
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        widths.push_back(m_columns[i].heading.size());
        for (const auto& row : m_rows)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (std::size_t i = 0; i < m_columns.size(); ++i)
        text += (i > 0 ? "  " : "") + padded(m_columns[i].heading, widths[i], m_columns[i].headingTo);
    text += "\n";
    for (const auto& row : m_rows) {
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            text += (i > 0 ? "  " : "") + padded(row[i], widths[i], m_columns[i].cellsTo);
        text += "\n";
    }
    return text;
}

std::string byteText(double bytes)
{
    static constexpr const char* kUnits[]{" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
    return humanText(bytes, 1024, kUnits, std::size(kUnits));
}

std::string countText(double count)
{
    static constexpr const char* kUnits[]{"", "k", "M", "G"};
    return humanText(count, 1000, kUnits, std::size(kUnits));
}

std::string weightText(double weight)
{
    if (weight < -0.01)
        return "-";
    return weight < 0.000001 ? "0" : fmt::format("{:.5f}", weight);
}

std::string shortText(double value)
{
    if (value < -0.01)
        return "-";
    return value < 0.001 ? "0" : fmt::format("{:.2f}", value);
}

} // namespace core::shell::cephtool
