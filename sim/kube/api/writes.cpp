#include "sim/kube/api/writes.h"

#include "sim/kube/api/admission.h"
#include "sim/kube/api/component_fields.h"
#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/eviction.h"
#include "sim/kube/api/kind_operations.h"
#include "sim/kube/api/patch.h"
#include "sim/kube/api/quota.h"
#include "sim/kube/api/schema.h"
#include "sim/kube/api/status.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/api/validation.h"
#include "sim/kube/api/webhooks.h"

#include <fmt/format.h>

#include <algorithm>

// apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go, registry/rest, registry/generic/registry/store.go.
namespace sim::kube {

namespace {

using nlohmann::json;

// Stream of uids, generated names and cluster addresses.
constexpr const char* kIdentityStream = "kube/store";

/// Go's %+v of a decoded patch: map[spec:map[replicas:x]].
std::string goPlus(const json& value)
{
    if (value.is_object()) {
        std::string list;
        for (const auto& [key, item] : value.items())
            list += fmt::format("{}{}:{}", list.empty() ? "" : " ", key, goPlus(item));
        return "map[" + list + "]";
    }
    if (value.is_array()) {
        std::string list;
        for (const json& item : value)
            list += (list.empty() ? "" : " ") + goPlus(item);
        return "[" + list + "]";
    }
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "<nil>" : value.dump();
}

/// The converter's words for a value that does not fit: "unrecognized type: int32".
std::string conversionProblem(const std::string& fatal)
{
    constexpr std::string_view kOfType = " of type ";
    const std::size_t at = fatal.rfind(kOfType);
    if (at == std::string::npos)
        return fatal;
    const std::string type = fatal.substr(at + kOfType.size());
    constexpr std::string_view kUnmarshal = "cannot unmarshal ";
    const std::size_t what = fatal.find(kUnmarshal);
    const std::string given = what == std::string::npos ? "" : fatal.substr(what + kUnmarshal.size(), fatal.find(' ', what + kUnmarshal.size())
                                                                                                          - what - kUnmarshal.size());
    if (type.starts_with("[]"))
        return "cannot restore slice from " + given;
    if (type.starts_with("v1.") || type.starts_with("map["))
        return fmt::format("cannot restore {} from: {}", type.starts_with("map[") ? "map" : "struct", given);
    return "unrecognized type: " + type;
}

Response patchProblem(const Request& request, const std::string& problem)
{
    FieldErrors errors;
    errors.invalid("patch", request.patchType == PatchType::StrategicMerge ? goPlus(request.body) : request.body.dump(), problem);
    Response response = invalid("", "", "", errors);
    return response;
}

std::string listed(const std::vector<std::string>& problems)
{
    std::string text;
    for (const std::string& one : problems)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

std::string nameIn(const json& body, const std::string& otherwise)
{
    if (body.is_object() && body.contains("metadata") && body.at("metadata").is_object()) {
        const json& meta = body.at("metadata");
        if (meta.contains("name") && meta.at("name").is_string())
            return meta.at("name");
    }
    return otherwise;
}

/// kubectl's annotation, where client-side apply left one, follows its server-side applies (fieldmanager/lastappliedupdater.go).
void keepLastApplied(json& object, const json& configuration, const std::string& manager)
{
    constexpr const char* kAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
    if (manager != "kubectl" || !object.contains("metadata") || !object["metadata"].contains("annotations"))
        return;
    json& annotations = object["metadata"]["annotations"];
    if (annotations.is_object() && annotations.contains(kAnnotation))
        annotations[kAnnotation] = configuration.dump() + "\n";
}

void keepNodePorts(Service& service, const Service& old)
{
    if (service.spec.type == "ExternalName") {
        service.spec.clusterIP.clear();
        service.spec.clusterIPs.clear();
        return;
    }
    if (service.spec.clusterIP.empty()) {
        service.spec.clusterIP = old.spec.clusterIP;
        service.spec.clusterIPs = old.spec.clusterIPs;
    }
    if (service.spec.type == "ClusterIP")
        return;
    for (ServicePort& port : service.spec.ports)
        for (const ServicePort& before : old.spec.ports)
            if (port.nodePort == 0 && port.port == before.port && port.protocol == before.protocol)
                port.nodePort = before.nodePort;
}

/// The parts of an object that the server, not the client, writes.
void keepSystemFields(ObjectMeta& meta, const ObjectMeta& kept)
{
    meta.uid = meta.uid.empty() ? kept.uid : meta.uid;
    meta.namespace_ = kept.namespace_;
    meta.generateName = kept.generateName;
    meta.creationTimestamp = kept.creationTimestamp;
    meta.deletionTimestamp = kept.deletionTimestamp;
    meta.deletionGracePeriodSeconds = kept.deletionGracePeriodSeconds;
    meta.generation = kept.generation;
    if (meta.name.empty())
        meta.name = kept.name;
}

void setScheduled(Pod& pod, Instant now)
{
    const auto known = std::find_if(pod.status.conditions.begin(), pod.status.conditions.end(),
                                    [](const Condition& one) { return one.type.value == "PodScheduled"; });
    Condition& condition = known == pod.status.conditions.end() ? pod.status.conditions.emplace_back() : *known;
    condition.type = std::string("PodScheduled");
    condition.status = std::string("True");
    condition.reason.clear();
    condition.message.clear();
    condition.lastTransitionTime = Time{now};
}

} // namespace

ObjectWriter::ObjectWriter(Store& store, Engine& engine, const Request& request, Target target, WebhookCaller* webhooks)
    : m_store(store)
    , m_engine(engine)
    , m_request(request)
    , m_target(std::move(target))
    , m_webhooks(webhooks)
    , m_space(namespaceOf(m_target.resource.info, request))
{
}

ObjectWriter::Object ObjectWriter::stored(const std::string& name) const
{
    return operationsOf(m_target.kind()).get(m_store, m_target.key(m_space, name));
}

/// Requests of people and of programs that say who they are. The cluster's own components write without a record
/// (component_fields).
bool ObjectWriter::tracksOwners() const
{
    return !m_request.fieldManager.empty() && !m_request.user.starts_with("system:");
}

void ObjectWriter::recordOwners(void* object, const json& before) const
{
    ObjectMeta& meta = operationsOf(m_target.kind()).metadata(object);
    if (m_ownersKnown) {
        meta.managedFields = m_owners;
        return;
    }
    if (!tracksOwners())
        return;
    const FieldWrite write{m_request.fieldManager, m_target.resource.info.apiVersion(), m_request.subresource, m_engine.now()};
    meta.managedFields = ownersAfterUpdate(meta.managedFields, before, toJson(m_target.kind(), object), schemaOf(m_target.kind()), write);
}

Response ObjectWriter::answer(const void* object, int code)
{
    Response response;
    response.code = code;
    response.body = answerOf(m_target.kind(), object);
    response.warnings = m_warnings;
    response.took = m_took;
    return response;
}

std::optional<Response> ObjectWriter::decodeBody(std::shared_ptr<void>& object, const json& body, bool fromPatch)
{
    const KindInfo& info = m_target.resource.info;
    if (!body.is_object())
        return badRequest("the object provided is unrecognized (must be of type " + std::string(info.kind) + ")");
    const std::string prefix = fmt::format("{} in version \"{}\" cannot be handled as a {}: ", info.kind, info.version, info.kind);
    DecodeProblems problems;
    object = operationsOf(info.id).decode(body, problems);
    if (m_target.resource.definition && problems.fatal.empty())
        conform(*static_cast<CustomObject*>(object.get()), *m_target.resource.definition, problems.unknownFields);
    if (!problems.fatal.empty())
        return fromPatch ? patchProblem(m_request, conversionProblem(problems.fatal)) : badRequest(prefix + problems.fatal);
    if (!problems.unknownFields.empty() && m_request.fieldValidation == "Strict") {
        const std::string strict = "strict decoding error: " + listed(problems.unknownFields);
        return fromPatch ? patchProblem(m_request, strict) : badRequest(prefix + strict);
    }
    if (m_request.fieldValidation == "Warn")
        m_warnings = problems.unknownFields;
    return std::nullopt;
}

/// What the body says against what the path says.
std::optional<Response> ObjectWriter::mismatch(const json& body, const ObjectMeta& metadata) const
{
    const KindInfo& info = m_target.resource.info;
    if (body.is_object() && body.contains("kind") && body.at("kind").is_string() && !body.at("kind").get_ref<const std::string&>().empty()
        && body.at("kind") != info.kind)
        return badRequest(fmt::format("{} in version \"{}\" cannot be handled as a {}: converting ({}) to ({}): unknown conversion",
                                      body.at("kind").get<std::string>(), info.version, info.kind, body.at("kind").get<std::string>(), info.kind));
    if (info.namespaced && !metadata.namespace_.empty() && metadata.namespace_ != m_space)
        return badRequest("the namespace of the provided object does not match the namespace sent on the request");
    if (!m_request.name.empty() && !metadata.name.empty() && metadata.name != m_request.name)
        return badRequest(fmt::format("the name of the object ({}) does not match the name on the URL ({})", metadata.name, m_request.name));
    return std::nullopt;
}

std::optional<Response> ObjectWriter::validateSchema(void* object) const
{
    FieldErrors errors;
    if (m_target.resource.definition)
        errors = validateCustom(*static_cast<CustomObject*>(object), *m_target.resource.definition);
    else if (m_target.kind() == kindIdOf<Service>)
        errors = allocationErrors(m_store, *static_cast<Service*>(object));
    if (errors.empty())
        return std::nullopt;
    return invalid(m_target.resource.info, operationsOf(m_target.kind()).metadata(object).name, errors);
}

std::optional<Response> ObjectWriter::mutate(std::shared_ptr<void>& object, const char* operation, const void* old)
{
    const KindOperations& ops = operationsOf(m_target.kind());
    const ObjectMeta& meta = ops.metadata(object.get());
    AdmissionSubject subject{m_target.resource.info, m_request, operation, m_space, meta.name, meta.labels, {}};
    if (!webhooksWant(m_store, subject, true))
        return std::nullopt;
    if (old != nullptr)
        subject.oldObject = answerOf(m_target.kind(), old);
    WebhookOutcome outcome = callWebhooks(m_store, subject, answerOf(m_target.kind(), object.get()), true, m_engine.random(kIdentityStream), m_webhooks);
    m_took += outcome.took;
    m_warnings.insert(m_warnings.end(), outcome.warnings.begin(), outcome.warnings.end());
    if (outcome.refusal)
        return outcome.refusal;
    DecodeProblems problems;
    auto changed = ops.decode(outcome.object, problems);
    if (!problems.fatal.empty())
        return internalError(problems.fatal);
    if (m_target.resource.definition)
        conform(*static_cast<CustomObject*>(changed.get()), *m_target.resource.definition, problems.unknownFields);
    ops.applyDefaults(changed.get());
    ops.metadata(changed.get()).managedFields = meta.managedFields;
    object = std::move(changed);
    return std::nullopt;
}

std::optional<Response> ObjectWriter::askValidating(const void* object, const char* operation, const void* old)
{
    const void* shown = object != nullptr ? object : old;
    const ObjectMeta& meta = operationsOf(m_target.kind()).metadataOf(shown);
    AdmissionSubject subject{m_target.resource.info, m_request, operation, m_space, meta.name, meta.labels, {}};
    if (!webhooksWant(m_store, subject, false))
        return std::nullopt;
    if (old != nullptr)
        subject.oldObject = answerOf(m_target.kind(), old);
    WebhookOutcome outcome = callWebhooks(m_store, subject, object != nullptr ? answerOf(m_target.kind(), object) : json(), false,
                                          m_engine.random(kIdentityStream), m_webhooks);
    m_took += outcome.took;
    m_warnings.insert(m_warnings.end(), outcome.warnings.begin(), outcome.warnings.end());
    return outcome.refusal;
}

Response ObjectWriter::create()
{
    std::shared_ptr<void> object;
    if (auto refused = decodeBody(object, m_request.body, false))
        return *refused;
    const KindOperations& ops = operationsOf(m_target.kind());
    ObjectMeta& meta = ops.metadata(object.get());
    if (auto refused = mismatch(m_request.body, meta))
        return *refused;
    if (!meta.resourceVersion.empty())
        return failure(500, "", "resourceVersion should not be set on objects to be created"); // storage.ErrResourceVersionSetOnCreate
    if (!m_request.name.empty() && meta.name.empty())
        meta.name = m_request.name;
    auto done = createObject(std::move(object));
    if (auto* refused = std::get_if<Response>(&done)) {
        refused->took = m_took;
        return std::move(*refused);
    }
    return answer(std::get<Object>(done).get(), 201);
}

/// Makes up the name before the validating plugins look (rest.BeforeCreate): their refusals tell it.
void ObjectWriter::nameNew(ObjectMeta& meta, RandomStream& random) const
{
    if (!meta.name.empty() || meta.generateName.empty())
        return;
    RandomStream trial = random;
    RandomStream& names = m_request.dryRun ? trial : random;
    // The server tries again on a clash, eight times in all (RetryGenerateName).
    for (int attempt = 0; attempt < 8 && (meta.name.empty() || stored(meta.name)); ++attempt)
        meta.name = generatedName(meta.generateName, names);
}

std::variant<ObjectWriter::Object, Response> ObjectWriter::createObject(std::shared_ptr<void> object)
{
    const KindInfo& info = m_target.resource.info;
    const KindOperations& ops = operationsOf(info.id);
    if (info.namespaced)
        if (auto refused = namespaceRefusal(m_store, info, m_space, ops.metadata(object.get()).name))
            return *refused;
    RandomStream& random = m_engine.random(kIdentityStream);
    {
        ObjectMeta& meta = ops.metadata(object.get());
        meta.namespace_ = m_space;
        meta.resourceVersion.clear();
        meta.uid.clear();
        meta.deletionTimestamp.reset();
        meta.generation = 0;
        if (!m_ownersKnown)
            meta.managedFields.clear();
    }
    if (m_target.resource.definition && hasStatus(*m_target.resource.definition))
        takeStatus(object.get(), nullptr);
    ops.applyDefaults(object.get());
    if (m_ownersKnown || tracksOwners()) // before admission, whose additions nobody owns
        recordOwners(object.get(), emptyObject(info.id));
    const auto shownName = [&] { return ops.metadata(object.get()).name.empty() ? ops.metadata(object.get()).generateName
                                                                                 : ops.metadata(object.get()).name; };
    if (const std::string why = mutatingRefusal(m_store, info.id, object.get()); !why.empty())
        return forbidden(info, shownName(), why);
    ops.admitNew(object.get(), m_store, random);
    if (info.id == kindIdOf<CustomResourceDefinition>)
        establish(*static_cast<CustomResourceDefinition*>(object.get()), m_store, m_engine.now());
    if (auto refused = mutate(object, "CREATE", nullptr))
        return *refused;
    nameNew(ops.metadata(object.get()), random);
    if (info.id == kindIdOf<Pod>)
        for (Condition& condition : static_cast<Pod*>(object.get())->status.conditions)
            if (!condition.lastTransitionTime)
                condition.lastTransitionTime = Time{m_engine.now()};
    FieldErrors errors = ops.validate(object.get());
    if (info.id == kindIdOf<Pod>)
        errors.append(validateNewPod(*static_cast<const Pod*>(object.get())));
    if (!errors.empty())
        return invalid(info, ops.metadata(object.get()).name, errors);
    if (auto refused = validateSchema(object.get()))
        return *refused;
    if (auto refused = escalationRefusal(m_store, m_request, info, object.get(), shownName()))
        return *refused;
    const ObjectMeta& meta = ops.metadata(object.get());
    if (!meta.name.empty() && stored(meta.name))
        return failure(409, "AlreadyExists", fmt::format("{} \"{}\" already exists", info.groupResource(), meta.name), info, meta.name);
    if (const std::string why = validatingRefusal(m_store, info.id, object.get()); !why.empty())
        return forbidden(info, shownName(), why);
    if (auto refused = askValidating(object.get(), "CREATE", nullptr))
        return *refused;
    const QuotaAdmission quota = info.namespaced ? admitToQuotas(m_store, info.id, object.get(), m_space) : QuotaAdmission{};
    if (!quota.refusal.empty())
        return forbidden(info, shownName(), quota.refusal);
    const std::string name = meta.name;
    AnyWritten written;
    if (m_request.dryRun) {
        Store trial = m_store;
        RandomStream trialRandom = random;
        written = ops.create(trial, object.get(), m_engine.now(), trialRandom);
        if (written) { // what was not stored has no version
            const auto shown = ops.copy(written.object.get());
            ops.metadata(shown.get()).resourceVersion.clear();
            written.object = shown;
        }
    } else {
        charge(m_store, m_space, quota.charges, m_engine.now());
        written = ops.create(m_store, object.get(), m_engine.now(), random);
    }
    if (!written)
        return failure(written.error, info, name);
    return written.object;
}

Response ObjectWriter::update()
{
    const Object old = stored(m_request.name);
    if (!old)
        return notFound(m_target.resource.info, m_request.name);
    if (m_request.subresource == "scale")
        return scale(old, m_request.body);
    return replace(old, m_request.body);
}

Response ObjectWriter::scale(const Object& old, const json& body)
{
    const KindOperations& ops = operationsOf(m_target.kind());
    const bool custom = m_target.resource.definition != nullptr;
    if (custom ? !hasScale(*m_target.resource.definition) : ops.replicas == nullptr)
        return unknownResource();
    const json spec = body.is_object() ? body.value("spec", json::object()) : json::object();
    const json replicas = spec.is_object() ? spec.value("replicas", json(0)) : json();
    if (!replicas.is_number_integer())
        return badRequest("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field "
                          "ScaleSpec.spec.replicas of type int32");
    if (replicas.get<std::int64_t>() < 0) {
        FieldErrors errors;
        errors.notNegative("spec.replicas", replicas.get<std::int64_t>());
        return invalid("Scale", "autoscaling", m_request.name, errors);
    }
    std::shared_ptr<void> object = ops.copy(old.get());
    if (custom)
        setCustomScale(*static_cast<CustomObject*>(object.get()), *m_target.resource.definition, replicas);
    else
        *ops.replicas(object.get()) = replicas;
    const json meta = body.value("metadata", json::object());
    ops.metadata(object.get()).resourceVersion = meta.is_object() ? meta.value("resourceVersion", "") : "";
    Response response = finishUpdate(old, std::move(object));
    if (response.ok()) {
        const Object now = m_request.dryRun ? nullptr : stored(m_request.name);
        const void* shown = now ? now.get() : old.get();
        response.body = custom ? customScale(*static_cast<const CustomObject*>(shown), *m_target.resource.definition) : ops.scale(shown);
        if (m_request.dryRun)
            response.body["spec"]["replicas"] = replicas;
    }
    return response;
}

void ObjectWriter::takeStatus(void* object, const void* from) const
{
    if (!m_target.resource.definition) {
        if (const auto take = operationsOf(m_target.kind()).takeStatus; take != nullptr && from != nullptr)
            take(object, from);
        return;
    }
    auto& custom = *static_cast<CustomObject*>(object);
    json content = json::parse(custom.content.text, nullptr, false);
    const json other = from == nullptr ? json::object() : json::parse(static_cast<const CustomObject*>(from)->content.text, nullptr, false);
    content.erase("status");
    if (other.is_object() && other.contains("status"))
        content["status"] = other.at("status");
    custom.content.text = content.dump();
}

void ObjectWriter::prepareMainUpdate(void* object, const void* old, const ObjectMeta& kept) const
{
    const KindOperations& ops = operationsOf(m_target.kind());
    const bool keepsStatus = !m_target.resource.definition || hasStatus(*m_target.resource.definition);
    if (keepsStatus)
        takeStatus(object, old);
    keepSystemFields(ops.metadata(object), kept);
    if (m_target.kind() == kindIdOf<Service>)
        keepNodePorts(*static_cast<Service*>(object), *static_cast<const Service*>(old));
    ops.applyDefaults(object);
    if (m_target.kind() == kindIdOf<Service>)
        ops.admitNew(object, m_store, m_engine.random(kIdentityStream));
    if (m_target.kind() == kindIdOf<Namespace>)
        static_cast<Namespace*>(object)->spec = static_cast<const Namespace*>(old)->spec; // finalize is a request of its own
}

Response ObjectWriter::replace(const Object& old, const json& body)
{
    const KindInfo& info = m_target.resource.info;
    const KindOperations& ops = operationsOf(info.id);
    const ObjectMeta& kept = ops.metadataOf(old.get());
    std::shared_ptr<void> asked;
    if (auto refused = decodeBody(asked, body, m_request.verb == Verb::Patch))
        return *refused;
    if (auto refused = mismatch(body, ops.metadata(asked.get())))
        return *refused;
    const std::string version = ops.metadata(asked.get()).resourceVersion;
    if (version.empty() && needsResourceVersion(info.id) && m_request.subresource != "status") {
        FieldErrors errors;
        errors.invalidDump("metadata.resourceVersion", "0x0", "must be specified for an update");
        return invalid(info, m_request.name, errors);
    }
    std::shared_ptr<void> object;
    if (m_request.subresource.empty()) {
        object = std::move(asked);
        const bool keepOwners = ops.metadata(object.get()).managedFields.empty();
        prepareMainUpdate(object.get(), old.get(), kept);
        ops.metadata(object.get()).managedFields = recordedOwners(info.id, keepOwners ? kept.managedFields : ops.metadata(object.get()).managedFields,
                                                                  kept.managedFields);
    } else if (m_request.subresource == "status") {
        const bool served = m_target.resource.definition ? hasStatus(*m_target.resource.definition) : ops.takeStatus != nullptr;
        if (!served)
            return unknownResource();
        object = ops.copy(old.get());
        takeStatus(object.get(), asked.get());
    } else if (m_request.subresource == "finalize" && info.id == kindIdOf<Namespace>) {
        object = ops.copy(old.get());
        static_cast<Namespace*>(object.get())->spec = static_cast<Namespace*>(asked.get())->spec;
    } else if (m_request.subresource == "ephemeralcontainers" && info.id == kindIdOf<Pod>) {
        object = ops.copy(old.get());
        static_cast<Pod*>(object.get())->spec.ephemeralContainers = static_cast<const Pod*>(asked.get())->spec.ephemeralContainers;
        ops.applyDefaults(object.get());
    } else {
        return unknownResource();
    }
    ops.metadata(object.get()).resourceVersion = version;
    return finishUpdate(old, std::move(object));
}

Response ObjectWriter::finishUpdate(const Object& old, std::shared_ptr<void> object)
{
    const KindInfo& info = m_target.resource.info;
    const KindOperations& ops = operationsOf(info.id);
    const ObjectMeta& kept = ops.metadataOf(old.get());
    {
        ObjectMeta& meta = ops.metadata(object.get());
        if (!meta.resourceVersion.empty() && meta.resourceVersion != kept.resourceVersion)
            return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply "
                                                        "your changes to the latest version and try again", info.groupResource(), m_request.name),
                           info, m_request.name);
        meta.resourceVersion = kept.resourceVersion;
    }
    if (auto refused = mutate(object, "UPDATE", old.get()))
        return *refused;
    FieldErrors errors = ops.validate(object.get());
    errors.append(m_request.subresource == "ephemeralcontainers"
                      ? validateEphemeralContainers(*static_cast<const Pod*>(object.get()), *static_cast<const Pod*>(old.get()))
                      : ops.validateUpdate(object.get(), old.get()));
    if (!errors.empty())
        return invalid(info, m_request.name, errors);
    if (auto refused = validateSchema(object.get()))
        return *refused;
    if (auto refused = escalationRefusal(m_store, m_request, info, object.get(), m_request.name))
        return *refused;
    if (auto refused = askValidating(object.get(), "UPDATE", old.get()))
        return *refused;
    if (m_ownersKnown || tracksOwners())
        recordOwners(object.get(), toJson(info.id, old.get()));
    AnyWritten written;
    if (m_request.dryRun) {
        Store trial = m_store;
        written = ops.update(trial, object.get(), m_engine.now());
    } else {
        written = ops.update(m_store, object.get(), m_engine.now());
        if (m_target.resource.definition && m_target.resource.definition->metadata.deletionTimestamp)
            finishDefinitionRemovals(m_store, m_engine.now());
    }
    if (!written)
        return failure(written.error, info, m_request.name);
    return answer(written.object.get(), 200);
}

