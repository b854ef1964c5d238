#pragma once

#include "app/desktop/topology/selection.h"
#include "sim/world/frame.h"

#include <QPainterPath>
#include <QRectF>

#include <vector>

namespace app::desktop {

struct PlacedMachine {
    QRectF card;
    std::vector<QRectF> pods;  ///< parallel to MachineView::pods, as many as have room
    std::vector<QRectF> gpus;  ///< parallel to MachineView::gpus
    QRectF more;               ///< where "+12" stands when pods have no room; else empty
};

/// Where everything of a frame stands, in scene units: one unit is a pixel at zoom 1.
struct TopologyLayout {
    QRectF bounds;
    std::vector<PlacedMachine> machines;  ///< parallel to Frame::machines
    std::vector<QRectF> switches;         ///< parallel to Frame::switches
    std::vector<QPainterPath> links;      ///< parallel to Frame::links; empty when an end is unknown
};

/// Whether any machine is a node of Kubernetes; otherwise these are plain servers.
bool hasCluster(const sim::Frame& frame);

/// Rows from top to bottom: control plane and services, switches, workers or plain servers, GPU nodes, what belongs to
/// others. Rows break so that the whole comes near `aspect` (width / height).
TopologyLayout layOut(const sim::Frame& frame, double aspect);

/// The topmost thing at a point, and the rectangle of a thing (empty when it is not in the picture).
Selection thingAt(const TopologyLayout& layout, const sim::Frame& frame, QPointF point);
QRectF rectOf(const TopologyLayout& layout, const sim::Frame& frame, const Selection& selection);
QString podKey(const sim::PodView& pod);

} // namespace app::desktop
