#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

#include <utility>

class QButtonGroup;
class QPushButton;
class QToolButton;

namespace app::desktop {

class Chip;
class ClockControls;
class ElidedLabel;

/// Title and phase on the left; what hurts, what it costs, the clock and the next step on the right.
class TitleLine : public QWidget {
    Q_OBJECT

public:
    TitleLine(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// A page without a running lab: title only.
    void showPage(const QString& title, const QString& subtitle);
    void showLab();

    /// Less than the parts need: with large text the less important ones make room.
    QSize minimumSizeHint() const override;

signals:
    void acknowledgeChosen();
    void diagnoseChosen();
    void closeChosen();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class Primary { None, Acknowledge, NameCause, Close };

    void retranslate();
    void showFrame();
    void makeRoom();
    void press();
    static Primary primaryFor(const core::session::Frame& frame);

    Look& m_look;
    FramePtr m_frame;
    bool m_labShown = false;
    Primary m_primary = Primary::None;
    std::pair<int, int> m_room; ///< what makeRoom() has last dealt with: left over, needed by the cost
    ElidedLabel* m_title = nullptr;
    ElidedLabel* m_subtitle = nullptr;
    Chip* m_success = nullptr;
    Chip* m_cost = nullptr;
    ClockControls* m_controls = nullptr;
    Chip* m_clock = nullptr;
    QPushButton* m_button = nullptr;
};

} // namespace app::desktop
