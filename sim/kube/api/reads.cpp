#include "sim/kube/api/reads.h"

#include "sim/kube/api/component_fields.h"
#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/kind_operations.h"
#include "sim/kube/api/paging.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/api/status.h"

#include <algorithm>
#include <map>

namespace sim::kube {

namespace {

using nlohmann::json;
using Object = std::shared_ptr<const void>;

/// What the objects were that changed after a version: null for those that were not there. Nothing: the history does
/// not reach back so far.
std::optional<std::map<ObjectKey, Object>> stateAt(const Store& store, std::uint64_t version, KindId kind)
{
    std::map<ObjectKey, Object> then;
    if (version == 0 || version >= store.resourceVersion())
        return then;
    const auto changes = store.changesAfter(version);
    if (!changes)
        return std::nullopt;
    for (const WatchEvent* change : *changes)
        if (change->kind == kind) // the first change of a key tells what was before
            then.emplace(change->key, change->type == WatchEvent::Type::Added ? nullptr
                             : change->type == WatchEvent::Type::Modified     ? change->previous
                                                                              : change->object);
    return then;
}

Object findObject(const Store& store, const Request& request, const Target& target)
{
    return operationsOf(target.kind()).get(store, target.key(namespaceOf(target.resource.info, request), request.name));
}

json scaleJson(const Target& target, const void* object)
{
    if (target.resource.definition)
        return hasScale(*target.resource.definition) ? customScale(*static_cast<const CustomObject*>(object), *target.resource.definition) : json();
    const KindOperations& ops = operationsOf(target.kind());
    return ops.scale == nullptr ? json() : ops.scale(object);
}

Table::Row rowOf(const Target& target, Object object, Instant now)
{
    Table::Row row = tableRow(target.kind(), object, now);
    if (target.resource.definition)
        row.cells = customCells(*static_cast<const CustomObject*>(object.get()), *target.resource.definition, now);
    return row;
}

/// What the server says of a deprecated API in the Warning header (APILifecycleDeprecated).
std::vector<std::string> deprecationWarnings(const KindInfo& info)
{
    if (info.id == kindIdOf<Endpoints>)
        return {"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"};
    if (info.id == kindIdOf<ComponentStatus>)
        return {"v1 ComponentStatus is deprecated in v1.19+"};
    return {};
}

} // namespace

std::variant<Page, Response> listPage(const Store& store, const Request& request, const Target& target)
{
    const Selection selection = selectionOf(request, target);
    if (!selection.error.empty())
        return badRequest(selection.error);
    const std::string within = target.resource.info.namespaced ? request.namespace_ : std::string();
    const bool one = !within.empty();
    Page page;
    page.resourceVersion = store.resourceVersion();
    ContinueToken token;
    token.start = {within, target.prefix};
    std::map<ObjectKey, Object> then;
    if (!request.continue_.empty()) {
        const auto read = readToken(request.continue_, within);
        if (!read)
            return badRequest("continue key is not valid: invalid continue token");
        token = *read;
        auto state = stateAt(store, token.resourceVersion, target.kind());
        if (!state)
            return tooOld(token, within);
        then = std::move(*state);
        if (token.resourceVersion != 0)
            page.resourceVersion = token.resourceVersion;
    }
    const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(request.limit, 0));
    const auto belongs = [&](const ObjectKey& key) {
        return (!one || key.namespace_ == within) && (target.prefix.empty() || key.name.starts_with(target.prefix));
    };
    const auto take = [&](const ObjectKey& key, const Object& object) {
        if (!belongs(key) || !isSelected(selection, target, object.get()))
            return;
        if (limit != 0 && page.objects.size() == limit) {
            if (page.continue_.empty()) {
                const ObjectMeta& last = operationsOf(target.kind()).metadataOf(page.objects.back().get());
                ObjectKey next = target.key(last.namespace_, last.name);
                next.name.push_back('\0'); // the first key behind it
                page.continue_ = writeToken({page.resourceVersion, next}, within);
            }
            ++page.remaining;
            return;
        }
        page.objects.push_back(object);
    };
    auto past = then.lower_bound(token.start);
    const auto pastBefore = [&](const ObjectKey* key) {
        for (; past != then.end() && (key == nullptr || past->first < *key); ++past)
            if (past->second)
                take(past->first, past->second); // gone since
    };
    operationsOf(target.kind()).visit(store, token.start, [&](const ObjectKey& key, const Object& object) {
        if (one && key.namespace_ != within)
            return false;
        pastBefore(&key);
        if (past != then.end() && past->first == key) {
            if (past->second)
                take(key, past->second);
            ++past;
        } else {
            take(key, object);
        }
        // Selectors hide how many remain, so there is nothing to count behind the page.
        return page.continue_.empty() || selection.all();
    });
    pastBefore(nullptr);
    if (!selection.all())
        page.remaining = 0;
    return page;
}

