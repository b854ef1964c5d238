#include "sim/kube/api/api_server.h"

#include "sim/kube/api/authorizer.h"
#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/default_api_services.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/api/reads.h"
#include "sim/kube/api/reviews.h"
#include "sim/kube/api/status.h"
#include "sim/kube/api/writes.h"

#include <algorithm>

// Which rule answers which request.
namespace sim::kube {

namespace {

constexpr const char* kRegistrationStream = "kube/registration"; // uids of the APIServices that follow definitions

std::string_view wordOf(const Request& request)
{
    switch (request.verb) {
    case Verb::Get: return "get";
    case Verb::List: return request.name.empty() ? "list" : "get";
    case Verb::Create: return "create";
    case Verb::Update: return "update";
    case Verb::Patch: return "patch";
    case Verb::Delete: return "delete";
    case Verb::DeleteCollection: return "deletecollection";
    }
    return "get";
}

/// "widgets.example.com" of a resource that nobody serves: its parts as they stand in a path.
KindInfo unservedInfo(const std::string& resource)
{
    const std::string_view text = resource;
    const std::size_t dot = text.find('.');
    return KindInfo{kindIdOf<CustomObject>, dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1), "v1", "", text.substr(0, dot),
                    "", {}, true, {}};
}

/// What Create of a subresource does.
Response createBelow(ObjectWriter& writer, const Request& request)
{
    if (request.subresource == "binding")
        return writer.bind();
    if (request.subresource == "eviction")
        return writer.evictPod();
    return unknownResource();
}

Response written(ObjectWriter& writer, const Request& request)
{
    switch (request.verb) {
    case Verb::Create: return request.subresource.empty() ? writer.create() : createBelow(writer, request);
    case Verb::Update: return writer.update();
    case Verb::Patch: return writer.patch();
    case Verb::Delete: return writer.remove();
    case Verb::DeleteCollection: return writer.removeCollection();
    case Verb::Get:
    case Verb::List: break;
    }
    return methodNotAllowed();
}

} // namespace

std::optional<Resource> findResource(const Store& store, std::string_view name)
{
    if (const KindInfo* info = findKind(name))
        return Resource{*info, nullptr};
    return findCustomResource(store, name);
}

std::optional<Response> ApiServer::forbidden(const Store& store, const Request& request, std::string_view verb)
{
    if (std::find(request.groups.begin(), request.groups.end(), kMastersGroup) != request.groups.end())
        return std::nullopt;
    const auto resource = findResource(store, request.resource);
    const KindInfo info = resource ? resource->info : unservedInfo(request.resource);
    Attributes asked;
    asked.user = request.user;
    asked.groups = request.groups;
    asked.verb = verb.empty() ? wordOf(request) : verb;
    asked.group = info.group;
    asked.resource = info.plural;
    asked.subresource = request.subresource;
    const bool everywhere = request.name.empty() && (request.verb == Verb::List || request.verb == Verb::DeleteCollection);
    if (info.id == kindIdOf<Namespace> && resource)
        asked.namespace_ = request.name; // a namespace is inside itself
    else if (isReview(request.resource))
        asked.namespace_.clear();
    else if (resource && info.namespaced)
        asked.namespace_ = everywhere ? request.namespace_ : namespaceOf(info, request);
    else if (!resource)
        asked.namespace_ = request.namespace_;
    // What is created is named by its body, which the authorizer does not see.
    const std::string name = request.verb == Verb::Create && request.subresource.empty() && asked.verb == "create" ? std::string() : request.name;
    asked.name = name;
    if (authorize(store, asked).allowed)
        return std::nullopt;
    return kube::forbidden(info, name, refusalText(asked));
}

Response ApiServer::read(const Store& store, const Request& request, Instant)
{
    if (auto refused = forbidden(store, request))
        return *refused;
    const auto target = targetOf(store, request.resource);
    return target ? readObjects(store, request, *target) : unknownResource();
}

Response ApiServer::handle(Store& store, Engine& engine, const Request& request, WebhookCaller* webhooks)
{
    if (request.verb == Verb::Get || request.verb == Verb::List)
        return read(store, request, engine.now());
    if (auto refused = forbidden(store, request))
        return *refused;
    if (auto review = answerReview(store, request, engine.now()))
        return *review;
    auto target = targetOf(store, request.resource);
    if (!target)
        return unknownResource();
    if (target->kind() == kindIdOf<ComponentStatus>)
        return methodNotAllowed();
    const bool ofDefinition = target->kind() == kindIdOf<CustomResourceDefinition> || target->kind() == kindIdOf<CustomObject>;
    ObjectWriter writer(store, engine, request, std::move(*target), webhooks);
    Response response = written(writer, request);
    if (ofDefinition && response.ok() && !request.dryRun) // a definition came, changed, or went with its last object
        registerCustomGroups(store, engine.now(), engine.random(kRegistrationStream));
    return response;
}

template <ApiObject T>
Created<T> ApiServer::create(Store& store, Engine& engine, T object, const Request& request, WebhookCaller* webhooks)
{
    Request asked = request;
    asked.verb = Verb::Create;
    asked.resource = kindInfo(kindIdOf<T>).groupResource();
    if (asked.namespace_.empty())
        asked.namespace_ = object.metadata.namespace_;
    Created<T> created;
    if (auto refused = forbidden(store, asked)) {
        created.refusal = std::move(*refused);
        return created;
    }
    ObjectWriter writer(store, engine, asked, Target{Resource{kindInfo(kindIdOf<T>), nullptr}, {}}, webhooks);
    auto done = writer.createObject(std::make_shared<T>(std::move(object)));
    if (auto* refused = std::get_if<Response>(&done))
        created.refusal = std::move(*refused);
    else
        created.object = std::static_pointer_cast<const T>(std::get<std::shared_ptr<const void>>(done));
    return created;
}

std::variant<Table, Response> ApiServer::table(const Store& store, const Request& request, Instant now)
{
    if (auto refused = forbidden(store, request))
        return *refused;
    const auto target = targetOf(store, request.resource);
    if (!target)
        return unknownResource();
    return readTable(store, request, *target, now);
}

Table::Row ApiServer::row(const WatchEvent& event, Instant now)
{
    return tableRow(event.kind, event.object, now);
}

Table::Row ApiServer::row(const Store& store, const WatchEvent& event, Instant now)
{
    Table::Row made = row(event, now);
    if (event.kind == kindIdOf<CustomObject>) {
        const auto& object = event.as<CustomObject>();
        if (const auto resource = findCustomResource(store, object.plural + "." + object.group))
            made.cells = customCells(object, *resource->definition, now);
    }
    return made;
}

std::vector<Table::Column> ApiServer::columns(KindId kind)
{
    return tableColumns(kind);
}

std::vector<Table::Column> ApiServer::columns(const Store& store, const std::string& resource)
{
    const auto found = findResource(store, resource);
    FL_ASSERT(found);
    return found->definition ? customColumns(*found->definition) : tableColumns(found->info.id);
}

#define FAULTLINE_CREATE(T) template Created<T> ApiServer::create<T>(Store&, Engine&, T, const Request&, WebhookCaller*);
FAULTLINE_FOR_EACH_KIND(FAULTLINE_CREATE)
#undef FAULTLINE_CREATE

} // namespace sim::kube
