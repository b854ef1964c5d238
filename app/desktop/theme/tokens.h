#pragma once

#include "sim/world/frame.h"

#include <QColor>
#include <QString>

namespace app::desktop {

enum class ThemeId { Dark, Light, HighContrast };

/// The colours of one theme. `faint` is never used for text that must be read.
struct Tokens {
    bool dark = true;
    QColor window, panel, raised, line;
    QColor text, muted, faint;
    QColor accent, onAccent;
    QColor ok, warn, critical, info;
    QColor branch;
    QColor terminal;
};

/// Reads the theme's file in assets/themes.
Tokens loadTokens(ThemeId theme);
QString themeKey(ThemeId theme);
ThemeId themeFromKey(const QString& key);

/// WCAG 2.2 contrast of two opaque colours, 1..21.
double contrastRatio(const QColor& first, const QColor& second);
/// Moves `color` towards black or white until it reads on `background` at `ratio`.
QColor readableOn(QColor color, const QColor& background, double ratio = 4.5);
/// `amount` of `over` (0..1) laid over `base`.
QColor mixed(const QColor& base, const QColor& over, double amount);

/// What a bar fills: quiet also where lines are as bright as text.
QColor trackColor(const Tokens& tokens);

/// Cividis, 0 (cool) to 1 (hot): readable with every kind of colour vision.
QColor heatColor(double t);

QColor healthColor(const Tokens& tokens, sim::Health health);

} // namespace app::desktop
