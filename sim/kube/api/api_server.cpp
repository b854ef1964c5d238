#include "sim/kube/api/api_server.h"

#include "sim/kube/api/defaults.h"
#include "sim/kube/api/json.h"
#include "sim/kube/api/patch.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/api/selectors.h"
#include "sim/kube/api/status.h"
#include "sim/kube/api/validation.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using nlohmann::json;

// Stream of uids, generated names and cluster addresses.
constexpr const char* kIdentityStream = "kube/store";
constexpr const char* kDefaultNamespace = "default";

template <class T>
concept HasStatus = requires(T object) { object.status; };
template <class T>
concept HasScale = requires(T object) { object.spec.replicas; object.status.replicas; };

/// Calls f with the type of the kind.
template <class F>
void withKind(KindId kind, F&& f)
{
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (kindIdOf<T> == kind)
            f.template operator()<T>();
    });
}

std::string spaceOf(const KindInfo& info, const Request& request)
{
    if (!info.namespaced)
        return {};
    if (!request.namespace_.empty())
        return request.namespace_;
    if (request.body.is_object() && request.body.contains("metadata") && request.body.at("metadata").is_object()) {
        const json& meta = request.body.at("metadata");
        if (meta.contains("namespace") && meta.at("namespace").is_string())
            return meta.at("namespace");
    }
    return kDefaultNamespace;
}

/// What a List or DeleteCollection means.
struct Selection {
    LabelSelector labels;
    std::vector<FieldRequirement> fields;
    std::string error;
};

Selection selectionOf(const Request& request, const KindInfo& info)
{
    Selection selection;
    ParsedSelector labels = parseLabelSelector(request.labelSelector);
    ParsedFields fields = parseFieldSelector(request.fieldSelector);
    if (!labels.error.empty()) {
        selection.error = labels.error;
        return selection;
    }
    if (!fields.error.empty()) {
        selection.error = fields.error;
        return selection;
    }
    withKind(info.id, [&]<class T>() {
        const T probe{};
        for (const FieldRequirement& one : fields.requirements)
            if (!selectableField(info.id, &probe, one.field))
                selection.error = fmt::format("field label not supported: {}", one.field);
    });
    selection.labels = std::move(labels.selector);
    selection.fields = std::move(fields.requirements);
    return selection;
}

template <ApiObject T>
bool selected(const T& object, const Selection& selection)
{
    if (!selection.labels.matches(object.metadata.labels))
        return false;
    for (const FieldRequirement& one : selection.fields) {
        const auto value = selectableField(kindIdOf<T>, &object, one.field);
        if ((value.value_or("") == one.value) != one.equal)
            return false;
    }
    return true;
}

/// Every object that the request's List means, in the order of namespace and name.
template <ApiObject T>
std::vector<std::shared_ptr<const T>> listed(const Store& store, const Request& request, const Selection& selection)
{
    std::vector<std::shared_ptr<const T>> objects;
    const auto& table = store.all<T>();
    const bool one = kindInfo(kindIdOf<T>).namespaced && !request.namespace_.empty();
    for (auto it = one ? table.lower_bound({request.namespace_, {}}) : table.begin(); it != table.end(); ++it) {
        if (one && it->first.namespace_ != request.namespace_)
            break;
        if (selected(*it->second, selection))
            objects.push_back(it->second);
    }
    return objects;
}

template <ApiObject T>
json scaleOf(const T& object)
{
    json scale{{"kind", "Scale"}, {"apiVersion", "autoscaling/v1"}};
    if constexpr (HasScale<T>) {
        scale["metadata"] = {{"name", object.metadata.name}, {"namespace", object.metadata.namespace_},
                             {"resourceVersion", object.metadata.resourceVersion}, {"uid", object.metadata.uid}};
        scale["spec"] = {{"replicas", object.spec.replicas.value_or(1)}};
        const std::int64_t replicas = object.status.replicas;
        scale["status"] = {{"replicas", replicas}};
    }
    return scale;
}

/// One request that writes objects of one kind.
template <ApiObject T>
class Writer {
public:
    Writer(Store& store, Engine& engine, const Request& request)
        : m_store(store)
        , m_engine(engine)
        , m_request(request)
        , m_info(kindInfo(kindIdOf<T>))
        , m_space(spaceOf(m_info, request))
    {
    }