Response ObjectWriter::patch()
{
    const KindInfo& info = m_target.resource.info;
    if (m_target.resource.definition && m_request.patchType == PatchType::StrategicMerge)
        return failure(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: "
                                                    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
    const Object old = stored(m_request.name);
    if (m_request.patchType == PatchType::Apply)
        return apply(old);
    if (!old)
        return notFound(info, m_request.name);
    const bool scaled = m_request.subresource == "scale";
    json current = answerOf(info.id, old.get());
    if (scaled && m_target.resource.definition)
        current = hasScale(*m_target.resource.definition) ? customScale(*static_cast<const CustomObject*>(old.get()), *m_target.resource.definition)
                                                          : json::object();
    else if (scaled && operationsOf(info.id).scale != nullptr)
        current = operationsOf(info.id).scale(old.get());
    Patched patched = applyPatch(current, m_request.body, m_request.patchType);
    if (!patched.error.empty()) {
        const bool unprocessable = patched.code == 422;
        Response response = failure(patched.code, unprocessable ? "Invalid" : patched.code == 413 ? "RequestEntityTooLarge" : "BadRequest",
                                    patched.error);
        if (unprocessable)
            response.body["details"] = json::object();
        return response;
    }
    return scaled ? scale(old, patched.value) : replace(old, patched.value);
}

Response ObjectWriter::apply(const Object& old)
{
    const KindInfo& info = m_target.resource.info;
    const KindOperations& ops = operationsOf(info.id);
    if (!m_request.body.is_object())
        return badRequest("error decoding YAML: the configuration is no object");
    json configuration = m_request.body;
    configuration["apiVersion"] = info.apiVersion();
    configuration["kind"] = info.kind;
    const json meta = configuration.value("metadata", json::object());
    if (meta.is_object() && meta.contains("managedFields") && !meta.at("managedFields").empty())
        return badRequest("metadata.managedFields must be nil");
    DecodeProblems problems;
    ops.decode(configuration, problems);
    const std::string named = fmt::format("{}{}{}; {}, Kind={}", m_space, m_space.empty() ? "" : "/", m_request.name, info.apiVersion(), info.kind);
    if (!problems.fatal.empty())
        return failure(500, "", fmt::format("failed to create typed patch object ({}): {}", named, problems.fatal));
    if (!problems.unknownFields.empty()) {
        std::string field = problems.unknownFields.front();
        const std::size_t quote = field.find('"');
        field = field.substr(quote + 1, field.rfind('"') - quote - 1);
        return failure(500, "", fmt::format("failed to create typed patch object ({}): .{}: field not declared in schema", named, field));
    }
    json live = old ? toJson(info.id, old.get()) : json{{"apiVersion", info.apiVersion()}, {"kind", info.kind}};
    if (live.contains("metadata"))
        live["metadata"].erase("managedFields");
    const std::vector<ManagedFieldsEntry> stored = old ? *ops.metadataOf(old.get()).managedFields : std::vector<ManagedFieldsEntry>{};
    const std::vector<ManagedFieldsEntry> owners = old ? ownersOf(info.id, live, ops.metadataOf(old.get())) : stored;
    FieldWrite write{m_request.fieldManager.empty() ? "kubectl" : m_request.fieldManager, info.apiVersion(), m_request.subresource, m_engine.now()};
    Applied applied = applyConfiguration(live, owners, configuration, emptyObject(info.id), schemaOf(info.id), write, m_request.force);
    if (!applied.conflicts.empty()) {
        Response response = failure(409, "Conflict", conflictMessage(applied.conflicts));
        json causes = json::array();
        for (const FieldConflict& conflict : applied.conflicts)
            causes.push_back({{"reason", "FieldManagerConflict"}, {"message", "conflict with " + conflict.manager}, {"field", conflict.path}});
        response.body["details"] = {{"causes", std::move(causes)}};
        return response;
    }
    m_owners = recordedOwners(info.id, applied.owners, stored);
    m_ownersKnown = true;
    keepLastApplied(applied.value, configuration, write.manager);
    if (old)
        return replace(old, applied.value);
    std::shared_ptr<void> object;
    if (auto refused = decodeBody(object, applied.value, false))
        return *refused;
    if (auto refused = mismatch(applied.value, ops.metadata(object.get())))
        return *refused;
    ops.metadata(object.get()).name = m_request.name.empty() ? ops.metadata(object.get()).name : m_request.name;
    auto done = createObject(std::move(object));
    if (auto* refused = std::get_if<Response>(&done))
        return std::move(*refused);
    return answer(std::get<Object>(done).get(), 201);
}

Response ObjectWriter::remove()
{
    const KindInfo& info = m_target.resource.info;
    const Object old = stored(m_request.name);
    if (!old)
        return notFound(info, m_request.name);
    const ObjectMeta& meta = operationsOf(info.id).metadataOf(old.get());
    const auto conflict = [&](const char* what, const std::string& wanted, const std::string& is) {
        return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on {} \"{}\": Precondition failed: {} in precondition: {}, {} in "
                                                    "object meta: {}", info.groupResource(), m_request.name, what, wanted, what, is), info, m_request.name);
    };
    if (!m_request.preconditionUid.empty() && m_request.preconditionUid != meta.uid)
        return conflict("UID", m_request.preconditionUid, meta.uid);
    if (!m_request.preconditionResourceVersion.empty() && m_request.preconditionResourceVersion != meta.resourceVersion)
        return conflict("ResourceVersion", m_request.preconditionResourceVersion, meta.resourceVersion);
    if (info.id == kindIdOf<Namespace> && (m_request.name == "default" || m_request.name == "kube-system" || m_request.name == "kube-public"))
        return forbidden(info, m_request.name, "this namespace may not be deleted");
    if (auto refused = askValidating(nullptr, "DELETE", old.get()))
        return *refused;
    if (m_request.dryRun)
        return deleted(info, m_request.name, meta.uid);
    return removeOne(old);
}

