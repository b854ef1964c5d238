#include "core/shell/commands/kubectl/get.h"

#include "sim/engine/split.h"
#include "sim/kube/api_health.h"
#include "sim/kube/metrics/prometheus_adapter.h"
#include "sim/world/world.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;
using sim::kube::Table;

constexpr std::string_view kNoType =
    "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported "
    "resources.\n\n";
constexpr std::string_view kNoTypeError =
    "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource "
    "(e.g. kubectl explain pods).";

class Getter {
public:
    Getter(Call& call, OutputFormat format, std::vector<Named> named)
        : m_call(call), m_format(std::move(format)), m_named(std::move(named))
    {
        for (const Named& one : m_named)
            m_severalKinds = m_severalKinds || one.kind != m_named[0].kind;
    }

    int run()
    {
        const bool watching = m_call.flags.on("watch") || m_call.flags.on("watch-only");
        if (watching && (m_severalKinds || m_named.size() > 1))
            return m_call.fail("you may only specify a single resource type");
        const std::uint64_t version = m_call.inv.door().world().cluster().store().resourceVersion();
        if (!m_call.flags.on("watch-only")) {
            if (m_format.table())
                tables(watching);
            else
                objects();
            for (const Response& response : m_failures)
                m_call.refused(response);
        }
        if (!watching || !m_failures.empty())
            return m_failures.empty() ? m_status : 1;
        return watchResource(m_call, m_named[0], m_format, m_widths, version);
    }

private:
    bool skipMissing(const Response& response) const
    {
        return response.code == 404 && m_call.flags.on("ignore-not-found");
    }

    /// Rows of everything of one kind that was named; the columns come with the first answer.
    Table rowsOf(std::size_t first, std::size_t last)
    {
        Table all;
        for (std::size_t i = first; i < last; ++i) {
            const Named& one = m_named[i];
            const bool list = one.name.empty();
            if (!one.kind->info) {
                if (!list)
                    m_failures.push_back(m_call.client.get(*one.kind, {}, one.name));
                continue;
            }
            const std::string ns = list ? m_call.scope(*one.kind) : m_call.nameSpace();
            auto request = m_call.client.request(list ? sim::kube::Verb::List : sim::kube::Verb::Get, *one.kind, ns,
                                                 one.name);
            request.labelSelector = m_call.flags.text("selector");
            request.fieldSelector = m_call.flags.text("field-selector");
            const std::string below = m_call.flags.text("subresource");
            auto result = below == "scale" ? scaleTable(request) : m_call.client.table(request);
            if (const auto* response = std::get_if<Response>(&result)) {
                if (!skipMissing(*response))
                    m_failures.push_back(*response);
                if (response->code == 0)
                    break;
                continue;
            }
            Table& table = std::get<Table>(result);
            if (list)
                m_call.sawList(*one.kind, ns);
            if (all.columns.empty()) {
                all = std::move(table);
            } else {
                for (Table::Row& row : table.rows)
                    all.rows.push_back(std::move(row));
            }
        }
        return all;
    }

    /// The scale of an object as a row, with the object's age.
    std::variant<Table, Response> scaleTable(sim::kube::Request request)
    {
        auto owner = m_call.client.table(request);
        request.subresource = "scale";
        Response scale = m_call.client.read(std::move(request));
        Table* table = std::get_if<Table>(&owner);
        if (table == nullptr || !succeeded(scale))
            return table == nullptr ? owner : std::variant<Table, Response>(std::move(scale));
        Table::Row& row = table->rows.front();
        std::string age;
        for (std::size_t i = 0; i < table->columns.size(); ++i)
            if (table->columns[i].name == "AGE")
                age = row.cells[i];
        row.cells = {row.name, std::to_string(numberAt(scale.body, {"spec", "replicas"})), std::to_string(numberAt(scale.body, {"status", "replicas"})), age};
        table->columns = {{"NAME"}, {"DESIRED"}, {"AVAILABLE"}, {"AGE"}};
        return owner;
    }