    Response create()
    {
        if (auto refused = namespaceProblem())
            return *refused;
        T object{};
        if (auto refused = decodeInto(object, m_request.body))
            return *refused;
        if (!m_request.name.empty() && object.metadata.name.empty())
            object.metadata.name = m_request.name;
        object.metadata.namespace_ = m_space;
        object.metadata.resourceVersion.clear();
        object.metadata.uid.clear();
        object.metadata.deletionTimestamp.reset();
        object.metadata.generation = 0;
        applyDefaults(object);
        RandomStream& random = m_engine.random(kIdentityStream);
        admitNew(object, m_store, random);
        if (const auto problems = validate(object); !problems.empty())
            return invalid(m_info, object.metadata.name, problems);
        const std::string name = object.metadata.name;
        if (m_request.dryRun) {
            Store trial = m_store;
            RandomStream trialRandom = random;
            return written(trial.create(std::move(object), m_engine.now(), trialRandom), name, 201);
        }
        return written(m_store.create(std::move(object), m_engine.now(), random), name, 201);
    }

    Response update()
    {
        const auto old = m_store.get<T>(key());
        if (!old)
            return notFound(m_info, m_request.name);
        return replace(*old, m_request.body);
    }

    Response patch()
    {
        const auto old = m_store.get<T>(key());
        if (!old && m_request.patchType == PatchType::Apply)
            return create();
        if (!old)
            return notFound(m_info, m_request.name);
        const json current = m_request.subresource == "scale" ? scaleOf(*old) : toJson(*old);
        Patched patched = applyPatch(current, m_request.body, m_request.patchType);
        if (!patched.error.empty())
            return failure(400, "BadRequest", patched.error);
        return replace(*old, patched.value);
    }

    Response remove()
    {
        const auto old = m_store.get<T>(key());
        if (!old)
            return notFound(m_info, m_request.name);
        if (m_request.dryRun)
            return deleted(m_info, m_request.name, old->metadata.uid);
        return removeOne(*old);
    }

    Response removeCollection()
    {
        const Selection selection = selectionOf(m_request, m_info);
        if (!selection.error.empty())
            return failure(400, "BadRequest", selection.error);
        Response response;
        response.body = {{"kind", std::string(m_info.kind) + "List"}, {"apiVersion", m_info.apiVersion()}, {"metadata", json::object()},
                         {"items", json::array()}};
        for (const auto& object : listed<T>(m_store, m_request, selection)) {
            response.body["items"].push_back(toJson(*object));
            if (!m_request.dryRun)
                removeOne(*object);
        }
        return response;
    }

