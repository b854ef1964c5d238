#include "core/shell/commands/kubectl/client.h"

#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/controllers/api_service.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

namespace core::shell::kubectl {

namespace {

using sim::kube::Request;
using sim::kube::Response;

// Round trips of a small request to a nearby API server; a write waits for etcd's fsync as well.
constexpr sim::Duration kReadTime = std::chrono::milliseconds(12);
constexpr sim::Duration kWriteTime = std::chrono::milliseconds(25);
// client-go's dialer gives up after 30 s, the TLS handshake after 10 s; the kernel reports an unanswered ARP
// after three tries of 1 s.
constexpr sim::Duration kDialTimeout = std::chrono::seconds(30);
constexpr sim::Duration kTlsTimeout = std::chrono::seconds(10);
constexpr sim::Duration kArpTimeout = std::chrono::seconds(3);
// How long cli-runtime believes what it has on disk (genericclioptions/config_flags.go).
constexpr sim::Duration kDiscoveryCache = std::chrono::hours(6);
constexpr int kLoggedPid = 10453; // of no process: log lines only need a number there

Response unanswered(std::string message)
{
    Response response;
    response.code = 0;
    response.body = Json{{"message", std::move(message)}};
    return response;
}

struct Endpoint {
    std::string host;
    std::int64_t port = 0;
};

Endpoint endpointOf(std::string server)
{
    Endpoint e;
    e.port = 443;
    if (server.compare(0, 7, "http://") == 0)
        e.port = 80;
    if (const std::size_t scheme = server.find("://"); scheme != std::string::npos)
        server.erase(0, scheme + 3);
    server = server.substr(0, server.find('/'));
    const std::size_t colon = server.rfind(':');
    e.host = server.substr(0, colon);
    if (colon != std::string::npos)
        std::from_chars(server.data() + colon + 1, server.data() + server.size(), e.port);
    return e;
}

/// "The Pod "v" is invalid: spec.containers: Required value", one cause a line when there are several.
std::string invalidText(const Json& status)
{
    const Json& details = at(status, {"details"});
    std::string text = "The request is invalid";
    if (const std::string kind = textAt(details, {"kind"}); !kind.empty())
        text = fmt::format("The {} \"{}\" is invalid", kind, textAt(details, {"name"}));
    std::vector<std::string> causes;
    std::set<std::string> seen;
    if (const Json& list = at(details, {"causes"}); list.is_array()) {
        for (const Json& cause : list) {
            const std::string field = textAt(cause, {"field"});
            std::string one = (field.empty() ? "" : field + ": ") + textAt(cause, {"message"});
            if (seen.insert(one).second)
                causes.push_back(std::move(one));
        }
    }
    if (causes.empty())
        return text + ": " + textAt(status, {"message"});
    if (causes.size() == 1)
        return text + ": " + causes[0];
    text += ": ";
    for (const std::string& cause : causes)
        text += "\n* " + cause;
    return text;
}

/// What client-go makes of an answer without a Status, which a path has that nobody serves.
void tellWhatWasAsked(Response& response, const Request& request)
{
    static constexpr std::string_view kUnserved = "the server could not find the requested resource";
    if (response.code != 404 || textAt(response.body, {"message"}) != kUnserved)
        return;
    using sim::kube::Verb;
    const char* verb = request.verb == Verb::Create ? "post" : request.verb == Verb::Update ? "put" : request.verb == Verb::Patch ? "patch"
        : request.verb == Verb::Delete || request.verb == Verb::DeleteCollection           ? "delete"
                                                                                           : "get";
    response.body["message"] = fmt::format("{} ({} {}{})", kUnserved, verb, request.resource, request.name.empty() ? "" : " " + request.name);
}

/// A refused list in the words of kubectl's builder (cli-runtime/pkg/resource/selector.go).
void tellWhatWasListed(Response& response, const ResourceKind& kind, const Request& list)
{
    if ((response.code != 400 && response.code != 404) || !response.body.is_object())
        return;
    const std::string message = textAt(response.body, {"message"});
    const std::string resource = fmt::format("\"{}/{}, Resource={}\"", kind.group, kind.version, kind.plural);
    response.body["message"] = list.labelSelector.empty() && list.fieldSelector.empty()
        ? fmt::format("Unable to list {}: {}", resource, message)
        : fmt::format("Unable to find {} that match label selector {}, field selector {}: {}", resource, Json(list.labelSelector).dump(),
                      Json(list.fieldSelector).dump(), message);
}

} // namespace

std::optional<Response> Client::unreachable()
{
    if (!m_config.error.empty())
        return unanswered("error: " + m_config.error);
    const Place& place = m_inv.place();
    if (!m_config.present) {
        // Discovery is tried five times before the client gives up, each failure logged by klog.
        const std::string stamp = sim::kube::rfc3339Micro(m_inv.now()); // 2026-11-24T04:49:27.024741Z
        const std::string line = fmt::format(
            "E{}{} {} {:>7} memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list: "
            "Get \\\"http://localhost:8080/api?timeout=32s\\\": dial tcp 127.0.0.1:8080: connect: connection "
            "refused\"\n",
            stamp.substr(5, 2), stamp.substr(8, 2), stamp.substr(11, 15), kLoggedPid);
        for (int i = 0; i < 5; ++i)
            m_inv.err().write(line);
        return unanswered("The connection to the server localhost:8080 was refused - did you specify the right "
                          "host or port?");
    }
    if (m_config.server.empty())
        return std::nullopt;
    const sim::World& world = m_inv.door().world();
    if (world.cluster().settings().hosted)
        return std::nullopt;
    sim::StackId from = world.hosts().at(place.host).stack;
    if (place.container) {
        if (const sim::container::Container* container = world.runtimes().find(*place.container))
            from = container->stack;
    }
    const Endpoint server = endpointOf(m_config.server);
    const sim::NameAnswer name = world.resolve(from, server.host);
    if (name.status != sim::NameAnswer::Status::Found)
        return unanswered(fmt::format("Unable to connect to the server: dial tcp: lookup {}{}", server.host,
                                      name.status == sim::NameAnswer::Status::NotFound
                                          ? fmt::format(" on {}:53: no such host", name.server)
                                          : std::string(": i/o timeout")));
    // The dialer takes a name's addresses one after the other; the first failure is the one it tells.
    std::optional<std::string> failure;
    for (const sim::net::Ipv4 address : name.addresses) {
        const std::string target = fmt::format("{}:{}", address.text(), server.port);
        const std::string dialed = "Unable to connect to the server: dial tcp " + target;
        std::string problem;
        switch (world.reach(from, address, sim::net::Protocol::Tcp, server.port).verdict) {
        case sim::net::Verdict::Delivered:
            return std::nullopt; // whether the API server behind it answers is the cluster's to say
        case sim::net::Verdict::TimedOut:
        case sim::net::Verdict::NotPermitted:
            problem = dialed + ": i/o timeout";
            break;
        case sim::net::Verdict::HostUnreachable:
            problem = dialed + ": connect: no route to host";
            break;
        case sim::net::Verdict::NetworkUnreachable:
            problem = dialed + ": connect: network is unreachable";
            break;
        default:
            problem = fmt::format("The connection to the server {}:{} was refused - did you specify the right host or "
                                  "port?",
                                  server.host, server.port);
            break;
        }
        failure = failure.value_or(problem);
    }
    return unanswered(failure.value_or("Unable to connect to the server: dial tcp: lookup " + server.host));
}

void Client::spend(const Response& response)
{
    const std::string message = response.code == 0 ? messageOf(response) : std::string();
    const auto endsWith = [&](std::string_view tail) {
        return message.size() >= tail.size()
            && message.compare(message.size() - tail.size(), tail.size(), tail) == 0;
    };
    if (endsWith("i/o timeout"))
        m_inv.sleep(kDialTimeout);
    else if (endsWith("TLS handshake timeout"))
        m_inv.sleep(kTlsTimeout);
    else if (endsWith("no route to host"))
        m_inv.sleep(kArpTimeout);
    else
        m_inv.sleep(kReadTime);
}

std::optional<Response> Client::mayNotImpersonate() const
{
    if (m_config.impersonator.empty())
        return std::nullopt;
    Request asked;
    asked.resource = "users";
    asked.name = m_config.user;
    asked.user = m_config.impersonator;
    asked.groups = m_config.impersonatorGroups;
    return sim::kube::ApiServer::forbidden(m_inv.door().world().cluster().store(), asked, "impersonate");
}

/// An error of the server's own is a look at the API server.
void Client::noteTrouble(const Response& response)
{
    if (response.code >= 500)
        m_inv.noteRead("api/refusal");
}

void Client::waitForRead()
{
    const sim::World& world = m_inv.door().world();
    m_inv.sleep(kReadTime + world.cluster().readDelay(world.now()));
}

Response Client::read(Request request)
{
    if (auto failure = unreachable()) {
        spend(*failure);
        return *failure;
    }
    waitForRead();
    if (auto refusal = mayNotImpersonate())
        return *refusal;
    Response response = m_inv.door().world().apiRead(request);
    tellWhatWasAsked(response, request);
    m_inv.sleep(response.took); // until etcd gave up
    noteTrouble(response);
    for (const std::string& warning : response.warnings)
        m_inv.err().write("Warning: " + warning + "\n");
    if (response.code == 0)
        spend(response);
    return response;
}

std::variant<sim::kube::Table, Response> Client::table(Request request)
{
    if (auto failure = unreachable()) {
        spend(*failure);
        return *failure;
    }
    waitForRead();
    if (auto refusal = mayNotImpersonate())
        return *refusal;
    auto result = m_inv.door().world().apiTable(request);
    if (const auto* table = std::get_if<sim::kube::Table>(&result))
        for (const std::string& warning : table->warnings)
            m_inv.err().write("Warning: " + warning + "\n");
    if (Response* response = std::get_if<Response>(&result)) {
        m_inv.sleep(response->took);
        noteTrouble(*response);
        tellWhatWasAsked(*response, request);
        if (response->code == 0)
            spend(*response);
        else if (const ResourceKind* kind = find(request.resource); kind && request.verb == sim::kube::Verb::List)
            tellWhatWasListed(*response, *kind, request);
    }
    return result;
}

Response Client::write(Request request)
{
    if (auto failure = unreachable()) {
        spend(*failure);
        return *failure;
    }
    m_inv.sleep(kWriteTime);
    if (auto refusal = mayNotImpersonate())
        return *refusal;
    // What was read from the server may be created again: the version is not sent (cli-runtime's Helper.Create).
    if (request.verb == sim::kube::Verb::Create && request.body.is_object() && request.body.contains("metadata")
        && request.body["metadata"].is_object())
        request.body["metadata"].erase("resourceVersion");
    const sim::CommandResult result = m_inv.door().apply(sim::Command{sim::command::ApiCall{std::move(request)}});
    if (result.response.took > sim::Duration::zero()) // its webhooks, a slow etcd
        m_inv.sleep(result.response.took);
    noteTrouble(result.response);
    for (const std::string& warning : result.response.warnings)
        m_inv.err().write("Warning: " + warning + "\n");
    if (result.response.code == 0)
        spend(result.response);
    return result.response;
}

Request Client::request(sim::kube::Verb verb, const ResourceKind& kind, const std::string& ns,
                        std::string name) const
{
    Request request;
    request.verb = verb;
    request.resource = kind.groupResource();
    if (kind.namespaced)
        request.namespace_ = ns;
    request.name = std::move(name);
    request.user = m_config.user;
    request.groups = m_config.groups;
    return request;
}

Response Client::get(const ResourceKind& kind, const std::string& ns, const std::string& name)
{
    if (!kind.info) {
        Response response;
        response.code = 404;
        response.body = Json{{"kind", "Status"},
                             {"reason", "NotFound"},
                             {"message", fmt::format("{} \"{}\" not found", kind.groupResource(), name)},
                             {"code", 404}};
        return response;
    }
    return read(request(sim::kube::Verb::Get, kind, ns, name));
}

std::variant<std::vector<Json>, Response> Client::list(const ResourceKind& kind, const std::string& ns,
                                                       const ListQuery& query)
{
    if (!kind.info)
        return std::vector<Json>{};
    Request list = request(sim::kube::Verb::List, kind, ns);
    list.labelSelector = query.labels;
    list.fieldSelector = query.fields;
    Response response = read(list);
    if (!succeeded(response)) {
        tellWhatWasListed(response, kind, list);
        return response;
    }
    std::vector<Json> items;
    if (const auto it = response.body.find("items"); it != response.body.end() && it->is_array()) {
        items.reserve(it->size());
        for (Json& item : *it) {
            item["apiVersion"] = kind.apiVersion();
            item["kind"] = kind.kind;
            items.push_back(std::move(item));
        }
    }
    return items;
}

Response Client::patch(const ResourceKind& kind, const std::string& ns, const std::string& name, Json body,
                       sim::kube::PatchType type, bool dryRun, std::string fieldManager)
{
    Request patch = request(sim::kube::Verb::Patch, kind, ns, name);
    patch.body = std::move(body);
    patch.patchType = type;
    patch.dryRun = dryRun;
    patch.fieldManager = std::move(fieldManager);
    return write(std::move(patch));
}

const ResourceKind* Client::custom(const sim::kube::CustomResourceDefinition& definition, const std::string& version)
{
    const sim::kube::CrdSpec& spec = definition.spec;
    const auto known = std::find_if(m_custom.begin(), m_custom.end(), [&](const ResourceKind& kind) {
        return kind.plural == spec.names.plural.value && kind.group == spec.group.value && kind.version == version;
    });
    if (known != m_custom.end())
        return &*known;
    ResourceKind kind;
    kind.group = spec.group;
    kind.version = version;
    kind.kind = spec.names.kind;
    kind.plural = spec.names.plural;
    kind.singular = spec.names.singular;
    kind.shortNames = spec.names.shortNames;
    kind.namespaced = spec.scope.value == "Namespaced";
    kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
    kind.categories = spec.names.categories;
    kind.info = &sim::kube::kindInfo(sim::kube::kindIdOf<sim::kube::CustomObject>);
    kind.keyPrefix = sim::kube::keyPrefix(definition);
    return &m_custom.emplace_back(std::move(kind));
}

std::vector<const ResourceKind*> Client::discovered()
{
    std::vector<const ResourceKind*> kinds;
    for (const sim::kube::Resource& resource : sim::kube::customResources(m_inv.door().world().cluster().store()))
        kinds.push_back(custom(*resource.definition, std::string(resource.info.version)));
    return kinds;
}

std::vector<const ResourceKind*> Client::remembered()
{
    using sim::kube::CustomResourceDefinition;
    std::vector<const ResourceKind*> kinds;
    const auto& store = m_inv.door().world().cluster().store();
    std::uint64_t reach = std::min<std::uint64_t>(store.resourceVersion(), sim::kube::Store::kHistory);
    auto changes = store.changesAfter(store.resourceVersion() - reach);
    while (!changes && reach > 0) // the history holds less
        changes = store.changesAfter(store.resourceVersion() - (reach /= 2));
    if (!changes)
        return kinds;
    for (auto it = changes->rbegin(); it != changes->rend(); ++it) {
        const sim::kube::WatchEvent& event = **it;
        if (event.kind != sim::kube::kindIdOf<CustomResourceDefinition> || event.type != sim::kube::WatchEvent::Type::Deleted)
            continue;
        const auto& definition = event.as<CustomResourceDefinition>();
        const auto& gone = definition.metadata.deletionTimestamp;
        if (const auto* version = sim::kube::versionOf(definition); version && gone && m_inv.now() - gone->at < kDiscoveryCache)
            kinds.push_back(custom(definition, version->name));
    }
    return kinds;
}

const ResourceKind* Client::find(std::string_view word)
{
    if (const ResourceKind* kind = findResource(word))
        return kind;
    for (const auto& kinds : {discovered(), remembered()})
        for (const ResourceKind* kind : kinds)
            if (isCalled(*kind, word))
                return kind;
    return nullptr;
}

const ResourceKind* Client::find(std::string_view apiVersion, std::string_view kindName)
{
    if (const ResourceKind* kind = findResource(apiVersion, kindName))
        return kind;
    for (const ResourceKind* kind : discovered()) {
        if (kind->kind == kindName && kind->apiVersion() == apiVersion)
            return kind;
    }
    return nullptr;
}

std::vector<const ResourceKind*> Client::kinds()
{
    std::vector<const ResourceKind*> kinds;
    for (const ResourceKind& kind : resourceKinds())
        kinds.push_back(&kind);
    const auto before = [](const ResourceKind* a, const ResourceKind* b) { return std::tie(a->group, a->plural) < std::tie(b->group, b->plural); };
    for (const ResourceKind* custom : discovered()) {
        const auto place = std::find_if(kinds.begin(), kinds.end(), [&](const ResourceKind* kind) { return before(custom, kind); });
        kinds.insert(place, custom);
    }
    if (sim::kube::aggregated(m_inv.door().world().cluster().store(), "v1beta1.metrics.k8s.io"))
        for (const ResourceKind& metrics : metricsKinds()) {
            const auto place = std::find_if(kinds.begin(), kinds.end(), [&](const ResourceKind* kind) { return before(&metrics, kind); });
            kinds.insert(place, &metrics);
        }
    return kinds;
}

bool Client::somethingChanged()
{
    const std::uint64_t version = m_inv.door().world().cluster().store().resourceVersion();
    const bool changed = version != m_seenVersion;
    m_seenVersion = version;
    return changed;
}

bool succeeded(const Response& response)
{
    return response.code >= 200 && response.ok();
}

std::string messageOf(const Response& response)
{
    return textAt(response.body, {"message"});
}

std::string reasonOf(const Response& response)
{
    return textAt(response.body, {"reason"});
}

std::string errorText(const Response& response, const std::string& doing, const std::string& source)
{
    const std::string message = messageOf(response);
    if (response.code == 0)
        return message;
    const std::string reason = reasonOf(response);
    if (reason == "Invalid")
        return invalidText(response.body);
    std::string text = "Error from server";
    if (!reason.empty())
        text += " (" + reason + ")";
    text += ": ";
    if (!doing.empty())
        text += fmt::format("error when {} \"{}\": ", doing, source);
    return text + message;
}

} // namespace core::shell::kubectl