    bool unreachable() const { return !m_failures.empty() && m_failures.back().code == 0; }

    void sort(const ResourceKind& kind, Table& table)
    {
        const std::string path = m_call.flags.text("sort-by");
        if (path.empty() || table.rows.empty())
            return;
        std::vector<Json> objects;
        objects.reserve(table.rows.size());
        for (const Table::Row& row : table.rows)
            objects.push_back(sim::kube::toJson(kind.info->id, row.object.get()));
        std::string error;
        const auto order = sortedBy(path, objects, error);
        if (!order) {
            m_status = m_call.fail(error);
            table.rows.clear();
            return;
        }
        std::vector<Table::Row> rows;
        rows.reserve(table.rows.size());
        for (const std::size_t i : *order)
            rows.push_back(std::move(table.rows[i]));
        table.rows = std::move(rows);
    }

    void tables(bool watching)
    {
        bool printed = false;
        const bool showKind = m_severalKinds || m_call.flags.on("show-kind");
        for (std::size_t first = 0; first < m_named.size() && !unreachable();) {
            std::size_t last = first;
            while (last < m_named.size() && m_named[last].kind == m_named[first].kind)
                ++last;
            const ResourceKind& kind = *m_named[first].kind;
            Table table = rowsOf(first, last);
            first = last;
            if (table.rows.empty())
                continue;
            sort(kind, table);
            if (table.rows.empty())
                return;
            if (printed)
                m_call.out("\n");
            print(kind, table, showKind);
            printed = true;
        }
        if (!printed && m_failures.empty() && m_status == 0 && !watching && !m_call.flags.on("ignore-not-found"))
            nothingFound();
    }

    void print(const ResourceKind& kind, const Table& table, bool showKind)
    {
        const RowLayout layout(m_call, kind, m_format.type == OutputFormat::Type::Wide, showKind);
        const bool headers = !m_call.flags.on("no-headers");
        std::vector<std::vector<std::string>> rows;
        rows.reserve(table.rows.size() + 1);
        if (headers)
            rows.push_back(layout.headers(table.columns));
        for (const Table::Row& row : table.rows) {
            rows.push_back(layout.cells(table.columns, row));
            sawRow(m_call, kind, row);
        }
        TableWidths widths;
        std::size_t bytes = 0;
        for (const auto& row : rows)
            widths.fit(row);
        for (const auto& cell : rows[0])
            bytes += cell.size() + 12;
        std::string text;
        text.reserve(bytes * rows.size());
        for (const auto& row : rows)
            widths.append(text, row);
        m_call.out(text);
        m_widths = widths;
    }

    void nothingFound()
    {
        bool namespaced = true;
        for (const Named& one : m_named)
            namespaced = namespaced && one.kind->namespaced;
        if (namespaced && !m_call.allNamespaces())
            m_call.err("No resources found in " + m_call.nameSpace() + " namespace.\n");
        else
            m_call.err("No resources found\n");
    }

