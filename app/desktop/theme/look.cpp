#include "app/desktop/theme/look.h"

#include "app/desktop/theme/style_sheet.h"

#include <QApplication>
#include <QFile>
#include <QLibraryInfo>
#include <QPainter>
#include <QPalette>
#include <QPixmap>
#include <QSettings>
#include <QStyle>
#include <QStyleFactory>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

namespace app::desktop {

Preferences loadPreferences()
{
    const QSettings settings;
    Preferences preferences;
    preferences.theme = themeFromKey(settings.value(QStringLiteral("look/theme")).toString());
    const QString language
        = settings.value(QStringLiteral("look/language"), QLocale::system().name()).toString();
    preferences.language = language.startsWith(QLatin1String("zh")) ? core::content::Language::Chinese
                                                                    : core::content::Language::English;
    preferences.reduceMotion = settings.value(QStringLiteral("look/reduceMotion"), false).toBool();
    preferences.fontScale
        = std::clamp(settings.value(QStringLiteral("look/fontScale"), 1.0).toDouble(), 1.0, 2.0);
    return preferences;
}

void savePreferences(const Preferences& preferences)
{
    QSettings settings;
    settings.setValue(QStringLiteral("look/theme"), themeKey(preferences.theme));
    settings.setValue(QStringLiteral("look/language"),
                      preferences.language == core::content::Language::Chinese ? QStringLiteral("zh_CN")
                                                                               : QStringLiteral("en"));
    settings.setValue(QStringLiteral("look/reduceMotion"), preferences.reduceMotion);
    settings.setValue(QStringLiteral("look/fontScale"), preferences.fontScale);
}

Look::Look(const Preferences& preferences, QObject* parent)
    : QObject(parent)
    , m_preferences(preferences)
{
    install();
}

void Look::apply(const Preferences& preferences)
{
    m_preferences = preferences;
    install();
    emit changed();
}

void Look::install()
{
    m_tokens = loadTokens(m_preferences.theme);

    qApp->removeTranslator(&m_translator);
    qApp->removeTranslator(&m_qtTranslator);
    const bool chinese = m_preferences.language == core::content::Language::Chinese;
    // English has a file too: it holds the plurals.
    if (m_translator.load(chinese ? QStringLiteral(":/i18n/faultline_zh_CN.qm") : QStringLiteral(":/i18n/faultline_en.qm")))
        qApp->installTranslator(&m_translator);
    if (chinese) {
        if (m_qtTranslator.load(QStringLiteral("qtbase_zh_CN"), QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
            qApp->installTranslator(&m_qtTranslator);
    }

    QPalette palette;
    palette.setColor(QPalette::Window, m_tokens.window);
    palette.setColor(QPalette::WindowText, m_tokens.text);
    palette.setColor(QPalette::Base, m_tokens.panel);
    palette.setColor(QPalette::AlternateBase, m_tokens.raised);
    palette.setColor(QPalette::Text, m_tokens.text);
    palette.setColor(QPalette::Button, m_tokens.raised);
    palette.setColor(QPalette::ButtonText, m_tokens.text);
    palette.setColor(QPalette::BrightText, m_tokens.critical);
    palette.setColor(QPalette::Highlight, m_tokens.accent);
    palette.setColor(QPalette::HighlightedText, m_tokens.onAccent);
    palette.setColor(QPalette::Link, m_tokens.accent);
    palette.setColor(QPalette::LinkVisited, m_tokens.accent);
    palette.setColor(QPalette::ToolTipBase, m_tokens.raised);
    palette.setColor(QPalette::ToolTipText, m_tokens.text);
    palette.setColor(QPalette::PlaceholderText, m_tokens.muted);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, m_tokens.faint);
    if (!qApp->style()->objectName().contains(QLatin1String("fusion"), Qt::CaseInsensitive))
        qApp->setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    qApp->setPalette(palette);
    qApp->setFont(font(FontRole::Body));
    qApp->setStyleSheet(styleSheet(*this));
}

QFont Look::font(FontRole role) const
{
    QFont font;
    int size = 13;
    switch (role) {
    case FontRole::Display:
        size = 40;
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Title:
        size = 16;
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Section:
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Body: break;
    case FontRole::Secondary: size = 12; break;
    case FontRole::Label: size = 11; break;
    case FontRole::Terminal: size = 12; break;
    }
    if (role == FontRole::Terminal) {
        font.setFamilies({QStringLiteral("JetBrains Mono"), QStringLiteral("Noto Sans Mono CJK SC"),
                          QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
        font.setStyleHint(QFont::Monospace);
        font.setFixedPitch(true);
        font.setKerning(false);
    } else {
        font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans CJK SC"),
                          QStringLiteral("DejaVu Sans"), QStringLiteral("sans-serif")});
        font.setStyleHint(QFont::SansSerif);
        font.setHintingPreference(QFont::PreferNoHinting);
    }
    font.setPixelSize(scaled(size));
    return font;
}

int Look::controlHeight() const
{
    return scaled(32);
}

int Look::scaled(int pixels) const
{
    return static_cast<int>(std::lround(pixels * m_preferences.fontScale));
}

QString Look::text(const core::content::Text& text) const
{
    return QString::fromStdString(text.in(m_preferences.language));
}

QPixmap Look::pixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio) const
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray svg = file.readAll();
    svg.replace("#000000", color.name().toLatin1());
    QSvgRenderer renderer(svg);
    const int pixels = static_cast<int>(std::lround(size * devicePixelRatio));
    QPixmap pixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

QIcon Look::icon(const QString& name, const QColor& color) const
{
    QIcon icon;
    const int side = scaled(20); // the largest that is asked for: a QIcon shrinks its pictures and never enlarges them
    for (const qreal ratio : {1.0, 2.0}) {
        icon.addPixmap(pixmap(name, color, side, ratio), QIcon::Normal);
        icon.addPixmap(pixmap(name, m_tokens.faint, side, ratio), QIcon::Disabled);
    }
    return icon;
}

} // namespace app::desktop
