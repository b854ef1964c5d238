#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace core::shell::kubectl {

namespace {

using sim::kube::KubeEvent;

sim::Instant lastSeen(const KubeEvent& event)
{
    if (event.series && event.series->lastObservedTime)
        return event.series->lastObservedTime->at;
    if (event.lastTimestamp)
        return event.lastTimestamp->at;
    if (event.eventTime)
        return event.eventTime->at;
    return event.firstTimestamp ? event.firstTimestamp->at : sim::Instant{};
}

class EventPrinter {
public:
    EventPrinter(Call& call, OutputFormat format, std::optional<Named> about)
        : m_call(call), m_format(std::move(format)), m_about(std::move(about))
    {
    }

    int run()
    {
        auto events = fetch();
        if (!events)
            return 1;
        if (!m_format.table()) {
            return printObject(m_call, m_format, listOf(m_json));
        }
        if (events->empty() && !m_call.flags.on("watch")) {
            m_call.err(m_call.allNamespaces() ? "No events found.\n"
                                              : "No events found in " + m_call.nameSpace() + " namespace.\n");
            return 0;
        }
        print(*events);
        while (m_call.flags.on("watch")) {
            m_call.inv.sleep(kPollInterval);
            if (!m_call.client.somethingChanged())
                continue;
            events = fetch();
            if (!events)
                return 1;
            print(*events);
        }
        return 0;
    }

private:
    std::optional<std::vector<KubeEvent>> fetch()
    {
        ListQuery query;
        if (m_about)
            query.fields = fmt::format("involvedObject.kind={},involvedObject.name={}", m_about->kind->kind, m_about->name);
        const ResourceKind& kind = resourceOf<KubeEvent>();
        auto items = m_call.client.list(kind, m_call.allNamespaces() ? "" : m_call.nameSpace(), query);
        if (const auto* response = std::get_if<sim::kube::Response>(&items)) {
            m_call.refused(*response);
            return std::nullopt;
        }
        m_call.sawList(kind, m_call.allNamespaces() ? "" : m_call.nameSpace());
        std::vector<std::pair<KubeEvent, Json>> sorted;
        const auto types = m_call.flags.list("types");
        for (Json& item : std::get<std::vector<Json>>(items)) {
            KubeEvent event = decoded<KubeEvent>(item);
            const bool wanted = types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& t) {
                return t.size() == event.type.size()
                    && std::equal(t.begin(), t.end(), event.type.begin(),
                                  [](char a, char b) { return (a | 32) == (b | 32); });
            });
            if (wanted)
                sorted.emplace_back(std::move(event), std::move(item));
        }
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return lastSeen(a.first) < lastSeen(b.first); });
        std::vector<KubeEvent> events;
        m_json.clear();
        for (auto& [event, json] : sorted) {
            events.push_back(std::move(event));
            m_json.push_back(std::move(json));
        }
        return events;
    }

    /// Prints what was not printed in this state before.
    void print(const std::vector<KubeEvent>& events)
    {
        std::vector<std::vector<std::string>> rows;
        if (!m_headerDone && !m_call.flags.on("no-headers")) {
            rows.push_back({"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"});
            if (m_call.allNamespaces())
                rows[0].insert(rows[0].begin(), "NAMESPACE");
        }
        for (const KubeEvent& event : events) {
            std::string& seen = m_printed[event.metadata.namespace_ + "/" + event.metadata.name];
            if (seen == event.metadata.resourceVersion)
                continue;
            seen = event.metadata.resourceVersion;
            std::vector<std::string> row{eventAge(event, m_call.inv.now()), event.type, event.reason,
                                         event.involvedObject.kind + "/" + event.involvedObject.name, event.message};
            if (m_call.allNamespaces())
                row.insert(row.begin(), event.metadata.namespace_);
            rows.push_back(std::move(row));
            const ResourceKind* kind = findResource(event.involvedObject.kind);
            m_call.inv.noteRead("event/" + event.metadata.namespace_ + "/"
                                + (kind ? kind->singular : event.involvedObject.kind) + "/" + event.involvedObject.name);
        }
        if (rows.empty() || (rows.size() == 1 && !m_headerDone && events.empty()))
            return;
        m_headerDone = true;
        std::string text;
        for (const auto& row : rows)
            m_widths.fit(row);
        for (const auto& row : rows)
            m_widths.append(text, row);
        m_call.out(text);
    }

    Call& m_call;
    OutputFormat m_format;
    std::optional<Named> m_about;
    std::vector<Json> m_json;
    std::map<std::string, std::string> m_printed;
    TableWidths m_widths;
    bool m_headerDone = false;
};

int runEvents(Call& call)
{
    auto format = outputFormat(call, false);
    if (!format)
        return 1;
    for (const std::string& type : call.flags.list("types")) {
        if (type != "Normal" && type != "Warning" && type != "normal" && type != "warning")
            return call.fail("valid --types are Normal or Warning");
    }
    std::optional<Named> about;
    if (call.flags.given("for")) {
        const std::string word = call.flags.text("for");
        if (word.find('/') == std::string::npos)
            return call.fail("--for must be in resource/name form");
        about = parseOne(call, word, resourceOf<sim::kube::Pod>());
        if (!about)
            return 1;
    }
    return EventPrinter(call, std::move(*format), std::move(about)).run();
}

} // namespace

Verb eventsVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"events", kTroubleshooting, "List events", "[(-o|--output=)json|yaml|name] [--for TYPE/NAME] [--watch] "
                                                        "[--types=Normal,Warning]"};
    verb.flags = {kAllNamespaces, {0, "for", T::Text, "", "Only events about this object (pod/web)."}, kNoHeaders,
                  kOutput, {0, "types", T::List, "", "Only events of these types: Normal, Warning."}, kWatch};
    verb.run = runEvents;
    verb.examples = {"# What happened to a pod", "kubectl events --for pod/web-0", "# Warnings of all namespaces",
                     "kubectl events -A --types=Warning"};
    return verb;
}

} // namespace core::shell::kubectl
