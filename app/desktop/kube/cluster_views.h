#pragma once

#include "app/desktop/kube/kube_view.h"

#include <QStackedWidget>

#include <optional>


namespace app::desktop {

class DecisionView;
class EtcdView;
class HeaderTabs;
class OwnerView;
class PathView;
class ReconcileView;
class TopologyCanvas;
class YamlView;

/// The cluster panel's pages: the picture of the machines, and the views into the control plane. Only the open page
/// gets frames, and only what it shows is worked out.
class ClusterViews : public QStackedWidget {
    Q_OBJECT

public:
    enum class Page { Map, Owners, Reconcile, Scheduling, Path, Etcd, Yaml };
    static constexpr int kPageCount = 7;

    ClusterViews(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Another lab: nothing that was chosen counts.
    void restart();
    Page page() const { return static_cast<Page>(currentIndex()); }
    /// The tabs stand in the panel's header.
    HeaderTabs* tabs() { return m_tabs; }
    TopologyCanvas& canvas() { return *m_canvas; }
    OwnerView& owners() { return *m_owners; }
    ReconcileView& reconcile() { return *m_reconcile; }
    DecisionView& decisions() { return *m_decisions; }
    PathView& path() { return *m_path; }
    EtcdView& etcd() { return *m_etcd; }
    YamlView& yaml() { return *m_yaml; }

public slots:
    void openPage(app::desktop::ClusterViews::Page page);
    void openDecision(const QString& pod);
    void openPath(const QString& from);
    void openOwners(const app::desktop::ObjectName& object);
    void openYaml(const app::desktop::ObjectName& object);

signals:
    void selected(const app::desktop::Selection& selection);
    void pageOpened(app::desktop::ClusterViews::Page page);
    /// Somebody opens a page: whatever stands before these pages gives way.
    void frontWanted();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void retranslate();
    void offerPages(bool cluster);
    void switchTo(int index);
    void askAgain();
    KubeView* view(int index) const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    core::session::KubeInterest m_asked;
    HeaderTabs* m_tabs = nullptr;
    TopologyCanvas* m_canvas = nullptr;
    OwnerView* m_owners = nullptr;
    ReconcileView* m_reconcile = nullptr;
    DecisionView* m_decisions = nullptr;
    PathView* m_path = nullptr;
    EtcdView* m_etcd = nullptr;
    YamlView* m_yaml = nullptr;
    std::optional<bool> m_offered; ///< whether the pages are those of a cluster
};

} // namespace app::desktop
