#include "core/incident/sim_world_probe.h"

#include "core/incident/docker_config.h"
#include "core/incident/incident_run.h"
#include "sim/engine/base64.h"
#include "sim/host/boot.h"
#include "sim/kube/webhook_network.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace core::incident {

namespace {

using namespace sim;

PodState stateOf(const kube::Pod& pod)
{
    PodState state;
    state.nameSpace = pod.metadata.namespace_;
    state.name = pod.metadata.name;
    state.node = pod.spec.nodeName;
    state.deleting = pod.metadata.deletionTimestamp.has_value();
    for (const char* key : {"training.kubeflow.org/job-name", "app"})
        if (const auto label = pod.metadata.labels.find(key); label != pod.metadata.labels.end())
            state.app = label->second;
    if (!pod.spec.containers.empty())
        state.image = pod.spec.containers.front().image;
    state.finished = pod.status.phase == "Failed" || pod.status.phase == "Succeeded";
    if (pod.metadata.creationTimestamp)
        state.created = pod.metadata.creationTimestamp->at;
    for (const kube::Condition& condition : pod.status.conditions)
        if (condition.type.value == "Ready")
            state.ready = condition.status.value == "True";
    for (const kube::ContainerStatus& container : pod.status.containerStatuses)
        if (container.state.waiting)
            state.waitingReason = container.state.waiting->reason;
    const auto& containers = pod.status.containerStatuses;
    const auto runs = [](const kube::ContainerStatus& one) { return one.state.running && one.state.running->startedAt; };
    if (!containers.empty() && std::all_of(containers.begin(), containers.end(), runs))
        for (const kube::ContainerStatus& one : containers)
            state.runningSince = std::max(state.runningSince.value_or(Instant{}), one.state.running->startedAt->at);
    return state;
}

void addSecrets(std::vector<std::string>& names, const std::vector<kube::LocalObjectReference>& references)
{
    for (const kube::LocalObjectReference& reference : references)
        names.push_back(reference.name);
}

struct Url {
    bool tls = false;
    std::string host;
    std::int64_t port = 80;
    std::string path = "/";
};

Url parseUrl(const std::string& text)
{
    Url url;
    std::string rest = text;
    if (const auto scheme = rest.find("://"); scheme != std::string::npos) {
        url.tls = rest.substr(0, scheme) == "https";
        rest.erase(0, scheme + 3);
    }
    if (const auto slash = rest.find('/'); slash != std::string::npos) {
        url.path = rest.substr(slash);
        rest.erase(slash);
    }
    const auto colon = rest.find(':');
    url.host = rest.substr(0, colon);
    url.port = colon == std::string::npos ? (url.tls ? 443 : 80) : std::atoll(rest.c_str() + colon + 1);
    return url;
}

} // namespace

Instant SimWorldProbe::now() const { return m_world.now(); }

ServiceLevel SimWorldProbe::serviceLevel() const
{
    const LoadResult& last = m_world.userLoad().last();
    return {last.success, last.rate, last.p99Seconds};
}

bool SimWorldProbe::alertFiring() const
{
    const auto& alerts = m_world.telemetry().alerts();
    return std::any_of(alerts.begin(), alerts.end(), [](const telemetry::Alert& alert) { return alert.state == telemetry::Alert::State::Firing; });
}

std::vector<PodState> SimWorldProbe::pods(const std::string& nameSpace) const
{
    std::vector<PodState> states;
    for (const auto& pod : m_world.cluster().store().inNamespace<kube::Pod>(nameSpace))
        states.push_back(stateOf(*pod));
    return states;
}

