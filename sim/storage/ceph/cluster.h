#pragma once

#include "sim/engine/copy_on_write.h"
#include "sim/storage/ceph/health.h"
#include "sim/storage/ceph/parts.h"

#include <deque>
#include <set>

namespace sim::storage::ceph {

/// An administrator's order to the monitors, or to a placement group's leader.
struct Change {
    enum class Verb : std::uint8_t {
        OsdOut,       ///< osd
        OsdIn,        ///< osd
        OsdDown,      ///< osd
        Reweight,     ///< osd, number 0..1
        SetFlag,      ///< name: "noout", "pause"
        UnsetFlag,
        SetRatio,     ///< name: "full", "backfillfull", "nearfull"; number
        PoolSet,      ///< name: pool; key "size", "min_size", "bulk"; value
        PoolRemove,   ///< name
        ConfigSet,    ///< name: "osd", "osd.3", "mon", "global"; key, value
        ConfigRemove, ///< name, key
        Scrub,        ///< name: "2.1f"; key "scrub", "deep-scrub", "repair"
        BenchCleanup, ///< name: pool; number: objects that went
        MdsFail,      ///< name
    };
    Verb verb = Verb::OsdOut;
    std::int32_t osd = -1;
    std::string name;
    std::string key;
    std::string value;
    double number = 0;
};

/// What the command prints on standard error, and its errno; 0: done.
struct Answer {
    int error = 0;
    std::string text;
};

/// What a cluster is made of.
struct ClusterPlan {
    std::string fsid;
    std::vector<StorageHost> hosts;
    std::vector<std::size_t> monitors;           ///< hosts, by rank
    std::vector<std::size_t> mgrs;
    std::vector<std::size_t> metadataServers;
    std::vector<std::pair<std::size_t, Device>> osds; ///< host and drive, by OSD number
    std::vector<Pool> pools;
    std::optional<FileSystem> fileSystem;
    Duration age{};                              ///< since it was made
    Duration uptime{};                           ///< since its daemons have been up, undisturbed; at most its age
};

/// A Ceph cluster of the release 18.2 (Reef): maps, placement groups, clients' transfers, and what drives and networks make of
/// them. One step a second. It knows neither machines nor processes: the world says which daemons run and who reaches whom.
class Cluster {
public:
    Cluster() = default; ///< none
    Cluster(ClusterPlan plan, Instant now);
    bool exists() const { return !m_hosts.empty(); }

    /// Moves everything on to `now`.
    void advance(Instant now);

    const std::string& fsid() const { return m_fsid; }
    Instant created() const { return m_created; }
    std::int64_t epoch() const { return m_epoch; } ///< of the OSD map
    const CrushMap& crush() const { return m_crush; }
    const std::vector<StorageHost>& hosts() const { return m_hosts; }
    const std::vector<Monitor>& monitors() const { return m_monitors; }
    const std::vector<Mgr>& mgrs() const { return m_mgrs; }
    const std::vector<Mds>& metadataServers() const { return m_mds; }
    const std::vector<Osd>& osds() const { return m_osds; }
    const std::vector<Pool>& pools() const { return m_pools; }
    const std::vector<Pg>& pgs() const { return m_pgs; }
    const std::optional<FileSystem>& fileSystem() const { return m_fileSystem; }
    const std::map<std::int64_t, Flow>& flows() const { return m_flows; }
    const std::deque<ClusterLogLine>& log() const { return *m_log; }
    // What the world changes: running, reachability, drives.
    std::vector<StorageHost>& hosts() { return m_hosts; }
    std::vector<Monitor>& monitors() { return m_monitors; }
    std::vector<Mgr>& mgrs() { return m_mgrs; }
    std::vector<Mds>& metadataServers() { return m_mds; }
    std::vector<Osd>& osds() { return m_osds; }

    const Osd* findOsd(std::int32_t id) const;
    /// Where its drive sits among those of its host, from 0; its first port and the nonce of its process' addresses follow from that.
    std::int64_t slotOf(const Osd& osd) const;
    std::int64_t portOf(const Osd& osd) const;
    /// "[v2:10.0.0.61:6800/7919,v1:10.0.0.61:6801/7919]"
    std::string addressesOf(const Osd& osd) const;
    const Pool* findPool(const std::string& name) const;
    /// Null: no such group, or the name is not one.
    const Pg* findPg(const std::string& name) const;
    std::string nameOf(const Pg& pg) const; ///< "2.1f"

