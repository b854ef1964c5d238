#pragma once

#include "app/desktop/charts/signal_kinds.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QTimer>
#include <QWidget>

#include <array>
#include <optional>

class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
class SignalChart;
class SignalTableModel;

/// The charts under one another with one cursor through all of them, and their table twin.
class SignalsPanel : public QWidget {
    Q_OBJECT

public:
    SignalsPanel(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Overlays another branch's success; nothing: no comparison.
    void setCompared(std::optional<int> branch);
    QToolButton* tableButton() const { return m_tableButton; }

protected:
    void showEvent(QShowEvent* event) override;

private:
    void retranslate();
    void showFrame();
    void showLegend();
    void moveCursor(std::optional<sim::Instant> at);
    void showTable(bool table);
    void noteReadOut();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    std::optional<int> m_compared;
    std::optional<sim::Instant> m_cursor;
    std::array<SignalChart*, kSignals.size()> m_charts{};
    std::array<ElidedLabel*, kSignals.size()> m_titles{};
    std::array<QLabel*, kSignals.size()> m_values{};
    QLabel* m_legend = nullptr;
    QLabel* m_span = nullptr; ///< the time that all charts show
    QStackedWidget* m_pages = nullptr;
    SignalTableModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QToolButton* m_tableButton = nullptr;
    QTimer m_rest; ///< the cursor has rested: what it read counts as seen
    const void* m_shownValues = nullptr;
    std::size_t m_shownMarks = 0;
};

} // namespace app::desktop
