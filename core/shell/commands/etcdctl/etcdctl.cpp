#include "core/shell/commands/etcdctl/etcdctl.h"

#include "core/shell/commands/etcdctl/boxed_table.h"
#include "core/shell/commands/etcdctl/endpoints.h"
#include "core/shell/commands/etcdctl/registry_keys.h"
#include "sim/kube/api/api_server.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

// etcdctl 3.5.21. What a member says comes from the group's state; who can be asked, from the network and the keys given.
namespace core::shell {

namespace {

using sim::kube::EtcdGroup;
using sim::kube::EtcdMember;
using etcd::Endpoint;
using etcd::kCommandTimeout;
using etcd::kDeadline;
using EtcdVerb = sim::command::EtcdCall::Verb;

// TLS and one round trip.
constexpr sim::Duration kEtcdAnswer = std::chrono::milliseconds(6);

class EtcdClient {
public:
    explicit EtcdClient(Invocation& inv) : m_inv(inv), m_endpoints(inv) { }

    int run()
    {
        std::vector<std::string> words = m_inv.operands;
        const std::string verb = words.empty() ? std::string() : words.front();
        const std::string sub = words.size() > 1 ? words[1] : std::string();
        if (verb == "version") {
            m_inv.print("etcdctl version: 3.5.21\nAPI version: 3.5\n");
            return 0;
        }
        if (verb == "endpoint" && (sub == "status" || sub == "health"))
            return withEndpoints([&](const auto& all) { return sub == "status" ? status(all) : health(all); });
        if (verb == "defrag")
            return withEndpoints([&](const auto& all) { return defragment(all); });
        if (verb == "member" && sub == "list")
            return withMember([&](sim::HostId one) { return memberList(one); });
        if (verb == "alarm" && (sub == "list" || sub == "disarm"))
            return withMember([&](sim::HostId one) { return alarm(one, sub == "disarm"); });
        if (verb == "compact" || verb == "compaction")
            return compact(words);
        if (verb == "move-leader")
            return moveLeader(words);
        if (verb == "get")
            return get(words);
        if (verb == "snapshot" && sub == "save" && words.size() > 2)
            return withMember([&](sim::HostId one) { return saveSnapshot(one, words[2]); });
        if (verb.empty())
            return help();
        m_inv.err().write(fmt::format("Error: unknown command \"{}\" for \"etcdctl\"\nRun 'etcdctl --help' for usage.\n", verb));
        return 1;
    }

private:
    const sim::World& world() { return m_inv.door().world(); }
    const EtcdGroup& group() { return world().cluster().etcd(); }
    const EtcdMember& memberOn(sim::HostId host) { return *group().member(host); }
    std::string urlOf(sim::HostId host) { return "https://" + memberOn(host).address.text() + ":2379"; }

    int help()
    {
        m_inv.print("NAME:\n\tetcdctl - A simple command line client for etcd3.\n\nUSAGE:\n\tetcdctl [flags]\n\nCOMMANDS:\n"
                    "\talarm disarm\t\tDisarms all alarms\n\talarm list\t\tLists all alarms\n\tcompaction\t\tCompacts the event history in etcd\n"
                    "\tdefrag\t\t\tDefragments the storage of the etcd members with given endpoints\n"
                    "\tendpoint health\t\tChecks the healthiness of endpoints specified in `--endpoints` flag\n"
                    "\tendpoint status\t\tPrints out the status of endpoints specified in `--endpoints` flag\n"
                    "\tget\t\t\tGets the key or a range of keys\n\tmember list\t\tLists all members in the cluster\n"
                    "\tmove-leader\t\tTransfers leadership to another etcd cluster member.\n"
                    "\tsnapshot save\t\tStores an etcd node backend snapshot to a given file\n\tversion\t\t\tPrints the version of etcdctl\n");
        return 0;
    }

    int fail(const std::string& text)
    {
        m_inv.err().write("Error: " + text + "\n");
        return 1;
    }

    /// The first endpoint that answers, as the client's balancer finds it.
    template <class Ask>
    int withMember(Ask ask)
    {
        if (const auto problem = m_endpoints.unreadable())
            return fail(*problem);
        Endpoint failed;
        for (const std::string& url : m_endpoints.given()) {
            const Endpoint endpoint = m_endpoints.connect(url);
            if (endpoint.member) {
                m_inv.sleep(kEtcdAnswer);
                return ask(*endpoint.member);
            }
            if (failed.url.empty())
                failed = endpoint;
        }
        m_endpoints.giveUp(failed);
        return fail(kDeadline);
    }

