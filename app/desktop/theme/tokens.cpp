#include "app/desktop/theme/tokens.h"

#include "sim/engine/assert.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

namespace {

double channelLuminance(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * channelLuminance(color.redF()) + 0.7152 * channelLuminance(color.greenF())
        + 0.0722 * channelLuminance(color.blueF());
}

} // namespace

QString themeKey(ThemeId theme)
{
    switch (theme) {
    case ThemeId::Dark: return QStringLiteral("dark");
    case ThemeId::Light: return QStringLiteral("light");
    case ThemeId::HighContrast: return QStringLiteral("high-contrast");
    }
    return {};
}

ThemeId themeFromKey(const QString& key)
{
    for (const ThemeId theme : {ThemeId::Light, ThemeId::HighContrast}) {
        if (key == themeKey(theme))
            return theme;
    }
    return ThemeId::Dark;
}

Tokens loadTokens(ThemeId theme)
{
    QFile file(QStringLiteral(":/themes/%1.json").arg(themeKey(theme)));
    const bool opened = file.open(QIODevice::ReadOnly);
    FL_ASSERT(opened);
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    const auto color = [&object](const char* key) { return QColor(object.value(QLatin1String(key)).toString()); };
    Tokens tokens;
    tokens.dark = object.value(QLatin1String("dark")).toBool();
    tokens.window = color("window");
    tokens.panel = color("panel");
    tokens.raised = color("raised");
    tokens.line = color("line");
    tokens.text = color("text");
    tokens.muted = color("muted");
    tokens.faint = color("faint");
    tokens.accent = color("accent");
    tokens.onAccent = color("onAccent");
    tokens.ok = color("ok");
    tokens.warn = color("warn");
    tokens.critical = color("critical");
    tokens.info = color("info");
    tokens.branch = color("branch");
    tokens.terminal = color("terminal");
    return tokens;
}

double contrastRatio(const QColor& first, const QColor& second)
{
    const double a = luminance(first);
    const double b = luminance(second);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor readableOn(QColor color, const QColor& background, double ratio)
{
    const QColor target = luminance(background) < 0.18 ? QColor(Qt::white) : QColor(Qt::black);
    for (int step = 0; step < 20 && contrastRatio(color, background) < ratio; ++step)
        color = mixed(color, target, 0.08);
    return contrastRatio(color, background) < ratio ? target : color;
}

QColor mixed(const QColor& base, const QColor& over, double amount)
{
    const auto blend = [amount](float a, float b) { return static_cast<float>(a + (b - a) * amount); };
    return QColor::fromRgbF(blend(base.redF(), over.redF()), blend(base.greenF(), over.greenF()),
                            blend(base.blueF(), over.blueF()));
}

QColor trackColor(const Tokens& tokens)
{
    constexpr double kQuietLine = 3;
    return contrastRatio(tokens.line, tokens.panel) > kQuietLine ? mixed(tokens.panel, tokens.line, 0.3) : tokens.line;
}

QColor heatColor(double t)
{
    // Six stops of cividis (Nuñez, Anderton, Renslow 2018), interpolated linearly.
    static constexpr std::array<std::array<int, 3>, 6> kStops{
        {{0, 34, 78}, {53, 69, 108}, {102, 105, 112}, {148, 142, 119}, {200, 184, 102}, {254, 232, 56}}};
    const double position = std::clamp(t, 0.0, 1.0) * (kStops.size() - 1);
    const auto index = std::min(static_cast<std::size_t>(position), kStops.size() - 2);
    const double part = position - static_cast<double>(index);
    const auto channel = [&](std::size_t c) {
        return static_cast<int>(std::lround(kStops[index][c] + (kStops[index + 1][c] - kStops[index][c]) * part));
    };
    return {channel(0), channel(1), channel(2)};
}

QColor healthColor(const Tokens& tokens, sim::Health health)
{
    switch (health) {
    case sim::Health::Ok: return tokens.ok;
    case sim::Health::Warn: return tokens.warn;
    case sim::Health::Critical: return tokens.critical;
    case sim::Health::Unknown: return tokens.muted;
    }
    return tokens.muted;
}

} // namespace app::desktop
