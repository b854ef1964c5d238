#include "core/shell/line_editing/line_editor.h"

#include "core/shell/cell_width.h"

#include <algorithm>

// Incremental search through the history, and completion.
namespace core::shell {

void LineEditor::startSearch(bool backwards)
{
    m_searching = true;
    m_searchBackwards = backwards;
    m_searchFailed = false;
    m_query.clear();
    m_searchIndex = m_history.size();
    m_beforeSearch = {m_line, m_cursor};
}

void LineEditor::continueSearch(bool next)
{
    m_searchFailed = false;
    if (m_query.empty())
        return;
    const auto matches = [&](std::size_t i) {
        return i < m_history.size() && m_history[i].find(m_query) != std::string::npos;
    };
    std::size_t index = m_searchIndex;
    if (!next && matches(index)) {
        // A longer query may still fit the line shown.
    } else if (m_searchBackwards) {
        do {
            if (index == 0) {
                m_searchFailed = true;
                return;
            }
            --index;
        } while (!matches(index));
    } else {
        do {
            if (++index >= m_history.size()) {
                m_searchFailed = true;
                return;
            }
        } while (!matches(index));
    }
    m_searchIndex = index;
    m_line = m_history[index];
    m_cursor = m_line.find(m_query);
}

void LineEditor::endSearch(bool keep)
{
    m_searching = false;
    if (!keep) {
        m_line = m_beforeSearch.line;
        m_cursor = m_beforeSearch.cursor;
    } else if (m_searchIndex < m_history.size()) {
        m_historyIndex = m_searchIndex;
    }
}

/// False: the key ends the search and means what it always means.
bool LineEditor::searchKey(const std::string& key)
{
    constexpr char kReverse = 'R' & 0x1f;
    constexpr char kForward = 'S' & 0x1f;
    constexpr char kAbort = 'G' & 0x1f;
    const char c = key[0];
    if (c == kReverse || c == kForward) {
        m_searchBackwards = c == kReverse;
        continueSearch(true);
    } else if (c == kAbort || key == "\x1b\x1b") {
        endSearch(false);
    } else if (c == '\x7f' || c == '\b') {
        while (!m_query.empty() && (static_cast<unsigned char>(m_query.back()) & 0xc0) == 0x80)
            m_query.pop_back();
        if (!m_query.empty())
            m_query.pop_back();
        m_searchIndex = m_history.size();
        continueSearch(false);
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') {
        m_query += key;
        continueSearch(false);
    } else {
        endSearch(c != ('C' & 0x1f));
        return false;
    }
    return true;
}

void LineEditor::tab()
{
    m_action = LastAction::Tab;
    if (!complete)
        return;
    const Completions found = complete(m_line, m_cursor);
    if (found.candidates.empty() || found.start > m_cursor) {
        m_output += '\a';
        return;
    }
    std::string common = found.candidates[0].text;
    for (const Completion& candidate : found.candidates) {
        std::size_t n = 0;
        while (n < common.size() && n < candidate.text.size() && common[n] == candidate.text[n])
            ++n;
        common.resize(n);
    }
    // The common part must not end inside a character.
    while (!common.empty() && common.size() < found.candidates[0].text.size()
           && (static_cast<unsigned char>(found.candidates[0].text[common.size()]) & 0xc0) == 0x80)
        common.pop_back();
    const std::string word = m_line.substr(found.start, m_cursor - found.start);
    const bool single = found.candidates.size() == 1;
    std::string replacement;
    for (const char c : common) {
        // What the shell would read otherwise is escaped; inside an open quote it needs no escape.
        const bool quoted = !word.empty() && (word[0] == '\'' || word[0] == '"');
        if (!quoted && std::string_view(" '\"\\&|;<>()*?`").find(c) != std::string_view::npos)
            replacement += '\\';
        replacement += c;
    }
    if (!word.empty() && (word[0] == '\'' || word[0] == '"'))
        replacement = word[0] + replacement
            + (single && common.back() != '/' ? std::string(1, word[0]) : std::string());
    if (single && !replacement.empty()
        && std::string_view("/=:").find(replacement.back()) == std::string_view::npos)
        replacement += ' ';
    const bool progress = replacement.size() > word.size() || (single && replacement != word);
    if (progress) {
        remember();
        m_line.replace(found.start, m_cursor - found.start, replacement);
        m_cursor = found.start + replacement.size();
        return;
    }
    if (m_last == LastAction::Tab && listsCandidates)
        listCandidates(found.candidates);
    else
        m_output += '\a';
}

void LineEditor::listCandidates(const std::vector<Completion>& candidates)
{
    constexpr std::size_t kMost = 200;
    const std::size_t cursor = m_cursor;
    m_cursor = m_line.size();
    refresh();
    m_output += "\x1b[J\r\n";
    const bool notes = std::any_of(candidates.begin(), candidates.end(),
                                   [](const Completion& c) { return !c.note.empty(); });
    int widest = 0;
    for (const Completion& candidate : candidates)
        widest = std::max(widest, cellWidth(candidate.text));
    const int columns = notes ? 1 : std::max(m_columns / (widest + 2), 1);
    int column = 0;
    for (std::size_t i = 0; i < candidates.size() && i < kMost; ++i) {
        const Completion& candidate = candidates[i];
        m_output += candidate.text;
        const std::string padding(static_cast<std::size_t>(widest + 2 - cellWidth(candidate.text)), ' ');
        if (notes) {
            const int room = m_columns - widest - 3;
            std::string note = candidate.note;
            while (!note.empty() && cellWidth(note) > std::max(room, 0)) {
                while (note.size() > 1 && (static_cast<unsigned char>(note.back()) & 0xc0) == 0x80)
                    note.pop_back();
                note.pop_back();
            }
            if (!note.empty())
                m_output += padding + "\x1b[90m" + note + "\x1b[0m";
            m_output += "\r\n";
        } else if (++column == columns || i + 1 == candidates.size()) {
            m_output += "\r\n";
            column = 0;
        } else {
            m_output += padding;
        }
    }
    if (candidates.size() > kMost)
        m_output += "... and " + std::to_string(candidates.size() - kMost) + " more\r\n";
    m_cursor = cursor;
    m_cursorRow = 0;
}

} // namespace core::shell
