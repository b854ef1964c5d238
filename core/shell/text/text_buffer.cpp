#include "core/shell/text/text_buffer.h"

#include "core/shell/cell_width.h"
#include "core/shell/text/full_screen.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

TextBuffer::TextBuffer(const std::string& text)
{
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = std::min(text.find('\n', i), text.size());
        lines.push_back(text.substr(i, end - i));
        i = end + 1;
    }
    if (lines.empty())
        lines.emplace_back();
}

std::string TextBuffer::text() const
{
    if (lines.size() == 1 && lines[0].empty())
        return {};
    std::string result;
    for (const std::string& line : lines)
        result += line + "\n";
    return result;
}

void TextBuffer::clamp(bool pastEnd)
{
    row = std::min(row, lines.size() - 1);
    const std::string& line = lines[row];
    column = std::min(column, line.size());
    if (!pastEnd && column == line.size() && column > 0)
        --column;
    while (column > 0 && column < line.size() && isContinuation(line[column]))
        --column;
}

void TextBuffer::left()
{
    while (column > 0 && isContinuation(lines[row][--column])) { }
}

void TextBuffer::right(bool pastEnd)
{
    if (column < lines[row].size()) {
        ++column;
        while (column < lines[row].size() && isContinuation(lines[row][column]))
            ++column;
    }
    clamp(pastEnd);
}

void TextBuffer::up(std::size_t count)
{
    row -= std::min(row, count);
}

void TextBuffer::down(std::size_t count)
{
    row = std::min(row + count, lines.size() - 1);
}

void TextBuffer::insert(const std::string& text)
{
    lines[row].insert(column, text);
    column += text.size();
    modified = true;
}

void TextBuffer::breakLine()
{
    std::string rest = lines[row].substr(column);
    lines[row].resize(column);
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(++row), std::move(rest));
    column = 0;
    modified = true;
}

void TextBuffer::eraseBefore()
{
    if (column > 0) {
        const std::size_t end = column;
        left();
        lines[row].erase(column, end - column);
        modified = true;
    } else if (row > 0) {
        const std::string line = lines[row];
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(row--));
        column = lines[row].size();
        lines[row] += line;
        modified = true;
    }
}

void TextBuffer::eraseAt()
{
    if (column >= lines[row].size())
        return;
    std::size_t end = column + 1;
    while (end < lines[row].size() && isContinuation(lines[row][end]))
        ++end;
    lines[row].erase(column, end - column);
    modified = true;
}

std::string TextBuffer::takeLine()
{
    std::string line = lines[row];
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(row));
    if (lines.empty())
        lines.emplace_back();
    modified = true;
    return line;
}

std::string TextBuffer::draw(int columns, int rows, const std::string& above, const std::string& below,
                             bool cursor)
{
    const auto visible = static_cast<std::size_t>(std::max(rows, 1));
    if (row < m_top)
        m_top = row;
    if (row >= m_top + visible)
        m_top = row - visible + 1;
    const int cursorCell = cellWidth(std::string_view(lines[row]).substr(0, column));
    // A long line shows the part with the cursor.
    const int shift = cursorCell >= columns ? cursorCell - columns + 1 : 0;
    std::string text = "\x1b[?25l\x1b[H" + above;
    for (std::size_t i = m_top; i < m_top + visible; ++i) {
        text += "\x1b[K";
        if (i < lines.size()) {
            std::size_t from = 0;
            int cells = 0;
            while (i == row && from < lines[i].size() && cells < shift) {
                std::size_t length = 1;
                cells += cellWidth(decodeUtf8(lines[i], from, length));
                from += length;
            }
            text += fitCells(lines[i].substr(from), columns);
        } else {
            text += "\x1b[34m~\x1b[m";
        }
        text += "\n";
    }
    text += "\x1b[K" + below + "\x1b[J";
    if (cursor) {
        const auto topRows = std::count(above.begin(), above.end(), '\n');
        text += fmt::format("\x1b[{};{}H", row - m_top + 1 + static_cast<std::size_t>(topRows),
                            cursorCell - shift + 1);
    }
    return text + "\x1b[?25h";
}

} // namespace core::shell
