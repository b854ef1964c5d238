#include "core/shell/commands/kubectl/get.h"

#include "core/shell/commands/kubectl/age.h"
#include "sim/kube/api/component_fields.h"
#include "sim/world/world.h"

namespace core::shell::kubectl {

namespace {

using sim::kube::Table;
using sim::kube::WatchEvent;

/// How often a quiet watch checks that its connection is alive, in polls.
constexpr int kPollsPerCheck = 5;

class Watcher {
public:
    Watcher(Call& call, const Named& named, const OutputFormat& format, TableWidths widths)
        : m_call(call), m_named(named), m_format(format),
          m_layout(call, *named.kind, format.type == OutputFormat::Type::Wide, call.flags.on("show-kind")),
          m_columns(sim::kube::ApiServer::columns(call.inv.door().world().cluster().store(), named.kind->groupResource())), m_widths(std::move(widths)),
          m_scope(named.name.empty() ? call.scope(*named.kind) : call.nameSpace()),
          m_selecting(call.flags.given("selector") || call.flags.given("field-selector"))
    {
    }

    int run(std::uint64_t version)
    {
        std::string limitText = m_call.flags.text("request-timeout");
        if (limitText.find_first_not_of("0123456789") == std::string::npos)
            limitText += "s";
        const sim::Duration limit = parseDuration(limitText).value_or(sim::Duration{});
        const sim::Instant end = m_call.inv.now() + limit;
        if (m_selecting)
            m_matching = matching();
        m_header = m_widths.empty() && !m_call.flags.on("no-headers");
        for (int polls = 1;; ++polls) {
            if (limit.count() > 0 && m_call.inv.now() >= end)
                return 0;
            m_call.inv.sleep(kPollInterval);
            if (polls % kPollsPerCheck == 0 && !alive())
                return m_call.fail("watch closed before UntilWithoutRetry timeout");
            const auto& store = m_call.inv.door().world().cluster().store();
            if (store.resourceVersion() == version)
                continue;
            const auto changes = store.changesAfter(version);
            version = store.resourceVersion();
            if (!changes)
                return m_call.fail("The resourceVersion for the provided watch is too old.");
            show(*changes);
        }
    }

private:
    bool alive()
    {
        auto probe = m_call.client.request(sim::kube::Verb::Get, *findResource("namespaces"), {}, "default");
        return m_call.inv.door().world().apiRead(probe).code != 0;
    }

    /// The keys that the selectors match now.
    std::set<std::string> matching()
    {
        auto request = m_call.client.request(sim::kube::Verb::List, *m_named.kind, m_scope);
        request.labelSelector = m_call.flags.text("selector");
        request.fieldSelector = m_call.flags.text("field-selector");
        std::set<std::string> keys;
        const auto result = m_call.inv.door().world().apiTable(request);
        if (const auto* table = std::get_if<Table>(&result)) {
            for (const Table::Row& row : table->rows)
                keys.insert(row.namespace_ + "/" + row.name);
        }
        return keys;
    }

    void show(const std::vector<const WatchEvent*>& changes)
    {
        std::set<std::string> before;
        if (m_selecting) {
            before = std::move(m_matching);
            m_matching = matching();
        }
        for (const WatchEvent* change : changes) {
            if (change->kind != m_named.kind->info->id)
                continue;
            if (!m_scope.empty() && m_named.kind->namespaced && change->key.namespace_ != m_scope)
                continue;
            // Custom objects of all kinds are kept together.
            const std::string& prefix = m_named.kind->keyPrefix;
            if (change->key.name.compare(0, prefix.size(), prefix) != 0)
                continue;
            const std::string name = change->key.name.substr(prefix.size());
            if (!m_named.name.empty() && name != m_named.name)
                continue;
            const std::string key = change->key.namespace_ + "/" + name;
            if (m_selecting && before.count(key) == 0 && m_matching.count(key) == 0)
                continue;
            print(*change);
        }
    }

    void print(const WatchEvent& change)
    {
        Table::Row row = sim::kube::ApiServer::row(m_call.inv.door().world().cluster().store(), change, m_call.inv.now());
        sawRow(m_call, *m_named.kind, row);
        if (!m_format.table()) {
            if (m_format.type == OutputFormat::Type::YamlText)
                m_call.out("---\n");
            printObject(m_call, m_format, sim::kube::answerOf(change.kind, change.object.get()));
            return;
        }
        std::string text;
        if (m_header) {
            const auto headers = withEvent("EVENT", m_layout.headers(m_columns));
            m_widths.fit(headers);
            m_widths.append(text, headers);
            m_header = false;
        }
        static constexpr std::string_view kTypes[] = {"ADDED", "MODIFIED", "DELETED"};
        const auto cells = withEvent(kTypes[static_cast<std::size_t>(change.type)], m_layout.cells(m_columns, row));
        m_widths.fit(cells);
        m_widths.append(text, cells);
        m_call.out(text);
    }

    std::vector<std::string> withEvent(std::string_view first, std::vector<std::string> cells) const
    {
        if (m_call.flags.on("output-watch-events"))
            cells.insert(cells.begin(), std::string(first));
        return cells;
    }

    Call& m_call;
    const Named& m_named;
    const OutputFormat& m_format;
    RowLayout m_layout;
    std::vector<Table::Column> m_columns;
    TableWidths m_widths;
    std::string m_scope;
    bool m_selecting;
    bool m_header = false;
    std::set<std::string> m_matching;
};

} // namespace

int watchResource(Call& call, const Named& named, const OutputFormat& format, TableWidths widths,
                  std::uint64_t fromVersion)
{
    if (!named.kind->info) {
        for (;;)
            call.inv.sleep(kPollInterval); // nothing of this kind will ever appear
    }
    return Watcher(call, named, format, std::move(widths)).run(fromVersion);
}

} // namespace core::shell::kubectl
