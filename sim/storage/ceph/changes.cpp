#include "sim/storage/ceph/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

// Orders of administrators, with what the monitors say to them.
namespace sim::storage::ceph {

namespace {

constexpr int kEperm = 1;
constexpr int kEnoent = 2;
constexpr int kEagain = 11;
constexpr int kEbusy = 16;
constexpr int kEinval = 22;
constexpr Duration kScrubTakes = 12s; // of a group of some hundred gigabytes on flash, read once
constexpr double kMostSize = 10;

std::vector<Flag> flagsNamed(const std::string& name)
{
    if (name == "pause")
        return {Flag::PauseReads, Flag::PauseWrites};
    for (std::size_t i = 0; i < kFlags; ++i)
        if (name == flagName(static_cast<Flag>(i)) && i > static_cast<std::size_t>(Flag::PauseWrites))
            return {static_cast<Flag>(i)};
    return {};
}

} // namespace

Answer Cluster::apply(const Change& change, Instant now)
{
    using Verb = Change::Verb;
    const auto bump = [&] {
        ++m_epoch;
        m_mapChanged = true;
    };
    const auto pool = [&] {
        return std::find_if(m_pools.begin(), m_pools.end(), [&](const Pool& one) { return one.name == change.name; });
    };
    const bool known = findOsd(change.osd) != nullptr;
    Osd* osd = known ? &m_osds[static_cast<std::size_t>(change.osd)] : nullptr;
    const Answer noOsd{0, fmt::format("osd.{} does not exist. ", change.osd)};
    switch (change.verb) {
    case Verb::OsdOut:
    case Verb::OsdIn: {
        const bool in = change.verb == Verb::OsdIn;
        const char* word = in ? "in" : "out";
        if (!known)
            return noOsd;
        if (osd->in == in)
            return {0, fmt::format("osd.{} is already {}. ", osd->id, word)};
        osd->in = in;
        osd->outByItself = false;
        osd->inSince = now;
        bump();
        say(now, "mon." + leader().name, "INF", fmt::format("Client client.admin marked osd.{} {}, while it was still marked {}", osd->id, word, osd->up ? "up" : "down"));
        return {0, fmt::format("marked {} osd.{}. ", word, osd->id)};
    }
    case Verb::OsdDown:
        if (!known)
            return noOsd;
        if (!osd->up)
            return {0, fmt::format("osd.{} is already down. ", osd->id)};
        markDown(*osd, now, fmt::format("Client client.admin marked osd.{} down", osd->id));
        return {0, fmt::format("marked down osd.{}. ", osd->id)};
    case Verb::Reweight:
        if (!known)
            return {kEnoent, fmt::format("osd.{} does not exist", change.osd)};
        osd->reweight = change.number;
        osd->in = change.number > 0;
        bump();
        return {0, fmt::format("reweighted osd.{} to {:g} ({:x})", osd->id, change.number, static_cast<CrushWeight>(change.number * kWholeWeight))};
    case Verb::SetFlag:
    case Verb::UnsetFlag: {
        const std::vector<Flag> flags = flagsNamed(change.name);
        if (flags.empty())
            return {kEinval, "unrecognized flag '" + change.name + "'"};
        const bool set = change.verb == Verb::SetFlag;
        for (const Flag flag : flags)
            m_flags[static_cast<std::size_t>(flag)] = set;
        bump();
        return {0, (change.name == "pause" ? "pauserd,pausewr" : change.name) + (set ? " is set" : " is unset")};
    }
    case Verb::SetRatio:
        (change.name == "full" ? m_fullRatio : change.name == "backfillfull" ? m_backfillFullRatio : m_nearFullRatio) = change.number;
        ++m_epoch;
        return {0, fmt::format("osd set-{}-ratio {:g}", change.name, change.number)};
    case Verb::PoolSet: {
        const auto found = pool();
        if (found == m_pools.end())
            return {kEnoent, "unrecognized pool '" + change.name + "'"};
        double number = 0;
        const auto read = std::from_chars(change.value.data(), change.value.data() + change.value.size(), number);
        const bool isNumber = read.ec == std::errc() && read.ptr == change.value.data() + change.value.size();
        if (change.key == "bulk") {
            found->bulk = change.value == "true" || change.value == "1";
        } else if (change.key == "size" || change.key == "min_size") {
            if (!isNumber || number < 1 || number > kMostSize)
                return {kEinval, fmt::format("pool {} must be between 1 and 10", change.key)};
            if (change.key == "size")
                found->size = static_cast<std::size_t>(number);
            else if (number > static_cast<double>(found->size))
                return {kEinval, fmt::format("pool min_size must be between 1 and size, which is set to {}", found->size)};
            found->minSize = change.key == "min_size" ? static_cast<std::size_t>(number) : std::min(found->minSize, found->size);
        } else {
            return {kEinval, "Invalid command: " + change.key + " not settable here"};
        }
        bump();
        return {0, fmt::format("set pool {} {} to {}", found->id, change.key, change.value)};
    }
    case Verb::PoolRemove: {
        const auto found = pool();
        const auto index = static_cast<std::size_t>(found - m_pools.begin());
        if (found == m_pools.end())
            return {0, "pool '" + change.name + "' does not exist"};
        if (m_fileSystem && (index == m_fileSystem->dataPool || index == m_fileSystem->metadataPool))
            return {kEbusy, "pool '" + change.name + "' is in use by CephFS"};
        if (option("mon." + leader().name, "mon_allow_pool_delete") != "true")
            return {kEperm, "pool deletion is disabled; you must first set the mon_allow_pool_delete config option to true before you can destroy a pool"};
        const auto renumber = [&](std::size_t& of) { of -= of > index ? 1 : 0; };
        std::erase_if(m_pgs, [&](const Pg& pg) { return pg.pool == index; });
        std::erase_if(m_flows, [&](const auto& flow) { return flow.second.pool == index; });
        for (Pg& pg : m_pgs)
            renumber(pg.pool);
        for (auto& [id, flow] : m_flows)
            renumber(flow.pool);
        if (m_fileSystem) {
            renumber(m_fileSystem->dataPool);
            renumber(m_fileSystem->metadataPool);
        }
        for (Osd& one : m_osds)
            one.historic.clear();
        m_pools.erase(found);
        bump();
        return {0, "pool '" + change.name + "' removed"};
    }
    case Verb::ConfigSet:
        if (!knowsOption(change.key))
            return {kEinval, "unrecognized config option '" + change.key + "'"};
        m_configuration[{change.name, change.key}] = change.value;
        return {};
    case Verb::ConfigRemove:
        m_configuration.erase({change.name, change.key});
        return {};
    case Verb::Scrub: {
        const Pg* found = findPg(change.name);
        if (found == nullptr)
            return {kEnoent, "i don't have pgid " + change.name};
        Pg& pg = m_pgs[static_cast<std::size_t>(found - m_pgs.data())];
        if (pg.acting.empty() || !pg.active())
            return {kEagain, fmt::format("pg {} primary osd.{} not up", change.name, pg.acting.empty() ? -1 : pg.acting.front())};
        pg.scrubEnds = now + kScrubTakes;
        pg.scrubRepairs = change.key == "repair";
        return {0, fmt::format("instructing pg {} on osd.{} to {}", change.name, pg.acting.front(), change.key)};
    }
    case Verb::BenchCleanup: {
        const auto found = pool();
        if (found == m_pools.end())
            return {kEnoent, "error opening pool " + change.name + ": (2) No such file or directory"};
        const std::int64_t objects = (found->benchBytes + kObjectBytes - 1) / kObjectBytes;
        store(static_cast<std::size_t>(found - m_pools.begin()), -found->benchBytes);
        found->benchBytes = 0;
        return {0, fmt::format("Removed {} objects", objects)};
    }
    case Verb::MdsFail:
        for (Mds& mds : m_mds)
            if (mds.name == change.name && mds.state > MdsState::Standby) {
                mds.state = MdsState::Gone; // a process that lives comes back as a standby
                mds.since = now;
                return {0, fmt::format("failed mds gid {}", mds.gid)};
            }
        return {0, fmt::format("MDS named '{}' does not exist, is not up or you lack the permission to see.", change.name)};
    }
    return {};
}

} // namespace sim::storage::ceph
