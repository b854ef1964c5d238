#include "core/shell/line_editing/line_editor.h"
#include "sim/engine/letters.h"

#include <algorithm>

namespace core::shell {

namespace {

constexpr std::size_t kMaxLine = 256 * 1024;

bool isWordCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

void LineEditor::start(const std::string& prompt)
{
    m_prompt = prompt;
    m_line.clear();
    m_cursor = 0;
    m_cursorRow = 0;
    m_undo.clear();
    m_historyIndex = m_history.size();
    m_searching = false;
    m_last = LastAction::Other;
    refresh();
}

std::string LineEditor::takeKey()
{
    // One key: a control sequence, Escape and a key, a character of several bytes, or a byte.
    const auto first = static_cast<unsigned char>(m_input[0]);
    std::size_t length = 1;
    if (first == 0x1b) {
        if (m_input.size() == 1)
            return {};
        if (m_input[1] == '[' || m_input[1] == 'O') {
            std::size_t end = 2;
            while (end < m_input.size() && !(m_input[end] >= '@' && m_input[end] <= '~'))
                ++end;
            constexpr std::size_t kLongest = 32;
            if (end >= m_input.size() && m_input.size() < kLongest)
                return {};
            length = std::min(end + 1, m_input.size());
        } else {
            length = 2;
        }
    } else if (first >= 0xc0) {
        length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (m_input.size() < length)
            return {};
    }
    std::string key = m_input.substr(0, length);
    m_input.erase(0, length);
    return key;
}

LineEditor::Result LineEditor::feed(std::string_view bytes)
{
    m_input += bytes;
    bool changed = false;
    while (!m_input.empty()) {
        if (m_pasting) {
            const std::size_t end = m_input.find("\x1b[201~");
            std::string text = m_input.substr(0, end);
            if (end == std::string::npos) {
                // The end mark may have arrived in part.
                const std::size_t escape = text.rfind('\x1b');
                if (escape != std::string::npos && text.size() - escape < 6)
                    text.resize(escape);
                if (text.empty())
                    break;
                m_input.erase(0, text.size());
            } else {
                m_input.erase(0, end + 6);
                m_pasting = false;
            }
            std::replace(text.begin(), text.end(), '\r', '\n');
            std::erase_if(
                text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
            remember();
            insert(text);
            changed = true;
            continue;
        }
        const std::string next = takeKey();
        if (next.empty())
            break;
        m_action = LastAction::Other;
        const Result result = m_searching && searchKey(next) ? Result::None : key(next);
        m_last = m_action;
        changed = true;
        if (result != Result::None)
            return result;
    }
    if (changed)
        refresh();
    return Result::None;
}

LineEditor::Result LineEditor::key(const std::string& key)
{
    if (key[0] == '\x1b') {
        escape(key);
        return Result::None;
    }
    if (key.size() == 1 && (static_cast<unsigned char>(key[0]) < 0x20 || key[0] == '\x7f'))
        return control(key[0]);
    if (m_last != LastAction::Insert)
        remember();
    insert(key);
    m_action = LastAction::Insert;
    return Result::None;
}

LineEditor::Result LineEditor::control(char c)
{
    constexpr auto ctrl = [](char letter) {
        return static_cast<char>(letter & 0x1f);
    };
    if (c == '\r' || c == '\n') {
        leaveLine();
        return Result::Submitted;
    }
    if (c == ctrl('C')) {
        move(m_line.size());
        refresh();
        m_output += "^C\r\n";
        m_line.clear();
        m_cursor = 0;
        return Result::Interrupt;
    }
    if (c == ctrl('D')) {
        if (m_line.empty())
            return Result::EndOfFile;
        erase(m_cursor, next(m_cursor), false, false);
    } else if (c == ctrl('A')) {
        move(0);
    } else if (c == ctrl('E')) {
        if (m_cursor == m_line.size())
            insert(suggestion());
        move(m_line.size());
    } else if (c == ctrl('B')) {
        move(previous(m_cursor));
    } else if (c == ctrl('F')) {
        if (m_cursor == m_line.size())
            insert(suggestion());
        else
            move(next(m_cursor));
    } else if (c == ctrl('H') || c == '\x7f') {
        erase(previous(m_cursor), m_cursor, false, false);
    } else if (c == ctrl('K')) {
        erase(m_cursor, m_line.size(), true, false);
    } else if (c == ctrl('U')) {
        erase(0, m_cursor, true, true);
    } else if (c == ctrl('W')) {
        erase(wordLeft(m_cursor, true), m_cursor, true, true);
    } else if (c == ctrl('Y')) {
        if (!m_killRing.empty()) {
            remember();
            m_yankIndex = m_killRing.size() - 1;
            m_yanked = {m_cursor, m_cursor + m_killRing.back().size()};
            insert(m_killRing.back());
            m_action = LastAction::Yank;
        }
    } else if (c == ctrl('T')) {
        transpose();
    } else if (c == ctrl('_')) {
        undo();
    } else if (c == ctrl('L')) {
        m_output += "\x1b[H\x1b[2J";
        m_cursorRow = 0;
    } else if (c == ctrl('P')) {
        historyMove(-1);
    } else if (c == ctrl('N')) {
        historyMove(1);
    } else if (c == ctrl('R')) {
        startSearch(true);
    } else if (c == ctrl('S')) {
        startSearch(false);
    } else if (c == '\t') {
        tab();
    }
    return Result::None;
}

void LineEditor::escape(const std::string& key)
{
    const auto is = [&](std::initializer_list<std::string_view> keys) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    };
    if (is({"\x1b[A", "\x1bOA"})) {
        historyMove(-1);
    } else if (is({"\x1b[B", "\x1bOB"})) {
        historyMove(1);
    } else if (is({"\x1b[C", "\x1bOC"})) {
        control('F' & 0x1f);
    } else if (is({"\x1b[D", "\x1bOD"})) {
        move(previous(m_cursor));
    } else if (is({"\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"})) {
        move(0);
    } else if (is({"\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"})) {
        control('E' & 0x1f);
    } else if (is({"\x1b[3~"})) {
        erase(m_cursor, next(m_cursor), false, false);
    } else if (is({"\x1b"
                   "b",
                   "\x1b[1;5D", "\x1b[1;3D", "\x1b[5D"})) {
        move(wordLeft(m_cursor, false));
    } else if (is({"\x1b"
                   "f",
                   "\x1b[1;5C", "\x1b[1;3C", "\x1b[5C"})) {
        if (m_cursor == m_line.size()) {
            // One word of the suggestion.
            const std::string hint = suggestion();
            std::size_t end = 0;
            while (end < hint.size() && !isWordCharacter(hint[end]))
                ++end;
            while (end < hint.size() && isWordCharacter(hint[end]))
                ++end;
            insert(hint.substr(0, end));
        } else {
            move(wordRight(m_cursor));
        }
    } else if (is({"\x1b"
                   "d"})) {
        erase(m_cursor, wordRight(m_cursor), true, false);
    } else if (is({"\x1b\x7f", "\x1b\b"})) {
        erase(wordLeft(m_cursor, false), m_cursor, true, true);
    } else if (is({"\x1b"
                   "y"})) {
        yankPop();
    } else if (is({"\x1b.", "\x1b_"})) {
        lastArgument();
    } else if (is({"\x1b"
                   "u",
                   "\x1b"
                   "l",
                   "\x1b"
                   "c"})) {
        changeWordCase(key[1]);
    } else if (is({"\x1b<"})) {
        m_historyIndex = m_history.size();
        m_typed.clear();
        while (m_historyIndex > 1)
            historyMove(-1);
    } else if (is({"\x1b[200~"})) {
        m_pasting = true;
    }
}

void LineEditor::insert(std::string_view text)
{
    if (m_line.size() + text.size() > kMaxLine)
        return;
    m_line.insert(m_cursor, text);
    m_cursor += text.size();
}

void LineEditor::erase(std::size_t from, std::size_t to, bool kill, bool prepend)
{
    if (from >= to)
        return;
    remember();
    const std::string text = m_line.substr(from, to - from);
    if (kill) {
        constexpr std::size_t kRing = 30;
        if (m_last == LastAction::Kill && !m_killRing.empty()) {
            std::string& top = m_killRing.back();
            top = prepend ? text + top : top + text;
        } else {
            m_killRing.push_back(text);
            if (m_killRing.size() > kRing)
                m_killRing.erase(m_killRing.begin());
        }
        m_action = LastAction::Kill;
    }
    m_line.erase(from, to - from);
    m_cursor = from;
}

void LineEditor::remember()
{
    constexpr std::size_t kMost = 500;
    if (!m_undo.empty() && m_undo.back().line == m_line)
        return;
    m_undo.push_back({m_line, m_cursor});
    if (m_undo.size() > kMost)
        m_undo.erase(m_undo.begin());
}

void LineEditor::undo()
{
    while (!m_undo.empty()) {
        const Undo state = std::move(m_undo.back());
        m_undo.pop_back();
        if (state.line != m_line) {
            m_line = state.line;
            m_cursor = state.cursor;
            return;
        }
    }
    m_output += '\a';
}

void LineEditor::historyMove(int direction)
{
    if (m_last != LastAction::HistoryMove) {
        // The text before the cursor filters, as history-search-backward does.
        m_typed = m_historyIndex == m_history.size() ? m_line : std::string();
        m_historyIndex = m_history.size();
    }
    m_action = LastAction::HistoryMove;
    std::size_t index = m_historyIndex;
    for (;;) {
        if (direction < 0 ? index == 0 : index >= m_history.size()) {
            m_output += '\a';
            return;
        }
        index += direction < 0 ? static_cast<std::size_t>(-1) : 1;
        if (index == m_history.size()) {
            m_line = m_typed;
            break;
        }
        if (m_history[index].compare(0, m_typed.size(), m_typed) == 0 && m_history[index] != m_line) {
            m_line = m_history[index];
            break;
        }
    }
    m_historyIndex = index;
    m_cursor = m_line.size();
    m_undo.clear();
}

void LineEditor::yankPop()
{
    if (m_last != LastAction::Yank || m_killRing.empty()) {
        m_output += '\a';
        return;
    }
    m_yankIndex = (m_yankIndex + m_killRing.size() - 1) % m_killRing.size();
    m_line.erase(m_yanked.first, m_yanked.second - m_yanked.first);
    m_cursor = m_yanked.first;
    insert(m_killRing[m_yankIndex]);
    m_yanked.second = m_cursor;
    m_action = LastAction::Yank;
}

void LineEditor::lastArgument()
{
    if (m_last == LastAction::LastArgument) {
        m_line.erase(m_argument.first, m_argument.second - m_argument.first);
        m_cursor = m_argument.first;
    } else {
        remember();
        m_argumentIndex = m_history.size();
    }
    m_action = LastAction::LastArgument;
    if (m_argumentIndex == 0) {
        m_output += '\a';
        m_argument = {m_cursor, m_cursor};
        return;
    }
    const std::string& line = m_history[--m_argumentIndex];
    const std::size_t end = line.find_last_not_of(" \t");
    const std::size_t blank = end == std::string::npos ? std::string::npos : line.find_last_of(" \t", end);
    const std::size_t start = blank == std::string::npos ? 0 : blank + 1;
    m_argument.first = m_cursor;
    insert(end == std::string::npos ? std::string() : line.substr(start, end + 1 - start));
    m_argument.second = m_cursor;
}

void LineEditor::transpose()
{
    if (m_line.empty() || m_cursor == 0)
        return;
    remember();
    const std::size_t end = m_cursor == m_line.size() ? m_cursor : next(m_cursor);
    const std::size_t middle = previous(end);
    const std::size_t start = previous(middle);
    if (start == middle)
        return;
    const std::string first = m_line.substr(start, middle - start);
    const std::string second = m_line.substr(middle, end - middle);
    m_line.replace(start, end - start, second + first);
    m_cursor = end;
}

void LineEditor::changeWordCase(char how)
{
    remember();
    const std::size_t end = wordRight(m_cursor);
    bool first = true;
    for (; m_cursor < end; ++m_cursor) {
        char& c = m_line[m_cursor];
        if (!isWordCharacter(c))
            continue;
        const bool upper = how == 'u' || (how == 'c' && first);
        c = upper ? sim::raised(c) : sim::lowered(c);
        first = false;
    }
}

void LineEditor::move(std::size_t to)
{
    m_cursor = to;
}

std::size_t LineEditor::previous(std::size_t at) const
{
    if (at == 0)
        return 0;
    --at;
    while (at > 0 && isContinuation(m_line[at]))
        --at;
    return at;
}

std::size_t LineEditor::next(std::size_t at) const
{
    if (at >= m_line.size())
        return m_line.size();
    ++at;
    while (at < m_line.size() && isContinuation(m_line[at]))
        ++at;
    return at;
}

std::size_t LineEditor::wordLeft(std::size_t at, bool blanksOnly) const
{
    const auto inWord = [&](char c) {
        return blanksOnly ? c != ' ' && c != '\t' && c != '\n' : isWordCharacter(c);
    };
    while (at > 0 && !inWord(m_line[at - 1]))
        --at;
    while (at > 0 && inWord(m_line[at - 1]))
        --at;
    return at;
}

std::size_t LineEditor::wordRight(std::size_t at) const
{
    while (at < m_line.size() && !isWordCharacter(m_line[at]))
        ++at;
    while (at < m_line.size() && isWordCharacter(m_line[at]))
        ++at;
    return at;
}

void LineEditor::setHistory(std::vector<std::string> lines)
{
    m_history = std::move(lines);
    m_historyIndex = m_history.size();
}

void LineEditor::addToHistory(const std::string& line)
{
    if (!line.empty() && line[0] != ' ' && (m_history.empty() || m_history.back() != line))
        m_history.push_back(line);
    m_historyIndex = m_history.size();
}

std::string LineEditor::suggestion() const
{
    if (!suggestionsEnabled || m_line.empty() || m_cursor != m_line.size() || m_searching
        || m_historyIndex != m_history.size())
        return {};
    for (auto it = m_history.rbegin(); it != m_history.rend(); ++it)
        if (it->size() > m_line.size() && it->compare(0, m_line.size(), m_line) == 0)
            return it->substr(m_line.size());
    return m_offer.first == m_line ? m_offer.second : std::string();
}

void LineEditor::offer(std::string line, std::string rest)
{
    m_offer = {std::move(line), std::move(rest)};
    if (m_offer.first == m_line && !m_offer.second.empty())
        refresh();
}

} // namespace core::shell
