#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QScrollArea;

namespace app::desktop {

/// After the incident: the score and why, the clocks, what was known when, the true cause.
class DebriefPage : public QWidget {
    Q_OBJECT

public:
    explicit DebriefPage(Look& look, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);

signals:
    void saveReplayChosen();
    void tryAgainChosen();
    void nextChosen();
    void labChosen();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void rebuild();
    QWidget* scoreCard(const core::session::GradeView& grade);
    QWidget* partsCard(const core::session::GradeView& grade);
    QWidget* timelineCard(const core::session::GradeView& grade);
    QWidget* causeCard(const core::session::GradeView& grade);

    Look& m_look;
    FramePtr m_frame;
    QScrollArea* m_scroll = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_again = nullptr;
    QPushButton* m_lab = nullptr;
    QPushButton* m_next = nullptr;
};

} // namespace app::desktop
