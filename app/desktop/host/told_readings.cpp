#include "app/desktop/host/told_readings.h"

#include "app/desktop/lab_client.h"

#include <QWidget>

namespace app::desktop {

namespace {

constexpr sim::Duration kToldEvery = std::chrono::seconds(5);

} // namespace

void ToldReadings::tell(LabClient& client, const QWidget& page, const QString& slot, const core::session::Reading& reading, sim::Instant now)
{
    if (page.isVisible() && isNew(slot, reading, now))
        client.observe(reading.what, reading.text, reading.reads);
}

bool ToldReadings::isNew(const QString& slot, const core::session::Reading& reading, sim::Instant now)
{
    if (reading.reads.empty())
        return false;
    QString shape = QString::fromStdString(reading.shape);
    for (const std::string& read : reading.reads)
        shape += QLatin1Char('|') + QString::fromStdString(read);
    const auto before = m_told.constFind(slot);
    if (before != m_told.constEnd() && (before->shape == shape || (now >= before->at && now - before->at < kToldEvery)))
        return false;
    m_told[slot] = {shape, now};
    return true;
}

} // namespace app::desktop
