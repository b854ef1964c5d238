#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace app::desktop {

/// Stands before the healthy lab while an incident runs: there is one data centre at a time.
class LabGate : public QWidget {
    Q_OBJECT

public:
    explicit LabGate(Look& look, QWidget* parent = nullptr);

signals:
    void backChosen();
    void healthyChosen();

private:
    void retranslate();

    Look& m_look;
    QLabel* m_title = nullptr;
    QLabel* m_words = nullptr;
    QPushButton* m_back = nullptr;
    QPushButton* m_healthy = nullptr;
};

} // namespace app::desktop
