#pragma once

#include "app/desktop/host/row_model.h"
#include "app/desktop/host/told_readings.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "core/session/storage_detail.h"

#include <QWidget>

#include <array>

class QButtonGroup;
class QLabel;
class QScrollArea;
class QStackedWidget;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
class PartStack;
class PlacementPicture;
class RowTree;

/// The storage cluster: the fourth side of the cluster panel. Health above; below it machines, OSDs and placement groups as a
/// picture or as tables, clients, pools, and the checks in words. With much room the last three stand beside the picture.
class StorageView : public QWidget {
    Q_OBJECT

public:
    enum class Part { Map, Osds, Groups, Clients, Pools, Health };
    static constexpr int kPartCount = 6;

    StorageView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Another lab: nothing that was chosen counts.
    void restart();
    /// Takes the keys.
    void open();
    void openPart(Part part);
    Part part() const;
    PlacementPicture& picture() { return *m_picture; }
    RowModel& osds() { return m_osdModel; }
    RowModel& groups() { return m_groupModel; }
    RowModel& clients() { return m_clientModel; }
    RowModel& pools() { return m_poolModel; }
    QString summary() const { return m_summaryShown; }
    QString healthWords() const { return m_healthShown; }

signals:
    /// Somebody opens the page: whatever stands before it gives way.
    void frontWanted();
    /// The page of that machine, or a terminal on it.
    void machineWanted(const QString& machine);
    void shellWanted(const QString& machine);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void arrange();
    bool roomy() const;
    bool shown(Part part) const;
    void askAgain();
    void showDetail();
    void showReadOut();
    void fillTables();
    QString summaryWords() const;
    QString silenceWords() const;
    QString healthText() const;
    void note(const QString& slot, const core::session::Reading& reading);
    void noteShown();
    QWidget* boxed(QLabel* title, QWidget* matter);

    Look& m_look;
    LabClient& m_client;
    ToldReadings m_told;
    std::shared_ptr<const core::session::StorageDetail> m_detail;
    sim::Instant m_now{};
    bool m_asked = false;
    QString m_summaryShown, m_healthShown;
    RowModel m_osdModel, m_groupModel, m_clientModel, m_poolModel;
    QLabel* m_summary = nullptr;
    QWidget* m_partRow = nullptr;
    QButtonGroup* m_parts = nullptr;
    QStackedWidget* m_rest = nullptr; ///< the parts, or why there are none
    QLabel* m_nothing = nullptr;
    PartStack* m_left = nullptr;      ///< map, OSDs, groups
    QWidget* m_right = nullptr;
    std::array<QWidget*, 3> m_boxes{}; ///< clients, pools, health
    std::array<QLabel*, 3> m_titles{};
    PlacementPicture* m_picture = nullptr;
    QScrollArea* m_scroll = nullptr;
    RowTree* m_osdTable = nullptr;
    RowTree* m_groupTable = nullptr;
    RowTree* m_clientTable = nullptr;
    RowTree* m_poolTable = nullptr;
    QLabel* m_health = nullptr;
    QScrollArea* m_healthScroll = nullptr;
    QWidget* m_foot = nullptr;
    ElidedLabel* m_readOut = nullptr;
    QToolButton* m_machine = nullptr;
    QToolButton* m_shell = nullptr;
};

} // namespace app::desktop
