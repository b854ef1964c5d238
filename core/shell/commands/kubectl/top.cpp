#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/typed.h"

#include "sim/kube/api/core_v1.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

// What the metrics API knows of nodes and pods, as kubectl prints it.
namespace core::shell::kubectl {

namespace {

using sim::kube::Quantity;
using sim::kube::Request;
using sim::kube::Response;

constexpr std::int64_t kMebi = 1024 * 1024;
// Younger pods may have no sample yet (metricsCreationDelay).
constexpr sim::Duration kFirstSample = std::chrono::minutes(2);

struct Usage {
    std::int64_t milliCpu = 0;
    std::int64_t memory = 0;
    void operator+=(const Usage& other)
    {
        milliCpu += other.milliCpu;
        memory += other.memory;
    }
};

Usage usageIn(const Json& object)
{
    const auto amount = [&](const char* resource) {
        const std::string text = textAt(object, {"usage", resource});
        return Quantity{text.empty() ? "0" : text};
    };
    return {amount("cpu").milliValue(), amount("memory").value()};
}

class Top {
public:
    Top(Call& call, bool pods) : m_call(call), m_pods(pods) { }

    int run()
    {
        const std::string by = m_call.flags.text("sort-by");
        if (!by.empty() && by != "cpu" && by != "memory")
            return m_call.fail("--sort-by accepts only cpu or memory");
        if (m_call.words.size() > 1 || (m_call.words.size() == 1 && m_call.flags.given("selector")))
            return m_call.failUsage(m_call.words.size() > 1 ? fmt::format("unexpected arguments: [{}]", join(m_call.words, " "))
                                                            : std::string("only one of NAME or selector can be provided"));
        Response response = m_call.client.read(request());
        if (response.code == 404 && textAt(response.body, {"details", "kind"}).empty() && textAt(response.body, {"message"}).find('"') == std::string::npos)
            return m_call.fail("Metrics API not available");
        if (!succeeded(response))
            return m_call.refused(response);
        std::vector<Json> items;
        if (m_call.words.empty()) {
            for (Json& item : response.body["items"])
                items.push_back(std::move(item));
        } else {
            items.push_back(std::move(response.body));
        }
        sort(items, by);
        return m_pods ? pods(items) : nodes(items);
    }

private:
    Request request() const
    {
        Request request;
        request.verb = m_call.words.empty() ? sim::kube::Verb::List : sim::kube::Verb::Get;
        request.resource = m_pods ? "pods.metrics.k8s.io" : "nodes.metrics.k8s.io";
        if (m_pods && !m_call.allNamespaces())
            request.namespace_ = m_call.nameSpace();
        request.name = m_call.words.empty() ? std::string() : m_call.words.front();
        request.labelSelector = m_call.flags.text("selector");
        request.user = m_call.client.config().user;
        request.groups = m_call.client.config().groups;
        return request;
    }

    static Usage total(const Json& object)
    {
        const Json& containers = at(object, {"containers"});
        if (!containers.is_array())
            return usageIn(object);
        Usage sum;
        for (const Json& container : containers)
            sum += usageIn(container);
        return sum;
    }

    void sort(std::vector<Json>& items, const std::string& by) const
    {
        const auto name = [](const Json& item) { return textAt(item, {"metadata", "namespace"}) + "/" + textAt(item, {"metadata", "name"}); };
        std::stable_sort(items.begin(), items.end(), [&](const Json& a, const Json& b) {
            const Usage of = total(a);
            const Usage other = total(b);
            if (by == "cpu" && of.milliCpu != other.milliCpu)
                return of.milliCpu > other.milliCpu;
            if (by == "memory" && of.memory != other.memory)
                return of.memory > other.memory;
            return name(a) < name(b);
        });
    }

    static std::vector<std::string> amounts(const Usage& usage)
    {
        return {fmt::format("{}m", usage.milliCpu), fmt::format("{}Mi", usage.memory / kMebi)};
    }

    int print(std::vector<std::vector<std::string>> rows)
    {
        // The real tool ends the last cell with a tab as well, so that it is as wide as its column.
        for (auto& row : rows)
            row.emplace_back();
        m_call.out(alignedRows(rows));
        return 0;
    }

    int pods(const std::vector<Json>& items)
    {
        if (items.empty())
            return nothing();
        const bool everywhere = m_call.allNamespaces();
        const bool containers = m_call.flags.on("containers");
        std::vector<std::vector<std::string>> rows;
        const auto row = [&](std::string ns, std::string pod, std::string container, std::vector<std::string> rest) {
            std::vector<std::string> cells;
            if (everywhere)
                cells.push_back(std::move(ns));
            cells.push_back(std::move(pod));
            if (containers)
                cells.push_back(std::move(container));
            cells.insert(cells.end(), rest.begin(), rest.end());
            rows.push_back(std::move(cells));
        };
        if (!m_call.flags.on("no-headers"))
            row("NAMESPACE", containers ? "POD" : "NAME", "NAME", {"CPU(cores)", "MEMORY(bytes)"});
        Usage sum;
        for (const Json& item : items) {
            const std::string ns = textAt(item, {"metadata", "namespace"});
            const std::string name = textAt(item, {"metadata", "name"});
            m_call.saw(*findResource("pods"), ns, name);
            sum += total(item);
            if (!containers) {
                row(ns, name, {}, amounts(total(item)));
                continue;
            }
            for (const Json& container : at(item, {"containers"}))
                row(ns, name, textAt(container, {"name"}), amounts(usageIn(container)));
        }
        if (m_call.flags.on("sum")) {
            row({}, {}, {}, {"________", "________"});
            row({}, {}, {}, amounts(sum));
        }
        return print(std::move(rows));
    }

