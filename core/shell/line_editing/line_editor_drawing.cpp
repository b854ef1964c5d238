#include "core/shell/line_editing/line_editor.h"

#include "core/shell/cell_width.h"

// Redrawing: the whole line every time; a terminal is fast, and a diff would have to know what it shows.
namespace core::shell {

namespace {

/// Where the screen's cursor is after some text, counted from the prompt's first column.
struct Pen {
    int columns;
    int row = 0;
    int column = 0;

    void put(std::string_view text)
    {
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] == '\x1b') {
                // Colours of the prompt take no room.
                ++i;
                if (i < text.size() && text[i] == '[')
                    for (++i; i < text.size() && !(text[i] >= '@' && text[i] <= '~');)
                        ++i;
                ++i;
                continue;
            }
            if (text[i] == '\n') {
                ++row;
                column = 0;
                ++i;
                continue;
            }
            std::size_t length = 1;
            const int width = cellWidth(decodeUtf8(text, i, length));
            if (column + width > columns) { // a wide glyph does not straddle the edge
                ++row;
                column = 0;
            }
            column += width;
            i += length;
        }
    }
    /// A full row: the next character goes to the next row.
    void settle()
    {
        if (column >= columns) {
            ++row;
            column = 0;
        }
    }
};

/// Newlines of a pasted text start new screen rows.
std::string onScreen(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\n')
            result += "\r\n";
        else if (c == '\t')
            result += ' ';
        else
            result += c;
    }
    return result;
}

} // namespace

void LineEditor::refresh()
{
    std::string prompt = m_prompt;
    if (m_searching)
        prompt = std::string(m_searchFailed ? "(failed " : "(")
            + (m_searchBackwards ? "reverse-i-search" : "i-search") + ")`" + m_query + "': ";
    const std::string hint = suggestion();
    m_output += '\r';
    if (m_cursorRow > 0)
        m_output += "\x1b[" + std::to_string(m_cursorRow) + "A";
    m_output += "\x1b[J" + prompt + onScreen(colours ? colouredLine(m_line, m_cursor, knowsCommand) : m_line);
    Pen end{m_columns};
    end.put(prompt);
    end.put(m_line);
    if (!hint.empty()) {
        const std::string shown = hint.substr(0, hint.find('\n'));
        m_output += "\x1b[90m" + shown + "\x1b[0m";
        end.put(shown);
    }
    if (end.column >= m_columns)
        m_output += "\r\n"; // the terminal waits at the edge: make it wrap now
    end.settle();
    Pen at{m_columns};
    at.put(prompt);
    at.put(std::string_view(m_line).substr(0, m_cursor));
    at.settle();
    if (end.row > at.row)
        m_output += "\x1b[" + std::to_string(end.row - at.row) + "A";
    m_output += '\r';
    if (at.column > 0)
        m_output += "\x1b[" + std::to_string(at.column) + "C";
    m_cursorRow = at.row;
}

void LineEditor::redraw()
{
    m_cursorRow = 0;
    refresh();
}

void LineEditor::resize(int columns)
{
    m_columns = columns > 2 ? columns : 2;
}

void LineEditor::leaveLine()
{
    m_searching = false;
    const bool enabled = suggestionsEnabled;
    suggestionsEnabled = false; // what was not typed must not stay on the screen
    m_cursor = m_line.size();
    refresh();
    suggestionsEnabled = enabled;
    m_output += "\r\n";
    m_cursorRow = 0;
}

} // namespace core::shell
