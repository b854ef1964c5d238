#pragma once

#include "core/session/host_detail.h"

#include <QHash>
#include <QString>

class QWidget;

namespace app::desktop {

class LabClient;

/// What a page has told grading of, so that it tells only what is new: when a part is first seen, and when its shape has
/// changed, every few seconds at most.
class ToldReadings {
public:
    /// Tells a reading that is new, while the page can be seen. `slot`: one of the parts of the page.
    void tell(LabClient& client, const QWidget& page, const QString& slot, const core::session::Reading& reading, sim::Instant now);
    void clear() { m_told.clear(); }

private:
    struct Told {
        QString shape;
        sim::Instant at{};
    };
    /// True: it is to be told, and counts as told.
    bool isNew(const QString& slot, const core::session::Reading& reading, sim::Instant now);

    QHash<QString, Told> m_told; ///< by slot
};

} // namespace app::desktop
