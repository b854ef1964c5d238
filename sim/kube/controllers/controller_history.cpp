#include "sim/kube/controllers/controller_history.h"

namespace sim::kube {

std::vector<RevisionPtr> revisionsOf(const Store& store, const std::string& namespace_, const std::string& ownerUid)
{
    std::vector<RevisionPtr> revisions;
    for (auto& revision : store.inNamespace<ControllerRevision>(namespace_))
        if (isControlledBy(revision->metadata, ownerUid))
            revisions.push_back(std::move(revision));
    std::sort(revisions.begin(), revisions.end(), [](const RevisionPtr& a, const RevisionPtr& b) {
        if (a->revision.value != b->revision.value)
            return a->revision.value < b->revision.value;
        return a->metadata.name < b->metadata.name;
    });
    return revisions;
}

RawJson templatePatch(const PodTemplateSpec& template_)
{
    // A template has no codec of its own: it is written as part of a set that has nothing else.
    ReplicaSet carrier;
    carrier.spec.template_ = template_;
    nlohmann::json patch = toJson(carrier)["spec"]["template"];
    patch["$patch"] = "replace";
    return {nlohmann::json{{"spec", {{"template", std::move(patch)}}}}.dump()};
}

std::optional<PodTemplateSpec> templateOf(const ControllerRevision& revision)
{
    nlohmann::json patch = nlohmann::json::parse(revision.data.text, nullptr, false);
    const nlohmann::json::json_pointer at("/spec/template");
    if (patch.is_discarded() || !patch.contains(at))
        return std::nullopt;
    nlohmann::json& stored = patch[at];
    if (stored.is_object())
        stored.erase("$patch");
    std::vector<std::string> errors;
    ReplicaSet carrier = fromJson<ReplicaSet>({{"spec", {{"template", std::move(stored)}}}}, errors);
    if (!errors.empty())
        return std::nullopt;
    return std::move(carrier.spec.template_);
}

void truncateHistory(ControllerContext& context, const std::vector<RevisionPtr>& revisions, std::int64_t limit,
                     const std::function<bool(const ControllerRevision&)>& inUse)
{
    std::vector<RevisionPtr> unused;
    for (const RevisionPtr& revision : revisions)
        if (!inUse(*revision))
            unused.push_back(revision);
    const std::int64_t surplus = static_cast<std::int64_t>(unused.size()) - limit;
    for (std::int64_t i = 0; i < surplus; ++i)
        context.store().remove<ControllerRevision>(keyOf(unused[static_cast<std::size_t>(i)]->metadata), context.now());
}

} // namespace sim::kube
