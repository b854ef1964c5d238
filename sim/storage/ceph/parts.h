#pragma once

#include "sim/engine/ids.h"
#include "sim/engine/time.h"
#include "sim/storage/ceph/crush.h"
#include "sim/storage/ceph/pg_state.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::storage::ceph {

/// Objects that files and images are striped over (4 MiB, the default of CephFS layouts and of RBD).
inline constexpr std::int64_t kObjectBytes = 4LL << 20;

enum class DeviceClass : std::uint8_t { Hdd, Ssd };

/// The drive behind an OSD.
struct Device {
    std::string path;               ///< "/dev/nvme1n1"
    std::string serial;
    DeviceClass kind = DeviceClass::Ssd;
    std::int64_t bytes = 0;
    double writeBytesPerSecond = 0; ///< of whole objects, through BlueStore
    double readBytesPerSecond = 0;
    double commitSeconds = 0;       ///< of a small write on the idle drive
    double slowdown = 1;            ///< of a sick drive: everything takes so many times as long
    bool failed = false;            ///< answers with I/O errors: an OSD on it ends at once
    bool operator==(const Device&) const = default;
};
BOOST_DESCRIBE_STRUCT(Device, (), (path, serial, kind, bytes, writeBytesPerSecond, readBytesPerSecond, commitSeconds, slowdown, failed))

/// One operation that took long, as dump_historic_ops keeps it.
struct SlowestOp {
    Instant began{};
    double seconds = 0;
    std::size_t pg = 0;             ///< index into Cluster::pgs()
    std::int64_t number = 0;        ///< of the client's request
    std::int32_t waitedFor = -1;    ///< the OSD whose answer came last; -1: its own disk
    bool operator==(const SlowestOp&) const = default;
};
BOOST_DESCRIBE_STRUCT(SlowestOp, (), (began, seconds, pg, number, waitedFor))

/// The highest line that an OSD's fill has crossed: nearfull_ratio, backfillfull_ratio, full_ratio.
enum class Space : std::uint8_t { Fine, NearFull, BackfillFull, Full };

struct Osd {
    std::int32_t id = 0;
    std::size_t host = 0;           ///< index into Cluster::hosts()
    std::string uuid;
    Device device;
    // What the world says of its process.
    bool running = true;            ///< there and not stopped
    bool stopsOrderly = false;      ///< it was told to end, and tells the monitors so
    Instant runningSince{};
    // What the OSD map says.
    bool up = true;
    bool in = true;
    bool outByItself = false;       ///< marked out because it was down for long: comes back in when it starts
    double reweight = 1;            ///< "ceph osd reweight", 0..1; counts while it is in
    Instant upSince{};
    Instant downSince{};
    Instant inSince{};              ///< or out
    std::int64_t upEpoch = 0;
    std::vector<std::optional<Instant>> silentTo; ///< by host: since when that host's OSDs get no answer
    // Of the last second.
    std::int64_t usedBytes = 0;     ///< data and its own database
    double busy = 0;                ///< share of its time that the drive works
    double clientBusy = 0;          ///< ... for clients
    double commitLatency = 0;       ///< seconds, of what it writes now
    double opSeconds = 0;           ///< of a client's operation that touches it, queues included
    std::int64_t queuedOps = 0;     ///< clients' operations that wait for it
    std::int64_t slowOps = 0;       ///< operations that it leads and that are older than osd_op_complaint_time
    double oldestOpSeconds = 0;
    std::int64_t recoveries = 0;    ///< placement groups that it recovers or backfills with others
    double writtenPerSecond = 0;    ///< bytes
    double readPerSecond = 0;
    double writtenBytes = 0;        ///< by its drive, since the start
    double readBytes = 0;
    std::vector<SlowestOp> historic; ///< of the last ten minutes, the slowest first
    static constexpr std::size_t kHistoric = 20;
    bool operator==(const Osd&) const = default;

    double usedShare() const { return device.bytes > 0 ? static_cast<double>(usedBytes) / static_cast<double>(device.bytes) : 0; }
    CrushWeight mapWeight() const { return in ? static_cast<CrushWeight>(reweight * kWholeWeight) : 0; }
};
BOOST_DESCRIBE_STRUCT(Osd, (),
                      (id, host, uuid, device, running, stopsOrderly, runningSince, up, in, outByItself, reweight, upSince, downSince, inSince, upEpoch, silentTo, usedBytes,
                       busy, clientBusy, commitLatency, opSeconds, queuedOps, slowOps, oldestOpSeconds, recoveries, writtenPerSecond, readPerSecond, writtenBytes, readBytes, historic))