Response ObjectWriter::removeOne(const Object& old)
{
    const KindInfo& info = m_target.resource.info;
    const KindOperations& ops = operationsOf(info.id);
    const ObjectMeta& meta = ops.metadataOf(old.get());
    const Instant now = m_engine.now();
    // Dependents go in the background unless asked otherwise: the garbage collector sees the owner gone. Custom
    // definitions take their objects along.
    std::string finalizer;
    if (m_request.propagationPolicy == "Foreground")
        finalizer = "foregroundDeletion";
    else if (m_request.propagationPolicy == "Orphan")
        finalizer = "orphan";
    if (!finalizer.empty() && std::find(meta.finalizers.begin(), meta.finalizers.end(), finalizer) == meta.finalizers.end()) {
        std::shared_ptr<void> marked = ops.copy(old.get());
        ops.metadata(marked.get()).finalizers.push_back(finalizer);
        ops.metadata(marked.get()).resourceVersion.clear();
        ops.update(m_store, marked.get(), now);
    }
    const std::string name = meta.name;
    const std::string uid = meta.uid;
    if (info.id == kindIdOf<CustomResourceDefinition>) {
        const auto left = removeDefinition(m_store, name, now);
        return left ? answer(left.get(), 200) : deleted(info, name, uid);
    }
    const ObjectKey at = m_target.key(meta.namespace_, name);
    const AnyWritten done = ops.remove(m_store, at, now, m_request.gracePeriodSeconds);
    if (!done)
        return failure(done.error, info, name);
    if (m_target.resource.definition && m_target.resource.definition->metadata.deletionTimestamp)
        finishDefinitionRemovals(m_store, now);
    if (ops.get(m_store, at)) // waits for the kubelet or for finalizers
        return answer(done.object.get(), 200);
    return deleted(info, name, uid);
}