std::optional<DeploymentState> SimWorldProbe::deployment(const std::string& nameSpace, const std::string& name) const
{
    const kube::Store& store = m_world.cluster().store();
    const auto deployment = store.get<kube::Deployment>({nameSpace, name});
    if (!deployment)
        return std::nullopt;
    const kube::PodSpec& pod = deployment->spec.template_.spec;
    DeploymentState state;
    state.replicas = deployment->spec.replicas.value_or(1);
    state.available = deployment->status.availableReplicas;
    state.updated = deployment->status.updatedReplicas;
    state.total = deployment->status.replicas;
    state.observed = deployment->status.observedGeneration >= deployment->metadata.generation;
    if (!pod.containers.empty())
        state.image = pod.containers.front().image;
    addSecrets(state.pullSecrets, pod.imagePullSecrets);
    // The ServiceAccount admission plugin gives its secrets only to pods that name none.
    const std::string account = pod.serviceAccountName.empty() ? "default" : pod.serviceAccountName;
    if (!pod.imagePullSecrets.empty())
        return state;
    if (const auto serviceAccount = store.get<kube::ServiceAccount>({nameSpace, account}))
        addSecrets(state.pullSecrets, serviceAccount->imagePullSecrets);
    return state;
}

std::vector<std::string> SimWorldProbe::nodes(bool schedulableOnly) const
{
    std::vector<std::string> names;
    for (const auto& [key, node] : m_world.cluster().store().all<kube::Node>())
        if (!schedulableOnly || !node->spec.unschedulable)
            names.push_back(key.name);
    return names;
}

std::optional<std::string> SimWorldProbe::secretValue(const std::string& nameSpace, const std::string& name,
                                                      const std::string& key) const
{
    const auto secret = m_world.cluster().store().get<kube::Secret>({nameSpace, name});
    if (!secret)
        return std::nullopt;
    const auto value = secret->data.find(key);
    return value == secret->data.end() ? std::nullopt : sim::decodeBase64(value->second);
}

bool SimWorldProbe::objectExists(const std::string& resource, const std::string& nameSpace, const std::string& name) const
{
    kube::Request request;
    request.resource = resource;
    request.namespace_ = nameSpace;
    request.name = name;
    return kube::ApiServer::read(m_world.cluster().store(), request, m_world.now()).ok();
}

bool SimWorldProbe::podAdmitted(const std::string& nameSpace, const std::string& image) const
{
    kube::Request request;
    request.verb = kube::Verb::Create;
    request.resource = "pods";
    request.namespace_ = nameSpace;
    request.dryRun = true;
    request.body = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "admission-probe"}, {"namespace", nameSpace}}},
                    {"spec", {{"containers", nlohmann::json::array({{{"name", "probe"}, {"image", image}}})}}}};
    // Asked every second, so only what a dry run touches is copied: the store, and the streams that names are drawn from.
    // The webhooks' way there is looked at and never changed.
    kube::Store store = m_world.cluster().store();
    Engine engine = m_world.engine();
    const kube::Context context{engine, const_cast<net::Network&>(m_world.network()), const_cast<host::Hosts&>(m_world.hosts()),
                                const_cast<container::Registries&>(m_world.registries()),
                                const_cast<container::Runtimes&>(m_world.runtimes()), const_cast<gpu::Gpus&>(m_world.gpus())};
    kube::WebhookNetwork webhooks(context, m_world.cluster().settings());
    return m_world.cluster().apiAvailable(context) && kube::ApiServer::handle(store, engine, request, &webhooks).ok();
}

EtcdState SimWorldProbe::etcd() const
{
    EtcdState state;
    const kube::EtcdGroup& group = m_world.cluster().etcd();
    for (const kube::EtcdMember& member : group.members()) {
        state.members += member.majority && member.applied == group.index() ? 1 : 0;
        state.slowestSync = std::max(state.slowestSync, toSeconds(member.sync));
        if (member.quotaBytes > 0)
            state.quotaUsed = std::max(state.quotaUsed, static_cast<double>(member.fileBytes) / static_cast<double>(member.quotaBytes));
    }
    state.takesWrites = group.takesWrites(m_world.now());
    state.compacts = group.compacts();
    return state;
}

bool SimWorldProbe::machineUp(const std::string& machine) const
{
    const host::Machine* found = m_world.machine(machine);
    return found != nullptr && found->power == host::Machine::Power::On;
}

