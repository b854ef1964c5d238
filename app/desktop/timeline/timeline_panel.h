#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

#include <optional>

class QButtonGroup;
class QHBoxLayout;
class QPushButton;

namespace app::desktop {

class ElidedLabel;
class TimelineBar;

/// The strip under everything: the timeline, the branches to switch between, branch and compare.
class TimelinePanel : public QWidget {
    Q_OBJECT

public:
    TimelinePanel(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    TimelineBar* bar() const { return m_bar; }

public slots:
    void branchHere();
    void toggleCompare();

signals:
    void comparedChanged(std::optional<int> branch);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void rewind(sim::Instant to);
    void switchTo(int branch);
    void compare(bool on);
    void showBranches();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    TimelineBar* m_bar = nullptr;
    QHBoxLayout* m_branchRow = nullptr;
    QButtonGroup* m_branches = nullptr;
    ElidedLabel* m_words = nullptr;
    QPushButton* m_branch = nullptr;
    QPushButton* m_compare = nullptr;
    int m_shown = 0;
    int m_current = -1;
};

} // namespace app::desktop