/// An OSD takes the first free ports of its machine: eight from here on for each that starts there (ms_bind_port_min).
inline constexpr std::int64_t kFirstOsdPort = 6800;
inline constexpr std::int64_t kOsdPorts = 8;
inline constexpr std::int64_t kHeartbeatPort = 4; ///< of its eight: where its peers ask whether it lives
std::int64_t nonceOf(const Osd& osd); ///< of its process

/// A machine with daemons.
struct StorageHost {
    std::string name;
    HostId machine;
    std::string address;            ///< "10.0.0.61"
    double nicBytesPerSecond = 0;   ///< each way; 0: no carrier
    std::vector<bool> reaches;      ///< by host: packets get there and back
    bool operator==(const StorageHost&) const = default;
};
BOOST_DESCRIBE_STRUCT(StorageHost, (), (name, machine, address, nicBytesPerSecond, reaches))

struct Monitor {
    std::string name;
    std::size_t host = 0;
    bool running = true;
    bool inQuorum = true;
    double clockAheadSeconds = 0;   ///< of the true time
    bool operator==(const Monitor&) const = default;
};
BOOST_DESCRIBE_STRUCT(Monitor, (), (name, host, running, inQuorum, clockAheadSeconds))

/// ceph-mgr: one is active, the others stand by.
struct Mgr {
    std::string name;
    std::size_t host = 0;
    bool running = true;
    std::optional<Instant> silentSince;
    bool operator==(const Mgr&) const = default;
};
BOOST_DESCRIBE_STRUCT(Mgr, (), (name, host, running, silentSince))

enum class MdsState : std::uint8_t { Gone, Standby, Replay, Reconnect, Rejoin, Active };
const char* mdsStateName(MdsState state); ///< "up:active"

struct Mds {
    std::string name;
    std::size_t host = 0;
    std::int64_t gid = 0;           ///< of its process' life
    bool running = true;
    MdsState state = MdsState::Standby;
    Instant since{};
    std::optional<Instant> silentSince; ///< its beacons do not come
    bool operator==(const Mds&) const = default;
};
BOOST_DESCRIBE_STRUCT(Mds, (), (name, host, gid, running, state, since, silentSince))

/// What goes through a pool, smoothed over a few seconds as the manager does.
struct IoRates {
    double readBytes = 0;
    double writtenBytes = 0;
    double readOps = 0;
    double writeOps = 0;
    double recoveredBytes = 0;
    bool operator==(const IoRates&) const = default;
};
BOOST_DESCRIBE_STRUCT(IoRates, (), (readBytes, writtenBytes, readOps, writeOps, recoveredBytes))

struct Pool {
    std::int64_t id = 1;
    std::string name;
    std::string application;        ///< "cephfs", "rbd", "mgr"
    std::size_t size = 3;           ///< replicas
    std::size_t minSize = 2;        ///< fewer: nothing is read or written
    std::size_t pgCount = 32;       ///< a power of two
    std::int64_t storedBytes = 0;   ///< by users, before replication
    std::int64_t extraObjects = 0;  ///< that hold next to nothing: directories, headers
    std::int64_t benchBytes = 0;    ///< of storedBytes: what rados bench has left behind
    bool bulk = false;
    bool full = false;              ///< one of its OSDs is above full_ratio
    std::int64_t createdEpoch = 1;
    // Small requests that go on all the time and overwrite what is there: offered bytes a second, and the size of one.
    double steadyReadBytesPerSecond = 0;
    double steadyWriteBytesPerSecond = 0;
    double steadyRequestBytes = 65536;
    IoRates rates;
    bool operator==(const Pool&) const = default;

    std::int64_t objects() const { return (storedBytes + kObjectBytes - 1) / kObjectBytes + extraObjects; }
    /// Bytes of one placement group: users' data is spread evenly, to the byte.
    std::int64_t bytesOf(std::size_t seed) const;
    std::int64_t objectsOf(std::size_t seed) const;
};
BOOST_DESCRIBE_STRUCT(Pool, (),
                      (id, name, application, size, minSize, pgCount, storedBytes, extraObjects, benchBytes, bulk, full, createdEpoch, steadyReadBytesPerSecond,
                       steadyWriteBytesPerSecond, steadyRequestBytes, rates))

/// What one OSD holds of a placement group.
struct Copy {
    std::int32_t osd = 0;
    std::int64_t missingBytes = 0;  ///< of the group's data; 0: complete
    bool backfills = false;         ///< it has never been complete, or misses more than the log tells: all is compared
    bool operator==(const Copy&) const = default;
};
BOOST_DESCRIBE_STRUCT(Copy, (), (osd, missingBytes, backfills))

