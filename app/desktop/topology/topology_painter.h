#pragma once

#include "app/desktop/theme/look.h"
#include "app/desktop/topology/topology_layout.h"

#include <QHash>
#include <QPointF>

class QPainter;

namespace app::desktop {

/// Draws a laid-out frame. Three levels of detail by zoom: everything; shapes without small print; blocks.
class TopologyPainter {
public:
    TopologyPainter(const Look& look, const sim::Frame& frame, const TopologyLayout& layout, double zoom,
                    const QRectF& visible);

    /// `moving`: pods on their way, by key, with where they are now.
    void paint(QPainter& painter, const Selection& selection, bool focused,
               const QHash<QString, QPointF>& moving) const;

private:
    void paintLinks(QPainter& painter, const Selection& selection) const;
    void paintSwitch(QPainter& painter, std::size_t index, bool selected) const;
    void paintMachine(QPainter& painter, std::size_t index, const Selection& selection, bool focused,
                      const QHash<QString, QPointF>& moving) const;
    void paintTitle(QPainter& painter, const sim::MachineView& machine, const QRectF& card) const;
    void paintPod(QPainter& painter, const sim::PodView& pod, const QRectF& box, bool selected) const;
    void paintGpu(QPainter& painter, const sim::GpuView& gpu, const QRectF& box, bool selected) const;
    QFont cardFont(FontRole role) const;
    static QString note(const sim::MachineView& machine);

    const Look& m_look;
    const sim::Frame& m_frame;
    const TopologyLayout& m_layout;
    double m_zoom;
    QRectF m_visible;
};

} // namespace app::desktop
