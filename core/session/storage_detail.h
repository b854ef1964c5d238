#pragma once

#include "core/session/host_detail.h"
#include "sim/storage/ceph/parts.h"

// What the window's page about the storage cluster shows, as host_detail.h does it for one machine: what `ceph` and the cluster's
// own metrics tell, by the same functions, as long as monitors answer. What sets a client's pace, and which drive is sick, is in
// none of them.
namespace core::session {

/// What the open page wants to see.
struct StorageInterest {
    bool cluster = false;
    bool operator==(const StorageInterest&) const = default;
};

struct StorageCheck {
    std::string code; ///< "OSD_DOWN"
    sim::Health health = sim::Health::Warn;
    std::string summary;
    std::vector<std::string> lines; ///< of `ceph health detail`
};

/// A daemon beside the OSDs.
struct StorageDaemon {
    enum class Kind : std::uint8_t { Monitor, Manager, Metadata };
    enum class State : std::uint8_t { Leader, Member, Active, Standby, Starting, Gone }; ///< a monitor leads or is of the quorum; a metadata server takes over
    Kind kind = Kind::Monitor;
    std::string name;
    int host = 0;                  ///< in StorageDetail::hosts
    State state = State::Member;
    std::string word;              ///< of a metadata server, as Ceph says it: "up:replay"
    double clockSkewSeconds = 0;   ///< of a monitor, against the leader
    sim::Health health = sim::Health::Ok;
};

struct StorageOsd {
    using Space = sim::storage::ceph::Space;
    std::int32_t id = 0;
    int host = 0;
    std::string drive;             ///< "nvme1n1"
    bool up = true;
    bool in = true;
    double reweight = 1;
    std::int64_t bytes = 0;        ///< 0: it is out and counts for nothing
    std::int64_t usedBytes = 0;
    std::int64_t groups = 0;
    std::optional<double> commitSeconds; ///< none: it is down
    std::int64_t slowOps = 0;      ///< of groups that it leads
    double oldestOpSeconds = 0;
    Space space = Space::Fine;
    sim::Health health = sim::Health::Ok;
    double usedShare() const { return bytes > 0 ? static_cast<double>(usedBytes) / static_cast<double>(bytes) : 0; }
};

struct StoragePool {
    std::string name;
    std::string application;
    std::size_t size = 3, minSize = 2; ///< replicas
    std::size_t groups = 0;
    std::int64_t storedBytes = 0, usedBytes = 0, availableBytes = 0;
    double usedShare = 0;          ///< "%USED" of `ceph df`, 0..1
    std::int64_t objects = 0;
    double readBytesPerSecond = 0, writtenBytesPerSecond = 0;
    bool full = false;
};

/// A placement group.
struct StorageGroup {
    std::string name;              ///< "2.1f"
    int pool = 0;
    sim::storage::ceph::PgStates states = 0;
    std::vector<std::int32_t> up, acting; ///< the first leads
    std::int64_t objects = 0, degraded = 0, misplaced = 0; ///< the last two: copies
};

/// A client's transfer under way.
struct StorageClient {
    std::int64_t id = 0;
    std::string machine;
    std::string pool;
    std::string folder;            ///< of the file system; empty: objects
    bool writes = true;
    double bytes = 0;              ///< 0: without an end
    double bytesDone = 0;
    double bytesPerSecond = 0;
    sim::Instant began{};
};

struct StorageState {
    std::string name; ///< pgStateName
    sim::storage::ceph::PgStates states = 0;
    std::int64_t groups = 0;
};

struct StorageDetail {
    bool exists = false;           ///< false: this data centre has no storage cluster, and nothing else holds
    /// Monitors answer on the machine where people call `ceph`. If not, only hosts, monitors' names and silentSeconds hold.
    bool answers = false;
    double silentSeconds = 0;      ///< since the page has seen no answer
    std::string healthWord;        ///< "HEALTH_WARN"
    sim::Health health = sim::Health::Unknown;
    std::vector<StorageCheck> checks;
    std::vector<std::string> hosts;
    std::vector<StorageDaemon> daemons;
    std::vector<StorageOsd> osds;  ///< by number
    std::vector<StoragePool> pools;
    std::vector<StorageGroup> groups;
    std::vector<StorageState> states; ///< as `ceph -s` lists them
    std::vector<StorageClient> clients;
    double nearFull = 0.85, backfillFull = 0.9, full = 0.95; ///< shares of a drive
    std::int64_t bytes = 0, usedBytes = 0; ///< of drives that are in
    std::int64_t copies = 0, degraded = 0, misplaced = 0; ///< of objects
    double readBytesPerSecond = 0, writtenBytesPerSecond = 0, readsPerSecond = 0, writesPerSecond = 0;
    double recoveredBytesPerSecond = 0;
    std::int64_t toCopyBytes = 0;  ///< that OSDs which are up still miss
    Reading statusRead, healthRead, treeRead, spaceRead, latencyRead, groupsRead, poolsRead, clientsRead;
};

/// `silentSeconds`: for how long no monitor has answered.
StorageDetail storageOf(const sim::World& world, double silentSeconds);

/// Builds what is asked for, at LookPace.
class StorageDetailer {
public:
    std::shared_ptr<const StorageDetail> look(const sim::World& world, const StorageInterest& interest, bool still);
    void forget() { *this = StorageDetailer(); }

private:
    std::shared_ptr<const StorageDetail> m_last;
    LookPace m_pace;
    std::optional<sim::Instant> m_silentSince;
};

} // namespace core::session
