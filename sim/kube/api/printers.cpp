#include "sim/kube/api/printers.h"

#include "sim/engine/letters.h"
#include "sim/kube/api/printer_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// Server-side tables, as the API server's printers lay them out (pkg/printers/internalversion).
namespace sim::kube {

namespace {

using namespace printing;

constexpr std::size_t kMaxShown = 3; // endpoints and ports in one cell

bool isUp(const ContainerStatus& status) { return status.ready.value && status.state.running.has_value(); }

std::string initStatusWord(const Pod& pod)
{
    const auto& statuses = pod.status.initContainerStatuses;
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const ContainerState& state = statuses[i].state;
        if (state.terminated && state.terminated->exitCode.value == 0)
            continue;
        if (state.terminated) {
            if (!state.terminated->reason.empty())
                return "Init:" + state.terminated->reason;
            return state.terminated->signal != 0 ? fmt::format("Init:Signal:{}", state.terminated->signal)
                                                 : fmt::format("Init:ExitCode:{}", state.terminated->exitCode.value);
        }
        if (state.waiting && !state.waiting->reason.empty() && state.waiting->reason != "PodInitializing")
            return "Init:" + state.waiting->reason;
        return fmt::format("Init:{}/{}", i, pod.spec.initContainers.size());
    }
    return {};
}

std::string restartsText(const Pod& pod, Instant now)
{
    std::int64_t restarts = 0;
    std::optional<Instant> last;
    for (const auto& status : pod.status.containerStatuses) {
        restarts += status.restartCount.value;
        if (status.lastState.terminated && status.lastState.terminated->finishedAt)
            last = std::max(last.value_or(Instant{}), status.lastState.terminated->finishedAt->at);
    }
    if (restarts == 0 || !last)
        return std::to_string(restarts);
    return fmt::format("{} ({} ago)", restarts, humanDuration(now - *last));
}

std::vector<std::string> cells(const Pod& pod, Instant now)
{
    const auto ready = std::count_if(pod.status.containerStatuses.begin(), pod.status.containerStatuses.end(), isUp);
    return {pod.metadata.name,
            fmt::format("{}/{}", ready, pod.spec.containers.size()),
            podStatusWord(pod),
            restartsText(pod, now),
            ageOf(pod.metadata.creationTimestamp, now),
            orNone(pod.status.podIP),
            orNone(pod.spec.nodeName),
            orNone(pod.status.nominatedNodeName),
            kNone};
}

std::vector<std::string> cells(const Node& node, Instant now)
{
    std::string status = "Unknown";
    for (const auto& condition : node.status.conditions)
        if (condition.type.value == "Ready")
            status = condition.status.value == "True" ? "Ready" : "NotReady";
    if (node.spec.unschedulable)
        status += ",SchedulingDisabled";
    constexpr std::string_view kRole = "node-role.kubernetes.io/";
    std::vector<std::string> roles;
    for (const auto& [key, value] : node.metadata.labels) {
        if (key.rfind(kRole, 0) == 0 && key.size() > kRole.size())
            roles.push_back(key.substr(kRole.size()));
        else if (key == "kubernetes.io/role" && !value.empty())
            roles.push_back(value);
    }
    std::string internal;
    std::string external;
    for (const auto& address : node.status.addresses) {
        if (address.type == "InternalIP" && internal.empty())
            internal = address.address;
        if (address.type == "ExternalIP" && external.empty())
            external = address.address;
    }
    const auto unknown = [](const std::string& text) { return text.empty() ? std::string("<unknown>") : text; };
    return {node.metadata.name,
            status,
            orNone(joined(roles)),
            ageOf(node.metadata.creationTimestamp, now),
            node.status.nodeInfo.kubeletVersion,
            orNone(internal),
            orNone(external),
            unknown(node.status.nodeInfo.osImage),
            unknown(node.status.nodeInfo.kernelVersion),
            unknown(node.status.nodeInfo.containerRuntimeVersion)};
}

std::vector<std::string> cells(const Deployment& deployment, Instant now)
{
    return {deployment.metadata.name,
            fmt::format("{}/{}", deployment.status.readyReplicas, deployment.spec.replicas.value_or(1)),
            std::to_string(deployment.status.updatedReplicas),
            std::to_string(deployment.status.availableReplicas),
            ageOf(deployment.metadata.creationTimestamp, now),
            containerNames(deployment.spec.template_.spec),
            containerImages(deployment.spec.template_.spec),
            selectorText(deployment.spec.selector)};
}

std::vector<std::string> cells(const ReplicaSet& set, Instant now)
{
    return {set.metadata.name,
            std::to_string(set.spec.replicas.value_or(1)),
            std::to_string(set.status.replicas.value),
            std::to_string(set.status.readyReplicas),
            ageOf(set.metadata.creationTimestamp, now),
            containerNames(set.spec.template_.spec),
            containerImages(set.spec.template_.spec),
            selectorText(set.spec.selector)};
}

std::vector<std::string> cells(const DaemonSet& set, Instant now)
{
    return {set.metadata.name,
            std::to_string(set.status.desiredNumberScheduled.value),
            std::to_string(set.status.currentNumberScheduled.value),
            std::to_string(set.status.numberReady.value),
            std::to_string(set.status.updatedNumberScheduled),
            std::to_string(set.status.numberAvailable),
            orNone(selectorText(set.spec.template_.spec.nodeSelector)),
            ageOf(set.metadata.creationTimestamp, now),
            containerNames(set.spec.template_.spec),
            containerImages(set.spec.template_.spec),
            selectorText(set.spec.selector)};
}

std::vector<std::string> cells(const Service& service, Instant now)
{
    std::vector<std::string> ports;
    for (const auto& port : service.spec.ports) {
        const std::string protocol = port.protocol.empty() ? "TCP" : port.protocol;
        ports.push_back(port.nodePort > 0 ? fmt::format("{}:{}/{}", port.port.value, port.nodePort, protocol)
                                          : fmt::format("{}/{}", port.port.value, protocol));
    }
    return {service.metadata.name,
            service.spec.type,
            orNone(service.spec.clusterIP),
            service.spec.type == "LoadBalancer" ? "<pending>" : orNone(service.spec.externalName),
            orNone(joined(ports)),
            ageOf(service.metadata.creationTimestamp, now),
            orNone(selectorText(service.spec.selector))};
}

std::vector<std::string> cells(const Endpoints& endpoints, Instant now)
{
    std::vector<std::string> shown;
    std::size_t count = 0;
    for (const auto& subset : endpoints.subsets) {
        if (subset.ports.empty())
            for (const auto& address : subset.addresses)
                if (++count <= kMaxShown)
                    shown.push_back(address.ip);
        for (const auto& port : subset.ports)
            for (const auto& address : subset.addresses)
                if (++count <= kMaxShown)
                    shown.push_back(fmt::format("{}:{}", address.ip, port.port));
    }
    std::string text = orNone(joined(shown));
    if (count > kMaxShown)
        text += fmt::format(" + {} more...", count - kMaxShown);
    return {endpoints.metadata.name, text, ageOf(endpoints.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const EndpointSlice& slice, Instant now)
{
    std::vector<std::string> ports;
    for (const auto& port : slice.ports)
        ports.push_back(std::to_string(port.port));
    std::string portText = ports.empty() ? "<unset>"
                                         : joined({ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(std::min(ports.size(), kMaxShown))});
    if (ports.size() > kMaxShown)
        portText += fmt::format(" + {} more...", ports.size() - kMaxShown);
    std::vector<std::string> addresses;
    std::size_t count = 0;
    for (const auto& endpoint : slice.endpoints)
        for (const auto& address : endpoint.addresses)
            if (++count <= kMaxShown)
                addresses.push_back(address);
    std::string addressText = addresses.empty() ? "<unset>" : joined(addresses);
    if (count > kMaxShown)
        addressText += fmt::format(" + {} more...", count - kMaxShown);
    return {slice.metadata.name, slice.addressType, portText, addressText, ageOf(slice.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const ConfigMap& map, Instant now)
{
    return {map.metadata.name, std::to_string(map.data.size() + map.binaryData.size()), ageOf(map.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const Secret& secret, Instant now)
{
    return {secret.metadata.name, secret.type, std::to_string(secret.data.size()), ageOf(secret.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const ServiceAccount& account, Instant now)
{
    return {account.metadata.name, std::to_string(account.secrets.size()), ageOf(account.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const Namespace& space, Instant now)
{
    return {space.metadata.name, space.status.phase, ageOf(space.metadata.creationTimestamp, now)};
}

std::vector<std::string> cells(const KubeEvent& event, Instant now)
{
    std::string kind = event.involvedObject.kind;
    kind = sim::lowered(kind);
    const std::string first = event.firstTimestamp ? ageOf(event.firstTimestamp, now)
        : event.eventTime                          ? humanDuration(now - event.eventTime->at)
                                                   : std::string("<unknown>");
    const std::string last = event.series && event.series->lastObservedTime ? humanDuration(now - event.series->lastObservedTime->at)
        : event.lastTimestamp                                               ? ageOf(event.lastTimestamp, now)
                                                                            : first;
    const std::int64_t count = event.series ? event.series->count : event.count;
    std::string message = event.message;
    while (!message.empty() && (message.back() == '\n' || message.back() == ' '))
        message.pop_back();
    std::string source = event.source.component.empty() ? event.reportingComponent.value : event.source.component;
    const std::string host = event.source.host.empty() ? event.reportingInstance.value : event.source.host;
    if (!host.empty())
        source += ", " + host;
    return {last,
            event.type,
            event.reason,
            kind + "/" + event.involvedObject.name,
            event.involvedObject.fieldPath,
            source,
            message,
            first,
            std::to_string(std::max<std::int64_t>(1, count)),
            event.metadata.name};
}

std::vector<std::string> cells(const Lease& lease, Instant now)
{
    return {lease.metadata.name, lease.spec.holderIdentity, ageOf(lease.metadata.creationTimestamp, now)};
}

Columns columnsFor(const Pod*)
{
    return {{"NAME"}, {"READY"}, {"STATUS"}, {"RESTARTS"}, {"AGE"}, {"IP", true}, {"NODE", true}, {"NOMINATED NODE", true}, {"READINESS GATES", true}};
}
Columns columnsFor(const Node*)
{
    return {{"NAME"}, {"STATUS"}, {"ROLES"}, {"AGE"}, {"VERSION"}, {"INTERNAL-IP", true}, {"EXTERNAL-IP", true}, {"OS-IMAGE", true},
            {"KERNEL-VERSION", true}, {"CONTAINER-RUNTIME", true}};
}
Columns columnsFor(const Deployment*)
{
    return {{"NAME"}, {"READY"}, {"UP-TO-DATE"}, {"AVAILABLE"}, {"AGE"}, {"CONTAINERS", true}, {"IMAGES", true}, {"SELECTOR", true}};
}
Columns columnsFor(const ReplicaSet*)
{
    return {{"NAME"}, {"DESIRED"}, {"CURRENT"}, {"READY"}, {"AGE"}, {"CONTAINERS", true}, {"IMAGES", true}, {"SELECTOR", true}};
}
Columns columnsFor(const DaemonSet*)
{
    return {{"NAME"}, {"DESIRED"}, {"CURRENT"}, {"READY"}, {"UP-TO-DATE"}, {"AVAILABLE"}, {"NODE SELECTOR"}, {"AGE"},
            {"CONTAINERS", true}, {"IMAGES", true}, {"SELECTOR", true}};
}
Columns columnsFor(const Service*)
{
    return {{"NAME"}, {"TYPE"}, {"CLUSTER-IP"}, {"EXTERNAL-IP"}, {"PORT(S)"}, {"AGE"}, {"SELECTOR", true}};
}
Columns columnsFor(const Endpoints*) { return {{"NAME"}, {"ENDPOINTS"}, {"AGE"}}; }
Columns columnsFor(const EndpointSlice*) { return {{"NAME"}, {"ADDRESSTYPE"}, {"PORTS"}, {"ENDPOINTS"}, {"AGE"}}; }
Columns columnsFor(const ConfigMap*) { return {{"NAME"}, {"DATA"}, {"AGE"}}; }
Columns columnsFor(const Secret*) { return {{"NAME"}, {"TYPE"}, {"DATA"}, {"AGE"}}; }
Columns columnsFor(const ServiceAccount*) { return {{"NAME"}, {"SECRETS"}, {"AGE"}}; }
Columns columnsFor(const Namespace*) { return {{"NAME"}, {"STATUS"}, {"AGE"}}; }
Columns columnsFor(const KubeEvent*)
{
    return {{"LAST SEEN"}, {"TYPE"}, {"REASON"}, {"OBJECT"}, {"SUBOBJECT", true}, {"SOURCE", true}, {"MESSAGE"}, {"FIRST SEEN", true},
            {"COUNT", true}, {"NAME", true}};
}
Columns columnsFor(const Lease*) { return {{"NAME"}, {"HOLDER"}, {"AGE"}}; }

using printing::cells;
using printing::columnsFor;

template <class T>
Table::Row rowFor(std::shared_ptr<const void> object, Instant now)
{
    const T& typed = *static_cast<const T*>(object.get());
    Table::Row row;
    row.cells = cells(typed, now);
    row.namespace_ = typed.metadata.namespace_;
    row.name = typed.metadata.name;
    row.metadata = &typed.metadata;
    row.object = std::move(object);
    return row;
}

struct Printer {
    Columns columns;
    Table::Row (*row)(std::shared_ptr<const void>, Instant);
};

template <class... T>
std::array<Printer, sizeof...(T)> printersFor(boost::mp11::mp_list<T...>)
{
    return {Printer{columnsFor(static_cast<const T*>(nullptr)), &rowFor<T>}...};
}

const std::array<Printer, kKindCount>& printers()
{
    static const std::array<Printer, kKindCount> kPrinters = printersFor(AllKinds{});
    return kPrinters;
}

} // namespace

std::string humanDuration(Duration age)
{
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
    if (seconds < -1)
        return "<invalid>";
    if (seconds < 0)
        return "0s";
    if (seconds < 120)
        return fmt::format("{}s", seconds);
    const std::int64_t minutes = seconds / 60;
    if (minutes < 10)
        return seconds % 60 == 0 ? fmt::format("{}m", minutes) : fmt::format("{}m{}s", minutes, seconds % 60);
    if (minutes < 180)
        return fmt::format("{}m", minutes);
    const std::int64_t hours = minutes / 60;
    if (hours < 8)
        return minutes % 60 == 0 ? fmt::format("{}h", hours) : fmt::format("{}h{}m", hours, minutes % 60);
    if (hours < 48)
        return fmt::format("{}h", hours);
    const std::int64_t days = hours / 24;
    if (days < 8)
        return hours % 24 == 0 ? fmt::format("{}d", days) : fmt::format("{}d{}h", days, hours % 24);
    if (days < 365 * 2)
        return fmt::format("{}d", days);
    if (days < 365 * 8)
        return days % 365 == 0 ? fmt::format("{}y", days / 365) : fmt::format("{}y{}d", days / 365, days % 365);
    return fmt::format("{}y", days / 365);
}

std::string ageOf(const std::optional<Time>& since, Instant now)
{
    return since ? humanDuration(now - since->at) : "<unknown>";
}

std::string podStatusWord(const Pod& pod)
{
    std::string reason = pod.status.reason.empty() ? pod.status.phase : pod.status.reason;
    for (const Condition& one : pod.status.conditions)
        if (one.type.value == "PodScheduled" && one.reason == "SchedulingGated")
            reason = one.reason;
    const std::string initializing = initStatusWord(pod);
    if (!initializing.empty()) {
        reason = initializing;
    } else {
        bool running = false;
        const auto& statuses = pod.status.containerStatuses;
        for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) {
            const ContainerState& state = status->state;
            if (state.waiting && !state.waiting->reason.empty())
                reason = state.waiting->reason;
            else if (state.terminated && !state.terminated->reason.empty())
                reason = state.terminated->reason;
            else if (state.terminated)
                reason = state.terminated->signal != 0 ? fmt::format("Signal:{}", state.terminated->signal)
                                                       : fmt::format("ExitCode:{}", state.terminated->exitCode.value);
            else if (isUp(*status))
                running = true;
        }
        if (reason == "Completed" && running) {
            const auto& conditions = pod.status.conditions;
            const bool ready = std::any_of(conditions.begin(), conditions.end(),
                                           [](const Condition& c) { return c.type.value == "Ready" && c.status.value == "True"; });
            reason = ready ? "Running" : "NotReady";
        }
    }
    if (pod.metadata.deletionTimestamp) {
        if (pod.status.reason == "NodeLost")
            return "Unknown";
        if (pod.status.phase != "Succeeded" && pod.status.phase != "Failed")
            return "Terminating";
    }
    return reason;
}

const std::vector<Table::Column>& tableColumns(KindId kind)
{
    return printers()[kind].columns;
}

Table::Row tableRow(KindId kind, std::shared_ptr<const void> object, Instant now)
{
    return printers()[kind].row(std::move(object), now);
}

} // namespace sim::kube