    bool quorum() const { return m_quorum && !m_election; }
    /// Of a quorum, or of the last that there was.
    const Monitor& leader() const;
    std::int64_t electionEpoch() const { return m_electionEpoch; }
    Instant quorumSince() const { return m_quorumSince; }
    /// A client on one of these hosts' machines, or with this view of them, finds monitors that can answer.
    bool answers(const std::vector<bool>& hostsReached) const;
    /// Null: none.
    const Mgr* activeMgr() const;
    Instant mgrSince() const { return m_mgrSince; }
    const Mds* activeMds() const;
    /// Who has the file system's rank, active or on the way there; null: nobody.
    const Mds* rankHolder() const;
    std::size_t standbyMds() const;

    bool flag(Flag flag) const { return m_flags[static_cast<std::size_t>(flag)]; }
    std::vector<std::string> flagNames() const; ///< of those that are set
    double fullRatio() const { return m_fullRatio; }
    double backfillFullRatio() const { return m_backfillFullRatio; }
    double nearFullRatio() const { return m_nearFullRatio; }
    /// Which line an OSD that is in has crossed.
    Space spaceOf(const Osd& osd) const;
    bool full(const Osd& osd) const { return spaceOf(osd) == Space::Full; }
    /// Against the leader.
    double clockSkewSeconds(const Monitor& mon) const { return mon.clockAheadSeconds - leader().clockAheadSeconds; }
    /// It is where the group is wanted, or serves it, and can be written to.
    bool takesCopies(const Pg& pg, const Copy& copy) const;

    /// What an option is for a daemon: "osd.3", "mon.storage-1". Empty: no such option.
    std::string option(const std::string& daemon, const std::string& name) const;
    double numberOption(const std::string& daemon, const std::string& name) const;
    /// What was set, by section and name.
    const std::map<std::pair<std::string, std::string>, std::string>& configuration() const { return m_configuration; }
    static bool knowsOption(const std::string& name);

    Answer apply(const Change& change, Instant now);

    // Clients
    /// Returns its id. `at` may lie up to a step back. Requires: the pool exists.
    std::int64_t begin(Flow flow, Instant at);
    const Flow* findFlow(std::int64_t id) const;
    void setReach(std::int64_t flow, bool reachesAll, double cardBytesPerSecond);
    /// It is given up, or has been taken note of.
    void end(std::int64_t flow);
    /// Removes a folder of the file system and all below it; its bytes come back as the purge queue gets to them. False: there
    /// is nothing, or no metadata server.
    bool removeFolder(const std::string& path);
    /// Data that was there before anybody looked.
    void fill(std::size_t pool, const std::string& folder, std::int64_t bytes);
    void fillBench(const std::string& pool, std::int64_t bytes);
    /// The pool's files can be read and written; reads and writes differ by flags and space.
    bool serves(std::size_t pool) const;
    /// A new drive of the kind in an OSD's slot, and the OSD made anew on it under its number: it holds nothing, and starts.
    void replaceDrive(std::int32_t osd, Instant now);
    /// So many objects of a group have a copy that differs; a deep scrub will find it. Requires: the group exists.
    void damage(const std::string& pg, std::int64_t objects);

    // Figures
    std::vector<HealthCheck> health(Instant now) const;
    struct Objects {
        std::int64_t all = 0;
        std::int64_t copies = 0;
        std::int64_t degraded = 0;
        std::int64_t misplaced = 0;
    };
    Objects objects(const Pg& pg) const;
    Objects objects() const;
    std::int64_t bytesOf(const Pg& pg) const { return m_pools[pg.pool].bytesOf(pg.seed); }
    std::int64_t storedOn(const Pg& pg, const Copy& copy) const { return bytesOf(pg) - copy.missingBytes; }
    /// Bytes that may still be written into a pool before one of its OSDs is full.
    std::int64_t available(std::size_t pool) const;
    std::map<PgStates, std::int64_t> pgsByState() const;

    /// Lines that daemons have written since the last call.
    std::vector<DaemonLine> takeLines();
    void say(Instant at, const std::string& from, const std::string& level, const std::string& text);

