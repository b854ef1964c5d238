#pragma once

#include "app/desktop/host/host_view.h"
#include "app/desktop/host/row_model.h"

class QButtonGroup;
class QCheckBox;
class QLabel;
class QLineEdit;
class QStackedWidget;

namespace app::desktop {

class RowTree;

/// The control groups of a machine with what they may use and do use, and its namespaces with who shares them.
class GroupView : public HostView {
    Q_OBJECT

public:
    enum class Part { Groups, Namespaces };

    GroupView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void openPart(Part part);
    RowModel& groups() { return m_groupModel; }
    RowModel& namespaces() { return m_namespaceModel; }
    RowTree& groupTable() { return *m_groupTable; }

private:
    void retranslate();
    void showDetail();
    void showGroups();
    void showNamespaces();
    void showReadOut();
    Row rowOf(const core::session::GroupDetail& group) const;

    std::shared_ptr<const core::session::GroupsDetail> m_detail;
    sim::Instant m_now{};
    RowModel m_groupModel, m_namespaceModel;
    QButtonGroup* m_parts = nullptr;
    QLineEdit* m_filter = nullptr;
    QCheckBox* m_limited = nullptr;
    QStackedWidget* m_stack = nullptr;
    RowTree* m_groupTable = nullptr;
    RowTree* m_namespaceTable = nullptr;
    QLabel* m_readOut = nullptr;
};

} // namespace app::desktop