    void objects()
    {
        std::vector<Json> items;
        bool single = m_named.size() == 1 && !m_named[0].name.empty();
        const ListQuery query{m_call.flags.text("selector"), m_call.flags.text("field-selector")};
        for (const Named& one : m_named) {
            if (unreachable())
                return;
            if (one.name.empty()) {
                auto found = m_call.client.list(*one.kind, m_call.scope(*one.kind), query);
                if (const auto* response = std::get_if<Response>(&found)) {
                    m_failures.push_back(*response);
                    continue;
                }
                m_call.sawList(*one.kind, m_call.scope(*one.kind));
                for (Json& item : std::get<std::vector<Json>>(found))
                    items.push_back(std::move(item));
                continue;
            }
            auto request = m_call.client.request(sim::kube::Verb::Get, *one.kind, m_call.nameSpace(), one.name);
            request.subresource = m_call.flags.text("subresource");
            Response response = one.kind->info ? m_call.client.read(std::move(request)) : m_call.client.get(*one.kind, {}, one.name);
            if (succeeded(response))
                items.push_back(std::move(response.body));
            else if (!skipMissing(response))
                m_failures.push_back(std::move(response));
        }
        if (single && items.empty())
            return;
        if (!m_failures.empty() && items.empty())
            return;
        for (const Json& item : items) {
            if (const ResourceKind* kind = kindOf(m_call, item))
                m_call.saw(*kind, textAt(item, {"metadata", "namespace"}), textAt(item, {"metadata", "name"}));
        }
        if (const std::string path = m_call.flags.text("sort-by"); !path.empty() && !items.empty()) {
            std::string error;
            const auto order = sortedBy(path, items, error);
            if (!order) {
                m_status = m_call.fail(error);
                return;
            }
            std::vector<Json> sorted;
            for (const std::size_t i : *order)
                sorted.push_back(std::move(items[i]));
            items = std::move(sorted);
        }
        const bool quiet = m_format.type == OutputFormat::Type::Name
            || m_format.type == OutputFormat::Type::CustomColumns;
        if (items.empty() && quiet && !m_call.flags.on("ignore-not-found")) {
            if (m_format.type == OutputFormat::Type::CustomColumns)
                m_status = printObject(m_call, m_format, listOf({}));
            return;
        }
        m_status = printObject(m_call, m_format, single ? items[0] : listOf(std::move(items)));
    }

    Call& m_call;
    OutputFormat m_format;
    std::vector<Named> m_named;
    bool m_severalKinds = false;
    std::vector<Response> m_failures;
    int m_status = 0;
    TableWidths m_widths;
};

/// What /api/v1/namespaces/shop/pods/web and the like ask for; nothing for other paths.
std::optional<sim::kube::Request> resourceRequest(Call& call, const std::string& path)
{
    std::vector<std::string> parts;
    for (const std::string& part : sim::split(path, '/'))
        if (!part.empty())
            parts.push_back(part);
    const bool core = parts.size() >= 3 && parts[0] == "api";
    const bool grouped = parts.size() >= 4 && parts[0] == "apis";
    if (!core && !grouped)
        return std::nullopt;
    const std::string group = core ? std::string() : parts[1];
    const std::string version = core ? parts[1] : parts[2];
    parts.erase(parts.begin(), parts.begin() + (core ? 2 : 3));
    std::string ns;
    if (parts.size() >= 3 && parts[0] == "namespaces") {
        ns = parts[1];
        parts.erase(parts.begin(), parts.begin() + 2);
    }
    if (group == sim::kube::kCustomMetricsGroup && version == sim::kube::kCustomMetricsVersion && parts.size() == 3 && parts[0] == "pods") {
        sim::kube::Request figure;
        figure.verb = sim::kube::Verb::Get;
        figure.resource = "pods." + group;
        figure.namespace_ = ns;
        figure.name = parts[1];
        figure.subresource = parts[2];
        return figure;
    }
    if (parts.size() > 2)
        return std::nullopt;
    for (const ResourceKind* kind : call.client.kinds())
        if (kind->group == group && kind->version == version && kind->plural == parts[0]) {
            auto request = call.client.request(parts.size() == 2 ? sim::kube::Verb::Get : sim::kube::Verb::List, *kind, ns,
                                               parts.size() == 2 ? parts[1] : std::string());
            request.resource = kind->groupResource();
            return request;
        }
    return std::nullopt;
}

