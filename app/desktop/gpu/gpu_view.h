#pragma once

#include "app/desktop/host/told_readings.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "core/session/gpu_detail.h"

#include <QWidget>

namespace app::desktop {

/// A page about GPUs, their machines or their network. It gets details only while it is open, and they hold only what it asks for.
class GpuView : public QWidget {
    Q_OBJECT

public:
    GpuView(Look& look, LabClient& client, QWidget* parent);

    virtual void setDetail(const core::session::GpuDetail& detail, sim::Instant now) = 0;
    /// What it wants to see while it is open.
    virtual void ask(core::session::GpuInterest& interest) const = 0;
    /// The control that takes the keys when the page opens.
    virtual QWidget* firstControl() = 0;
    /// Another lab: nothing that was chosen counts.
    virtual void restart() { m_told.clear(); }

signals:
    void interestChanged();
    /// The page of that machine.
    void nodeWanted(const QString& machine);

protected:
    /// Tells grading what is shown, once (ToldReadings). `slot`: one of the parts of the page.
    void note(const QString& slot, const core::session::Reading& reading, sim::Instant now);

    Look& m_look;
    LabClient& m_client;

private:
    ToldReadings m_told;
};

} // namespace app::desktop
