#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/frame.h"

#include <QWidget>

namespace app::desktop {

/// The five steps of an incident, the finished ones ticked, the present one lit.
class StepList : public QWidget {
    Q_OBJECT

public:
    explicit StepList(Look& look, QWidget* parent = nullptr);

    void setStep(core::session::IncidentView::Step step);
    static QString title(core::session::IncidentView::Step step);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();

    Look& m_look;
    core::session::IncidentView::Step m_step = core::session::IncidentView::Step::Acknowledge;
};

} // namespace app::desktop
