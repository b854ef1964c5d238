#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace app::desktop {

/// A rounded panel on a page, with its own column of content.
class Card : public QWidget {
    Q_OBJECT

public:
    explicit Card(Look& look, QWidget* parent = nullptr);

    QVBoxLayout* column() const { return m_column; }
    QLabel* addLabel(const QString& text, const char* kind, bool wrap = true);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Look& m_look;
    QVBoxLayout* m_column = nullptr;
};

} // namespace app::desktop