    template <class Ask>
    int withEndpoints(Ask ask)
    {
        if (const auto problem = m_endpoints.unreadable())
            return fail(*problem);
        std::vector<Endpoint> endpoints;
        if (!m_inv.options.has("cluster")) {
            for (const std::string& url : m_endpoints.given())
                endpoints.push_back(m_endpoints.connect(url));
            return ask(endpoints);
        }
        return withMember([&](sim::HostId one) {
            if (!agrees(one, false))
                return fail("failed to fetch endpoints from etcd cluster member list: " + std::string(kDeadline));
            for (const EtcdMember& each : group().members())
                endpoints.push_back(m_endpoints.connect("https://" + each.address.text() + ":2379"));
            return ask(endpoints);
        });
    }

    /// What needs the group's agreement: waits for it, or for the client's patience. False: it did not come.
    bool agrees(sim::HostId member, bool proposal)
    {
        const auto failure = proposal ? group().writeFailure(world().now(), true) : group().readFailure(world().now());
        const sim::Duration takes = proposal ? group().commitLatency(world().now()).value_or(kCommandTimeout) : group().readLatency(world().now());
        if (!failure && takes < kCommandTimeout && (memberOn(member).majority || !group().leader().valid())) {
            m_inv.sleep(takes);
            return true;
        }
        m_endpoints.giveUp({urlOf(member), member, {}});
        return false;
    }

    static std::string alarmText(const EtcdMember& member) { return fmt::format("memberID:{} alarm:NOSPACE ", member.id); }

    std::string errorsOf(const EtcdMember& member)
    {
        std::string text = group().leader().valid() && member.majority ? "" : "etcdserver: no leader";
        for (const EtcdMember& one : group().members())
            if (one.noSpace)
                text += (text.empty() ? "" : ", ") + alarmText(one);
        return text;
    }

    nlohmann::json statusJson(const Endpoint& endpoint)
    {
        const EtcdMember& one = memberOn(*endpoint.member);
        const EtcdMember* leader = group().member(group().leader());
        nlohmann::json status{{"header", {{"member_id", one.id}, {"revision", group().backend().revision()}, {"raft_term", group().term()}}},
                              {"version", "3.5.21"}, {"dbSize", one.fileBytes}, {"leader", leader == nullptr || !one.majority ? 0 : leader->id},
                              {"raftIndex", one.applied}, {"raftTerm", group().term()}, {"raftAppliedIndex", one.applied},
                              {"dbSizeInUse", std::min(one.fileBytes, group().backend().inUseBytes())}};
        if (const std::string errors = errorsOf(one); !errors.empty())
            status["errors"] = nlohmann::json::array({errors});
        return {{"Endpoint", endpoint.url}, {"Status", status}};
    }

    int status(const std::vector<Endpoint>& endpoints)
    {
        std::vector<std::vector<std::string>> rows;
        nlohmann::json all = nlohmann::json::array();
        bool failed = false;
        for (const Endpoint& endpoint : endpoints) {
            if (!endpoint.member) {
                m_endpoints.giveUp(endpoint);
                m_inv.err().write(fmt::format("Failed to get the status of endpoint {} ({})\n", endpoint.url, kDeadline));
                failed = true;
                continue;
            }
            m_inv.sleep(kEtcdAnswer);
            const EtcdMember& one = memberOn(*endpoint.member);
            const bool leads = one.majority && group().leader() == one.host;
            rows.push_back({endpoint.url, sim::kube::memberText(one.id), "3.5.21", sim::kube::humanBytes(one.fileBytes), leads ? "true" : "false",
                            "false", std::to_string(group().term()), std::to_string(one.applied), std::to_string(one.applied), errorsOf(one)});
            all.push_back(statusJson(endpoint));
        }
        printRows({"endpoint", "ID", "version", "db size", "is leader", "is learner", "raft term", "raft index", "raft applied index", "errors"}, rows, all);
        return failed ? 1 : 0;
    }

    void printRows(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows, const nlohmann::json& json)
    {
        const std::string format = m_inv.options.value("write-out", "simple");
        if (format == "table") {
            m_inv.print(etcd::boxedTable(headers, rows));
        } else if (format == "json") {
            m_inv.print(json.dump() + "\n");
        } else {
            for (const auto& row : rows) {
                std::string line;
                for (const std::string& cell : row)
                    line += (line.empty() ? "" : ", ") + cell;
                m_inv.print(line + "\n");
            }
        }
    }

