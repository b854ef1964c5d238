#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

class QButtonGroup;
class QToolButton;

namespace app::desktop {

/// Step back, pause or go on, step forward, and the four speeds.
class ClockControls : public QWidget {
    Q_OBJECT

public:
    ClockControls(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Shows only the speed that is set, where there is little room; the keys still change it.
    void setCompact(bool compact);

public slots:
    void togglePause();
    void stepBack();
    void stepForward();
    void faster();
    void slower();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void chooseSpeed(int index);
    void showPaused();
    void showSpeeds();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QToolButton* m_back = nullptr;
    QToolButton* m_pause = nullptr;
    QToolButton* m_step = nullptr;
    QButtonGroup* m_speeds = nullptr;
    bool m_paused = true;
    bool m_compact = false;
};

} // namespace app::desktop
