#pragma once

#include "app/desktop/terminal/terminal_screen.h"
#include "app/desktop/theme/tokens.h"

#include <QHash>

namespace app::desktop {

/// Terminal colours in the theme's hues; every foreground reads at 4.5 : 1 on its background.
class TerminalPalette {
public:
    explicit TerminalPalette(const Tokens& tokens);

    struct Pair {
        QColor foreground;
        QColor background; ///< invalid: the terminal's own
    };
    Pair colors(const TerminalCell& cell) const;

private:
    QColor resolve(const TerminalColor& color, const QColor& fallback) const;

    Tokens m_tokens;
    mutable QHash<quint64, QColor> m_readable;
};

} // namespace app::desktop