    int health(const std::vector<Endpoint>& endpoints)
    {
        std::vector<std::vector<std::string>> rows;
        nlohmann::json all = nlohmann::json::array();
        bool failed = false;
        // All are asked at once, so that the slowest counts.
        const bool anyDead = std::any_of(endpoints.begin(), endpoints.end(), [](const Endpoint& one) { return !one.member; });
        const auto failure = group().readFailure(world().now());
        const sim::Duration takes = kEtcdAnswer + group().readLatency(world().now());
        m_inv.sleep(anyDead || failure || takes > kCommandTimeout ? kCommandTimeout : takes);
        for (const Endpoint& endpoint : endpoints) {
            std::string error;
            if (!endpoint.member || failure || !memberOn(*endpoint.member).majority || takes > kCommandTimeout)
                error = kDeadline;
            else if (group().noSpace())
                error = "Active Alarm(s): NOSPACE ";
            failed = failed || !error.empty();
            const std::string took = error == kDeadline ? "5.001s" : fmt::format("{:.6f}ms", sim::toSeconds(takes) * 1e3);
            rows.push_back({endpoint.url, error.empty() ? "true" : "false", took, error});
            all.push_back({{"endpoint", endpoint.url}, {"health", error.empty()}, {"took", took}});
            if (!error.empty())
                all.back()["error"] = error;
        }
        if (m_inv.options.value("write-out", "simple") != "simple")
            printRows({"endpoint", "health", "took", "error"}, rows, all);
        else
            for (const auto& row : rows)
                if (row[3].empty())
                    m_inv.print(fmt::format("{} is healthy: successfully committed proposal: took = {}\n", row[0], row[2]));
                else
                    m_inv.err().write(fmt::format("{} is unhealthy: failed to commit proposal: {}\n", row[0], row[3]));
        return failed ? fail("unhealthy cluster") : 0;
    }

    int memberList(sim::HostId asked)
    {
        if (!agrees(asked, false))
            return fail(kDeadline);
        std::vector<std::vector<std::string>> rows;
        nlohmann::json all = nlohmann::json::array();
        for (const EtcdMember& one : group().members()) {
            rows.push_back({sim::kube::memberText(one.id), "started", one.name, "https://" + one.address.text() + ":2380",
                            "https://" + one.address.text() + ":2379", "false"});
            all.push_back({{"ID", one.id}, {"name", one.name}, {"peerURLs", {rows.back()[3]}}, {"clientURLs", {rows.back()[4]}}});
        }
        printRows({"ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"}, rows, {{"members", all}});
        return 0;
    }

    int alarm(sim::HostId asked, bool disarms)
    {
        if (!agrees(asked, true))
            return fail(kDeadline);
        std::string text;
        for (const EtcdMember& one : group().members())
            if (one.noSpace)
                text += alarmText(one) + "\n";
        if (disarms && !text.empty())
            if (const auto done = change(asked, EtcdVerb::DisarmAlarms); !done.ok)
                return fail(done.error);
        m_inv.print(text);
        return 0;
    }

    sim::CommandResult change(sim::HostId member, EtcdVerb verb, std::uint64_t argument = 0)
    {
        return m_inv.door().apply(sim::Command{sim::command::EtcdCall{member, verb, argument}});
    }

    int compact(const std::vector<std::string>& words)
    {
        std::uint64_t revision = 0;
        if (words.size() != 2)
            return fail("compaction command needs 1 argument");
        const std::string& text = words[1];
        const auto read = std::from_chars(text.data(), text.data() + text.size(), revision);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size())
            return fail(fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", text));
        return withMember([&](sim::HostId one) {
            if (!agrees(one, true))
                return fail(kDeadline);
            if (const auto done = change(one, EtcdVerb::Compact, revision); !done.ok)
                return fail(done.error);
            m_inv.print(fmt::format("compacted revision {}\n", revision));
            return 0;
        });
    }

    int defragment(const std::vector<Endpoint>& endpoints)
    {
        bool failed = false;
        for (const Endpoint& endpoint : endpoints) {
            if (!endpoint.member) {
                m_endpoints.giveUp(endpoint);
                m_inv.err().write(fmt::format("Failed to defragment etcd member[{}] ({})\n", endpoint.url, kDeadline));
                failed = true;
                continue;
            }
            const auto done = change(*endpoint.member, EtcdVerb::Defragment);
            // The member goes on with it when the client has given up.
            const bool late = done.response.took > timeout();
            m_inv.sleep(std::min(done.response.took, timeout()));
            failed = failed || late;
            if (late)
                m_inv.err().write(fmt::format("Failed to defragment etcd member[{}] ({})\n", endpoint.url, kDeadline));
            else
                m_inv.print(fmt::format("Finished defragmenting etcd member[{}]\n", endpoint.url));
        }
        return failed ? 1 : 0;
    }

