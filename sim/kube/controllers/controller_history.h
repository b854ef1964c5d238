#pragma once

#include "sim/kube/controllers/controller.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Revisions of a pod template, as StatefulSets and DaemonSets keep them (pkg/controller/history).
namespace sim::kube {

inline constexpr const char* kControllerRevisionHash = "controller-revision-hash";

using RevisionPtr = std::shared_ptr<const ControllerRevision>;

/// The owner's revisions, oldest first.
std::vector<RevisionPtr> revisionsOf(const Store& store, const std::string& namespace_, const std::string& ownerUid);

/// What a revision stores of a template: the patch that puts it back.
RawJson templatePatch(const PodTemplateSpec& template_);
/// The template that a revision puts back; nothing when its data are not such a patch.
std::optional<PodTemplateSpec> templateOf(const ControllerRevision& revision);

/// Which labels a new revision gets beside those of the template.
struct RevisionLabel {
    const char* key;
};
/// The revision of the present template: an equal one, moved to the end of the history when it is not the
/// latest, or a new one. `revisions` follows. Null: it could not be written.
template <ApiObject T>
RevisionPtr ensureRevision(ControllerContext& context, const T& owner, RevisionLabel label, std::vector<RevisionPtr>& revisions)
{
    ControllerRevision wanted;
    wanted.data = templatePatch(owner.spec.template_);
    const std::string hash = templateHash(owner.spec.template_);
    wanted.metadata.namespace_ = owner.metadata.namespace_;
    wanted.metadata.name = owner.metadata.name + "-" + hash;
    wanted.metadata.labels = owner.spec.template_.metadata.labels;
    wanted.metadata.labels[label.key] = hash;
    wanted.metadata.annotations = owner.metadata.annotations;
    wanted.metadata.ownerReferences.push_back(controllerReference(owner));
    wanted.revision = revisions.empty() ? 1 : revisions.back()->revision.value + 1;
    for (RevisionPtr& known : revisions) {
        if (known->metadata.name != wanted.metadata.name)
            continue;
        if (known == revisions.back())
            return known;
        ControllerRevision moved = *known;
        moved.revision = wanted.revision;
        const auto written = context.store().update(std::move(moved), context.now());
        if (!written)
            return nullptr;
        known = written.object;
        std::rotate(revisions.begin() + (&known - revisions.data()), revisions.begin() + (&known - revisions.data()) + 1,
                    revisions.end());
        return written.object;
    }
    if (!namespaceRefusal(context.client, "controllerrevisions.apps", wanted.metadata.name, wanted.metadata.namespace_).empty())
        return nullptr;
    const auto written = context.store().create(std::move(wanted), context.now(), context.client.random(kIdentityStream));
    if (!written)
        return nullptr;
    revisions.push_back(written.object);
    return written.object;
}

/// Deletes the oldest revisions that nothing uses, beyond `limit`.
void truncateHistory(ControllerContext& context, const std::vector<RevisionPtr>& revisions, std::int64_t limit,
                     const std::function<bool(const ControllerRevision&)>& inUse);

} // namespace sim::kube