Response ObjectWriter::removeCollection()
{
    const KindInfo& info = m_target.resource.info;
    const Selection selection = selectionOf(m_request, m_target);
    if (!selection.error.empty())
        return badRequest(selection.error);
    const std::string within = info.namespaced ? m_request.namespace_ : std::string();
    std::vector<Object> chosen;
    operationsOf(info.id).visit(m_store, {within, m_target.prefix}, [&](const ObjectKey& key, const Object& object) {
        if (!within.empty() && key.namespace_ != within)
            return false;
        if (key.name.starts_with(m_target.prefix) && isSelected(selection, m_target, object.get()))
            chosen.push_back(object);
        return true;
    });
    Response response;
    response.body = {{"kind", std::string(info.kind) + "List"}, {"apiVersion", info.apiVersion()}, {"metadata", json::object()},
                     {"items", json::array()}};
    for (const Object& object : chosen) {
        response.body["items"].push_back(answerOf(info.id, object.get()));
        if (!m_request.dryRun)
            removeOne(object);
    }
    response.body["metadata"]["resourceVersion"] = std::to_string(m_store.resourceVersion());
    return response;
}

Response ObjectWriter::bind()
{
    if (m_target.kind() != kindIdOf<Pod>)
        return unknownResource();
    const std::string name = nameIn(m_request.body, m_request.name);
    const auto old = m_store.get<Pod>({m_space, m_request.name.empty() ? name : m_request.name});
    const KindInfo& info = m_target.resource.info;
    if (!old)
        return notFound(info, m_request.name);
    const json target = m_request.body.is_object() ? m_request.body.value("target", json::object()) : json::object();
    const std::string node = target.is_object() ? target.value("name", "") : "";
    if (node.empty()) {
        FieldErrors errors;
        errors.required("target.name");
        return invalid("Binding", "", name, errors);
    }
    const std::string refusal = old->metadata.deletionTimestamp
        ? fmt::format("pod {} is being deleted, cannot be assigned to a host", name)
        : !old->spec.nodeName.empty() ? fmt::format("pod {} is already assigned to node \"{}\"", name, old->spec.nodeName) : std::string();
    if (!refusal.empty())
        return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on pods/binding \"{}\": {}", name, refusal));
    if (!old->spec.schedulingGates.empty())
        return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on pods/binding \"{}\": pod {} has non-empty .spec.schedulingGates",
                                                    name, name));
    Pod pod = *old;
    pod.spec.nodeName = node;
    setScheduled(pod, m_engine.now());
    pod.metadata.resourceVersion.clear();
    const auto done = m_store.update(std::move(pod), m_engine.now());
    if (!done)
        return failure(done.error, info, name);
    Response response;
    response.code = 201;
    response.body = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"code", 201}};
    return response;
}

Response ObjectWriter::evictPod()
{
    if (m_target.kind() != kindIdOf<Pod>)
        return unknownResource();
    const KindInfo& info = m_target.resource.info;
    const auto pod = m_store.get<Pod>({m_space, m_request.name});
    if (!pod)
        return notFound(info, m_request.name);
    const EvictionRuling ruling = ruleEviction(m_store, *pod);
    if (ruling.code >= 400) {
        Response response = failure(ruling.code, ruling.reason, ruling.message);
        if (!ruling.cause.empty())
            response.body["details"] = {{"causes", json::array({{{"reason", "DisruptionBudget"}, {"message", ruling.cause}}})}};
        return response;
    }
    if (!m_request.dryRun)
        if (const StoreError error = evict(m_store, *pod, ruling, m_engine.now(), m_request.gracePeriodSeconds); error.code != 0)
            return failure(error, info, m_request.name);
    Response response;
    response.code = 201;
    response.body = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"code", 201}};
    return response;
}

} // namespace sim::kube