bool SimWorldProbe::nodeReady(const std::string& node) const
{
    const auto found = m_world.cluster().store().get<kube::Node>({"", node});
    return found && std::any_of(found->status.conditions.begin(), found->status.conditions.end(), [](const kube::Condition& condition) {
        return condition.type.value == "Ready" && condition.status.value == "True";
    });
}

double SimWorldProbe::diskFreePercent(const std::string& machine, const std::string& path) const
{
    const host::Machine* found = m_world.machine(machine);
    if (found == nullptr)
        return 0;
    const host::Mount& mount = found->mountOf(path);
    const auto free = [](std::int64_t used, std::int64_t size) {
        return size <= 0 ? 100.0 : 100.0 * static_cast<double>(size - used) / static_cast<double>(size);
    };
    return std::min(free(found->usedBytes(mount), mount.sizeBytes), free(found->usedInodes(mount), mount.inodes));
}

std::int64_t SimWorldProbe::memoryLeftBytes(const std::string& machine) const
{
    const host::Machine* found = m_world.machine(machine);
    return found == nullptr ? 0 : found->memoryLeftBytes();
}

double SimWorldProbe::memoryGrowth(const std::string& machine) const
{
    const host::Machine* found = m_world.machine(machine);
    double growth = 0;
    if (found == nullptr)
        return growth;
    for (const auto& [pid, process] : found->processes)
        growth += process.runs() ? process.growthBytesPerSecond : 0;
    for (const auto& [name, cache] : found->slabs)
        growth += cache.reclaimable || !found->slabGrows(cache) ? 0 : cache.growthObjectsPerSecond * static_cast<double>(cache.objectBytes);
    for (const auto& [key, running] : m_world.programs().running())
        if (key.first == found->id)
            for (const sim::programs::SiteCounters& site : running.rates.sites)
                growth += site.retainedBytes;
    return growth;
}

double SimWorldProbe::activePerCpu(const std::string& machine) const
{
    const host::Machine* found = m_world.machine(machine);
    return found == nullptr || found->cpus <= 0 ? 0 : found->activeTasks() / static_cast<double>(found->cpus);
}

std::vector<DockerContainerState> SimWorldProbe::dockerContainers(const std::string& machine) const
{
    std::vector<DockerContainerState> states;
    const host::Machine* found = m_world.machine(machine);
    const container::docker::Docker* docker = found == nullptr ? nullptr : m_world.dockers().find(found->id);
    if (docker == nullptr)
        return states;
    for (const auto& [id, container] : docker->containers) {
        if (!container.runs())
            continue;
        DockerContainerState state{container.name, container.settings.image, container.started, 0, container.settings.limits.memoryBytes, false};
        for (const auto& [pid, process] : found->processes)
            if (process.container == container.task && process.name != "containerd-shim") {
                state.memoryBytes += process.residentBytes;
                state.grows = state.grows || process.growthBytesPerSecond > 0;
            }
        states.push_back(std::move(state));
    }
    return states;
}

bool SimWorldProbe::bootsByItself(const std::string& machine, const std::string& unit) const
{
    const host::Machine* found = m_world.machine(machine);
    return found != nullptr && host::bootObstacle(*found, unit).empty();
}

bool SimWorldProbe::unitActive(const std::string& machine, const std::string& unit) const
{
    const host::Machine* found = m_world.machine(machine);
    return found != nullptr && m_world.hosts().unitActive(found->id, unit);
}

std::vector<ProgramState> SimWorldProbe::programs(const std::string& machine, const std::string& program) const
{
    std::vector<ProgramState> states;
    const host::Machine* found = m_world.machine(machine);
    for (const auto& [key, running] : m_world.programs().running()) {
        if (found == nullptr || key.first != found->id || running.code->name != program || running.rates.paths.empty())
            continue;
        const double cores = running.rates.granted;
        states.push_back({{running.variants.begin(), running.variants.end()}, cores > 0 ? running.rates.collectorCpu / cores : 0});
    }
    return states;
}

