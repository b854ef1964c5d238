#include "app/desktop/host/host_view.h"

namespace app::desktop {

namespace {

constexpr sim::Duration kNotedEvery = std::chrono::seconds(5);
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
    QString shape = QString::fromStdString(reading.shape);
    for (const std::string& read : reading.reads)
        shape += QLatin1Char('|') + QString::fromStdString(read);
    const auto before = m_noted.constFind(slot);
    if (!isVisible() || reading.reads.empty())
        return;
    if (before != m_noted.constEnd()
        && (before->shape == shape || (now >= before->at && now - before->at < kNotedEvery)))
        return;
    m_noted[slot] = {shape, now};
    m_client.observe(reading.what, reading.text, reading.reads);
}

} // namespace app::desktop
