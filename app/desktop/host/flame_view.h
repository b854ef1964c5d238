#pragma once

#include "app/desktop/host/host_view.h"
#include "app/desktop/host/row_model.h"

class QButtonGroup;
class QComboBox;
class QLabel;
class QLineEdit;
class QScrollArea;
class QStackedWidget;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
class FlamePicture;
class RowTree;

/// Where one program of the machine spends its time, its memory and its waiting.
class FlameView : public HostView {
    Q_OBJECT

public:
    FlameView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void choose(core::session::FlameKind kind);
    void chooseProgram(std::int64_t pid);
    FlamePicture& picture() { return *m_picture; }
    QString nothing() const;

private:
    void retranslate();
    void fillPrograms();
    void showDetail();
    void showFoot();
    void showTable();
    QString emptyText() const;

    std::shared_ptr<const core::session::FlamesDetail> m_detail;
    sim::Instant m_now{};
    std::int64_t m_pid = 0;
    core::session::FlameKind m_kind = core::session::FlameKind::Cpu;
    RowModel m_functions;
    QLabel* m_programLabel = nullptr;
    QComboBox* m_program = nullptr;
    QButtonGroup* m_kinds = nullptr;
    QComboBox* m_span = nullptr;
    QLineEdit* m_search = nullptr;
    QToolButton* m_reset = nullptr;
    QToolButton* m_asTable = nullptr;
    QStackedWidget* m_stack = nullptr; ///< graph, table, nothing
    QScrollArea* m_scroll = nullptr;
    FlamePicture* m_picture = nullptr;
    RowTree* m_table = nullptr;
    QLabel* m_nothing = nullptr;
    ElidedLabel* m_foot = nullptr;
    QLabel* m_legend = nullptr;
};

} // namespace app::desktop