    bool operator==(const Cluster& other) const;
    void addTo(Fingerprint& f) const;

private:
    struct Service; ///< who gets how much of drives and networks in a step (service.cpp)

    std::string rankOf(const std::string& daemon) const; ///< "mon.0", "osd.3"
    // monitors.cpp
    void holdElections(Instant now);
    void watchMgrs(Instant now);
    void watchMds(Instant now);
    void listenToHearts(Instant now);
    void markDown(Osd& osd, Instant now, const std::string& why);
    void boot(Osd& osd, Instant now);
    void markOutWhoIsGone(Instant now);
    bool reachesQuorum(std::size_t host) const;
    void tellHealth(Instant now);
    // placement.cpp
    void place(Instant now);                ///< the map has changed: up, acting and shares anew
    void peer(Pg& pg, Instant now);
    void chooseActing(Pg& pg) const;
    void countShares();
    std::vector<std::int32_t> crushUp(const Pg& pg) const;
    // recovery.cpp
    void reserve();
    std::size_t mostRecoveries(const Osd& osd) const; ///< at a time: osd_max_backfills
    PgStates obstacle(const Pg& pg) const; ///< why what is missing cannot be copied: no room; 0: it can
    bool followsLogOnly(const Pg& pg) const; ///< recovery, not backfill
    bool held(const Pg& pg) const;         ///< by a flag
    PgStates statesOf(const Pg& pg, Instant now) const;
    bool finishGroups(Instant now);         ///< true: some are complete, the map changes
    void nameStates(Instant now);
    void scrub(Instant now);
    bool answersFor(const Pg& pg) const;
    // service.cpp
    void serve(Instant now);
    // space.cpp
    void store(std::size_t pool, std::int64_t bytes); ///< more or fewer of the users' bytes
    void countSpace();
    // latency.cpp
    void queueUp(Instant now);
    void remember(Instant now);

    std::string m_fsid;
    Instant m_created{};
    Instant m_at{};
    CrushMap m_crush;
    std::vector<StorageHost> m_hosts;
    std::vector<Monitor> m_monitors;
    std::vector<Mgr> m_mgrs;
    std::vector<Mds> m_mds;
    std::vector<Osd> m_osds;
    std::vector<Pool> m_pools;
    std::vector<Pg> m_pgs;
    std::optional<FileSystem> m_fileSystem;
    std::map<std::int64_t, Flow> m_flows;
    std::int64_t m_nextFlow = 1;
    std::int64_t m_nextPool = 1;
    std::int64_t m_nextGid = 14'112;
    std::int64_t m_requests = 0;            ///< of clients, so far
    std::int64_t m_epoch = 1;
    bool m_mapChanged = true;
    bool m_quorum = true;
    std::optional<Instant> m_election;      ///< when it ends
    std::int64_t m_electionEpoch = 0;
    Instant m_quorumSince{};
    std::size_t m_activeMgr = 0;
    Instant m_mgrSince{};
    std::array<bool, kFlags> m_flags{};
    double m_fullRatio = 0.95;
    double m_backfillFullRatio = 0.9;
    double m_nearFullRatio = 0.85;
    std::map<std::pair<std::string, std::string>, std::string> m_configuration;
    CopyOnWrite<std::deque<ClusterLogLine>> m_log;
    static constexpr std::size_t kLogLines = 1'000;
    std::int64_t m_logNumber = 0;
    std::map<std::string, std::string> m_told; ///< health checks that the cluster log speaks of, with their summaries
    Instant m_healthTold{};

    // Follows from the above; counted anew when the map changes.
    struct Shares {
        std::vector<double> writes;  ///< by OSD: bytes written there for each byte of the pool
        std::vector<double> reads;   ///< by OSD: bytes read there
        std::vector<double> hostIn;  ///< by host: bytes that come in for a byte written
        std::vector<double> hostOut; ///< ... go out
        std::vector<double> readOut; ///< by host: bytes that go out for a byte read
        bool blocked = false;        ///< some of its groups serve nobody
    };
    std::vector<Shares> m_shares;    ///< by pool
    std::vector<DaemonLine> m_lines; ///< empty between steps
};

} // namespace sim::storage::ceph
