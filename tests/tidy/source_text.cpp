#include "tests/tidy/source_text.h"

#include <algorithm>
#include <cctype>

namespace tidy {

namespace {

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Walks over the text once and blanks as it goes.
class Blanker {
public:
    explicit Blanker(std::string_view text) : m_text(text), m_out(text) { }

    std::string run()
    {
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (m_text.substr(m_at, 2) == "//")
                blankUntil(m_text.find('\n', m_at));
            else if (m_text.substr(m_at, 2) == "/*")
                blankPast("*/", m_at + 2);
            else if (c == '"' && isRaw())
                blankRawString();
            else if (c == '"' || (c == '\'' && !isDigitSeparator()))
                blankQuoted(c);
            else
                ++m_at;
        }
        return std::move(m_out);
    }

private:
    bool isRaw() const
    {
        return m_at > 0 && m_text[m_at - 1] == 'R'
            && (m_at < 2 || !isWordCharacter(m_text[m_at - 2]) || m_text[m_at - 2] == '8');
    }
    /// 1'000'000
    bool isDigitSeparator() const
    {
        return m_at > 0 && m_at + 1 < m_text.size()
            && std::isxdigit(static_cast<unsigned char>(m_text[m_at - 1])) != 0
            && std::isxdigit(static_cast<unsigned char>(m_text[m_at + 1])) != 0
            && !(m_at + 2 < m_text.size() && m_text[m_at + 2] == '\'' && !isWordCharacter(m_text[m_at - 1]));
    }

    void blankUntil(std::size_t end)
    {
        end = std::min(end, m_text.size());
        for (; m_at < end; ++m_at) {
            if (m_out[m_at] != '\n')
                m_out[m_at] = ' ';
        }
    }
    void blankPast(std::string_view end, std::size_t from)
    {
        const std::size_t found = m_text.find(end, from);
        blankUntil(found == std::string_view::npos ? found : found + end.size());
    }
    void blankRawString()
    {
        const std::size_t open = m_text.find('(', m_at);
        if (open == std::string_view::npos) {
            ++m_at;
            return;
        }
        blankPast(")" + std::string(m_text.substr(m_at + 1, open - m_at - 1)) + "\"", open);
    }
    void blankQuoted(char quote)
    {
        std::size_t end = m_at + 1;
        while (end < m_text.size() && m_text[end] != quote && m_text[end] != '\n')
            end += m_text[end] == '\\' ? 2 : 1;
        blankUntil(end + 1);
    }

    std::string_view m_text;
    std::string m_out;
    std::size_t m_at = 0;
};

} // namespace

std::string codeOnly(std::string_view text)
{
    return Blanker(text).run();
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool hasWord(std::string_view line, std::string_view word)
{
    for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool freeBefore = at == 0 || !isWordCharacter(word.front()) || !isWordCharacter(line[at - 1]);
        const bool freeAfter = end == line.size() || !isWordCharacter(word.back())
            || !isWordCharacter(line[end]);
        if (freeBefore && freeAfter)
            return true;
    }
    return false;
}

} // namespace tidy
