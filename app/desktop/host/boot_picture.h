#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QWidget>

namespace app::desktop {

/// The chart of a boot: time from left to right, phases first, then a line for each unit. The critical chain is drawn
/// in the accent, what failed in red with its square, and the line that is chosen shows what it waited for.
class BootPicture : public QWidget {
    Q_OBJECT

public:
    explicit BootPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::BootDetail> detail);
    /// From the power button on, or only from systemd's start.
    void setUserspaceOnly(bool only);
    void retranslate();
    /// The line that is chosen; -1: none.
    int chosen() const { return m_chosen; }
    void choose(int line);
    int lines() const { return static_cast<int>(m_lines.size()); }
    /// A line in a sentence, as drawn.
    QString sentence(int line) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {m_look.scaled(260), sizeHint().height()}; }

signals:
    void lineChosen(int line);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void arrange();
    double xOf(sim::Instant at) const;
    QRectF lineBox(int line) const;
    QRectF bar(int line) const;
    int lineAt(const QPointF& point) const;
    const core::session::BootBar& barOf(int line) const;
    bool isTarget(const core::session::BootBar& bar) const;
    double nameWidth() const;
    void paintGrid(QPainter& painter) const;
    void paintLine(QPainter& painter, int line) const;
    void paintLinks(QPainter& painter) const;
    QString spanText(double seconds) const;

    Look& m_look;
    std::shared_ptr<const core::session::BootDetail> m_detail;
    std::vector<int> m_lines; ///< indices of bars
    sim::Instant m_from{};
    sim::Instant m_to{};
    bool m_userspaceOnly = false;
    int m_chosen = -1;
};

} // namespace app::desktop
