#pragma once

#include "app/desktop/theme/look.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace app::desktop {

/// Language, theme, size of type, motion. Each takes effect at once and is remembered.
class SettingsDialog : public QDialog {
    Q_OBJECT

public:
    explicit SettingsDialog(Look& look, QWidget* parent = nullptr);

private:
    void retranslate();
    void applyChoices();

    Look& m_look;
    QLabel* m_languageLabel = nullptr;
    QLabel* m_themeLabel = nullptr;
    QLabel* m_scaleLabel = nullptr;
    QLabel* m_words = nullptr;
    QComboBox* m_language = nullptr;
    QComboBox* m_theme = nullptr;
    QComboBox* m_scale = nullptr;
    QCheckBox* m_motion = nullptr;
    QPushButton* m_close = nullptr;
};

} // namespace app::desktop
