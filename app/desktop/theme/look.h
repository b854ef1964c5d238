#pragma once

#include "app/desktop/theme/tokens.h"
#include "core/content/text.h"

#include <QFont>
#include <QIcon>
#include <QObject>
#include <QSize>
#include <QString>
#include <QTranslator>

namespace app::desktop {

/// Sizes in pixels at font scale 1: Title 16/600, Section 13/600, Body 13, Secondary 12, Label 11.
enum class FontRole { Display, Title, Section, Body, Secondary, Label, Terminal };

struct Preferences {
    ThemeId theme = ThemeId::Dark;
    core::content::Language language = core::content::Language::English;
    bool reduceMotion = false;
    double fontScale = 1; ///< 1..2
};

Preferences loadPreferences();
void savePreferences(const Preferences& preferences);

/// Colours, type, icons and language, switched live. Every widget holds a reference and refreshes itself
/// on changed(): by then palette, style sheet, fonts and translator are the new ones.
class Look : public QObject {
    Q_OBJECT

public:
    static constexpr int kGrid = 4;
    static constexpr int kGap = 8;      ///< between panels
    static constexpr int kInset = 12;   ///< inside panels
    static constexpr int kPanelRadius = 10;
    static constexpr int kControlRadius = 8;

    explicit Look(const Preferences& preferences, QObject* parent = nullptr);

    const Tokens& tokens() const { return m_tokens; }
    const Preferences& preferences() const { return m_preferences; }
    void apply(const Preferences& preferences);

    QFont font(FontRole role) const;
    /// 32 pixels, more where the font is larger.
    int controlHeight() const;
    int scaled(int pixels) const;
    /// Of the quiet buttons in headers.
    QSize smallIcon() const { return {scaled(14), scaled(14)}; }
    QString text(const core::content::Text& text) const;

    /// An icon of assets/icons drawn in one colour (disabled: faint).
    QIcon icon(const QString& name, const QColor& color) const;
    QPixmap pixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio) const;

signals:
    void changed();

private:
    void install();

    Preferences m_preferences;
    Tokens m_tokens;
    QTranslator m_translator;
    QTranslator m_qtTranslator;
};

} // namespace app::desktop
