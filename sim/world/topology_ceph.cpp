#include "sim/engine/assert.h"
#include "sim/world/topology_builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

// The section "ceph" of a topology: a storage cluster on some of its machines.
namespace sim {

namespace {

namespace ceph = storage::ceph;
using nlohmann::json;

constexpr Duration kClusterAge = 24h * 140;

std::vector<std::string> names(const json& section, const char* key)
{
    return section.contains(key) ? section.at(key).get<std::vector<std::string>>() : std::vector<std::string>();
}

bool holds(const std::vector<std::string>& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

/// A daemon as Debian's packages start it.
host::StandardUnit daemon(const std::string& kind, const std::string& id, const char* what, std::int64_t memoryMiB, double cores, std::vector<std::int64_t> ports, Duration starts)
{
    host::StandardUnit unit;
    unit.name = fmt::format("ceph-{}@{}.service", kind, id);
    unit.text = fmt::format("[Unit]\nDescription=Ceph {} daemon{}\nAfter=network-online.target local-fs.target time-sync.target\nWants=network-online.target local-fs.target "
                            "time-sync.target\nPartOf=ceph-{}.target\n\n[Service]\nEnvironment=CLUSTER=ceph\nExecStart=/usr/bin/ceph-{} -f --cluster ceph --id {} --setuser ceph "
                            "--setgroup ceph\nLimitNOFILE=1048576\nRestart=on-failure\nRestartSec=10\nStartLimitBurst=3\nStartLimitInterval=30min\n\n[Install]\n"
                            "WantedBy=multi-user.target\n",
                            what, kind == "osd" ? " osd." + id : "", kind, kind, id);
    unit.memoryBytes = memoryMiB * host::kMiB;
    unit.cpuCores = cores;
    unit.listens = std::move(ports);
    unit.startTime = starts;
    return unit;
}

} // namespace

std::string TopologyBuilder::cephProblem(const json& topology)
{
    const auto section = topology.find("ceph");
    if (section == topology.end())
        return {};
    std::set<std::string> machines;
    for (const json& machine : topology.at("machines"))
        machines.insert(machine.at("name"));
    const std::vector<std::string> hosts = names(*section, "osdHosts");
    for (const char* list : {"osdHosts", "monitors", "mgrs", "metadataServers", "clients"})
        for (const std::string& name : names(*section, list)) {
            if (!machines.contains(name))
                return fmt::format("\"ceph\", {}: there is no machine {}", list, name);
            if (std::string_view(list) != "clients" && !holds(hosts, name))
                return fmt::format("\"ceph\", {}: {} is not among osdHosts", list, name);
        }
    std::set<std::string> pools;
    for (const json& pool : section->at("pools")) {
        const std::int64_t groups = pool.at("pgs");
        if (groups < 1 || (groups & (groups - 1)) != 0)
            return fmt::format("\"ceph\", pool {}: {} placement groups are no power of two", pool.at("name").get<std::string>(), groups);
        pools.insert(pool.at("name"));
    }
    if (const auto files = section->find("fileSystem"); files != section->end())
        for (const char* key : {"metadata", "data"})
            if (!pools.contains(files->at(key).get<std::string>()))
                return fmt::format("\"ceph\", fileSystem: {} names the pool {}, which is not among its pools", key, files->at(key).get<std::string>());
    return {};
}

void TopologyBuilder::addCephUnits(host::StandardMachine& machine) const
{
    const auto section = m_topology.find("ceph");
    if (section == m_topology.end())
        return;
    const std::vector<std::string> hosts = names(*section, "osdHosts");
    const auto place = std::find(hosts.begin(), hosts.end(), machine.name);
    if (place != hosts.end()) {
        const std::int64_t drives = section->at("drivesPerHost");
        const std::int64_t first = (place - hosts.begin()) * drives;
        for (std::int64_t osd = first; osd < first + drives; ++osd)
            machine.ownUnits.push_back(daemon("osd", std::to_string(osd), "object storage", 4'300, 0.05, {ceph::kFirstOsdPort + ceph::kOsdPorts * (osd - first), ceph::kFirstOsdPort + ceph::kOsdPorts * (osd - first) + 1}, 2s));
        if (holds(names(*section, "monitors"), machine.name))
            machine.ownUnits.push_back(daemon("mon", machine.name, "cluster monitor", 900, 0.03, {3300, 6789}, 1s));
        if (holds(names(*section, "mgrs"), machine.name))
            machine.ownUnits.push_back(daemon("mgr", machine.name, "cluster manager", 700, 0.05, {9283}, 2s));
        if (holds(names(*section, "metadataServers"), machine.name))
            machine.ownUnits.push_back(daemon("mds", machine.name, "metadata server", 2'100, 0.02, {6790}, 1s));
        host::File folder;
        folder.type = host::File::Type::Directory;
        folder.mode = 0755;
        folder.owner = folder.group = "ceph";
        folder.size = 4096;
        machine.files["/var/log/ceph"] = std::make_shared<host::File>(folder);
    }
    if (place == hosts.end() && !holds(names(*section, "clients"), machine.name))
        return;
    std::vector<std::string> monitors;
    for (const std::string& name : names(*section, "monitors"))
        for (const json& other : m_topology.at("machines"))
            if (other.at("name") == name)
                monitors.push_back(fmt::format("[v2:{0}:3300/0,v1:{0}:6789/0]", other.at("address").get<std::string>()));
    const auto put = [&](const std::string& path, std::string text, std::uint32_t mode) {
        host::File file;
        file.content = std::move(text);
        file.size = static_cast<std::int64_t>(file.content.size());
        file.mode = mode;
        machine.files[path] = std::make_shared<host::File>(std::move(file));
    };
    put("/etc/ceph/ceph.conf", fmt::format("# minimal ceph.conf for {0}\n[global]\n\tfsid = {0}\n\tmon_host = {1}\n", section->at("fsid").get<std::string>(), fmt::join(monitors, " ")), 0644);
    put("/etc/ceph/ceph.client.admin.keyring", "[client.admin]\n\tkey = AQDkxKVpm2ZPLRAA3c0T8y1rYbW9oUuJkQ5xZg==\n\tcaps mds = \"allow *\"\n\tcaps mgr = \"allow *\"\n\tcaps mon = \"allow *\"\n"
                                               "\tcaps osd = \"allow *\"\n",
        place == hosts.end() ? 0644 : 0600);
}

void TopologyBuilder::addCeph()
{
    const auto section = m_topology.find("ceph");
    if (section == m_topology.end())
        return;
    ceph::ClusterPlan plan;
    plan.fsid = section->at("fsid");
    plan.age = kClusterAge;
    plan.uptime = host::StandardMachine{}.uptime;
    const std::vector<std::string> hosts = names(*section, "osdHosts");
    const auto indexes = [&](const char* key) {
        std::vector<std::size_t> of;
        for (const std::string& name : names(*section, key))
            of.push_back(static_cast<std::size_t>(std::find(hosts.begin(), hosts.end(), name) - hosts.begin()));
        return of;
    };
    const json& drive = section->at("drive");
    for (const std::string& name : hosts) {
        host::Machine& machine = m_world.m_hosts.at(hostNamed(name));
        const LinkId link = m_world.m_network.fabric().linkOf(machine.stack, "eth0");
        ceph::StorageHost host;
        host.name = name;
        host.machine = machine.id;
        host.address = m_world.m_network.stack(machine.stack).primaryAddress().value_or(net::Ipv4{}).text();
        host.nicBytesPerSecond = m_world.m_network.fabric().links()[link.value].bitsPerSecond / 8;
        RandomStream& random = m_world.m_engine.random("ceph/build/" + name);
        for (std::int64_t i = 1; i <= section->at("drivesPerHost").get<std::int64_t>(); ++i) {
            ceph::Device device;
            device.kind = drive.value("class", "ssd") == "hdd" ? ceph::DeviceClass::Hdd : ceph::DeviceClass::Ssd;
            device.path = device.kind == ceph::DeviceClass::Hdd ? fmt::format("/dev/sd{}", static_cast<char>('a' + i)) : fmt::format("/dev/nvme{}n1", i);
            device.serial = fmt::format("S6CKNN0T{:06}", random.below(1'000'000));
            device.bytes = static_cast<std::int64_t>(drive.at("GB").get<double>() * 1e9);
            device.writeBytesPerSecond = drive.at("writeMBps").get<double>() * 1e6;
            device.readBytesPerSecond = drive.at("readMBps").get<double>() * 1e6;
            device.commitSeconds = drive.at("commitMilliseconds").get<double>() / 1e3;
            host::BlockDevice block;
            block.path = block.disk = device.path;
            block.sizeBytes = device.bytes;
            block.type = "ceph_bluestore";
            machine.devices.push_back(std::move(block));
            plan.osds.emplace_back(plan.hosts.size(), std::move(device));
        }
        plan.hosts.push_back(std::move(host));
    }
    plan.monitors = indexes("monitors");
    plan.mgrs = indexes("mgrs");
    plan.metadataServers = indexes("metadataServers");
    for (const json& from : section->at("pools")) {
        ceph::Pool pool;
        pool.name = from.at("name");
        pool.application = from.value("application", "rbd");
        pool.pgCount = from.at("pgs");
        pool.size = from.value("size", std::size_t{3});
        pool.minSize = from.value("minSize", std::size_t{2});
        pool.bulk = from.value("bulk", false);
        pool.extraObjects = from.value("objects", std::int64_t{0});
        pool.steadyReadBytesPerSecond = from.value("steadyReadMBps", 0.0) * 1e6;
        pool.steadyWriteBytesPerSecond = from.value("steadyWriteMBps", 0.0) * 1e6;
        plan.pools.push_back(std::move(pool));
    }
    const auto poolNamed = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find_if(plan.pools.begin(), plan.pools.end(), [&](const ceph::Pool& pool) { return pool.name == name; }) - plan.pools.begin());
    };
    const json files = section->value("fileSystem", json());
    if (!files.is_null())
        plan.fileSystem = ceph::FileSystem{files.at("name"), poolNamed(files.at("metadata")), poolNamed(files.at("data")), {}, 0, 1};
    const std::size_t data = plan.fileSystem ? plan.fileSystem->dataPool : 0;
    m_world.m_ceph = ceph::Cluster(std::move(plan), m_world.now());
    const json folders = files.is_null() ? json::object() : files.value("folders", json::object());
    for (const auto& [folder, gigabytes] : folders.items())
        m_world.m_ceph.fill(data, folder, static_cast<std::int64_t>(gigabytes.get<double>() * 1e9));
}

} // namespace sim
