#include "app/desktop/terminal/command_marks.h"

#include <algorithm>

namespace app::desktop {

void CommandMarks::start(int prompt, int output, const QString& command)
{
    forgetFrom(prompt);
    m_marks.push_back({prompt, output, std::nullopt, 0, command, false});
}

void CommandMarks::goOn(int output, const QString& line)
{
    if (m_marks.empty() || m_marks.back().end)
        return;
    m_marks.back().output = output;
    m_marks.back().command += QLatin1Char('\n') + line;
}

void CommandMarks::finish(int line, int status)
{
    if (m_marks.empty() || m_marks.back().end)
        return;
    Mark& last = m_marks.back();
    if (line < last.output) { // the command cleared the screen below its own feet
        m_marks.pop_back();
        return forgetFrom(line);
    }
    last.end = line;
    last.status = status;
}

void CommandMarks::forgetFrom(int line)
{
    while (!m_marks.empty() && (m_marks.back().prompt >= line || m_marks.back().end.value_or(0) > line))
        m_marks.pop_back();
}

void CommandMarks::forgetBefore(int line)
{
    const auto kept = std::find_if(m_marks.begin(), m_marks.end(), [line](const Mark& mark) { return mark.prompt >= line; });
    m_marks.erase(m_marks.begin(), kept);
}

std::optional<std::size_t> CommandMarks::at(int line) const
{
    const auto behind
        = std::upper_bound(m_marks.begin(), m_marks.end(), line, [](int l, const Mark& mark) { return l < mark.prompt; });
    if (behind == m_marks.begin())
        return std::nullopt;
    const Mark& mark = *std::prev(behind);
    if (mark.end && line >= std::max(*mark.end, mark.prompt + 1))
        return std::nullopt;
    return static_cast<std::size_t>(std::prev(behind) - m_marks.begin());
}

std::optional<std::size_t> CommandMarks::next(int line, int direction) const
{
    if (direction > 0) {
        for (std::size_t i = 0; i < m_marks.size(); ++i) {
            if (m_marks[i].prompt > line)
                return i;
        }
    } else {
        for (std::size_t i = m_marks.size(); i-- > 0;) {
            if (m_marks[i].prompt < line)
                return i;
        }
    }
    return std::nullopt;
}

void CommandMarks::setFolded(std::size_t mark, bool folded)
{
    m_marks[mark].folded = folded && m_marks[mark].foldable();
}

void CommandMarks::foldAll(bool folded)
{
    for (std::size_t i = 0; i < m_marks.size(); ++i)
        setFolded(i, folded);
}

int CommandMarks::hiddenBefore(int line) const
{
    int hidden = 0;
    for (const Mark& mark : m_marks) {
        if (mark.output >= line)
            break;
        hidden += std::min(mark.hidden(), line - mark.output);
    }
    return hidden;
}

bool CommandMarks::isHidden(int line) const
{
    const std::optional<std::size_t> mark = at(line);
    return mark && m_marks[*mark].hidden() > 0 && line >= m_marks[*mark].output;
}

int CommandMarks::hidden() const
{
    int hidden = 0;
    for (const Mark& mark : m_marks)
        hidden += mark.hidden();
    return hidden;
}

int CommandMarks::lineAt(int row, int first) const
{
    int line = first + row;
    for (const Mark& mark : m_marks) {
        if (mark.hidden() == 0)
            continue;
        if (line < mark.output)
            break;
        line += mark.hidden();
    }
    return line;
}

} // namespace app::desktop