    Response bind()
    {
        if constexpr (std::is_same_v<T, Pod>) {
            const auto old = m_store.get<Pod>(key());
            if (!old)
                return notFound(m_info, m_request.name);
            const std::string node = m_request.body.is_object() && m_request.body.contains("target")
                ? m_request.body.at("target").value("name", std::string()) : std::string();
            if (!old->spec.nodeName.empty())
                return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on pods/binding \"{}\": pod {} is already "
                                                            "assigned to node \"{}\"", m_request.name, m_request.name, old->spec.nodeName));
            Pod pod = *old;
            pod.spec.nodeName = node;
            setScheduled(pod);
            pod.metadata.resourceVersion.clear();
            const auto done = m_store.update(std::move(pod), m_engine.now());
            return done ? Response{201, json{{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Success"}, {"code", 201}}, {}}
                        : failure(done.error, m_info, m_request.name);
        } else {
            return unknownResource();
        }
    }

private:
    ObjectKey key() const { return {m_space, m_request.name}; }

    std::optional<Response> namespaceProblem() const
    {
        if (!m_info.namespaced)
            return std::nullopt;
        const auto space = m_store.get<Namespace>({"", m_space});
        if (!space)
            return failure(404, "NotFound", fmt::format("namespaces \"{}\" not found", m_space), &kindInfo(kindIdOf<Namespace>), m_space);
        if (space->metadata.deletionTimestamp) {
            const std::string name = m_request.body.is_object() && m_request.body.contains("metadata")
                ? m_request.body.at("metadata").value("name", m_request.name) : m_request.name;
            return failure(403, "Forbidden", fmt::format("{} \"{}\" is forbidden: unable to create new content in namespace {} because it is "
                                                         "being terminated", m_info.groupResource(), name, m_space), &m_info, name);
        }
        return std::nullopt;
    }

    std::optional<Response> decodeInto(T& object, const json& body)
    {
        DecodeProblems problems;
        const std::string prefix = fmt::format("{} in version \"{}\" cannot be handled as a {}: ", m_info.kind, m_info.version, m_info.kind);
        if (!body.is_object())
            return failure(400, "BadRequest", "the object provided is unrecognized (must be of type " + std::string(m_info.kind) + ")");
        object = decode<T>(body, problems);
        if (!problems.fatal.empty())
            return failure(400, "BadRequest", prefix + problems.fatal);
        if (!problems.unknownFields.empty() && m_request.fieldValidation == "Strict") {
            std::string list;
            for (const auto& one : problems.unknownFields)
                list += (list.empty() ? "" : ", ") + one;
            return failure(400, "BadRequest", prefix + "strict decoding error: " + list);
        }
        if (m_request.fieldValidation == "Warn")
            m_warnings = problems.unknownFields;
        return std::nullopt;
    }

    /// The old object with what the request may change taken from the body.
    Response replace(const T& old, const json& body)
    {
        T object = old;
        if (m_request.subresource == "scale") {
            if constexpr (HasScale<T>) {
                const json& spec = body.is_object() && body.contains("spec") ? body.at("spec") : json::object();
                if (!spec.is_object() || !spec.contains("replicas") || !spec.at("replicas").is_number_integer())
                    return failure(400, "BadRequest", "spec.replicas: Required value");
                object.spec.replicas = spec.at("replicas").template get<std::int64_t>();
            } else {
                return unknownResource();
            }
        } else {
            T asked{};
            if (auto refused = decodeInto(asked, body))
                return *refused;
            if (m_request.subresource == "status") {
                if constexpr (HasStatus<T>)
                    object.status = asked.status;
            } else {
                const std::string version = asked.metadata.resourceVersion;
                const ObjectMeta kept = object.metadata;
                object = std::move(asked);
                if constexpr (HasStatus<T>)
                    object.status = old.status;
                keepSystemFields(object.metadata, kept);
                object.metadata.resourceVersion = version;
                applyDefaults(object);
            }
        }
        auto problems = validate(object);
        const auto immutable = validateUpdate(object, old);
        problems.insert(problems.end(), immutable.begin(), immutable.end());
        if (!problems.empty())
            return invalid(m_info, m_request.name, problems);
        if (m_request.verb == Verb::Patch)
            object.metadata.resourceVersion = old.metadata.resourceVersion;
        if (m_request.dryRun) {
            Store trial = m_store;
            return answered(trial.update(std::move(object), m_engine.now()));
        }
        return answered(m_store.update(std::move(object), m_engine.now()));
    }

    static void keepSystemFields(ObjectMeta& meta, const ObjectMeta& kept)
    {
        meta.uid = kept.uid;
        meta.namespace_ = kept.namespace_;
        meta.generateName = kept.generateName;
        meta.creationTimestamp = kept.creationTimestamp;
        meta.deletionTimestamp = kept.deletionTimestamp;
        meta.deletionGracePeriodSeconds = kept.deletionGracePeriodSeconds;
        meta.generation = kept.generation;
        if (meta.name.empty())
            meta.name = kept.name;
    }

    Response removeOne(const T& old)
    {
        // Dependents go in the background unless asked otherwise: the garbage collector sees the owner gone.
        std::string finalizer;
        if (m_request.propagationPolicy == "Foreground")
            finalizer = "foregroundDeletion";
        else if (m_request.propagationPolicy == "Orphan")
            finalizer = "orphan";
        if (!finalizer.empty()
            && std::find(old.metadata.finalizers.begin(), old.metadata.finalizers.end(), finalizer) == old.metadata.finalizers.end()) {
            T marked = old;
            marked.metadata.finalizers.push_back(finalizer);
            marked.metadata.resourceVersion.clear();
            m_store.update(std::move(marked), m_engine.now());
        }
        const ObjectKey at{old.metadata.namespace_, old.metadata.name};
        const auto done = m_store.remove<T>(at, m_engine.now(), m_request.gracePeriodSeconds);
        if (!done)
            return failure(done.error, m_info, old.metadata.name);
        if (m_store.get<T>(at)) { // waits for the kubelet or for finalizers
            Response response;
            response.body = toJson(*done.object);
            return response;
        }
        return deleted(m_info, old.metadata.name, old.metadata.uid);
    }

    Response written(const Written<T>& done, const std::string& name, int code)
    {
        if (!done)
            return failure(done.error, m_info, name);
        Response response;
        response.code = code;
        response.body = toJson(*done.object);
        response.warnings = m_warnings;
        return response;
    }
    Response answered(const Written<T>& done)
    {
        Response response = written(done, m_request.name, 200);
        if (done && m_request.subresource == "scale")
            response.body = scaleOf(*done.object);
        return response;
    }

    void setScheduled(Pod& pod) const
    {
        for (Condition& condition : pod.status.conditions)
            if (condition.type.value == "PodScheduled") {
                condition.status = std::string("True");
                condition.reason.clear();
                condition.message.clear();
                condition.lastTransitionTime = Time{m_engine.now()};
                return;
            }
        Condition scheduled;
        scheduled.type = std::string("PodScheduled");
        scheduled.status = std::string("True");
        scheduled.lastTransitionTime = Time{m_engine.now()};
        pod.status.conditions.push_back(std::move(scheduled));
    }

    Store& m_store;
    Engine& m_engine;
    const Request& m_request;
    const KindInfo& m_info;
    std::string m_space;
    std::vector<std::string> m_warnings;
};

template <ApiObject T>
Response readAs(const Store& store, const Request& request)
{
    const KindInfo& info = kindInfo(kindIdOf<T>);
    Response response;
    if (request.verb == Verb::Get || !request.name.empty()) {
        const auto object = store.get<T>({spaceOf(info, request), request.name});
        if (!object)
            return notFound(info, request.name);
        response.body = request.subresource == "scale" ? scaleOf(*object) : toJson(*object);
        return response;
    }
    const Selection selection = selectionOf(request, info);
    if (!selection.error.empty())
        return failure(400, "BadRequest", selection.error);
    json items = json::array();
    for (const auto& object : listed<T>(store, request, selection))
        items.push_back(toJson(*object));
    response.body = {{"kind", std::string(info.kind) + "List"}, {"apiVersion", info.apiVersion()},
                     {"metadata", {{"resourceVersion", std::to_string(store.resourceVersion())}}}, {"items", std::move(items)}};
    return response;
}

} // namespace