struct Pg {
    std::size_t pool = 0;           ///< index into Cluster::pools()
    std::size_t seed = 0;           ///< "2.1f": pool id and this, in hexadecimal
    std::vector<std::int32_t> up;     ///< where CRUSH wants it, of the OSDs that are up; the first leads
    std::vector<std::int32_t> acting; ///< who serves it
    std::vector<Copy> copies;         ///< by OSD, also of those that are down
    PgStates states = kActive | kClean;
    Instant changed{};
    Instant lastActive{};
    Instant lastClean{};
    Instant lastWhole{};            ///< neither degraded nor undersized
    Instant peersUntil{};
    bool moving = false;            ///< it holds its reservations and copies
    std::int64_t damagedObjects = 0; ///< copies that a deep scrub finds to differ
    bool damageKnown = false;
    std::optional<Instant> scrubEnds;
    bool scrubRepairs = false;
    Instant lastScrub{};
    bool operator==(const Pg&) const = default;

    bool active() const { return (states & kActive) != 0; }
    const Copy* copyOn(std::int32_t osd) const;
    Copy* copyOn(std::int32_t osd);
};
BOOST_DESCRIBE_STRUCT(Pg, (),
                      (pool, seed, up, acting, copies, states, changed, lastActive, lastClean, lastWhole, peersUntil, moving, damagedObjects, damageKnown, scrubEnds,
                       scrubRepairs, lastScrub))

/// A client's bulk transfer. Its objects lie in all placement groups of the pool, so the slowest of them sets its pace.
struct Flow {
    enum class End : std::uint8_t { Open, Done, NoSpace };
    static constexpr double kEndless = 1e18; ///< bytes of a transfer that goes on until it is stopped
    std::int64_t id = 0;
    std::size_t pool = 0;
    bool writes = true;
    HostId client;
    std::string folder;             ///< of the file system, that the bytes are added to; empty: none
    double bytes = 0;
    double bytesDone = 0;
    double mostBytesPerSecond = 0;  ///< what the client itself can
    double cardBytesPerSecond = 1e12; ///< what its machine's card carries
    bool reachesAll = true;         ///< packets from the client get to every OSD's host and back
    double bytesPerSecond = 0;      ///< of the last second
    Instant began{};
    Instant movedTo{};              ///< up to when it has been accounted for
    Instant ended{};
    std::optional<Instant> blockedSince;
    std::int32_t heldBy = -1;       ///< the OSD whose drive sets its pace; -1: none does
    std::int32_t heldAt = -1;       ///< index of the host whose card does
    End end = End::Open;
    bool operator==(const Flow&) const = default;
};
BOOST_DESCRIBE_STRUCT(Flow, (),
                      (id, pool, writes, client, folder, bytes, bytesDone, mostBytesPerSecond, cardBytesPerSecond, reachesAll, bytesPerSecond, began, movedTo, ended, blockedSince, heldBy, heldAt, end))

/// A CephFS file system. Of its tree only folders with data are kept, each as one number of bytes.
struct FileSystem {
    std::string name;
    std::size_t metadataPool = 0;
    std::size_t dataPool = 0;
    std::map<std::string, std::int64_t> folders; ///< "/volumes/csi/csi-vol-.../llama-7b/iter_0000100" -> bytes
    std::int64_t purgingBytes = 0;  ///< removed, and not yet given back
    std::int64_t epoch = 1;
    bool operator==(const FileSystem&) const = default;
    /// Of a folder and all below it.
    std::int64_t bytesBelow(const std::string& path) const;
};
BOOST_DESCRIBE_STRUCT(FileSystem, (), (name, metadataPool, dataPool, folders, purgingBytes, epoch))

struct ClusterLogLine {
    Instant at{};
    std::string from;               ///< "mon.storage-1", "osd.3"
    std::string level;              ///< "INF", "WRN", "ERR"
    std::string text;
    bool operator==(const ClusterLogLine&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClusterLogLine, (), (at, from, level, text))

/// A line of a daemon's own log, for the world to write down.
struct DaemonLine {
    std::string daemon;             ///< "osd.3", "mon.storage-1"
    int level = 0;                  ///< Ceph's: -1 is an error
    std::string text;
    bool operator==(const DaemonLine&) const = default;
};

std::string setText(const std::vector<std::int32_t>& osds); ///< "[1,2,0]"

/// "ceph osd set": what administrators keep the cluster from doing.
enum class Flag : std::uint8_t { PauseReads, PauseWrites, NoUp, NoDown, NoOut, NoIn, NoBackfill, NoRebalance, NoRecover, NoScrub, NoDeepScrub };
inline constexpr std::size_t kFlags = 11;
const char* flagName(Flag flag); ///< "noout"; "pauserd" and "pausewr", which "pause" sets together

} // namespace sim::storage::ceph
