#pragma once

#include "core/session/host_detail.h"

#include <QHash>
#include <QString>

namespace app::desktop {

/// What a page has told grading of, so that it tells only what is new: when a part is first seen, and when its shape has
/// changed, every few seconds at most.
class ToldReadings {
public:
    /// `slot`: one of the parts of the page. True: the reading is to be told, and counts as told.
    bool isNew(const QString& slot, const core::session::Reading& reading, sim::Instant now);
    void clear() { m_told.clear(); }

private:
    struct Told {
        QString shape;
        sim::Instant at{};
    };
    QHash<QString, Told> m_told; ///< by slot
};

} // namespace app::desktop
