#pragma once

#include "sim/storage/ceph/cluster.h"

#include <functional>

namespace lab {

using namespace std::chrono_literals;
namespace ceph = sim::storage::ceph;

inline constexpr std::int64_t kGB = 1'000'000'000;

/// Four hosts of three NVMe drives with 3 GB/s each, three monitors, two metadata servers; a file system on the pool "files".
struct CephLab {
    explicit CephLab(std::int64_t driveBytes = 2'000 * kGB)
    {
        ceph::ClusterPlan plan;
        plan.fsid = "7d0c5a9e-1b7e-11f1-9c1d-0a5800a1b2c3";
        for (std::size_t host = 0; host < 4; ++host) {
            plan.hosts.push_back({"storage-" + std::to_string(host + 1), sim::HostId(host), "10.0.0.6" + std::to_string(host + 1), 12.5e9, {}});
            for (int drive = 0; drive < 3; ++drive) {
                ceph::Device device;
                device.path = "/dev/nvme" + std::to_string(drive + 1) + "n1";
                device.bytes = driveBytes;
                device.writeBytesPerSecond = 3e9;
                device.readBytesPerSecond = 6e9;
                device.commitSeconds = 0.0006;
                plan.osds.emplace_back(host, device);
            }
        }
        plan.monitors = {0, 1, 2};
        plan.mgrs = {0, 1};
        plan.metadataServers = {0, 1};
        ceph::Pool metadata;
        metadata.name = "cephfs.lab.meta";
        metadata.pgCount = 16;
        ceph::Pool files;
        files.name = "cephfs.lab.data";
        files.pgCount = 256;
        plan.pools = {metadata, files};
        plan.fileSystem = ceph::FileSystem{"lab", 0, 1, {}, 0, 1};
        cluster = ceph::Cluster(std::move(plan), now);
    }

    void run(sim::Duration span)
    {
        for (const sim::Instant end = now + span; now < end;) {
            now += 1s;
            cluster.advance(now);
        }
    }
    /// Seconds until it holds; `most` when it does not.
    double until(const std::function<bool()>& holds, sim::Duration most = 3600s)
    {
        const sim::Instant began = now;
        while (!holds() && now - began < most)
            run(1s);
        return sim::toSeconds(now - began);
    }
    std::int64_t write(double bytes, double mostBytesPerSecond = 2e9, const std::string& folder = "/volumes/job/iter_0000100")
    {
        ceph::Flow flow;
        flow.pool = kFiles;
        flow.folder = folder;
        flow.bytes = bytes;
        flow.mostBytesPerSecond = mostBytesPerSecond;
        return cluster.begin(flow, now);
    }
    bool done(std::int64_t flow) const { return cluster.findFlow(flow)->end == ceph::Flow::End::Done; }
    bool clean() const { return cluster.pgsByState().size() == 1 && cluster.pgsByState().begin()->first == (ceph::kActive | ceph::kClean); }
    /// Some group is in all of these states, whatever else it is.
    bool anyIs(ceph::PgStates states) const
    {
        for (const auto& [bits, count] : cluster.pgsByState())
            if ((bits & states) == states)
                return true;
        return false;
    }
    bool has(const std::string& code) const
    {
        for (const ceph::HealthCheck& check : cluster.health(now))
            if (check.code == code)
                return true;
        return false;
    }
    void kill(std::int32_t osd) { cluster.osds()[static_cast<std::size_t>(osd)].running = false; }
    void start(std::int32_t osd)
    {
        cluster.osds()[static_cast<std::size_t>(osd)].running = true;
        cluster.osds()[static_cast<std::size_t>(osd)].runningSince = now;
    }
    void cutOff(std::size_t host, bool off = true)
    {
        for (std::size_t other = 0; other < cluster.hosts().size(); ++other)
            if (other != host)
                cluster.hosts()[other].reaches[host] = cluster.hosts()[host].reaches[other] = !off;
    }

    static constexpr std::size_t kFiles = 1;
    sim::Instant now{1'772'442'000s};
    ceph::Cluster cluster;
};

} // namespace lab
