#include "core/endpoint/watch.h"

#include "core/endpoint/api_answer.h"
#include "sim/kube/api/component_fields.h"

#include <fmt/format.h>

#include <charconv>

namespace core::endpoint {

namespace {

using nlohmann::json;
using sim::kube::Table;
using sim::kube::WatchEvent;
using Shape = ObjectFormat::Shape;

// The real server sends one about once a minute.
constexpr sim::Duration kBookmarkEvery = std::chrono::minutes(1);

std::optional<std::uint64_t> number(const std::string& text)
{
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string line(const std::string& type, const json& object)
{
    return json{{"type", type}, {"object", object}}.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

std::variant<std::unique_ptr<TextStream>, HttpAnswer> Watch::open(const HttpRequest& http, ApiRequest asked, const sim::World& world)
{
    // Reading once tells what is wrong with the request: resource, selectors, rights.
    sim::kube::Request probe = asked.request;
    probe.verb = sim::kube::Verb::List;
    if (!probe.name.empty()) { // a watch of one object, by its path
        probe.fieldSelector += (probe.fieldSelector.empty() ? "" : ",") + ("metadata.name=" + probe.name);
        probe.name.clear();
    }
    const sim::kube::Store& store = world.cluster().store();
    const auto resource = sim::kube::findResource(store, probe.resource);
    if (!resource)
        return pageNotFound();
    if (const auto forbidden = sim::kube::ApiServer::forbidden(store, probe, "watch"))
        return encodeResponse(*forbidden, asked.format);
    const auto listed = world.apiTable(probe);
    if (const auto* response = std::get_if<sim::kube::Response>(&listed))
        return encodeResponse(*response, asked.format);
    asked.request = probe;
    asked.request.limit = 0;

    auto watch = std::unique_ptr<Watch>(new Watch(std::move(asked)));
    watch->m_kind = resource->info.id;
    watch->m_kindName = resource->info.kind;
    watch->m_apiVersion = resource->info.apiVersion();
    if (resource->definition)
        watch->m_keyPrefix = resource->info.groupResource() + "/";
    watch->m_labels = sim::kube::parseLabelSelector(probe.labelSelector).selector;
    watch->m_fields = sim::kube::parseFieldSelector(probe.fieldSelector).requirements;
    watch->m_bookmarks = http.flag("allowWatchBookmarks");
    watch->m_initialBookmark = http.flag("sendInitialEvents") && watch->m_bookmarks;
    const std::string from = http.parameter("resourceVersion").value_or("");
    const auto version = from.empty() ? std::optional<std::uint64_t>(0) : number(from);
    if (!version)
        return statusAnswer(400, "BadRequest", fmt::format("resourceVersion: Invalid value: \"{}\": strconv.ParseUint: parsing \"{}\": invalid syntax", from, from));
    watch->m_seen = *version;
    watch->m_initial = *version == 0 || http.flag("sendInitialEvents");
    if (const auto limit = http.parameter("timeoutSeconds"))
        if (const auto seconds = number(*limit); seconds && *seconds > 0)
            watch->m_limit = std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86'400));
    return std::unique_ptr<TextStream>(std::move(watch));
}

bool Watch::selected(const sim::kube::Store& store, const sim::kube::ObjectKey& key, const std::shared_ptr<const void>& object) const
{
    if (key.name.compare(0, m_keyPrefix.size(), m_keyPrefix) != 0)
        return false;
    if (!m_asked.request.namespace_.empty() && key.namespace_ != m_asked.request.namespace_)
        return false;
    for (const auto& one : m_fields)
        if ((sim::kube::selectableField(m_kind, object.get(), one.field).value_or("") == one.value) != one.equal)
            return false;
    if (m_asked.request.labelSelector.empty())
        return true;
    WatchEvent probe;
    probe.kind = m_kind;
    probe.object = object;
    return m_labels.matches(sim::kube::ApiServer::row(store, probe, {}).metadata->labels);
}

std::string Watch::objectLine(const sim::World& world, const std::string& type, const std::shared_ptr<const void>& object, std::uint64_t resourceVersion)
{
    if (m_asked.format.shape == Shape::Table) {
        WatchEvent shown;
        shown.kind = m_kind;
        shown.object = object;
        Table table;
        const sim::kube::Store& store = world.cluster().store();
        if (sim::kube::findResource(store, m_asked.request.resource)) // a definition may have gone
            table.columns = sim::kube::ApiServer::columns(store, m_asked.request.resource);
        table.rows.push_back(sim::kube::ApiServer::row(store, shown, world.now()));
        return line(type, tableJson(table, m_kind, m_asked, std::to_string(resourceVersion), !std::exchange(m_columnsSent, true)));
    }
    json value = sim::kube::answerOf(m_kind, object.get());
    if (m_asked.format.shape != Shape::Object)
        value = partialMetadata(value, m_asked.format.shapeVersion);
    return line(type, value);
}

std::string Watch::initialEvents(const sim::World& world)
{
    std::string text;
    m_seen = world.cluster().store().resourceVersion();
    const auto result = world.apiTable(m_asked.request);
    if (const auto* table = std::get_if<Table>(&result))
        for (const Table::Row& row : table->rows)
            text += objectLine(world, "ADDED", row.object, m_seen);
    if (m_initialBookmark)
        text += bookmark(m_seen, true);
    return text;
}

std::string Watch::event(const sim::World& world, const WatchEvent& change)
{
    const sim::kube::Store& store = world.cluster().store();
    const bool is = selected(store, change.key, change.object);
    const bool was = change.previous && selected(store, change.key, change.previous);
    if (change.type == WatchEvent::Type::Deleted)
        return is || was ? objectLine(world, "DELETED", change.object, change.resourceVersion) : std::string();
    if (is)
        return objectLine(world, was ? "MODIFIED" : "ADDED", change.object, change.resourceVersion);
    return was ? objectLine(world, "DELETED", change.object, change.resourceVersion) : std::string();
}

std::string Watch::bookmark(std::uint64_t resourceVersion, bool initialEnd) const
{
    json metadata{{"resourceVersion", std::to_string(resourceVersion)}, {"creationTimestamp", nullptr}};
    if (initialEnd)
        metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
    switch (m_asked.format.shape) {
    case Shape::Table:
        return line("BOOKMARK", {{"kind", "Table"}, {"apiVersion", "meta.k8s.io/" + m_asked.format.shapeVersion},
                                 {"metadata", {{"resourceVersion", std::to_string(resourceVersion)}}}, {"columnDefinitions", nullptr}, {"rows", json::array()}});
    case Shape::Object: return line("BOOKMARK", {{"kind", m_kindName}, {"apiVersion", m_apiVersion}, {"metadata", metadata}});
    case Shape::PartialObjectMetadata:
    case Shape::PartialObjectMetadataList: break;
    }
    return line("BOOKMARK", {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/" + m_asked.format.shapeVersion}, {"metadata", metadata}});
}

std::string Watch::expired(std::uint64_t oldest)
{
    m_ended = true;
    return line("ERROR", {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Failure"},
                          {"message", fmt::format("too old resource version: {} ({})", m_seen, oldest)}, {"reason", "Expired"}, {"code", 410}});
}

std::string Watch::take(const sim::World& world)
{
    if (m_ended)
        return {};
    const sim::kube::Store& store = world.cluster().store();
    std::string text;
    if (std::exchange(m_initial, false))
        text += initialEvents(world);
    // A rewound world is younger than its watchers: they have to list again.
    if (m_seen > store.resourceVersion())
        return text + expired(store.resourceVersion());
    if (m_seen < store.resourceVersion()) {
        const auto changes = store.changesAfter(m_seen);
        if (!changes)
            return text + expired(store.resourceVersion());
        for (const WatchEvent* change : *changes)
            if (change->kind == m_kind)
                text += event(world, *change);
        m_seen = store.resourceVersion();
    }
    if (m_bookmarks && world.now() - m_lastBookmark.value_or(world.now()) >= kBookmarkEvery) {
        text += bookmark(m_seen, false);
        m_lastBookmark = world.now();
    }
    if (!m_lastBookmark)
        m_lastBookmark = world.now();
    return text;
}

} // namespace core::endpoint
