#include "app/desktop/host/host_view.h"

namespace app::desktop {

namespace {

constexpr int kLeastMatter = 150;

} // namespace

HostView::HostView(Look& look, LabClient& client, QWidget* parent) : QWidget(parent), m_look(look), m_client(client)
{ }

RestStack::RestStack(Look& look, QWidget* parent) : QStackedWidget(parent), m_look(look)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize RestStack::minimumSizeHint() const
{
    return {m_look.scaled(kLeastMatter), m_look.scaled(kLeastMatter)};
}

void HostView::note(const QString& slot, const core::session::Reading& reading, sim::Instant now)
{
    m_told.tell(m_client, *this, slot, reading, now);
}

} // namespace app::desktop