sim::Duration SimWorldProbe::unitActiveFor(const std::string& machine, const std::string& unit) const
{
    return unitActive(machine, unit) ? m_world.now() - m_world.machine(machine)->units.at(unit).since : sim::Duration{};
}

std::string SimWorldProbe::resolve(const std::string& machine, const std::string& name) const
{
    const host::Machine* found = m_world.machine(machine);
    if (found == nullptr)
        return {};
    const NameAnswer answer = m_world.resolve(found->stack, name);
    return answer.status == NameAnswer::Status::Found && !answer.addresses.empty() ? answer.addresses.front().text() : "";
}

std::string SimWorldProbe::resolveInPod(const std::string& nameSpace, const std::string& pod, const std::string& name) const
{
    for (const auto& [id, container] : m_world.runtimes().containers())
        if (container.sandbox && container.podNamespace == nameSpace && container.podName == pod
            && container.state == container::Container::State::Running) {
            const NameAnswer answer = m_world.resolve(container.stack, name);
            return answer.status == NameAnswer::Status::Found && !answer.addresses.empty() ? answer.addresses.front().text() : "";
        }
    return {};
}

std::string SimWorldProbe::fileText(const std::string& machine, const std::string& path) const
{
    const host::Machine* found = m_world.machine(machine);
    const auto file = found == nullptr ? std::nullopt : m_world.hosts().read(found->id, path, m_world.now());
    return file ? file->content : std::string();
}

bool SimWorldProbe::interfaceUp(const std::string& machine, const std::string& interface) const
{
    const host::Machine* found = m_world.machine(machine);
    const net::Interface* one = found == nullptr ? nullptr : m_world.network().stack(found->stack).interface(interface);
    return one != nullptr && one->adminUp;
}

bool SimWorldProbe::reaches(const std::string& machine, const std::string& host, std::int64_t port) const
{
    const host::Machine* found = m_world.machine(machine);
    const auto address = net::Ipv4::parse(resolve(machine, host));
    return found != nullptr && address
        && m_world.reach(found->stack, *address, net::Protocol::Tcp, port).verdict == net::Verdict::Delivered;
}

int SimWorldProbe::httpStatus(const std::string& machine, const std::string& url) const
{
    const host::Machine* found = m_world.machine(machine);
    if (found == nullptr)
        return 0;
    const Url parts = parseUrl(url);
    HttpQuestion question;
    question.from = found->stack;
    question.tls = parts.tls;
    question.host = parts.host;
    question.port = parts.port;
    question.path = parts.path;
    return m_world.http(question).status;
}

int SimWorldProbe::manifestStatus(const std::string& reference, const std::optional<Account>& account) const
{
    const auto parsed = container::Reference::parse(reference);
    const container::Registry* registry = parsed ? m_world.registries().find(parsed->registry) : nullptr;
    if (registry == nullptr)
        return 0;
    const std::string path = fmt::format("/v2/{}/manifests/{}", parsed->repository,
                                         parsed->digest.empty() ? parsed->tag : parsed->digest);
    const auto ask = [&](const std::string& user, const std::string& password) {
        return m_world.registries().answer(m_world.hosts(), *registry, m_world.now(), "HEAD", path, user, password).status;
    };
    if (account)
        return ask(account->user, account->password);
    // "Is it there at all" is asked with each account until one may know.
    int best = 401;
    for (const auto& [user, known] : registry->accounts) {
        const int status = ask(user, known.password);
        if (status == 200)
            return status;
        best = status == 401 ? best : status;
    }
    return best;
}

void IncidentRun::noticeRepair(const World& world) { noticeRepair(SimWorldProbe(world)); }

void IncidentRun::tick(const World& world) { tick(SimWorldProbe(world)); }

void IncidentRun::close(const World& world) { close(SimWorldProbe(world)); }

} // namespace core::incident
