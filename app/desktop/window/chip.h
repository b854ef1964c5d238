#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <optional>

namespace app::desktop {

/// A rounded box of the title line: an optional state shape, a word and a value whose digits stand still.
class Chip : public QWidget {
    Q_OBJECT

public:
    explicit Chip(Look& look, QWidget* parent = nullptr);

    void setContent(const QString& label, const QString& value, std::optional<sim::Health> health = {});
    /// True: the value comes first and the label after it, quieter (the clock).
    void setValueFirst(bool valueFirst);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QFont valueFont() const;

    Look& m_look;
    QString m_label;
    QString m_value;
    std::optional<sim::Health> m_health;
    bool m_valueFirst = false;
};

} // namespace app::desktop
