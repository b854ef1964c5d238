#include "sim/engine/assert.h"
#include "sim/engine/engine.h"
#include "sim/kube/api/api_server.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/api/field_set.h"
#include "sim/kube/api/patch.h"
#include "tests/fuzz/fuzz_target.h"

#include <array>
#include <string_view>

namespace {

using namespace sim::kube;
using nlohmann::json;

constexpr std::string_view kRule = "\n---\n";
constexpr std::array kTypes{PatchType::StrategicMerge, PatchType::Merge, PatchType::Json, PatchType::Apply};

/// The text up to the next rule, which is taken off.
json nextDocument(std::string_view& text)
{
    const std::string_view document = text.substr(0, text.find(kRule));
    text.remove_prefix(std::min(text.size(), document.size() + kRule.size()));
    return json::parse(document, nullptr, false);
}

Request requestFor(Verb verb, const KindInfo& kind, const std::string& name, json body)
{
    Request request;
    request.verb = verb;
    request.resource = kind.groupResource();
    request.namespace_ = kind.namespaced ? "default" : "";
    request.name = name;
    request.user = "admin";
    request.groups = {"system:masters", "system:authenticated"};
    request.fieldManager = "fuzz";
    request.body = std::move(body);
    return request;
}

void checkPlain(const json& object, const json& patch)
{
    for (const PatchType type : kTypes) {
        const Patched once = applyPatch(object, patch, type);
        FL_ASSERT(!once.value.is_discarded());
        if (type == PatchType::Merge && once.error.empty()) // RFC 7386: what was asked for is so, asking again changes nothing
            FL_ASSERT(applyPatch(once.value, patch, type).value == once.value);
    }
}

void checkOwnership(const json& object, const json& other, const StructSchema* schema)
{
    const FieldSet set = fieldsSetBy(other, schema);
    FL_ASSERT(FieldSet::fromJson(set.toJson()) == set);
    FL_ASSERT(set.difference(set).empty());
    compareObjects(object, other, schema);
    json merged = mergeApplied(object, other, schema);
    removeFields(merged, set, schema);
}

/// Through the API server: admission, validation and managed fields see what the patch made.
void checkServed(const KindInfo& kind, const json& object, const json& patch)
{
    Store store;
    sim::Engine engine{sim::Instant{} + std::chrono::hours(24 * 365 * 50), 1};
    sim::RandomStream& random = engine.random("fuzz");
    Namespace space;
    space.metadata.name = "default";
    admitNew(space, store, random);
    store.create(std::move(space), engine.now(), random);
    const Response created = ApiServer::handle(store, engine, requestFor(Verb::Create, kind, {}, object));
    if (created.code != 201)
        return;
    const std::string name = created.body.at("metadata").at("name").get<std::string>();
    for (const PatchType type : kTypes) {
        Request request = requestFor(Verb::Patch, kind, name, patch);
        request.patchType = type;
        const Response patched = ApiServer::handle(store, engine, request);
        FL_ASSERT(patched.code >= 200);
        ApiServer::handle(store, engine, requestFor(Verb::Get, kind, name, {}));
    }
}

} // namespace

/// An object and patches of it, each JSON, with a line of three dashes between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const json object = nextDocument(text);
    if (object.is_discarded())
        return 0;
    const KindInfo* kind = nullptr;
    if (object.is_object() && object.contains("kind") && object.at("kind").is_string())
        kind = findKind(object.at("kind").get<std::string>());
    while (!text.empty()) {
        const json patch = nextDocument(text);
        if (patch.is_discarded())
            continue;
        checkPlain(object, patch);
        if (kind == nullptr)
            continue;
        if (patch.is_object())
            checkOwnership(object, patch, schemaOf(kind->id));
        checkServed(*kind, object, patch);
    }
    return 0;
}