    /// --command-timeout: "30s", "2m".
    sim::Duration timeout()
    {
        const std::string text = m_inv.options.value("command-timeout");
        double number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc() || number <= 0)
            return kCommandTimeout;
        const bool minutes = read.ptr != text.data() + text.size() && *read.ptr == 'm';
        return sim::fromSeconds(number * (minutes ? 60 : 1));
    }

    int moveLeader(const std::vector<std::string>& words)
    {
        std::uint64_t target = 0;
        if (words.size() != 2)
            return fail("move-leader command needs 1 argument");
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), target, 16);
        return withMember([&](sim::HostId one) {
            const std::string before = sim::kube::memberText(memberOn(one).id);
            if (const auto done = change(one, EtcdVerb::MoveLeader, target); !done.ok)
                return fail(done.error);
            m_inv.print(fmt::format("Leadership transferred from {} to {}\n", before, words[1]));
            return 0;
        });
    }

    int get(const std::vector<std::string>& words)
    {
        if (words.size() < 2)
            return fail("get command needs one argument as key and an optional argument as range_end");
        return withMember([&](sim::HostId one) {
            if (m_inv.options.value("consistency", "l") != "s" && !agrees(one, false))
                return fail(kDeadline);
            auto keys = etcd::registryKeys(world().cluster().store(), words[1]);
            if (!m_inv.options.has("prefix"))
                std::erase_if(keys, [&](const etcd::RegistryKey& key) { return key.key != words[1]; });
            if (m_inv.options.has("count-only")) {
                if (m_inv.options.value("write-out", "simple") == "fields")
                    m_inv.print(fmt::format("\"Count\" : {}\n", keys.size()));
                return 0;
            }
            std::size_t limit = keys.size();
            const std::string given = m_inv.options.value("limit", "0");
            if (std::size_t number = 0; std::from_chars(given.data(), given.data() + given.size(), number).ec == std::errc() && number > 0)
                limit = std::min(limit, number);
            for (std::size_t i = 0; i < limit; ++i) {
                m_inv.print(keys[i].key + "\n");
                m_inv.print(m_inv.options.has("keys-only") ? std::string("\n") : sim::kube::toJson(keys[i].kind, keys[i].object.get()).dump() + "\n");
            }
            return 0;
        });
    }

    int saveSnapshot(sim::HostId one, const std::string& file)
    {
        const std::string path = m_inv.absolutePath(file);
        const std::int64_t size = memberOn(one).fileBytes;
        m_inv.sleep(sim::fromSeconds(static_cast<double>(size) / 100e6));
        const auto written = m_inv.door().apply(
            sim::Command{sim::command::WriteFile{m_inv.place().host, m_inv.place().container, path, "", false, 0600, size}});
        if (!written.ok)
            return fail(fmt::format("could not open {}.part (open {}.part: {})", path, path, written.error));
        m_inv.err().write(fmt::format("{{\"level\":\"info\",\"ts\":\"{}\",\"caller\":\"snapshot/v3_snapshot.go:97\",\"msg\":\"saved\",\"path\":\"{}\"}}\n",
                                      sim::kube::rfc3339Micro(m_inv.now()), path));
        m_inv.print(fmt::format("Snapshot saved at {}\n", path));
        return 0;
    }

    Invocation& m_inv;
    etcd::Endpoints m_endpoints;
};

int runEtcdctl(Invocation& inv) { return EtcdClient(inv).run(); }

} // namespace

void addEtcdctl(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "etcdctl";
    spec.summary = "a simple command line client for etcd3";
    spec.usage = "etcdctl [flags] COMMAND";
    spec.options = {{0, "endpoints", "URLS", "gRPC endpoints, comma-separated ($ETCDCTL_ENDPOINTS)"},
                    {0, "cacert", "FILE", "verify certificates of TLS-enabled secure servers using this CA bundle"},
                    {0, "cert", "FILE", "identify secure client using this TLS certificate file"},
                    {0, "key", "FILE", "identify secure client using this TLS key file"},
                    {'w', "write-out", "FORMAT", "set the output format (json, simple, table)"},
                    {0, "cluster", "", "use all endpoints from the cluster member list"},
                    {0, "command-timeout", "DURATION", "timeout for short running command"},
                    {0, "consistency", "l|s", "Linearizable or Serializable"},
                    {0, "prefix", "", "get keys with matching prefix"},
                    {0, "keys-only", "", "get only the keys"},
                    {0, "count-only", "", "get only the count"},
                    {0, "limit", "N", "maximum number of results"},
                    {0, "physical", "", "wait for compaction to physically remove all old revisions"}};
    spec.run = runEtcdctl;
    table.add(std::move(spec));
}

} // namespace core::shell
