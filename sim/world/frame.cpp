#include "sim/engine/letters.h"
#include "sim/kube/api/printers.h"
#include "sim/world/world.h"

#include <algorithm>
#include <map>

// What monitoring would know, laid out for drawing. Nothing here may look at injections().
namespace sim {

namespace {

constexpr std::size_t kMaxEvents = 200;

MachineView::Role roleOf(const std::string& role)
{
    using Role = MachineView::Role;
    static const std::map<std::string, Role> kRoles{{"control-plane", Role::ControlPlane}, {"worker", Role::Worker},
                                                    {"gpu", Role::Gpu}, {"registry", Role::Registry},
                                                    {"infra", Role::Infra}, {"bastion", Role::Bastion},
                                                    {"server", Role::Server}, {"docker", Role::Server},
                                                    {"router", Role::Router}, {"outside", Role::Outside}};
    const auto it = kRoles.find(role);
    return it == kRoles.end() ? Role::Infra : it->second;
}

PodView podView(const kube::Pod& pod)
{
    PodView view;
    view.nameSpace = pod.metadata.namespace_;
    view.name = pod.metadata.name;
    const auto app = pod.metadata.labels.find("app");
    view.app = app == pod.metadata.labels.end() ? pod.metadata.name : app->second;
    view.node = pod.spec.nodeName;
    view.status = kube::podStatusWord(pod);
    view.ip = pod.status.podIP;
    view.containers = static_cast<int>(pod.spec.containers.size());
    for (const auto& status : pod.status.containerStatuses) {
        view.readyContainers += status.ready.value ? 1 : 0;
        view.restarts += static_cast<int>(status.restartCount.value);
    }
    if (pod.metadata.creationTimestamp)
        view.created = pod.metadata.creationTimestamp->at;
    view.health = healthOf(pod, view.status);
    return view;
}

GpuView gpuView(const gpu::Gpu& gpu)
{
    GpuView view;
    view.index = static_cast<int>(gpu.index);
    view.model = gpu.kind().name;
    view.present = gpu.working();
    view.temperatureC = gpu.temperatureC();
    view.powerW = gpu.now.powerW;
    view.powerLimitW = gpu.settings.powerLimitW;
    view.smMHz = static_cast<int>(gpu.now.smMHz);
    view.maxSmMHz = gpu.kind().maxSmMHz;
    view.reasons = gpu.now.reasons;
    view.utilisation = gpu.now.activity.kernel;
    view.memoryUsedBytes = gpu.memoryUsedBytes();
    view.memoryTotalBytes = gpu.memoryTotalBytes();
    // Operators watch from 5 K below the temperature at which the driver begins to lower clocks.
    const double marginC = gpu.kind().maxOperatingC - gpu.temperatureC();
    view.health = !gpu.working() || marginC <= 0 ? Health::Critical : marginC <= 5 || !gpu.healthy ? Health::Warn : Health::Ok;
    return view;
}

void describeNode(MachineView& view, const kube::Node& node)
{
    view.status = "Unknown";
    view.health = Health::Unknown;
    for (const auto& condition : node.status.conditions) {
        if (condition.type.value != "Ready")
            continue;
        const bool ready = condition.status.value == "True";
        view.status = ready ? "Ready" : "NotReady";
        view.health = ready ? Health::Ok : Health::Critical;
    }
    for (const auto& condition : node.status.conditions)
        if (condition.type.value != "Ready" && condition.status.value == "True" && view.health == Health::Ok) {
            view.status = condition.type.value; // DiskPressure, MemoryPressure
            view.health = Health::Warn;
        }
    if (node.spec.unschedulable) {
        view.status += ",SchedulingDisabled";
        view.health = std::max(view.health, Health::Warn);
    }
}

} // namespace

TrainingJobView trainingView(const training::Job& job)
{
    TrainingJobView view;
    const std::string name = training::jobName(job.key);
    const std::size_t slash = name.find('/');
    view.nameSpace = name.substr(0, slash);
    view.name = name.substr(slash + 1);
    view.phase = "down";
    view.health = Health::Critical;
    view.goodput = job.goodput;
    if (!job.run)
        return view;
    const training::Run& run = *job.run;
    static constexpr const char* kPhases[] = {"rendezvous", "bootstrap", "loading", "training"};
    view.phase = run.stall ? "stalled" : kPhases[static_cast<std::size_t>(run.phase)];
    view.iteration = run.iteration;
    view.iterations = run.settings.iterations;
    view.usualStepSeconds = run.healthySeconds;
    if (run.stall)
        return view;
    view.health = run.phase == training::RunPhase::Training ? Health::Ok : Health::Warn;
    if (run.phase != training::RunPhase::Training || !run.times)
        return view;
    view.stepSeconds = run.times->seconds;
    view.modelUtilisation = run.times->modelUtilisation;
    if (run.times->seconds > 1.1 * run.healthySeconds)
        view.health = Health::Warn;
    return view;
}

Health healthOf(const kube::Pod& pod, const std::string& word)
{
    if (word == "Running" || word == "Completed" || word == "Succeeded") {
        const auto& statuses = pod.status.containerStatuses;
        const bool ready = word != "Running"
            || std::all_of(statuses.begin(), statuses.end(), [](const auto& s) { return s.ready.value; });
        return ready ? Health::Ok : Health::Warn;
    }
    if (word == "Pending" || word == "ContainerCreating" || word == "PodInitializing" || word == "Terminating")
        return Health::Warn;
    if (word == "Unknown")
        return Health::Unknown;
    return Health::Critical;
}

Frame World::frame() const
{
    Frame frame;
    frame.now = now();
    frame.start = m_start;
    frame.topology = m_topology;

    std::map<std::string, std::size_t> machineIndex;
    const HostId leader = m_cluster.etcdLeader();
    for (const host::Machine& machine : m_hosts.all()) {
        MachineView view;
        view.name = machine.name;
        view.role = roleOf(machine.role);
        if (m_network.hasStack(machine.stack))
            if (const auto address = m_network.stack(machine.stack).primaryAddress())
                view.address = address->text();
        const bool on = machine.power == host::Machine::Power::On;
        // From outside a machine is up when it answers; a booting one does not yet.
        view.status = on ? "Up" : "Down";
        view.health = on ? Health::Ok : Health::Critical;
        if (const auto node = m_cluster.store().get<kube::Node>({"", machine.name}))
            describeNode(view, *node);
        view.etcdLeader = leader == machine.id;
        view.cpuCores = static_cast<double>(machine.cpus);
        view.cpuUsed = on ? machine.cpuCoresUsed() : 0;
        view.memoryBytes = machine.memoryBytes;
        view.memoryUsedBytes = on ? machine.memoryUsedBytes() : 0;
        const host::Mount& root = machine.mountOf("/");
        view.diskUsed = root.sizeBytes > 0
            ? static_cast<double>(machine.usedBytes(root)) / static_cast<double>(root.sizeBytes) : 0;
        for (const GpuId id : m_gpus.of(machine.id))
            view.gpus.push_back(gpuView(m_gpus.at(id)));
        machineIndex[view.name] = frame.machines.size();
        frame.machines.push_back(std::move(view));
    }

    for (const auto& [key, node] : m_cluster.store().all<kube::Node>()) {
        if (machineIndex.count(key.name) > 0)
            continue;
        MachineView view; // a node without a machine (sim/kube/fake)
        view.name = key.name;
        for (const auto& address : node->status.addresses)
            if (address.type == "InternalIP")
                view.address = address.address;
        describeNode(view, *node);
        if (const auto cpu = node->status.capacity.find("cpu"); cpu != node->status.capacity.end())
            view.cpuCores = static_cast<double>(cpu->second.milliValue()) / 1000;
        if (const auto memory = node->status.capacity.find("memory"); memory != node->status.capacity.end())
            view.memoryBytes = memory->second.value();
        machineIndex[view.name] = frame.machines.size();
        frame.machines.push_back(std::move(view));
    }

    for (const auto& [key, pod] : m_cluster.store().all<kube::Pod>()) {
        const auto it = machineIndex.find(pod->spec.nodeName);
        if (it != machineIndex.end())
            frame.machines[it->second].pods.push_back(static_cast<int>(frame.pods.size()));
        frame.pods.push_back(podView(*pod));
    }

    for (const net::Switch& one : m_network.switches())
        frame.switches.push_back({one.name, one.spine, one.bitsPerSecond});
    const auto& links = m_network.links();
    for (std::size_t i = 0; i < links.size(); ++i) {
        const net::Link& link = links[i];
        LinkView view;
        view.from = m_network.switches()[link.upper.value].name;
        view.to = link.machine.valid() ? m_network.stack(link.machine).name : m_network.switches()[link.lower.value].name;
        view.up = link.up;
        view.bitsPerSecond = link.bitsPerSecond;
        view.load = m_network.load(LinkId(i));
        frame.links.push_back(std::move(view));
    }

    for (const auto& [key, event] : m_cluster.store().all<kube::KubeEvent>()) {
        EventView view;
        view.at = event->lastTimestamp ? event->lastTimestamp->at : Instant{};
        view.level = event->type == "Warning" ? Health::Warn : Health::Ok;
        view.source = "event";
        view.reason = event->reason;
        view.object = lowered(event->involvedObject.kind) + "/"
            + (event->involvedObject.namespace_.empty() ? "" : event->involvedObject.namespace_ + "/") + event->involvedObject.name;
        view.message = event->message;
        view.count = static_cast<int>(event->count);
        frame.events.push_back(std::move(view));
    }
    for (const auto& change : m_telemetry.history()) {
        if (change.state == telemetry::Alert::State::Pending)
            continue;
        const bool firing = change.state == telemetry::Alert::State::Firing;
        frame.events.push_back({change.at, firing ? Health::Critical : Health::Ok, "alert", change.rule, "service/shop/checkout",
                                firing ? "firing" : "resolved", 1});
    }
    std::stable_sort(frame.events.begin(), frame.events.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    if (frame.events.size() > kMaxEvents)
        frame.events.erase(frame.events.begin(), frame.events.end() - kMaxEvents);

    for (std::size_t i = 0; i < m_telemetry.rules().size(); ++i) {
        const telemetry::Alert& alert = m_telemetry.alerts()[i];
        if (alert.state == telemetry::Alert::State::Inactive)
            continue;
        const telemetry::Rule& rule = m_telemetry.rules()[i];
        frame.alerts.push_back({rule.name, rule.severity, rule.summary, alert.since, alert.state == telemetry::Alert::State::Firing});
    }

    for (std::size_t i = 0; i < telemetry::Telemetry::kSeries.size(); ++i)
        frame.series.push_back({std::string(telemetry::Telemetry::kSeries[i]), m_telemetry.start(), telemetry::Telemetry::kStep,
                                std::make_shared<const std::vector<float>>(m_telemetry.series(i))});
    frame.trains = m_load.profile().training;
    for (const auto& [key, job] : m_training.all())
        frame.training.push_back(trainingView(job));
    frame.successRatio = m_telemetry.mean("sli.success", 30s);
    frame.p99Seconds = m_telemetry.mean("sli.p99", 30s);
    return frame;
}

} // namespace sim
