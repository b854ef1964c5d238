#include "sim/kube/controllers/stateful_set_pods.h"

#include "sim/kube/controllers/controller_history.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace sim::kube {

namespace {

/// The volumes of the set's claims come first and take the place of those of the same name.
std::vector<Volume> volumesOf(const StatefulSet& set, const std::vector<Volume>& given, std::int64_t ordinal)
{
    std::vector<Volume> volumes;
    for (const PersistentVolumeClaim& claimTemplate : set.spec.volumeClaimTemplates) {
        Volume volume;
        volume.name = claimTemplate.metadata.name;
        volume.persistentVolumeClaim = ClaimVolumeSource{claimName(claimTemplate, set, ordinal), false};
        volumes.push_back(std::move(volume));
    }
    const std::size_t claims = volumes.size();
    for (const Volume& volume : given)
        if (std::none_of(volumes.begin(), volumes.begin() + static_cast<std::ptrdiff_t>(claims),
                         [&](const Volume& v) { return v.name == volume.name; }))
            volumes.push_back(volume);
    return volumes;
}

} // namespace

std::optional<std::int64_t> ordinalOf(const StatefulSet& set, const std::string& podName)
{
    const std::string prefix = set.metadata.name + "-";
    if (podName.size() <= prefix.size() || podName.compare(0, prefix.size(), prefix) != 0)
        return std::nullopt;
    std::int64_t ordinal = 0;
    const char* end = podName.data() + podName.size();
    const auto [last, error] = std::from_chars(podName.data() + prefix.size(), end, ordinal);
    if (error != std::errc() || last != end || ordinal < 0)
        return std::nullopt;
    return ordinal;
}

std::string revisionOf(const Pod& pod)
{
    const auto label = pod.metadata.labels.find(kControllerRevisionHash);
    return label == pod.metadata.labels.end() ? std::string() : label->second;
}

std::int64_t firstOrdinal(const StatefulSet& set)
{
    return set.spec.ordinals ? set.spec.ordinals->start.value : 0;
}

std::string claimName(const PersistentVolumeClaim& claimTemplate, const StatefulSet& set, std::int64_t ordinal)
{
    return fmt::format("{}-{}-{}", claimTemplate.metadata.name, set.metadata.name, ordinal);
}

Pod statefulPod(const StatefulSet& set, const PodTemplateSpec& template_, const std::string& revision, std::int64_t ordinal)
{
    Pod pod;
    pod.metadata.namespace_ = set.metadata.namespace_;
    pod.metadata.generateName = set.metadata.name + "-";
    pod.metadata.name = fmt::format("{}-{}", set.metadata.name, ordinal);
    pod.metadata.labels = template_.metadata.labels;
    pod.metadata.annotations = template_.metadata.annotations;
    pod.metadata.finalizers = template_.metadata.finalizers;
    pod.metadata.ownerReferences.push_back(controllerReference(set));
    pod.metadata.labels[kControllerRevisionHash] = revision;
    pod.spec = template_.spec;
    pod.spec.hostname = pod.metadata.name;
    pod.spec.subdomain = set.spec.serviceName.value;
    giveIdentity(set, pod);
    return pod;
}

PersistentVolumeClaim statefulClaim(const StatefulSet& set, const PersistentVolumeClaim& claimTemplate, std::int64_t ordinal)
{
    PersistentVolumeClaim claim = claimTemplate;
    claim.metadata.name = claimName(claimTemplate, set, ordinal);
    claim.metadata.namespace_ = set.metadata.namespace_;
    for (const auto& [key, value] : set.spec.selector.matchLabels)
        claim.metadata.labels[key] = value;
    if (set.spec.persistentVolumeClaimRetentionPolicy && set.spec.persistentVolumeClaimRetentionPolicy->whenDeleted == "Delete")
        claim.metadata.ownerReferences.push_back(controllerReference(set));
    claim.status = {};
    return claim;
}

bool hasIdentity(const StatefulSet& set, const Pod& pod)
{
    Pod right = pod;
    giveIdentity(set, right);
    return right == pod;
}

void giveIdentity(const StatefulSet& set, Pod& pod)
{
    const std::int64_t ordinal = ordinalOf(set, pod.metadata.name).value_or(0);
    pod.metadata.labels[kStatefulSetPodName] = pod.metadata.name;
    pod.metadata.labels[kPodIndexLabel] = std::to_string(ordinal);
    pod.spec.volumes = volumesOf(set, pod.spec.volumes, ordinal);
}

} // namespace sim::kube
