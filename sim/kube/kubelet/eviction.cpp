#include "sim/kube/api/defaults.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

// What the kubelet does when the machine runs short of memory or disk (pkg/kubelet/eviction), and the regular
// collection of unused images (pkg/kubelet/images/image_gc_manager.go).
namespace sim::kube {

namespace {

constexpr Duration kImageGcPeriod = 300s; // ImageGCPeriod
constexpr const char* kMemorySignal = "memory.available";
// Pods of this priority and above, and static ones, are never evicted (kubelettypes.IsCriticalPod).
constexpr std::int64_t kCriticalPriority = 2'000'000'000;
constexpr const char* kEphemeralStorage = "ephemeral-storage";

bool isCritical(const PodWork& work) { return work.isStatic || work.pod->spec.priority.value_or(0) >= kCriticalPriority; }

std::string resourceOf(const std::string& signal)
{
    if (signal == kMemorySignal)
        return "memory";
    return signal.find("inodesFree") != std::string::npos ? "inodes" : kEphemeralStorage;
}

std::string amountText(const std::string& resource, std::int64_t amount)
{
    if (resource == "inodes")
        return std::to_string(amount);
    return amount % 1024 == 0 && amount >= 1024 ? fmt::format("{}Ki", amount / 1024) : std::to_string(amount);
}

std::int64_t requestOf(const Container& spec, const std::string& resource)
{
    const auto found = spec.resources.requests.find(resource);
    return found == spec.resources.requests.end() ? 0 : found->second.value();
}

} // namespace

std::vector<Kubelet::Observation> Kubelet::observeResources(const KubeletContext& k) const
{
    const host::Machine& machine = k.context.hosts.at(m_host);
    const host::Mount& nodefs = machine.mountOf("/var/lib/kubelet");
    const host::Mount& imagefs = machine.mountOf("/var/lib/containerd");
    std::vector<Observation> all{{kMemorySignal, machine.memoryLeftBytes(), machine.memoryBytes}};
    for (const auto& [name, mount] : {std::pair("nodefs", &nodefs), std::pair("imagefs", &imagefs)}) {
        if (mount->sizeBytes > 0)
            all.push_back({std::string(name) + ".available", mount->sizeBytes - machine.usedBytes(*mount), mount->sizeBytes});
        if (mount->inodes > 0)
            all.push_back({std::string(name) + ".inodesFree", mount->inodes - machine.usedInodes(*mount), mount->inodes});
    }
    return all;
}

std::vector<Kubelet::Observation> Kubelet::starvedOf(const std::vector<Observation>& observations, bool withReclaim) const
{
    std::vector<Observation> starved;
    for (const Observation& one : observations) {
        const auto threshold = m_config.evictionHard.find(one.signal);
        if (threshold == m_config.evictionHard.end())
            continue;
        std::int64_t least = thresholdOf(threshold->second, one.capacity);
        if (const auto more = m_config.minimumReclaim.find(one.signal); withReclaim && more != m_config.minimumReclaim.end())
            least += thresholdOf(more->second, one.capacity);
        if (one.available < least)
            starved.push_back(one);
    }
    return starved;
}

void Kubelet::notePressure(const KubeletContext& k)
{
    for (const Observation& one : starvedOf(observeResources(k), false))
        (one.signal == kMemorySignal ? m_memoryShort : m_diskShort) = k.now();
}

bool Kubelet::underPressure(const KubeletContext& k, const std::optional<Instant>& lastShort) const
{
    return lastShort && k.now() - *lastShort < m_config.pressureTransition;
}

std::int64_t Kubelet::usageOf(const KubeletContext& k, const ContainerRecord& record, const std::string& resource) const
{
    const container::Container* container = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
    if (container == nullptr)
        return 0;
    if (resource == "memory") {
        const auto& processes = k.context.hosts.at(m_host).processes;
        const auto process = processes.find(container->pid);
        return process == processes.end() ? 0 : process->second.residentBytes;
    }
    if (resource == "inodes")
        return static_cast<std::int64_t>(container->files.size());
    constexpr std::int64_t kBlock = 4096;
    std::int64_t bytes = 0;
    for (const auto& [at, line] : container->log)
        bytes += static_cast<std::int64_t>(line.size()) + 40; // time stamp, stream and tag
    for (const auto& [path, text] : container->files)
        bytes += (static_cast<std::int64_t>(text.size()) + kBlock - 1) / kBlock * kBlock;
    return (bytes + kBlock - 1) / kBlock * kBlock;
}

bool Kubelet::removeUnusedImages(KubeletContext& k, std::int64_t wantedBytes)
{
    std::set<std::string> used;
    for (const auto& [id, container] : k.context.runtimes.containers())
        if (container.host == m_host)
            used.insert(container.image);
    std::vector<std::pair<std::string, std::int64_t>> unused;
    for (const auto& [reference, image] : k.context.runtimes.images(m_host))
        if (used.count(reference) == 0)
            unused.emplace_back(reference, image->bytes());
    container::Context runtime = k.runtime();
    std::int64_t freed = 0;
    for (const auto& [reference, bytes] : unused) {
        if (wantedBytes > 0 && freed >= wantedBytes)
            break;
        log(k, 'I', "image_gc_manager.go:487", fmt::format("\"Removing image to free bytes\" imageID=\"{}\" size={} runtimeHandler=\"\"", reference, bytes));
        k.context.runtimes.removeImage(runtime, m_host, reference);
        freed += bytes;
    }
    return wantedBytes <= 0 || freed >= wantedBytes;
}

void Kubelet::collectImages(KubeletContext& k)
{
    if (!m_runtimeUp || k.now() - m_imagesCollected < kImageGcPeriod)
        return;
    m_imagesCollected = k.now();
    const host::Machine& machine = k.context.hosts.at(m_host);
    const host::Mount& disk = machine.mountOf("/var/lib/containerd");
    if (disk.sizeBytes <= 0)
        return;
    const std::int64_t used = machine.usedBytes(disk);
    if (used * 100 / disk.sizeBytes < m_config.imageGcHighPercent)
        return;
    const std::int64_t wanted = used - disk.sizeBytes * m_config.imageGcLowPercent / 100;
    log(k, 'I', "image_gc_manager.go:383",
        fmt::format("\"Disk usage on image filesystem is over the high threshold, trying to free bytes down to the low threshold\" usage={} "
                    "highThreshold={} amountToFree={} lowThreshold={}", used * 100 / disk.sizeBytes, m_config.imageGcHighPercent, wanted,
                    m_config.imageGcLowPercent));
    const std::int64_t before = machine.usedBytes(disk);
    if (removeUnusedImages(k, wanted))
        return;
    const std::string text = fmt::format("Failed to garbage collect required amount of images. Attempted to free {} bytes, but only found {} "
                                         "bytes eligible to free.", wanted, before - machine.usedBytes(disk));
    log(k, 'E', "kubelet.go:1542", fmt::format("\"Image garbage collection failed multiple times in a row\" err=\"{}\"", text));
    nodeEvent(k, kWarning, "FreeDiskSpaceFailed", text);
}

void Kubelet::relievePressure(KubeletContext& k)
{
    collectImages(k);
    notePressure(k);
    const std::vector<Observation> starved = starvedOf(observeResources(k), false);
    if (starved.empty() || !m_runtimeUp)
        return;
    // Memory goes first (byEvictionPriority).
    const Observation& worst = starved.front();
    const std::string resource = resourceOf(worst.signal);
    log(k, 'I', "eviction_manager.go:366", fmt::format("\"Eviction manager: attempting to reclaim\" resourceName=\"{}\"", resource));
    nodeEvent(k, kWarning, "EvictionThresholdMet", "Attempting to reclaim " + resource);
    if (resource != "memory") {
        log(k, 'I', "container_gc.go:88", "\"Attempting to delete unused containers\"");
        log(k, 'I', "image_gc_manager.go:431", "\"Attempting to delete unused images\"");
        removeUnusedImages(k, 0);
        if (starvedOf(observeResources(k), true).empty()) {
            log(k, 'I', "eviction_manager.go:373",
                fmt::format("\"Eviction manager: able to reduce resource pressure without evicting pods.\" resourceName=\"{}\"", resource));
            return;
        }
    }
    log(k, 'I', "eviction_manager.go:377", fmt::format("\"Eviction manager: must evict pod(s) to reclaim\" resourceName=\"{}\"", resource));
    evictOne(k, worst, resource);
}

void Kubelet::evictOne(KubeletContext& k, const Observation& starved, const std::string& resource)
{
    struct Candidate {
        PodWork* work;
        std::int64_t usage = 0;
        std::int64_t request = 0;
    };
    std::vector<Candidate> candidates;
    for (auto& [uid, work] : m_pods) {
        if (work.terminating || work.evicted)
            continue;
        Candidate one{&work};
        for (std::size_t i = 0; i < work.containers.size(); ++i) {
            one.usage += usageOf(k, work.containers[i], resource);
            one.request += requestOf(work.pod->spec.containers[i], resource);
        }
        candidates.push_back(one);
    }
    // Who uses more than it asked for, then the least important, then who is furthest above (helpers.go, rank*).
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        const bool aExceeds = a.usage > a.request;
        const bool bExceeds = b.usage > b.request;
        if (aExceeds != bExceeds)
            return aExceeds;
        const std::int64_t aPriority = a.work->pod->spec.priority.value_or(0);
        const std::int64_t bPriority = b.work->pod->spec.priority.value_or(0);
        return aPriority != bPriority ? aPriority < bPriority : a.usage - a.request > b.usage - b.request;
    });
    std::vector<std::string> names;
    for (const Candidate& one : candidates)
        names.push_back(fmt::format("\"{}/{}\"", one.work->pod->metadata.namespace_, one.work->pod->metadata.name));
    log(k, 'I', "eviction_manager.go:395", fmt::format("\"Eviction manager: pods ranked for eviction\" pods=[{}]", fmt::join(names, ",")));
    for (const Candidate& one : candidates) {
        PodWork& work = *one.work;
        const std::string pod = fmt::format("\"{}/{}\"", work.pod->metadata.namespace_, work.pod->metadata.name);
        if (isCritical(work)) {
            log(k, 'E', "eviction_manager.go:611", "\"Eviction manager: cannot evict a critical pod\" pod=" + pod);
            continue;
        }
        std::string message = fmt::format("The node was low on resource: {}. Threshold quantity: {}, available: {}. ", resource,
                                          amountText(resource, thresholdOf(m_config.evictionHard.at(starved.signal), starved.capacity)),
                                          amountText(resource, std::max<std::int64_t>(0, starved.available) / 1024 * 1024));
        for (std::size_t i = 0; i < work.containers.size(); ++i) {
            const Container& spec = work.pod->spec.containers[i];
            const std::int64_t usage = usageOf(k, work.containers[i], resource);
            const auto request = spec.resources.requests.find(resource);
            if (usage > requestOf(spec, resource))
                message += fmt::format("Container {} was using {}, request is {}, has larger consumption of {}. ", spec.name,
                                       amountText(resource, usage), request == spec.resources.requests.end() ? "0" : request->second.text, resource);
        }
        evict(k, work, message);
        log(k, 'I', "eviction_manager.go:627", "\"Eviction manager: pod is evicted successfully\" pod=" + pod);
        return;
    }
    log(k, 'I', "eviction_manager.go:422", "\"Eviction manager: unable to evict any pods from the node\"");
}

