#include "app/desktop/storage/storage_look.h"

#include "app/desktop/theme/wording.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

namespace ceph = sim::storage::ceph;
using core::session::StorageDaemon;
using core::session::StorageOsd;

namespace {

struct CheckMeaning {
    const char* code;
    const char* text;
};

// After the health checks of docs.ceph.com (Reef), in our words.
constexpr std::array kCheckMeanings{
    CheckMeaning{"MON_DOWN", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "A monitor is not in the quorum. The cluster works as long as more than half of them agree; one more loss may stop it.")},
    CheckMeaning{"MON_CLOCK_SKEW", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Monitors' clocks differ by more than they may. Leases expire too early or too late then: look at time synchronisation on that machine.")},
    CheckMeaning{"MGR_DOWN", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "No manager is active: figures and metrics stand still. Data is served as before.")},
    CheckMeaning{"MDS_ALL_DOWN", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "No metadata server holds the file system: nobody can open, create or list files. What is stored is safe.")},
    CheckMeaning{"FS_DEGRADED", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "A metadata server is taking the file system over; clients wait until it is active.")},
    CheckMeaning{"MDS_SLOW_METADATA_IO", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "The metadata server waits for OSDs: its own pool is slow or not served.")},
    CheckMeaning{"MDS_INSUFFICIENT_STANDBY", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Nobody would take over if the metadata server failed.")},
    CheckMeaning{"OSD_DOWN", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "OSDs that should hold data do not run or cannot be reached. After ten minutes they are marked out and their data is copied elsewhere.")},
    CheckMeaning{"OSD_HOST_DOWN", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "All OSDs of a machine are down: rather the machine or its network than its drives.")},
    CheckMeaning{"OSDMAP_FLAGS", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Somebody has set flags that keep the cluster from doing something; pause stops all clients. They stay until they are unset.")},
    CheckMeaning{"OSD_FULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "An OSD has passed the full line: no pool that lies on it takes another byte.")},
    CheckMeaning{"OSD_BACKFILLFULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "An OSD has passed the backfillfull line: no data is moved there any more.")},
    CheckMeaning{"OSD_NEARFULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "An OSD has passed the nearfull line. Delete data or add drives before it gets worse.")},
    CheckMeaning{"POOL_FULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Writes to these pools wait or fail until there is room on their fullest OSD.")},
    CheckMeaning{"POOL_BACKFILLFULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "The fullest OSD of these pools takes no moved data.")},
    CheckMeaning{"POOL_NEARFULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "The fullest OSD of these pools is nearly full.")},
    CheckMeaning{"PG_AVAILABILITY", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Placement groups serve nobody: who reads or writes what lies there waits.")},
    CheckMeaning{"PG_DEGRADED", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Objects have fewer copies than their pool wants. They are served, but another loss weighs more.")},
    CheckMeaning{"PG_BACKFILL_FULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Data cannot be moved where it belongs: there is no room.")},
    CheckMeaning{"PG_RECOVERY_FULL", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Missing copies cannot be made again: there is no room.")},
    CheckMeaning{"PG_DAMAGED", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "A scrub has found copies that differ. A repair takes the copy that the checksums prove right.")},
    CheckMeaning{"OSD_SCRUB_ERRORS", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "So many objects differ between copies; the groups are named under PG_DAMAGED.")},
    CheckMeaning{"SLOW_OPS", QT_TRANSLATE_NOOP("app::desktop::StorageLook", "Requests have waited for more than 30 s. An OSD complains for all copies of the groups that it leads: the slow one may be another member, or the way to it.")},
};

} // namespace

StorageLook::Kind StorageLook::kindOf(ceph::PgStates states)
{
    const auto any = [&](ceph::PgStates bits) { return (states & bits) != 0; };
    if (any(ceph::kInconsistent))
        return Kind::Damaged;
    if (any(ceph::kPeering) && !any(ceph::kStale))
        return Kind::Peering;
    if (!any(ceph::kActive) || any(ceph::kStale))
        return Kind::Inactive;
    if (any(ceph::kBackfillTooFull | ceph::kRecoveryTooFull))
        return Kind::Obstructed;
    if (any(ceph::kRecovering | ceph::kBackfilling))
        return Kind::Moving;
    if (any(ceph::kDegraded | ceph::kUndersized))
        return Kind::Degraded;
    if (any(ceph::kRemapped | ceph::kBackfillWait | ceph::kRecoveryWait))
        return Kind::Misplaced;
    return any(ceph::kScrubbing) ? Kind::Scrubbing : Kind::Clean;
}

QColor StorageLook::color(const Tokens& tokens, Kind kind)
{
    switch (kind) {
    case Kind::Damaged:
    case Kind::Inactive: return tokens.critical;
    case Kind::Peering: return mixed(tokens.panel, tokens.muted, 0.55);
    case Kind::Obstructed:
    case Kind::Degraded: return tokens.warn;
    case Kind::Moving: return tokens.accent;
    case Kind::Misplaced: return mixed(tokens.panel, tokens.accent, tokens.dark ? 0.5 : 0.45);
    case Kind::Scrubbing:
    case Kind::Clean: return mixed(tokens.panel, tokens.ok, tokens.dark ? 0.6 : 0.55);
    }
    return tokens.muted;
}

sim::Health StorageLook::health(Kind kind)
{
    switch (kind) {
    case Kind::Damaged:
    case Kind::Inactive: return sim::Health::Critical;
    case Kind::Peering: return sim::Health::Unknown;
    case Kind::Obstructed:
    case Kind::Degraded: return sim::Health::Warn;
    case Kind::Moving:
    case Kind::Misplaced:
    case Kind::Scrubbing:
    case Kind::Clean: return sim::Health::Ok;
    }
    return sim::Health::Unknown;
}

QString StorageLook::meaning(Kind kind)
{
    switch (kind) {
    case Kind::Damaged: return tr("copies differ");
    case Kind::Inactive: return tr("serves nobody");
    case Kind::Peering: return tr("its OSDs agree on what they hold");
    case Kind::Obstructed: return tr("no room for the copies that it misses");
    case Kind::Degraded: return tr("fewer copies than wanted");
    case Kind::Moving: return tr("copies are being made");
    case Kind::Misplaced: return tr("all copies there, not all where they belong");
    case Kind::Scrubbing: return tr("copies are being compared");
    case Kind::Clean: return tr("all copies where they belong");
    }
    return {};
}

QString StorageLook::meaning(const std::string& check)
{
    const auto found = std::find_if(kCheckMeanings.begin(), kCheckMeanings.end(), [&](const CheckMeaning& one) { return check == one.code; });
    return found == kCheckMeanings.end() ? QString() : tr(found->text);
}

QString StorageLook::osdState(const StorageOsd& osd)
{
    return QLatin1String(osd.up ? "up, " : "down, ") + QLatin1String(osd.in ? "in" : "out");
}

QString StorageLook::space(StorageOsd::Space space)
{
    static constexpr std::array kWords{"", "nearfull", "backfillfull", "full"};
    return QLatin1String(kWords[static_cast<std::size_t>(space)]);
}

QString StorageLook::daemonState(const StorageDaemon& daemon)
{
    const bool monitor = daemon.kind == StorageDaemon::Kind::Monitor;
    switch (daemon.state) {
    case StorageDaemon::State::Leader: return tr("leads the quorum");
    case StorageDaemon::State::Member: return tr("in the quorum");
    case StorageDaemon::State::Active: return QStringLiteral("active");
    case StorageDaemon::State::Standby: return QStringLiteral("standby");
    case StorageDaemon::State::Starting: return tr("takes over (%1)").arg(QString::fromStdString(daemon.word));
    case StorageDaemon::State::Gone:
        return !monitor ? tr("gone") : daemon.health == sim::Health::Unknown ? tr("nothing is heard of it") : tr("out of the quorum");
    }
    return {};
}

QString StorageLook::daemonName(const StorageDaemon& daemon)
{
    static constexpr std::array kKinds{"mon", "mgr", "mds"};
    return QStringLiteral("%1.%2").arg(QLatin1String(kKinds[static_cast<std::size_t>(daemon.kind)]), QString::fromStdString(daemon.name));
}

QString StorageLook::osdList(const std::vector<std::int32_t>& osds)
{
    QStringList words;
    for (const std::int32_t osd : osds)
        words += QString::number(osd);
    return QStringLiteral("[%1]").arg(words.join(QLatin1Char(',')));
}

QString StorageLook::milliseconds(double seconds)
{
    const double ms = seconds * 1e3;
    if (ms >= 1000)
        return QStringLiteral("%1 s").arg(seconds, 0, 'f', 1);
    return QStringLiteral("%1 ms").arg(ms, 0, 'f', ms < 9.95 ? 1 : 0);
}

QString StorageLook::rate(double bytesPerSecond)
{
    return Wording::bytes(bytesPerSecond) + QStringLiteral("/s");
}

double StorageLook::latencyShare(double seconds)
{
    constexpr double kCool = 1e-3;
    constexpr double kDecades = 2;
    return std::clamp(std::log10(std::max(seconds, kCool) / kCool) / kDecades, 0.0, 1.0);
}

QString StorageLook::recovery(const core::session::StorageDetail& detail)
{
    if (detail.recoveredBytesPerSecond < 1)
        return {};
    const QString pace = rate(detail.recoveredBytesPerSecond);
    if (detail.toCopyBytes <= 0)
        return pace;
    const double seconds = static_cast<double>(detail.toCopyBytes) / detail.recoveredBytesPerSecond;
    constexpr double kFewSeconds = 5;
    return tr("%1, about %2 left").arg(pace, Wording::duration(std::max(kFewSeconds, std::round(seconds / kFewSeconds) * kFewSeconds)));
}

} // namespace app::desktop