Response readObjects(const Store& store, const Request& request, const Target& target)
{
    const KindInfo& info = target.resource.info;
    Response response;
    response.warnings = deprecationWarnings(info);
    const bool ofPod = info.id == kindIdOf<Pod>;
    if (const std::string& below = request.subresource;
        !below.empty() && below != "status" && below != "scale" && !(ofPod && below == "ephemeralcontainers"))
        return unknownResource(); // proxy, ...
    if (request.verb == Verb::Get || !request.name.empty()) {
        const Object object = findObject(store, request, target);
        if (!object)
            return notFound(info, request.name);
        response.body = request.subresource == "scale" ? scaleJson(target, object.get()) : answerOf(info.id, object.get());
        return response.body.is_null() ? unknownResource() : response;
    }
    auto listed = listPage(store, request, target);
    if (auto* refused = std::get_if<Response>(&listed))
        return std::move(*refused);
    const Page& page = std::get<Page>(listed);
    json items = json::array();
    for (const Object& object : page.objects) {
        items.push_back(answerOf(info.id, object.get()));
        if (!target.resource.definition) { // typed lists leave out what the list itself says
            items.back().erase("apiVersion");
            items.back().erase("kind");
        }
    }
    json metadata{{"resourceVersion", std::to_string(page.resourceVersion)}};
    if (!page.continue_.empty())
        metadata["continue"] = page.continue_;
    if (page.remaining > 0)
        metadata["remainingItemCount"] = page.remaining;
    response.body = {{"kind", std::string(info.kind) + "List"}, {"apiVersion", info.apiVersion()}, {"metadata", std::move(metadata)},
                     {"items", std::move(items)}};
    return response;
}

std::variant<Table, Response> readTable(const Store& store, const Request& request, const Target& target, Instant now)
{
    Table table;
    table.warnings = deprecationWarnings(target.resource.info);
    table.columns = target.resource.definition ? customColumns(*target.resource.definition) : tableColumns(target.kind());
    if (!request.name.empty()) {
        Object object = findObject(store, request, target);
        if (!object)
            return notFound(target.resource.info, request.name);
        table.rows.push_back(rowOf(target, std::move(object), now));
        return table;
    }
    auto listed = listPage(store, request, target);
    if (auto* refused = std::get_if<Response>(&listed))
        return std::move(*refused);
    Page& page = std::get<Page>(listed);
    table.continue_ = page.continue_;
    table.remainingItems = page.remaining;
    table.rows.reserve(page.objects.size());
    if (target.kind() == kindIdOf<FlowSchema>) // in the order in which requests are matched
        std::stable_sort(page.objects.begin(), page.objects.end(), [](const Object& a, const Object& b) {
            return static_cast<const FlowSchema*>(a.get())->spec.matchingPrecedence.value
                < static_cast<const FlowSchema*>(b.get())->spec.matchingPrecedence.value;
        });
    for (Object& object : page.objects)
        table.rows.push_back(rowOf(target, std::move(object), now));
    return table;
}

} // namespace sim::kube
