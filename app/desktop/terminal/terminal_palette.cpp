#include "app/desktop/terminal/terminal_palette.h"

#include <array>

namespace app::desktop {

TerminalPalette::TerminalPalette(const Tokens& tokens)
    : m_tokens(tokens)
{
}

QColor TerminalPalette::resolve(const TerminalColor& color, const QColor& fallback) const
{
    switch (color.kind) {
    case TerminalColor::Kind::Default: return fallback;
    case TerminalColor::Kind::Rgb: return {color.red, color.green, color.blue};
    case TerminalColor::Kind::Indexed: break;
    }
    const int index = color.red;
    if (index < 16) {
        const QColor bright = m_tokens.dark ? QColor(Qt::white) : QColor(Qt::black);
        const std::array<QColor, 8> base{m_tokens.raised, m_tokens.critical, m_tokens.ok,   m_tokens.warn,
                                         m_tokens.info,   m_tokens.branch,   m_tokens.accent, m_tokens.text};
        if (index == 8)
            return m_tokens.muted;
        return index < 8 ? base[static_cast<std::size_t>(index)]
                         : mixed(base[static_cast<std::size_t>(index - 8)], bright, 0.2);
    }
    if (index < 232) {
        const int cube = index - 16;
        const auto level = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
        return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
    }
    const int grey = 8 + 10 * (index - 232);
    return {grey, grey, grey};
}

TerminalPalette::Pair TerminalPalette::colors(const TerminalCell& cell) const
{
    QColor foreground = resolve(cell.foreground, m_tokens.text);
    QColor background = resolve(cell.background, m_tokens.terminal);
    if (cell.reverse)
        std::swap(foreground, background);
    const quint64 key = (quint64(foreground.rgb()) << 32) | background.rgb();
    auto readable = m_readable.find(key);
    if (readable == m_readable.end())
        readable = m_readable.insert(key, readableOn(foreground, background));
    const bool own = !cell.reverse && cell.background.kind == TerminalColor::Kind::Default;
    return {*readable, own ? QColor() : background};
}

} // namespace app::desktop
