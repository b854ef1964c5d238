#include "core/shell/text_input.h"

#include <algorithm>

namespace core::shell {

std::optional<std::string> TextInput::readLine()
{
    if (m_position >= m_text.size())
        return {};
    const std::size_t newline = m_text.find('\n', m_position);
    const std::size_t end = newline == std::string::npos ? m_text.size() : newline;
    std::string line = m_text.substr(m_position, end - m_position);
    m_endedWithNewline = newline != std::string::npos;
    m_position = m_endedWithNewline ? end + 1 : end;
    return line;
}

std::string TextInput::readAll()
{
    std::string rest = m_text.substr(std::min(m_position, m_text.size()));
    m_position = m_text.size();
    return rest;
}

} // namespace core::shell
