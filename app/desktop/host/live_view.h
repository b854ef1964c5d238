#pragma once

#include "app/desktop/host/host_view.h"
#include "app/desktop/host/row_model.h"

class QButtonGroup;
class QGridLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace app::desktop {

class FiguresPicture;
class RowTree;

/// One machine, live: figures above, below them processes, disks, sockets and the kernel's log. With little room one of
/// these shows, with much all of them.
class LiveView : public HostView {
    Q_OBJECT

public:
    enum class Part { Processes, Disks, Sockets, Kernel };
    static constexpr int kPartCount = 4;

    LiveView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void openPart(Part part);
    void setTree(bool tree);
    RowModel& processes() { return m_processModel; }
    RowModel& sockets() { return m_socketModel; }
    RowTree& processTable() { return *m_processTable; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void retranslate();
    void arrange();
    bool roomy() const;
    bool partShown(Part part) const;
    void showDetail();
    void showProcesses();
    void showDisks();
    void showSockets();
    void showKernelLog();
    QWidget* buildPart(QLabel* title, QWidget* above, QWidget* table);

    std::shared_ptr<const core::session::MachineDetail> m_detail;
    sim::Instant m_now{};
    bool m_tree = false;
    int m_arranged = -1; ///< part that shows alone, kPartCount: all
    RowModel m_processModel, m_diskModel, m_socketModel, m_kernelModel;
    FiguresPicture* m_figures = nullptr;
    QButtonGroup* m_parts = nullptr;
    QWidget* m_partRow = nullptr;
    QLineEdit* m_filter = nullptr;
    QToolButton* m_treeButton = nullptr;
    QToolButton* m_kernelThreads = nullptr;
    QLabel* m_diskFacts = nullptr;
    QGridLayout* m_grid = nullptr;
    QList<QLabel*> m_titles;
    QList<QWidget*> m_boxes;
    RowTree* m_processTable = nullptr;
    RowTree* m_diskTable = nullptr;
    RowTree* m_socketTable = nullptr;
    RowTree* m_kernelTable = nullptr;
};

} // namespace app::desktop
