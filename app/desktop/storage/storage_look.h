#pragma once

#include "app/desktop/theme/tokens.h"
#include "core/session/storage_detail.h"

#include <QCoreApplication>
#include <QString>

namespace app::desktop {

/// How the storage cluster is coloured and put into words, alike in its picture and its tables.
class StorageLook {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::StorageLook)

public:
    /// What a placement group's state comes to, from worst to best.
    enum class Kind {
        Damaged,    ///< copies differ
        Inactive,   ///< serves nobody
        Peering,    ///< its members agree on what they hold
        Obstructed, ///< no room for what it misses
        Degraded,   ///< fewer copies than wanted, nothing moves yet
        Moving,     ///< recovery or backfill
        Misplaced,  ///< all copies there, not all where they belong
        Scrubbing,
        Clean,
    };
    static Kind kindOf(sim::storage::ceph::PgStates states);
    static QColor color(const Tokens& tokens, Kind kind);
    static sim::Health health(Kind kind);
    static QString meaning(Kind kind); ///< in a sentence
    /// What a health check means, and where one looks next; empty: nothing is known of it.
    static QString meaning(const std::string& check);

    static QString osdState(const core::session::StorageOsd& osd); ///< "up, in", "down, out"
    static QString space(core::session::StorageOsd::Space space);  ///< "nearfull"; empty: fine
    /// Words that Ceph's commands use where they have one: "leader", "standby", "up:replay".
    static QString daemonState(const core::session::StorageDaemon& daemon);
    static QString daemonName(const core::session::StorageDaemon& daemon); ///< "mon.storage-1"
    static QString osdList(const std::vector<std::int32_t>& osds); ///< "[1,2,0]"
    static QString milliseconds(double seconds); ///< "0.7 ms", "58 ms", "1.3 s"
    static QString rate(double bytesPerSecond);  ///< "412 MiB/s"
    /// Where a commit latency stands on the ramp: 1 ms to 100 ms, by order of magnitude.
    static double latencyShare(double seconds);
    /// "412 MiB/s, about 3 min 10 s left"; empty: nothing is copied.
    static QString recovery(const core::session::StorageDetail& detail);
};

} // namespace app::desktop
