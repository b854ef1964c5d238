#include "core/shell/commands/etcdctl/boxed_table.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace core::shell::etcd {

namespace {

constexpr std::size_t kWrapAt = 30;

std::vector<std::string> wrapped(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream words(text);
    std::string word;
    while (words >> word) {
        if (!lines.empty() && lines.back().size() + 1 + word.size() <= kWrapAt)
            lines.back() += " " + word;
        else
            lines.push_back(word);
    }
    return lines.empty() ? std::vector<std::string>{""} : lines;
}

std::string capitals(std::string text)
{
    text = sim::raised(text);
    return text;
}

std::string cell(const std::string& text, std::size_t width, bool centred)
{
    const std::size_t gap = width - text.size();
    const std::size_t left = centred ? gap / 2 : gap;
    return " " + std::string(left, ' ') + text + std::string(gap - left, ' ') + " |";
}

} // namespace

std::string boxedTable(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const std::string& header : headers)
        widths.push_back(header.size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            for (const std::string& line : wrapped(row[i]))
                widths[i] = std::max(widths[i], line.size());
    std::string border = "+";
    for (const std::size_t width : widths)
        border += std::string(width + 2, '-') + "+";
    border += "\n";
    std::string text = border + "|";
    for (std::size_t i = 0; i < headers.size(); ++i)
        text += cell(capitals(headers[i]), widths[i], true);
    text += "\n" + border;
    for (const auto& row : rows) {
        std::vector<std::vector<std::string>> lines;
        std::size_t height = 1;
        for (const std::string& one : row) {
            lines.push_back(wrapped(one));
            height = std::max(height, lines.back().size());
        }
        for (std::size_t at = 0; at < height; ++at) {
            text += "|";
            for (std::size_t i = 0; i < lines.size(); ++i)
                text += cell(at < lines[i].size() ? lines[i][at] : std::string(), widths[i], false);
            text += "\n";
        }
    }
    return rows.empty() ? text : text + border;
}

} // namespace core::shell::etcd
