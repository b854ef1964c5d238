#include "tests/app/support/fake_storage.h"

#include <string>

namespace app::desktop::testing {

namespace {

using namespace core::session;
namespace ceph = sim::storage::ceph;

Reading storageReading(const char* what)
{
    return {what, std::string("text of ") + what, {std::string("ceph/") + what}, "as it is"};
}

StorageOsd drive(std::int32_t id, int host, double share)
{
    StorageOsd osd;
    osd.id = id;
    osd.host = host;
    osd.drive = "nvme" + std::to_string(id % 2 + 1) + "n1";
    osd.bytes = 4'000'000'000'000;
    osd.usedBytes = static_cast<std::int64_t>(4e12 * share);
    osd.groups = 4;
    osd.commitSeconds = 0.0006;
    return osd;
}

} // namespace

std::shared_ptr<const StorageDetail> sketchStorage()
{
    using Kind = StorageDaemon::Kind;
    using State = StorageDaemon::State;
    auto detail = std::make_shared<StorageDetail>();
    detail->exists = detail->answers = true;
    detail->healthWord = "HEALTH_WARN";
    detail->health = sim::Health::Warn;
    detail->checks = {{"OSD_DOWN", sim::Health::Warn, "1 osds down", {"osd.1 (root=default,host=store-1) is down"}}, {"NO_SUCH_CHECK", sim::Health::Warn, "something new", {}}};
    detail->hosts = {"store-1", "store-2"};
    detail->daemons = {{Kind::Monitor, "store-1", 0, State::Leader, {}, 0, sim::Health::Ok},
                       {Kind::Monitor, "store-2", 1, State::Gone, {}, 0, sim::Health::Critical},
                       {Kind::Metadata, "store-2", 1, State::Starting, "up:replay", 0, sim::Health::Warn}};
    detail->osds = {drive(0, 0, 0.31), drive(1, 0, 0.3), drive(2, 1, 0.28), drive(3, 1, 0.87)};
    detail->osds[1].up = false;
    detail->osds[1].commitSeconds.reset();
    detail->osds[1].health = sim::Health::Critical;
    detail->osds[3].commitSeconds = 0.058;
    detail->osds[3].slowOps = 212;
    detail->osds[3].oldestOpSeconds = 64;
    detail->osds[3].space = StorageOsd::Space::NearFull;
    detail->osds[3].health = sim::Health::Warn;
    detail->pools = {{"data", "cephfs", 2, 1, 8, 500'000'000'000, 1'000'000'000'000, 2'000'000'000'000, 0.2, 120'000, 0, 110e6, false},
                     {"bench", "rbd", 2, 1, 2, 0, 0, 2'000'000'000'000, 0, 1, 0, 0, true}};
    const ceph::PgStates waits = ceph::kActive | ceph::kUndersized | ceph::kDegraded | ceph::kRemapped | ceph::kBackfillWait;
    const ceph::PgStates moves = ceph::kActive | ceph::kUndersized | ceph::kDegraded | ceph::kRemapped | ceph::kBackfilling;
    for (int seed = 0; seed < 8; ++seed)
        detail->groups.push_back({"2." + std::to_string(seed), 0, ceph::kActive | ceph::kClean, {seed % 2 == 0 ? 0 : 2, 3}, {seed % 2 == 0 ? 0 : 2, 3}, 1000, 0, 0});
    for (int seed = 0; seed < 2; ++seed)
        detail->groups.push_back({"4." + std::to_string(seed), 1, ceph::kActive | ceph::kClean, {2, 0}, {2, 0}, 0, 0, 0});
    detail->groups[6] = {"2.6", 0, waits, {0, 2}, {0}, 1000, 1000, 0};
    detail->groups[7] = {"2.7", 0, moves, {2, 0}, {2}, 1000, 400, 100};
    detail->states = {{ceph::pgStateName(ceph::kActive | ceph::kClean), ceph::kActive | ceph::kClean, 8}, {ceph::pgStateName(moves), moves, 1}, {ceph::pgStateName(waits), waits, 1}};
    detail->clients = {{7, "gpu-3", "data", "/volumes/csi/csi-vol-1/llama-7b/iter_0006200", true, 22e9, 11e9, 110e6, {}}, {8, "gpu-4", "data", "/volumes/csi/csi-vol-1/llama-7b/iter_0006200", true, 22e9, 0, 0, {}}};
    detail->bytes = 16'000'000'000'000;
    detail->usedBytes = 7'000'000'000'000;
    detail->copies = 20'000;
    detail->degraded = 1'400;
    detail->misplaced = 100;
    detail->writtenBytesPerSecond = 110e6;
    detail->writesPerSecond = 26;
    detail->recoveredBytesPerSecond = 400e6;
    detail->toCopyBytes = 40'000'000'000;
    detail->statusRead = storageReading("status");
    detail->healthRead = storageReading("health");
    detail->treeRead = storageReading("tree");
    detail->spaceRead = storageReading("space");
    detail->latencyRead = storageReading("latency");
    detail->groupsRead = storageReading("groups");
    detail->poolsRead = storageReading("pools");
    detail->clientsRead = storageReading("clients");
    return detail;
}

std::shared_ptr<const StorageDetail> sketchSilentStorage()
{
    auto detail = std::make_shared<StorageDetail>();
    detail->exists = true;
    detail->silentSeconds = 42;
    detail->hosts = {"store-1", "store-2"};
    detail->daemons = {{StorageDaemon::Kind::Monitor, "store-1", 0, StorageDaemon::State::Gone, {}, 0, sim::Health::Unknown}};
    detail->statusRead = storageReading("silence");
    return detail;
}

} // namespace app::desktop::testing
