#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <vector>

namespace app::desktop {

/// A whole that is split into parts: a stacked bar with its legend below. Left and right read the parts one by one.
class TrainingBar : public QWidget {
    Q_OBJECT

public:
    struct Part {
        QString name;
        QString value; ///< "91.8 %", "14 GiB"
        QColor color;
        double share = 0; ///< 0..1; all together at most 1
    };

    explicit TrainingBar(Look& look, QWidget* parent = nullptr);

    /// `value`: what stands large beside the title.
    void setParts(const QString& title, const QString& value, std::vector<Part> parts);
    const std::vector<Part>& parts() const { return m_parts; }
    /// The part under the keyboard's cursor; -1: none.
    int chosen() const { return m_chosen; }
    QString sentence(int part) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF bar() const;
    QRectF partBox(int part) const;
    /// Lays the legend out, and draws it with a painter: the height that it takes.
    double legend(QPainter* painter, double width) const;
    void choose(int part);

    Look& m_look;
    QString m_title, m_value;
    std::vector<Part> m_parts;
    int m_chosen = -1;
};

} // namespace app::desktop