Response ApiServer::read(const Store& store, const Request& request, Instant)
{
    const KindInfo* info = findKind(request.resource);
    if (info == nullptr)
        return unknownResource();
    Response response;
    withKind(info->id, [&]<class T>() { response = readAs<T>(store, request); });
    return response;
}

Response ApiServer::handle(Store& store, Engine& engine, const Request& request)
{
    const KindInfo* info = findKind(request.resource);
    if (info == nullptr)
        return unknownResource();
    if (request.verb == Verb::Get || request.verb == Verb::List)
        return read(store, request, engine.now());
    Response response;
    withKind(info->id, [&]<class T>() {
        Writer<T> writer(store, engine, request);
        switch (request.verb) {
        case Verb::Create:
            if (request.subresource == "binding")
                response = writer.bind();
            else if (request.subresource == "eviction" && std::is_same_v<T, Pod>)
                response = writer.remove();
            else if (request.subresource.empty())
                response = writer.create();
            else
                response = unknownResource();
            break;
        case Verb::Update: response = writer.update(); break;
        case Verb::Patch: response = writer.patch(); break;
        case Verb::Delete: response = writer.remove(); break;
        case Verb::DeleteCollection: response = writer.removeCollection(); break;
        case Verb::Get:
        case Verb::List: break;
        }
    });
    return response;
}

std::variant<Table, Response> ApiServer::table(const Store& store, const Request& request, Instant now)
{
    const KindInfo* info = findKind(request.resource);
    if (info == nullptr)
        return unknownResource();
    std::variant<Table, Response> result = Table{};
    withKind(info->id, [&]<class T>() {
        Table table;
        table.columns = tableColumns(info->id);
        if (!request.name.empty()) {
            auto object = store.get<T>({spaceOf(*info, request), request.name});
            if (!object) {
                result = notFound(*info, request.name);
                return;
            }
            table.rows.push_back(tableRow(info->id, std::move(object), now));
        } else {
            const Selection selection = selectionOf(request, *info);
            if (!selection.error.empty()) {
                result = failure(400, "BadRequest", selection.error);
                return;
            }
            auto objects = listed<T>(store, request, selection);
            table.rows.reserve(objects.size());
            for (auto& object : objects)
                table.rows.push_back(tableRow(info->id, std::move(object), now));
        }
        result = std::move(table);
    });
    return result;
}

Table::Row ApiServer::row(const WatchEvent& event, Instant now)
{
    return tableRow(event.kind, event.object, now);
}

std::vector<Table::Column> ApiServer::columns(KindId kind)
{
    return tableColumns(kind);
}

} // namespace sim::kube