void Kubelet::evict(KubeletContext& k, PodWork& work, const std::string& message)
{
    work.evicted = true;
    work.evictionMessage = message;
    event(k, work, kWarning, reason::kEvicted, message);
    wake(k, work, 1ms);
}

bool Kubelet::admits(KubeletContext& k, PodWork& work)
{
    if (isCritical(work))
        return true;
    const bool memory = underPressure(k, m_memoryShort);
    const bool disk = underPressure(k, m_diskShort);
    if (!memory && !disk)
        return true;
    // Only a pod that asks for nothing is kept away by a shortage of memory, unless it tolerates it.
    if (!disk) {
        Taint taint;
        taint.key = "node.kubernetes.io/memory-pressure";
        taint.effect = "NoSchedule";
        if (qosClassOf(work.pod->spec) != "BestEffort" || toleratesTaint(work.pod->spec.tolerations, taint))
            return true;
    }
    std::vector<std::string> conditions;
    if (disk)
        conditions.emplace_back("DiskPressure");
    if (memory)
        conditions.emplace_back("MemoryPressure");
    log(k, 'I', "eviction_manager.go:214", fmt::format("\"Failed to admit pod to node\" pod=\"{}/{}\" nodeCondition=[\"{}\"]",
                                                       work.pod->metadata.namespace_, work.pod->metadata.name, fmt::join(conditions, "\",\"")));
    evict(k, work, fmt::format("The node had condition: [{}]. ", fmt::join(conditions, " ")));
    return false;
}

} // namespace sim::kube
