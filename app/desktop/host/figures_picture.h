#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QWidget>

#include <deque>

namespace app::desktop {

/// What a machine does now: processors, memory and pressure, each as a card with its figures written out, and the last
/// two minutes of processors and memory as a line.
class FiguresPicture : public QWidget {
    Q_OBJECT

public:
    explicit FiguresPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::MachineDetail> detail, sim::Instant now);
    void restart();
    void retranslate();
    /// A card in a sentence, as drawn.
    QStringList sentences() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Segment {
        QString name;
        QString value;
        QColor color;
        double share = 0; ///< of the bar
    };
    struct Moment {
        sim::Instant at{};
        double processors = 0; ///< busy share
        double memory = 0;     ///< used share
    };

    int columns(int width) const;
    QRectF card(int index) const;
    std::vector<Segment> processorSegments() const;
    std::vector<Segment> memorySegments() const;
    sim::Health processorHealth() const;
    sim::Health memoryHealth() const;
    sim::Health pressureHealth() const;
    void paintCard(QPainter& painter, const QRectF& box, const QString& title, const QString& value,
                   sim::Health health) const;
    void paintStack(QPainter& painter, const QRectF& bar, const std::vector<Segment>& segments) const;
    double paintLegend(QPainter& painter, const QRectF& room, const std::vector<Segment>& segments) const;
    void paintHistory(QPainter& painter, const QRectF& room, double Moment::*value) const;
    void paintProcessors(QPainter& painter, const QRectF& box) const;
    void paintMemory(QPainter& painter, const QRectF& box) const;
    void paintPressure(QPainter& painter, const QRectF& box) const;
    QRectF inside(const QRectF& box) const;

    Look& m_look;
    std::shared_ptr<const core::session::MachineDetail> m_detail;
    std::deque<Moment> m_history;
};

} // namespace app::desktop
