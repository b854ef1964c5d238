#pragma once

#include "app/desktop/host/told_readings.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QStackedWidget>

namespace app::desktop {

/// Shows the matter of a page: it takes the height that is left, down to a least one; then the page scrolls.
class RestStack : public QStackedWidget {
public:
    RestStack(Look& look, QWidget* parent);

    QSize sizeHint() const override { return minimumSizeHint(); }
    QSize minimumSizeHint() const override;

private:
    Look& m_look;
};

/// A page that looks into one machine. It gets details only while it is open, and they hold only what it asks for.
class HostView : public QWidget {
    Q_OBJECT

public:
    HostView(Look& look, LabClient& client, QWidget* parent);

    /// The details of the chosen machine, which answers unless the page shows those that do not too (`showsSilent`).
    virtual void setDetail(const core::session::HostDetail& detail, sim::Instant now) = 0;
    /// What it wants to see while it is open; the machine is already chosen.
    virtual void ask(core::session::HostInterest& interest) const = 0;
    /// The control that takes the keys when the page opens.
    virtual QWidget* firstControl() = 0;
    /// Of a machine that is down there is something to show.
    virtual bool showsSilent() const { return false; }
    /// Another machine: what was chosen on the last one counts no more.
    virtual void restart() { m_told.clear(); }

signals:
    void interestChanged();

protected:
    /// Tells grading what is shown, once (ToldReadings). `slot`: one of the parts of the page.
    void note(const QString& slot, const core::session::Reading& reading, sim::Instant now);

    Look& m_look;
    LabClient& m_client;

private:
    ToldReadings m_told;
};

} // namespace app::desktop
