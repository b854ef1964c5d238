#include "app/desktop/window/settings_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <array>
#include <cmath>

namespace app::desktop {

namespace {

constexpr std::array kThemes{ThemeId::Dark, ThemeId::Light, ThemeId::HighContrast};
constexpr std::array kScales{1.0, 1.25, 1.5, 2.0};

} // namespace

SettingsDialog::SettingsDialog(Look& look, QWidget* parent)
    : QDialog(parent)
    , m_look(look)
    , m_languageLabel(new QLabel(this))
    , m_themeLabel(new QLabel(this))
    , m_scaleLabel(new QLabel(this))
    , m_words(new QLabel(this))
    , m_language(new QComboBox(this))
    , m_theme(new QComboBox(this))
    , m_scale(new QComboBox(this))
    , m_motion(new QCheckBox(this))
    , m_close(new QPushButton(this))
{
    m_language->addItems({QStringLiteral("English"), QStringLiteral("简体中文")});
    for (const double scale : kScales)
        m_scale->addItem(QStringLiteral("%1 %").arg(std::lround(scale * 100)));
    m_theme->addItems({{}, {}, {}});
    m_words->setProperty("kind", QStringLiteral("muted"));
    m_words->setWordWrap(true);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(12);
    const std::array<std::pair<QLabel*, QComboBox*>, 3> rows{
        {{m_languageLabel, m_language}, {m_themeLabel, m_theme}, {m_scaleLabel, m_scale}}};
    int line = 0;
    for (const auto& [label, box] : rows) {
        label->setBuddy(box);
        grid->addWidget(label, line, 0);
        grid->addWidget(box, line++, 1);
    }
    grid->addWidget(m_motion, line, 1);
    grid->setColumnStretch(1, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 18);
    column->setSpacing(16);
    column->addLayout(grid);
    column->addWidget(m_words);
    column->addLayout(buttons);

    const Preferences& now = look.preferences();
    m_language->setCurrentIndex(now.language == core::content::Language::Chinese ? 1 : 0);
    for (std::size_t i = 0; i < kThemes.size(); ++i) {
        if (kThemes[i] == now.theme)
            m_theme->setCurrentIndex(static_cast<int>(i));
    }
    for (std::size_t i = 0; i < kScales.size(); ++i) {
        if (std::abs(kScales[i] - now.fontScale) < 0.01)
            m_scale->setCurrentIndex(static_cast<int>(i));
    }
    m_motion->setChecked(now.reduceMotion);
    retranslate();
    for (QComboBox* box : {m_language, m_theme, m_scale})
        connect(box, &QComboBox::currentIndexChanged, this, &SettingsDialog::applyChoices);
    connect(m_motion, &QCheckBox::toggled, this, &SettingsDialog::applyChoices);
    connect(m_close, &QPushButton::clicked, this, &QDialog::accept);
    connect(&look, &Look::changed, this, &SettingsDialog::retranslate);
}

void SettingsDialog::applyChoices()
{
    Preferences wanted;
    wanted.language = m_language->currentIndex() == 1 ? core::content::Language::Chinese
                                                      : core::content::Language::English;
    wanted.theme = kThemes[static_cast<std::size_t>(m_theme->currentIndex())];
    wanted.fontScale = kScales[static_cast<std::size_t>(m_scale->currentIndex())];
    wanted.reduceMotion = m_motion->isChecked();
    savePreferences(wanted);
    m_look.apply(wanted);
}

void SettingsDialog::retranslate()
{
    setWindowTitle(tr("Settings"));
    setMinimumWidth(m_look.scaled(440));
    m_languageLabel->setText(tr("&Language"));
    m_themeLabel->setText(tr("&Theme"));
    m_scaleLabel->setText(tr("Text &size"));
    m_language->setAccessibleName(tr("Language"));
    m_theme->setAccessibleName(tr("Theme"));
    m_scale->setAccessibleName(tr("Text size"));
    const QStringList themes{tr("Dark"), tr("Light"), tr("High contrast")};
    const QSignalBlocker quiet(m_theme);
    for (int i = 0; i < m_theme->count(); ++i)
        m_theme->setItemText(i, themes[i]);
    m_motion->setText(tr("&Reduce motion"));
    m_motion->setAccessibleName(tr("Reduce motion"));
    m_words->setText(tr("The terminal's own text size changes with Ctrl+Plus and Ctrl+Minus."));
    m_close->setText(tr("Done"));
    m_close->setAccessibleName(tr("Done"));
}

} // namespace app::desktop