/// `get --raw`: an address of the server, as it is.
int getRaw(Call& call)
{
    const std::string uri = call.flags.text("raw");
    const std::string path = uri.substr(0, uri.find('?'));
    const std::string group = path.substr(0, path.find('/', 1));
    if (group == "/healthz" || group == "/readyz" || group == "/livez") {
        if (const Response probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
            return call.refused(probe);
        const sim::World& world = call.inv.door().world();
        const auto health = world.cluster().health(path, uri.find("verbose") != std::string::npos, world.now());
        if (health && health->status == 200) {
            call.inv.noteRead("api/health");
            call.out(health->text);
            return 0;
        }
        if (health) {
            call.inv.noteRead("api/health");
            call.err(fmt::format("Error from server (InternalError): an error on the server ({}) has prevented the request from succeeding\n",
                                 Json(health->text).dump()));
            return 1;
        }
    }
    if (auto request = resourceRequest(call, path)) {
        const Response response = call.client.read(std::move(*request));
        if (!succeeded(response))
            return call.refused(response);
        call.out(response.body.dump() + "\n");
        return 0;
    }
    call.err("Error from server (NotFound): the server could not find the requested resource\n");
    return 1;
}

int runGet(Call& call)
{
    if (call.flags.given("raw"))
        return getRaw(call);
    auto format = outputFormat(call, true);
    if (!format)
        return 1;
    std::vector<Named> named;
    if (call.namesFiles()) {
        bool failed = false;
        for (const Manifest& manifest : readManifests(call, failed))
            named.push_back({manifest.kind, manifest.name});
        if (failed && named.empty())
            return 1;
    } else {
        if (call.words.empty()) {
            call.err(kNoType);
            return call.failUsage(kNoTypeError);
        }
        auto parsed = parseResources(call, call.words);
        if (!parsed)
            return 1;
        named = std::move(*parsed);
    }
    const bool bulk = std::any_of(named.begin(), named.end(), [](const Named& one) { return one.name.empty(); });
    if (bulk && call.flags.given("subresource"))
        return call.fail("subresource cannot be used when bulk resources are specified");
    for (const Named& one : named) {
        if (!one.name.empty() && !call.flags.text("selector").empty())
            return call.fail("name cannot be provided when a selector is specified");
        if (!one.name.empty() && call.allNamespaces() && one.kind->namespaced)
            return call.fail("a resource cannot be retrieved by name across all namespaces");
    }
    return Getter(call, std::move(*format), std::move(named)).run();
}

} // namespace

Verb getVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"get", kIntermediate, "Display one or many resources",
              "[(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | "
              "TYPE[.VERSION][.GROUP]/NAME ...) [flags]"};
    verb.flags = {kAllNamespaces, kFieldSelector, kFilename, kKustomize, kRecursive,
                  {0, "ignore-not-found", T::Bool, "false", "Exit with 0 when the named object does not exist."},
                  {'L', "label-columns", T::List, "", "Labels to show as columns, separated by commas."},
                  kNoHeaders, kOutput,
                  {0, "output-watch-events", T::Bool, "false", "Say with each watched line what happened."},
                  {0, "raw", T::Text, "", "A path to ask the server for, as it is."},
                  {0, "chunk-size", T::Number, "500", "How many objects to ask for at a time."},
                  kSelector,
                  {0, "server-print", T::Bool, "true", "Let the server make the table."},
                  {0, "show-kind", T::Bool, "false", "Put the type before each name."},
                  {0, "show-labels", T::Bool, "false", "Show all labels in a last column."}, kShowManaged,
                  {0, "sort-by", T::Text, "", "Sort by a field, given as a JSONPath like .metadata.name."},
                  {0, "subresource", T::Text, "", "status or scale: show this part of a named object."},
                  {0, "template", T::Text, "", "The template for -o jsonpath."}, kWatch,
                  {0, "watch-only", T::Bool, "false", "Print only changes, not what is there."}};
    verb.run = runGet;
    verb.operand = Operand::Resource;
    verb.examples = {"# All pods of the namespace", "kubectl get pods", "# With node and address",
                     "kubectl get pods -o wide", "# Deployments and services of another namespace",
                     "kubectl get deploy,svc -n shop", "# One field of one pod",
                     "kubectl get pod web-0 -o jsonpath='{.status.phase}'", "# Chosen columns",
                     "kubectl get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName",
                     "# Follow what changes", "kubectl get pods -w"};
    return verb;
}

} // namespace core::shell::kubectl
