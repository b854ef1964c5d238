#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/serving_detail.h"

#include <QWidget>

#include <memory>

namespace app::desktop {

/// The latest steps of an engine: a row a sequence, a column a step, as wide as it took. Below: what of the step's token budget was used,
/// and what its time went to. Left and right read steps, up and down sequences.
class BatchPicture : public QWidget {
    Q_OBJECT

public:
    explicit BatchPicture(Look& look, QWidget* parent = nullptr);

    void setLanes(std::shared_ptr<const core::session::BatchLanes> lanes);
    const core::session::BatchLanes* lanes() const { return m_lanes.get(); }
    void retranslate();
    /// The step and the sequence that are read; -1: none, or the step as a whole.
    int step() const { return m_step; }
    int row() const { return m_row; }
    void read(int step, int row);
    QString sentence(int step, int row) const;
    /// The sequences that there is room for, in their order: those first that were admitted, thrown out or wait.
    const std::vector<int>& rowsShown() const { return m_shown; }
    /// Requires: a row of rowsShown().
    QRectF cellBox(int step, int row) const;

    static QColor costColor(const Tokens& tokens, int part);
    static QString costName(int part);
    static constexpr int kCostParts = 5; ///< dense, attention, communication, the rest of the device, host
    static double costSeconds(const core::session::BatchStep& step, int part);
    static QString kindName(core::session::BatchCell::Kind kind);
    static void paintKind(QPainter& painter, core::session::BatchCell::Kind kind, const QRectF& box, const Tokens& tokens);

    QSize sizeHint() const override { return {m_look.scaled(480), m_look.scaled(300)}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(240), m_look.scaled(210)}; }

signals:
    void placeRead(int step, int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    std::size_t steps() const { return m_lanes ? m_lanes->steps.size() : 0; }
    double labelWidth() const;
    QRectF lanesBox() const;
    QRectF budgetBox() const;
    QRectF timeBox() const;
    double rowPitch() const;
    double left(int step) const { return m_lefts[static_cast<std::size_t>(step)]; }
    double right(int step) const { return m_rights[static_cast<std::size_t>(step)]; }
    void arrange();
    void chooseRows();
    int lineOf(int row) const; ///< of the picture; -1: it is not shown
    std::pair<int, int> placeAt(const QPointF& point) const;
    void paintLanes(QPainter& painter) const;
    void paintBudget(QPainter& painter) const;
    void paintTime(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;

    Look& m_look;
    std::shared_ptr<const core::session::BatchLanes> m_lanes;
    std::vector<double> m_lefts, m_rights; ///< of each step
    double m_longest = 0;                  ///< seconds of a step
    std::vector<int> m_shown;              ///< rows, by line of the picture
    int m_step = -1;
    int m_row = -1;
};

} // namespace app::desktop
