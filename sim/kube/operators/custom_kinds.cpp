#include "sim/kube/operators/custom_kinds.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

using nlohmann::json;

bool isOf(const CustomKind& kind, const CustomObject& object)
{
    return object.plural == kind.plural && object.group == kind.group;
}

ObjectKey customKey(const CustomKind& kind, const std::string& namespace_, const std::string& name)
{
    return {namespace_, std::string(kind.plural) + "." + kind.group + "/" + name};
}

CustomObjectPtr findCustom(const Store& store, const CustomKind& kind, const std::string& namespace_, const std::string& name)
{
    return store.get<CustomObject>(customKey(kind, namespace_, name));
}

std::vector<CustomObjectPtr> allCustom(const Store& store, const CustomKind& kind)
{
    std::vector<CustomObjectPtr> found;
    for (const auto& [key, object] : store.all<CustomObject>())
        if (isOf(kind, *object))
            found.push_back(object);
    return found;
}

bool groupDefined(const Store& store, const CustomKind& kind)
{
    const auto& definitions = store.all<CustomResourceDefinition>();
    return std::any_of(definitions.begin(), definitions.end(), [&](const auto& entry) { return entry.second->spec.group.value == kind.group; });
}

json contentOf(const CustomObject& object)
{
    json content = json::parse(object.content.text, nullptr, false);
    return content.is_object() ? content : json::object();
}

ObjectReference referenceToCustom(const CustomObject& object)
{
    ObjectReference r;
    r.apiVersion = object.group + "/" + object.version;
    r.kind = object.kind;
    r.name = object.metadata.name;
    r.namespace_ = object.metadata.namespace_;
    r.resourceVersion = object.metadata.resourceVersion;
    r.uid = object.metadata.uid;
    return r;
}

OwnerReference ownedBy(const CustomObject& owner)
{
    OwnerReference r;
    r.apiVersion = owner.group + "/" + owner.version;
    r.kind = owner.kind;
    r.name = owner.metadata.name;
    r.uid = owner.metadata.uid;
    r.controller = true;
    r.blockOwnerDeletion = true;
    return r;
}

const OwnerReference* controllerOfKind(const ObjectMeta& metadata, const CustomKind& kind)
{
    const OwnerReference* owner = controllerOf(metadata);
    return owner != nullptr && owner->kind == kind.kind && owner->apiVersion.starts_with(std::string(kind.group) + "/") ? owner : nullptr;
}

std::string createCustom(const Client& client, const CustomKind& kind, json object, const std::string& account)
{
    Request request;
    request.verb = Verb::Create;
    request.resource = std::string(kind.plural) + "." + kind.group;
    request.namespace_ = object.at("metadata").value("namespace", std::string());
    request.user = account;
    object["apiVersion"] = std::string(kind.group) + "/" + kind.version;
    object["kind"] = kind.kind;
    request.body = std::move(object);
    const Response response = ApiServer::handle(client.store, client.context.engine, request, client.webhooks);
    return response.ok() ? std::string() : response.body.value("message", std::string("unknown error"));
}

bool writeCustomPart(const Client& client, const ObjectKey& key, const char* part, const json& value)
{
    const auto stored = client.store.get<CustomObject>(key);
    if (!stored)
        return false;
    json content = contentOf(*stored);
    content[part] = value;
    CustomObject changed = *stored;
    changed.content.text = content.dump();
    return static_cast<bool>(client.store.update(std::move(changed), client.now()));
}

std::string textAt(const json& object, const char* field)
{
    const auto found = object.find(field);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> numberAt(const json& object, const char* field)
{
    const auto found = object.find(field);
    return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

const json& partAt(const json& object, const char* field)
{
    static const json kNothing = json::object();
    const auto found = object.find(field);
    return found != object.end() && found->is_object() ? *found : kNothing;
}

std::optional<Instant> timeAt(const json& object, const char* field)
{
    const std::string text = textAt(object, field);
    return text.empty() ? std::nullopt : parseRfc3339(text);
}

} // namespace sim::kube
