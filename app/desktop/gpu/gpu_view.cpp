#include "app/desktop/gpu/gpu_view.h"

namespace app::desktop {

GpuView::GpuView(Look& look, LabClient& client, QWidget* parent) : QWidget(parent), m_look(look), m_client(client)
{ }

void GpuView::note(const QString& slot, const core::session::Reading& reading, sim::Instant now)
{
    m_told.tell(m_client, *this, slot, reading, now);
}

} // namespace app::desktop
