#pragma once

#include "app/desktop/gpu/gpu_view.h"

#include <QList>

class QLabel;
class QStackedWidget;

namespace app::desktop {

class FabricView;
class HeaderTabs;
class NodeView;
class RackView;
class RingView;
class TrainingView;

/// The pages about GPUs: the third side of the cluster panel, beside ClusterViews and HostViews. Only the open page asks for
/// details and gets them.
class GpuViews : public QWidget {
    Q_OBJECT

public:
    enum class Page { Racks, Node, Fabric, Training, Ring };
    static constexpr int kPageCount = 5;

    GpuViews(Look& look, LabClient& client, QWidget* parent = nullptr);
    ~GpuViews() override;

    void setFrame(const FramePtr& frame);
    /// Another lab: nothing that was chosen counts.
    void restart();
    Page page() const;
    /// The tabs stand in the panel's header.
    HeaderTabs* tabs() { return m_tabs; }
    RackView& racks() { return *m_racks; }
    NodeView& node() { return *m_node; }
    FabricView& fabric() { return *m_fabric; }
    TrainingView& training() { return *m_training; }
    RingView& ring() { return *m_ring; }

public slots:
    void openPage(app::desktop::GpuViews::Page page);
    void openNode(const QString& machine);

signals:
    void pageOpened(app::desktop::GpuViews::Page page);
    /// Somebody opens a page: whatever stands before these pages gives way.
    void frontWanted();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void retranslate();
    void switchTo(int index);
    void askAgain();
    GpuView* view(int index) const { return m_views[index]; }

    Look& m_look;
    LabClient& m_client;
    core::session::GpuInterest m_asked;
    HeaderTabs* m_tabs = nullptr;
    QStackedWidget* m_pages = nullptr; ///< the views, then the note
    QLabel* m_nothing = nullptr;
    RackView* m_racks = nullptr;
    NodeView* m_node = nullptr;
    FabricView* m_fabric = nullptr;
    TrainingView* m_training = nullptr;
    RingView* m_ring = nullptr;
    QList<GpuView*> m_views; ///< by Page
};

} // namespace app::desktop
