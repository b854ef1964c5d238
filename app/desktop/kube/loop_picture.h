#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/kube_detail.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <array>

namespace app::desktop {

/// A controller's loop, drawn as four cards in a circle: what the watch told, what waits in the queue, what is wanted
/// beside what is, and what was written. A drop runs along an arrow when something went that way.
class LoopPicture : public QWidget {
    Q_OBJECT

public:
    enum class Part { Watch, Queue, Compare, Act };
    static constexpr std::array kParts{Part::Watch, Part::Queue, Part::Compare, Part::Act};

    explicit LoopPicture(Look& look, QWidget* parent = nullptr);

    void setController(std::shared_ptr<const core::session::ControllersDetail> detail, sim::Instant now);
    void retranslate();
    /// Keys that can be chosen for the comparison, in the order in which the arrows walk.
    QStringList keys() const;
    /// The lines of a card as they are drawn: the words of the picture for tests and screen readers.
    QStringList lines(Part part) const;

    QSize sizeHint() const override;

signals:
    void keyChosen(const QString& key);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Line {
        QString left;     ///< time, or nothing
        QString mark;     ///< a shape with a meaning of its own
        QColor color;     ///< of the mark
        QString text;
        QString shortText; ///< where text has no room; empty: none
        QString right;
        QString key;      ///< chosen by a click; empty: none
        bool indented = false;
    };

    const core::session::ControllerDetail* controller() const;
    /// Without room for two cards side by side they stand below each other.
    bool stacked() const;
    void fitHeight();
    QRectF card(Part part) const;
    std::vector<Line> content(Part part) const;
    void addArrivals(std::vector<Line>& lines) const;
    void addQueue(std::vector<Line>& lines) const;
    void addDifferences(std::vector<Line>& lines) const;
    void addTurns(std::vector<Line>& lines) const;
    Line changeLine(const core::session::ChangeDetail& change) const;
    QString title(Part part) const;
    QString caption(Part part) const;
    QString nothing(Part part) const;
    void paintCard(QPainter& painter, Part part) const;
    void paintLine(QPainter& painter, const QRectF& box, const Line& line) const;
    /// From a part's card to the next one's; null: none.
    QLineF arrow(Part part) const;
    /// True: a drop is on its way.
    bool paintArrows(QPainter& painter) const;
    void startDrops();
    const Line* lineAt(const QPointF& point, std::vector<Line>& keep) const;
    double headHeight() const;
    double pitch() const;

    Look& m_look;
    std::shared_ptr<const core::session::ControllersDetail> m_detail;
    sim::Instant m_now{};
    std::array<QElapsedTimer, kParts.size()> m_drops; ///< by the part that a drop comes from; invalid: none
    QTimer m_motion;
    std::array<QString, kParts.size()> m_latest;      ///< newest line by part, to see that something moved
    QString m_shownController;
};

} // namespace app::desktop
