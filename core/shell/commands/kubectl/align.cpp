#include "core/shell/commands/kubectl/align.h"

#include <algorithm>

namespace core::shell::kubectl {

namespace {

struct Line {
    std::vector<std::string_view> cells;
    bool newline = true;
};

class Aligner {
public:
    Aligner(std::size_t minWidth, std::size_t padding) : m_minWidth(minWidth), m_padding(padding) { }

    std::string run(std::string_view text)
    {
        std::vector<Line> lines;
        std::size_t start = 0;
        while (start < text.size()) {
            const std::size_t end = text.find_first_of("\n\f", start);
            const std::string_view line = text.substr(start, end - start);
            const bool flush = end != std::string_view::npos && text[end] == '\f';
            if (!(flush && line.empty()))
                lines.push_back(split(line, end != std::string_view::npos && !flush));
            if (flush)
                format(lines);
            start = end == std::string_view::npos ? text.size() : end + 1;
        }
        format(lines);
        return std::move(m_out);
    }

private:
    static Line split(std::string_view text, bool newline)
    {
        Line line;
        line.newline = newline;
        std::size_t start = 0;
        for (;;) {
            const std::size_t tab = text.find('\t', start);
            line.cells.push_back(text.substr(start, tab - start));
            if (tab == std::string_view::npos)
                return line;
            start = tab + 1;
        }
    }

    void format(std::vector<Line>& lines)
    {
        m_widths.clear();
        const std::size_t done = block(lines, 0, lines.size());
        write(lines, done, lines.size());
        lines.clear();
    }

    /// Lays out lines [first, last) from the column after m_widths on; returns the first line not written.
    std::size_t block(const std::vector<Line>& lines, std::size_t first, std::size_t last)
    {
        const std::size_t column = m_widths.size();
        for (std::size_t at = first; at < last; ++at) {
            if (column + 1 >= lines[at].cells.size())
                continue;
            write(lines, first, at);
            first = at;
            std::size_t width = m_minWidth;
            for (; at < last && column + 1 < lines[at].cells.size(); ++at)
                width = std::max(width, textWidth(lines[at].cells[column]) + m_padding);
            m_widths.push_back(width);
            first = block(lines, first, at);
            write(lines, first, at);
            first = at;
            m_widths.pop_back();
            --at;
        }
        return first;
    }

    void write(const std::vector<Line>& lines, std::size_t first, std::size_t last)
    {
        for (std::size_t i = first; i < last; ++i) {
            const Line& line = lines[i];
            for (std::size_t j = 0; j < line.cells.size(); ++j) {
                m_out += line.cells[j];
                if (j < m_widths.size() && j + 1 < line.cells.size())
                    m_out.append(m_widths[j] - std::min(m_widths[j], textWidth(line.cells[j])), ' ');
            }
            if (line.newline)
                m_out += '\n';
        }
    }

    std::size_t m_minWidth;
    std::size_t m_padding;
    std::vector<std::size_t> m_widths;
    std::string m_out;
};

} // namespace

std::size_t textWidth(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string alignTabs(std::string_view text, std::size_t minWidth, std::size_t padding)
{
    return Aligner(minWidth, padding).run(text);
}

void TableWidths::fit(const std::vector<std::string>& cells)
{
    constexpr std::size_t kMinWidth = 6;
    constexpr std::size_t kPadding = 3;
    if (m_widths.size() < cells.size())
        m_widths.resize(cells.size(), kMinWidth);
    for (std::size_t i = 0; i + 1 < cells.size(); ++i)
        m_widths[i] = std::max(m_widths[i], textWidth(cells[i]) + kPadding);
}

void TableWidths::append(std::string& out, const std::vector<std::string>& cells) const
{
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += cells[i];
        if (i + 1 < cells.size())
            out.append(m_widths[i] - std::min(m_widths[i], textWidth(cells[i])), ' ');
    }
    out += '\n';
}

std::string alignedRows(const std::vector<std::vector<std::string>>& rows)
{
    TableWidths widths;
    for (const auto& row : rows)
        widths.fit(row);
    std::string text;
    for (const auto& row : rows)
        widths.append(text, row);
    return text;
}

} // namespace core::shell::kubectl
