#include "sim/kube/api/validation.h"

#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <algorithm>
#include <array>

namespace sim::kube {

namespace {

template <class T>
constexpr bool kIsRbac = std::is_same_v<T, Role> || std::is_same_v<T, RoleBinding> || std::is_same_v<T, ClusterRole>
    || std::is_same_v<T, ClusterRoleBinding>;

template <class T>
auto nameRule()
{
    if constexpr (std::is_same_v<T, Namespace>)
        return &names::dns1123Label;
    else if constexpr (std::is_same_v<T, Service>)
        return &names::dns1035Label;
    else if constexpr (kIsRbac<T> || std::is_same_v<T, CustomResourceDefinition>)
        return &names::pathSegment;
    else
        return &names::dns1123Subdomain;
}

} // namespace

template <ApiObject T>
FieldErrors validate(const T& object)
{
    FieldErrors errors;
    bool namespaced = kindInfo(kindIdOf<T>).namespaced;
    if constexpr (std::is_same_v<T, CustomObject>) // its definition says whether it has one; the server filled it in
        namespaced = !object.metadata.namespace_.empty();
    validation::checkMetadata(errors, object.metadata, namespaced, nameRule<T>());
    if constexpr (requires { validation::check(errors, object); })
        validation::check(errors, object);
    return errors;
}

template <ApiObject T>
FieldErrors validateUpdate(const T& object, const T& old)
{
    FieldErrors errors;
    validation::checkMetadataUpdate(errors, object.metadata, old.metadata);
    if constexpr (requires { validation::checkUpdate(errors, object, old); })
        validation::checkUpdate(errors, object, old);
    return errors;
}

FieldErrors validateNewPod(const Pod& pod)
{
    FieldErrors errors;
    if (!pod.spec.ephemeralContainers.empty())
        errors.forbidden("spec.ephemeralContainers", "cannot be set on create");
    return errors;
}

FieldErrors validateEphemeralContainers(const Pod& pod, const Pod& old)
{
    FieldErrors errors;
    if (old.metadata.annotations.count("kubernetes.io/config.mirror") != 0)
        errors.forbidden("", "static pods do not support ephemeral containers");
    else
        validation::checkEphemeralUpdate(errors, pod, old);
    return errors;
}

bool needsResourceVersion(KindId kind)
{
    static constexpr std::array kKinds = {kindIdOf<PodDisruptionBudget>, kindIdOf<Lease>, kindIdOf<CSIDriver>, kindIdOf<CSINode>,
        kindIdOf<VolumeAttachment>, kindIdOf<RuntimeClass>, kindIdOf<CustomResourceDefinition>, kindIdOf<CustomObject>,
        kindIdOf<MutatingWebhookConfiguration>, kindIdOf<ValidatingWebhookConfiguration>};
    return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

#define FAULTLINE_VALIDATE(T)                       \
    template FieldErrors validate<T>(const T& object); \
    template FieldErrors validateUpdate<T>(const T&, const T&);
FAULTLINE_FOR_EACH_KIND(FAULTLINE_VALIDATE)
#undef FAULTLINE_VALIDATE

} // namespace sim::kube
