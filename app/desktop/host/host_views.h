#pragma once

#include "app/desktop/host/host_view.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace app::desktop {

class BootView;
class ElidedLabel;
class FlameView;
class GroupView;
class HeaderTabs;
class HookView;
class LayerView;
class LiveView;

/// The pages that look into one machine, beside ClusterViews in the same panel. One machine is chosen for all of them.
class HostViews : public QWidget {
    Q_OBJECT

public:
    enum class Page { Machine, Groups, Images, Hooks, Flames, Boot };
    static constexpr int kPageCount = 6;

    HostViews(Look& look, LabClient& client, QWidget* parent = nullptr);
    ~HostViews() override;

    void setFrame(const FramePtr& frame);
    /// Another lab: nothing that was chosen counts.
    void restart();
    Page page() const;
    /// The tabs stand in the panel's header.
    HeaderTabs* tabs() { return m_tabs; }
    QString machine() const { return m_machine; }
    LiveView& machinePage() { return *m_machinePage; }
    GroupView& groups() { return *m_groups; }
    LayerView& images() { return *m_images; }
    HookView& hooks() { return *m_hooks; }
    FlameView& flames() { return *m_flames; }
    BootView& boot() { return *m_boot; }

public slots:
    void openPage(app::desktop::HostViews::Page page);
    void chooseMachine(const QString& name);

signals:
    void pageOpened(app::desktop::HostViews::Page page);
    /// Somebody opens a page: whatever stands before these pages gives way.
    void frontWanted();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void retranslate();
    void switchTo(int index);
    void askAgain();
    void fillMachines(const std::vector<std::string>& names);
    void showDetail(const core::session::HostDetail& detail);
    void showFacts();
    HostView* view(int index) const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QString m_machine; ///< empty: none yet
    QStringList m_names;
    core::session::HostInterest m_asked;
    HeaderTabs* m_tabs = nullptr;
    QLabel* m_machineLabel = nullptr;
    QComboBox* m_machines = nullptr;
    ElidedLabel* m_facts = nullptr;
    QStackedWidget* m_pages = nullptr; ///< the views, then the note
    QLabel* m_nothing = nullptr;
    LiveView* m_machinePage = nullptr;
    GroupView* m_groups = nullptr;
    LayerView* m_images = nullptr;
    HookView* m_hooks = nullptr;
    FlameView* m_flames = nullptr;
    BootView* m_boot = nullptr;
};

} // namespace app::desktop
