#include "sim/storage/ceph/cluster.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>

// What is missing somewhere, who copies it, and what a placement group's state is called meanwhile.
namespace sim::storage::ceph {

namespace {

bool contains(const std::vector<std::int32_t>& osds, std::int32_t osd) { return std::find(osds.begin(), osds.end(), osd) != osds.end(); }

/// osd_max_backfills as mClock sets it, unless osd_mclock_override_recovery_settings lets others do so.
constexpr std::size_t kBackfillsOfMclock = 1;

} // namespace

bool Cluster::takesCopies(const Pg& pg, const Copy& copy) const
{
    const Osd& osd = m_osds[static_cast<std::size_t>(copy.osd)];
    return osd.up && osd.running && (contains(pg.up, copy.osd) || contains(pg.acting, copy.osd));
}

std::size_t Cluster::mostRecoveries(const Osd& osd) const
{
    const std::string daemon = fmt::format("osd.{}", osd.id);
    if (option(daemon, "osd_mclock_override_recovery_settings") != "true")
        return kBackfillsOfMclock;
    return static_cast<std::size_t>(std::max(0.0, numberOption(daemon, "osd_max_backfills")));
}

bool Cluster::followsLogOnly(const Pg& pg) const
{
    return std::any_of(pg.copies.begin(), pg.copies.end(), [&](const Copy& copy) { return copy.missingBytes > 0 && !copy.backfills && contains(pg.acting, copy.osd); });
}

bool Cluster::held(const Pg& pg) const
{
    if (followsLogOnly(pg))
        return flag(Flag::NoRecover);
    return flag(Flag::NoBackfill) || (flag(Flag::NoRebalance) && objects(pg).degraded == 0);
}

PgStates Cluster::obstacle(const Pg& pg) const
{
    const bool recovers = followsLogOnly(pg);
    const double most = recovers ? m_fullRatio : m_backfillFullRatio;
    for (const Copy& copy : pg.copies) {
        if (copy.missingBytes == 0 || !takesCopies(pg, copy))
            continue;
        const Osd& osd = m_osds[static_cast<std::size_t>(copy.osd)];
        if (static_cast<double>(osd.usedBytes + copy.missingBytes) >= most * static_cast<double>(osd.device.bytes))
            return recovers ? kRecoveryTooFull : kBackfillTooFull;
    }
    return 0;
}

bool Cluster::answersFor(const Pg& pg) const
{
    if (pg.acting.empty())
        return false;
    const Osd& leads = m_osds[static_cast<std::size_t>(pg.acting.front())];
    return std::all_of(pg.acting.begin(), pg.acting.end(), [&](std::int32_t id) {
        const Osd& osd = m_osds[static_cast<std::size_t>(id)];
        return osd.running && m_hosts[leads.host].reaches[osd.host] && m_hosts[osd.host].reaches[leads.host];
    });
}

void Cluster::reserve()
{
    for (Osd& osd : m_osds)
        osd.recoveries = 0;
    const auto missing = [&](const Pg& pg) { // also below min_size: osd_allow_recovery_below_min_size
        return (pg.states & (kActive | kPeered)) != 0 && answersFor(pg)
            && std::any_of(pg.copies.begin(), pg.copies.end(), [&](const Copy& copy) { return copy.missingBytes > 0 && takesCopies(pg, copy); });
    };
    const auto take = [&](Pg& pg) {
        pg.moving = false;
        if (!missing(pg) || held(pg) || obstacle(pg) != 0)
            return;
        std::vector<Osd*> parties{&m_osds[static_cast<std::size_t>(pg.acting.front())]};
        for (const Copy& copy : pg.copies)
            if (copy.missingBytes > 0 && copy.osd != pg.acting.front() && takesCopies(pg, copy))
                parties.push_back(&m_osds[static_cast<std::size_t>(copy.osd)]);
        if (!std::all_of(parties.begin(), parties.end(), [&](const Osd* osd) { return static_cast<std::size_t>(osd->recoveries) < mostRecoveries(*osd); }))
            return;
        for (Osd* osd : parties)
            ++osd->recoveries;
        pg.moving = true;
    };
    // Who holds a reservation keeps it; then groups that serve nobody come before degraded and these before misplaced ones.
    const auto urgency = [](const Pg& pg) { return (pg.states & kPeered) != 0 ? 2 : (pg.states & kDegraded) != 0 ? 1 : 0; };
    std::vector<Pg*> waiting;
    for (Pg& pg : m_pgs)
        if (pg.moving)
            take(pg);
        else if ((pg.states & kClean) == 0)
            waiting.push_back(&pg);
    std::stable_sort(waiting.begin(), waiting.end(), [&](const Pg* a, const Pg* b) {
        return urgency(*a) > urgency(*b);
    });
    for (Pg* pg : waiting)
        take(*pg);
}

bool Cluster::finishGroups(Instant now)
{
    bool changed = false;
    for (Pg& pg : m_pgs) {
        if ((pg.states & kClean) != 0 && pg.copies.size() == pg.up.size())
            continue;
        for (Copy& copy : pg.copies)
            if (copy.missingBytes == 0 && takesCopies(pg, copy))
                copy.backfills = false;
        const bool there = std::all_of(pg.up.begin(), pg.up.end(), [&](std::int32_t osd) { return pg.copyOn(osd)->missingBytes == 0; });
        if (!there || pg.up.empty())
            continue;
        if (pg.acting != pg.up) {
            Pg next = pg;
            chooseActing(next);
            changed |= next.acting != pg.acting;
        }
        if (pg.acting == pg.up && pg.up.size() == m_pools[pg.pool].size && now >= pg.peersUntil) // what lies elsewhere is not needed any more
            std::erase_if(pg.copies, [&](const Copy& copy) { return !contains(pg.up, copy.osd); });
    }
    if (changed)
        ++m_epoch;
    return changed;
}

PgStates Cluster::statesOf(const Pg& pg, Instant now) const
{
    const Pool& pool = m_pools[pg.pool];
    if (pg.acting.empty())
        return pg.states | kStale; // nobody reports: the manager keeps what it heard last
    if (!answersFor(pg))
        return pg.states;
    const PgStates remapped = pg.up != pg.acting ? kRemapped : 0;
    const auto whole = [](const Copy& copy) { return copy.missingBytes == 0 && !copy.backfills; };
    if (!std::any_of(pg.acting.begin(), pg.acting.end(), [&](std::int32_t osd) { return whole(*pg.copyOn(osd)); })) {
        const bool elsewhere = std::any_of(pg.copies.begin(), pg.copies.end(), whole); // on an OSD that is down
        return (elsewhere ? kDown : kIncomplete) | remapped;
    }
    if (now < pg.peersUntil)
        return kPeering | remapped;
    const Objects counted = objects(pg);
    PgStates states = remapped;
    states |= pg.acting.size() < pool.size ? kUndersized : 0;
    states |= counted.degraded > 0 ? kDegraded : 0;
    if (pg.damageKnown)
        states |= kInconsistent;
    const bool serves = pg.acting.size() >= pool.minSize;
    states |= serves ? kActive : kPeered;
    if (pg.scrubEnds && serves)
        states |= kScrubbing | kDeepScrub | (pg.scrubRepairs ? kRepair : 0);
    const bool missing = std::any_of(pg.copies.begin(), pg.copies.end(), [&](const Copy& copy) { return copy.missingBytes > 0 && takesCopies(pg, copy); });
    if (missing) {
        const PgStates full = obstacle(pg);
        if (full != 0)
            states |= full;
        else if (followsLogOnly(pg))
            states |= pg.moving ? kRecovering : kRecoveryWait;
        else
            states |= pg.moving ? kBackfilling : kBackfillWait;
    } else if ((states & (kUndersized | kDegraded | kRemapped)) == 0) {
        states |= kClean;
    }
    return states;
}

void Cluster::nameStates(Instant now)
{
    for (Pg& pg : m_pgs) {
        const PgStates states = statesOf(pg, now);
        if (states != pg.states)
            pg.changed = now;
        pg.states = states;
        if ((states & kStale) != 0)
            continue;
        if ((states & kActive) != 0)
            pg.lastActive = now;
        if ((states & kClean) != 0)
            pg.lastClean = now;
        if ((states & (kUndersized | kDegraded)) == 0)
            pg.lastWhole = now;
    }
}

void Cluster::scrub(Instant now)
{
    for (Pg& pg : m_pgs) {
        if (!pg.scrubEnds || now < *pg.scrubEnds)
            continue;
        pg.scrubEnds.reset();
        pg.lastScrub = now;
        const std::string leads = fmt::format("osd.{}", pg.acting.empty() ? 0 : pg.acting.front());
        const char* what = pg.scrubRepairs ? "repair" : "deep-scrub";
        if (pg.damagedObjects == 0) {
            say(now, leads, "DBG", fmt::format("{} {} ok", nameOf(pg), what));
        } else if (pg.scrubRepairs) {
            say(now, leads, "ERR", fmt::format("{} repair {} errors, {} fixed", nameOf(pg), pg.damagedObjects, pg.damagedObjects));
            pg.damagedObjects = 0;
        } else {
            say(now, leads, "ERR", fmt::format("{} deep-scrub {} errors", nameOf(pg), pg.damagedObjects));
        }
        pg.damageKnown = pg.damagedObjects > 0;
        pg.scrubRepairs = false;
    }
}

void Cluster::replaceDrive(std::int32_t id, Instant now)
{
    FL_ASSERT(findOsd(id) != nullptr);
    Osd& osd = m_osds[static_cast<std::size_t>(id)];
    osd.device.slowdown = 1;
    osd.device.failed = false;
    osd.historic.clear();
    if (osd.up)
        markDown(osd, now, fmt::format("osd.{} marked itself down and dead", id));
    osd.runningSince = now;
    for (Pg& pg : m_pgs)
        if (Copy* copy = pg.copyOn(id); copy != nullptr) {
            copy->missingBytes = bytesOf(pg);
            copy->backfills = true;
        }
    ++m_epoch;
    m_mapChanged = true;
}

void Cluster::damage(const std::string& pg, std::int64_t objects)
{
    const Pg* found = findPg(pg);
    FL_ASSERT(found != nullptr);
    m_pgs[static_cast<std::size_t>(found - m_pgs.data())].damagedObjects = objects;
}

Cluster::Objects Cluster::objects(const Pg& pg) const
{
    const Pool& pool = m_pools[pg.pool];
    Objects counted;
    counted.all = pool.objectsOf(pg.seed);
    const auto size = static_cast<std::int64_t>(pool.size);
    counted.copies = counted.all * size;
    if ((pg.states & kClean) != 0 && pg.up.size() == pool.size && pg.acting == pg.up && pg.copies.size() == pool.size)
        return counted;
    const std::int64_t bytes = bytesOf(pg);
    const auto objectsIn = [&](const Copy& copy) {
        if (copy.missingBytes == 0)
            return copy.backfills ? 0 : counted.all;
        return bytes > 0 ? counted.all - (copy.missingBytes * counted.all + bytes - 1) / bytes : counted.all;
    };
    std::int64_t held = 0;
    std::int64_t inPlace = 0;
    for (const Copy& copy : pg.copies) {
        const bool wanted = contains(pg.up, copy.osd);
        if (!wanted && !contains(pg.acting, copy.osd))
            continue;
        held += objectsIn(copy);
        inPlace += wanted ? objectsIn(copy) : 0;
    }
    counted.degraded = std::max<std::int64_t>(0, counted.copies - held);
    counted.misplaced = std::max<std::int64_t>(0, counted.copies - inPlace - counted.degraded);
    return counted;
}

Cluster::Objects Cluster::objects() const
{
    Objects sum;
    for (const Pg& pg : m_pgs) {
        const Objects one = objects(pg);
        sum.all += one.all;
        sum.copies += one.copies;
        sum.degraded += one.degraded;
        sum.misplaced += one.misplaced;
    }
    return sum;
}

} // namespace sim::storage::ceph