    /// Why there is no figure of any pod.
    int nothing()
    {
        const auto listed = m_call.client.list(*findResource("pods"), m_call.scope(*findResource("pods")), {m_call.flags.text("selector"), {}});
        if (const auto* found = std::get_if<std::vector<Json>>(&listed); found && !found->empty()) {
            const auto pod = decoded<sim::kube::Pod>(found->front());
            const auto created = pod.metadata.creationTimestamp;
            const sim::Duration age = created ? m_call.inv.now() - created->at : sim::Duration{};
            if (age <= kFirstSample)
                return m_call.fail("metrics not available yet");
            return m_call.fail(fmt::format("Metrics not available for pod {}/{}, age: {}", pod.metadata.namespace_, pod.metadata.name, durationText(age)));
        }
        m_call.err(m_call.allNamespaces() ? "No resources found\n" : "No resources found in " + m_call.nameSpace() + " namespace.\n");
        return 0;
    }

    int nodes(const std::vector<Json>& items)
    {
        std::map<std::string, sim::kube::ResourceList> sizes;
        const auto listed = m_call.client.list(*findResource("nodes"), {}, {m_call.flags.text("selector"), {}});
        if (const auto* refused = std::get_if<Response>(&listed))
            return m_call.refused(*refused);
        for (const Json& item : std::get<std::vector<Json>>(listed)) {
            const auto node = decoded<sim::kube::Node>(item);
            if (m_call.words.empty() || m_call.words.front() == node.metadata.name)
                sizes[node.metadata.name] = m_call.flags.on("show-capacity") ? node.status.capacity : node.status.allocatable;
        }
        if (items.empty())
            return m_call.fail("metrics not available yet");
        std::vector<std::vector<std::string>> rows;
        if (!m_call.flags.on("no-headers"))
            rows.push_back({"NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"});
        for (const Json& item : items) {
            const std::string name = textAt(item, {"metadata", "name"});
            m_call.saw(*findResource("nodes"), {}, name);
            const Usage usage = usageIn(item);
            sim::kube::ResourceList& size = sizes[name];
            const auto share = [](std::int64_t used, std::int64_t all) { return all > 0 ? fmt::format("{}%", used * 100 / all) : "<unknown>"; };
            rows.push_back({name, fmt::format("{}m", usage.milliCpu), share(usage.milliCpu, size.count("cpu") ? size["cpu"].milliValue() : 0),
                            fmt::format("{}Mi", usage.memory / kMebi), share(usage.memory, size.count("memory") ? size["memory"].value() : 0)});
            sizes.erase(name);
        }
        for (const auto& [name, size] : sizes) // those without a sample
            rows.push_back({name, "<unknown>", "<unknown>", "<unknown>", "<unknown>"});
        return print(std::move(rows));
    }

    Call& m_call;
    bool m_pods;
};

int runTopPod(Call& call) { return Top(call, true).run(); }
int runTopNode(Call& call) { return Top(call, false).run(); }

Verb topOf(std::string_view name, std::string_view summary, std::vector<std::string_view> aliases, std::vector<FlagSpec> own,
           int (*run)(Call&))
{
    Verb verb{name, {}, summary, "[NAME | -l label]"};
    verb.flags = std::move(own);
    verb.flags.push_back(kSelector);
    verb.flags.push_back(kNoHeaders);
    verb.flags.push_back({0, "sort-by", FlagSpec::Type::Text, "", "cpu or memory."});
    verb.run = run;
    verb.aliases = std::move(aliases);
    return verb;
}

} // namespace

Verb topVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"top", kManagement, "Display resource (CPU/memory) usage", "[flags]"};
    verb.subverbs = {topOf("node", "Display resource (CPU/memory) usage of nodes", {"nodes", "no"},
                           {{0, "show-capacity", T::Bool, "false", "Shares of the whole node instead of what pods may have."}}, runTopNode),
                     topOf("pod", "Display resource (CPU/memory) usage of pods", {"pods", "po"},
                           {kAllNamespaces, {0, "containers", T::Bool, "false", "Each container of a pod."},
                            {0, "sum", T::Bool, "false", "The sum in a last line."}}, runTopPod)};
    return verb;
}

} // namespace core::shell::kubectl
