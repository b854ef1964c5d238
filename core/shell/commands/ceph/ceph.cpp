#include "core/shell/commands/ceph/ceph.h"

#include "core/shell/commands/ceph/client.h"
#include "core/shell/commands/ceph/rados.h"
#include "core/shell/commands/linux/here.h"
#include "sim/storage/ceph/options.h"
#include "sim/storage/ceph/volumes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace core::shell {

namespace {

using namespace cephtool;
using Verb = ceph::Change::Verb;

constexpr int kInvalid = 22;
constexpr int kNotFound = 2;

/// One run of ceph: its words without options.
struct CephRun {
    Invocation& inv;
    std::vector<std::string> words;
    std::string format;
    bool really = false; ///< --yes-i-really-really-mean-it
    const ceph::Cluster& cluster() const { return clusterOf(inv); }
    sim::Instant now() const { return inv.now(); }
    std::string word(std::size_t i) const { return i < words.size() ? words[i] : std::string(); }
    int print(const Shown& shown) const { return cephtool::print(inv, shown, format); }
};

/// A command: the words that it begins with, how usage shows what follows, how many words must follow, and what it does.
struct CephCommand {
    const char* begins;
    const char* operands;
    std::size_t least;
    const char* does;
    int (*run)(const CephRun& run);
};

std::size_t lengthOf(const CephCommand& command) { return static_cast<std::size_t>(1 + std::count(command.begins, command.begins + std::string_view(command.begins).size(), ' ')); }

std::optional<double> parseDecimal(const std::string& text)
{
    std::size_t used = 0;
    const double value = parseDouble(text, used);
    return !text.empty() && used == text.size() ? std::optional(value) : std::nullopt;
}

int badOsd(const CephRun& run, const std::string& word) { return fail(run.inv, kInvalid, fmt::format("osd id '{}' is not valid: unable to parse osd id value", word)); }

/// Each OSD that is named from a word on.
template <class Does>
int forOsds(const CephRun& run, std::size_t from, Does does)
{
    for (std::size_t i = from; i < run.words.size(); ++i) {
        const auto osd = osdNamed(run.words[i]);
        if (!osd)
            return badOsd(run, run.words[i]);
        if (const int status = does(*osd); status != 0)
            return status;
    }
    return 0;
}

int changeOsds(const CephRun& run, Verb verb)
{
    return forOsds(run, 2, [&](std::int32_t osd) { return administer(run.inv, {.verb = verb, .osd = osd}); });
}

int checkOsds(const CephRun& run, Shown (*check)(const ceph::Cluster&, const std::vector<std::int32_t>&))
{
    std::vector<std::int32_t> osds;
    if (const int status = forOsds(run, 2, [&](std::int32_t osd) { osds.push_back(osd); return 0; }); status != 0)
        return status;
    return run.print(check(run.cluster(), osds));
}

int showOsd(const CephRun& run, Shown (*show)(const ceph::Cluster&, std::int32_t))
{
    const auto osd = osdNamed(run.word(2));
    return osd ? run.print(show(run.cluster(), *osd)) : badOsd(run, run.word(2));
}

int showPg(const CephRun& run, const std::string& name, Shown (*show)(const ceph::Cluster&, const ceph::Pg&))
{
    const ceph::Pg* pg = run.cluster().findPg(name);
    return pg == nullptr ? fail(run.inv, kNotFound, fmt::format("i don't have pgid {}", name)) : run.print(show(run.cluster(), *pg));
}

int setRatio(const CephRun& run, const std::string& name)
{
    const auto ratio = parseDecimal(run.word(2));
    if (!ratio || *ratio <= 0 || *ratio > 1)
        return fail(run.inv, kInvalid, fmt::format("{} not in range [0.0, 1.0]", run.word(2)));
    return administer(run.inv, {.verb = Verb::SetRatio, .name = name, .number = *ratio});
}

int reweight(const CephRun& run)
{
    const auto osd = osdNamed(run.word(2));
    const auto weight = parseDecimal(run.word(3));
    if (!osd)
        return badOsd(run, run.word(2));
    if (!weight || *weight < 0 || *weight > 1)
        return fail(run.inv, kInvalid, fmt::format("{} not in range [0.0, 1.0]", run.word(3)));
    return administer(run.inv, {.verb = Verb::Reweight, .osd = *osd, .number = *weight});
}

int removePool(const CephRun& run)
{
    if (run.word(3) != run.word(4) || !run.really)
        return fail(run.inv, 1, fmt::format("WARNING: this will *PERMANENTLY DESTROY* all data stored in pool {0}.  If you are *ABSOLUTELY CERTAIN* that is what you want, pass the pool name *twice*, "
                                            "followed by --yes-i-really-really-mean-it.", run.word(3)));
    return administer(run.inv, {.verb = Verb::PoolRemove, .name = run.word(3)});
}

/// ls [POOL] [STATE...], ls-by-osd OSD, ls-by-primary OSD, ls-by-pool POOL
int listGroups(const CephRun& run, std::size_t from, std::string pool, std::int32_t osd)
{
    ceph::PgStates states = 0;
    for (std::size_t i = from; i < run.words.size(); ++i) {
        if (const ceph::PgStates state = ceph::pgStateNamed(run.words[i]); state != 0)
            states |= state;
        else if (run.cluster().findPool(run.words[i]) != nullptr)
            pool = run.words[i];
        else
            return fail(run.inv, kInvalid, fmt::format("'{}' is not a valid pg state", run.words[i]));
    }
    return run.print(pgList(run.cluster(), run.now(), pool, osd, states));
}

int scrubGroup(const CephRun& run, const std::string& what) { return administer(run.inv, {.verb = Verb::Scrub, .name = run.word(2), .key = what}); }

int getConfig(const CephRun& run)
{
    const std::string key = run.word(3);
    if (!key.empty() && !ceph::Cluster::knowsOption(key))
        return fail(run.inv, kNotFound, fmt::format("unrecognized key '{}'", key));
    std::string text;
    if (!key.empty())
        text = run.cluster().option(run.word(2), key) + "\n";
    for (const ceph::Option& option : ceph::options())
        if (key.empty())
            text += fmt::format("{} = {}\n", option.name, run.cluster().option(run.word(2), option.name));
    run.inv.noteRead("ceph/*");
    run.inv.print(text);
    return 0;
}

int tellBench(const CephRun& run)
{
    const auto id = osdNamed(run.word(1));
    const ceph::Osd* osd = id ? run.cluster().findOsd(*id) : nullptr;
    if (osd == nullptr || !osd->up)
        return fail(run.inv, kNotFound, fmt::format("problem getting command descriptions from {}", run.word(1)));
    const Json bench = benchOf(*osd);
    run.inv.sleep(sim::fromSeconds(bench.at("elapsed_sec").get<double>()));
    run.inv.noteRead("ceph/*");
    run.inv.print(bench.dump(4) + "\n");
    return 0;
}

/// The admin socket: on the daemon's own machine, as root.
int askDaemon(const CephRun& run)
{
    Invocation& inv = run.inv;
    const std::string daemon = run.word(1);
    const std::string what = run.word(2);
    const auto refuse = [&](const char* why) {
        inv.err().write(fmt::format("admin_socket: exception getting command descriptions: {}\n", why));
        return kInvalid;
    };
    const auto id = daemon.starts_with("osd.") ? osdNamed(daemon) : std::nullopt;
    const ceph::Osd* osd = id ? run.cluster().findOsd(*id) : nullptr;
    if (osd == nullptr || run.cluster().hosts()[osd->host].machine != inv.place().host || !osd->running)
        return refuse("[Errno 2] No such file or directory");
    if (!node::isRoot(inv))
        return refuse("[Errno 13] Permission denied");
    inv.noteRead("ceph/*");
    Json answer;
    if (what == "dump_ops_in_flight" || what == "ops" || what == "dump_blocked_ops")
        answer = opsInFlight(run.cluster(), *osd, run.now());
    else if (what == "dump_historic_ops" || what == "dump_historic_ops_by_duration" || what == "dump_historic_slow_ops")
        answer = historicOps(run.cluster(), *osd, run.now());
    else if (what == "perf" && run.word(3) == "dump")
        answer = perfCounters(run.cluster(), *osd);
    else if (what == "status")
        answer = daemonStatus(run.cluster(), *osd);
    else if (what == "version")
        answer = {{"version", "18.2.4"}, {"release", "reef"}, {"release_type", "stable"}};
    else if (what == "config" && run.word(3) == "show")
        answer = daemonConfig(run.cluster(), daemon);
    else if (what == "config" && run.word(3) == "get")
        answer = {{run.word(4), run.cluster().option(daemon, run.word(4))}};
    else {
        inv.err().write(fmt::format("no valid command found; 10 closest matches:\n0\n1\n2\n{}: invalid command\n", what));
        return kInvalid;
    }
    inv.print(answer.dump(4) + "\n");
    return 0;
}

int lastLog(const CephRun& run)
{
    constexpr std::size_t kLines = 20;
    const auto count = static_cast<std::size_t>(parseNumber(run.word(2)).value_or(kLines));
    const auto& log = run.cluster().log();
    run.inv.noteRead("ceph/*");
    for (std::size_t i = log.size() - std::min(count, log.size()); i < log.size(); ++i)
        run.inv.print(logLine(log[i]));
    return 0;
}

std::size_t mountingMachines(const CephRun& run)
{
    std::set<std::uint32_t> machines;
    for (const auto& [id, container] : run.inv.door().world().runtimes().containers())
        for (const auto& [mount, volume] : container.volumes)
            if (container.state == sim::container::Container::State::Running && volume.starts_with(ceph::kFileDriver))
                machines.insert(container.host.value);
    return machines.size();
}

int follow(const CephRun& run)
{
    run.print(status(run.cluster(), run.now()));
    run.inv.print("\n");
    sim::Instant seen = run.now();
    while (true) {
        run.inv.sleep(std::chrono::seconds(1));
        for (const ceph::ClusterLogLine& line : run.cluster().log())
            if (line.at > seen)
                run.inv.print(logLine(line));
        seen = run.now();
    }
}

int listFileSystems(const CephRun& run)
{
    if (!run.cluster().fileSystem())
        return run.print({"No filesystems enabled\n", Json::array(), "", 0});
    const ceph::FileSystem& fs = *run.cluster().fileSystem();
    const std::string& metadata = run.cluster().pools()[fs.metadataPool].name;
    const std::string& data = run.cluster().pools()[fs.dataPool].name;
    return run.print({fmt::format("name: {}, metadata pool: {}, data pools: [{} ]\n", fs.name, metadata, data),
                      Json::array({{{"name", fs.name}, {"metadata_pool", metadata}, {"data_pools", {data}}}}), "", 0});
}

const std::vector<CephCommand>& commands()
{
    static const std::vector<CephCommand> kCommands{
        {"status", "", 0, "show cluster status", [](const CephRun& r) { return r.print(status(r.cluster(), r.now())); }},
        {"health detail", "", 0, "show cluster health in detail", [](const CephRun& r) { return r.print(health(r.cluster(), r.now(), true)); }},
        {"health", "", 0, "show cluster health", [](const CephRun& r) { return r.print(health(r.cluster(), r.now(), false)); }},
        {"df detail", "", 0, "show cluster free space stats", [](const CephRun& r) { return r.print(spaceOf(r.cluster(), true)); }},
        {"df", "", 0, "show cluster free space stats", [](const CephRun& r) { return r.print(spaceOf(r.cluster(), false)); }},
        {"versions", "", 0, "check running versions of ceph daemons", [](const CephRun& r) { return r.print(versions(r.cluster())); }},
        {"fsid", "", 0, "show cluster FSID/UUID", [](const CephRun& r) { return r.print({r.cluster().fsid() + "\n", {{"fsid", r.cluster().fsid()}}, "", 0}); }},
        {"crash ls", "", 0, "Show new and archived crash dumps", [](const CephRun& r) { return r.print({"", Json::array(), "", 0}); }},
        {"crash ls-new", "", 0, "Show new crash dumps", [](const CephRun& r) { return r.print({"", Json::array(), "", 0}); }},
        {"log last", "[<num>]", 0, "print last few lines of the cluster log", lastLog},
        {"time-sync-status", "", 0, "show time sync status", [](const CephRun& r) { return r.print(timeSync(r.cluster())); }},
        {"quorum_status", "", 0, "report status of monitor quorum", [](const CephRun& r) { return r.print(quorumStatus(r.cluster(), r.now())); }},
        {"mon stat", "", 0, "summarize monitor status", [](const CephRun& r) { return r.print(monStat(r.cluster())); }},
        {"mon dump", "", 0, "dump formatted monmap", [](const CephRun& r) { return r.print(monDump(r.cluster())); }},
        {"mds stat", "", 0, "show MDS status", [](const CephRun& r) { return r.print(mdsStat(r.cluster())); }},
        {"mds fail", "<role_or_gid>", 1, "Mark MDS failed: trigger a failover if a standby is available", [](const CephRun& r) { return administer(r.inv, {.verb = Verb::MdsFail, .name = r.word(2)}); }},
        {"fs status", "[<fs>]", 0, "Show the status of a CephFS filesystem", [](const CephRun& r) { return r.print(fsStatus(r.cluster(), mountingMachines(r))); }},
        {"fs ls", "", 0, "list filesystems", listFileSystems},
        {"osd stat", "", 0, "print summary of OSD map", [](const CephRun& r) { return r.print(osdStat(r.cluster(), r.now())); }},
        {"osd tree", "", 0, "print OSD tree", [](const CephRun& r) { return r.print(osdTree(r.cluster())); }},
        {"osd df tree", "", 0, "show OSD utilization", [](const CephRun& r) { return r.print(osdSpace(r.cluster(), true)); }},
        {"osd df", "", 0, "show OSD utilization", [](const CephRun& r) { return r.print(osdSpace(r.cluster(), false)); }},
        {"osd perf", "", 0, "print dump of OSD perf summary stats", [](const CephRun& r) { return r.print(osdPerf(r.cluster())); }},
        {"osd dump", "", 0, "print summary of OSD map", [](const CephRun& r) { return r.print(osdDump(r.cluster(), r.now())); }},
        {"osd find", "<id>", 1, "find osd <id> in the CRUSH map and show its location", [](const CephRun& r) { return showOsd(r, osdFind); }},
        {"osd metadata", "<id>", 1, "fetch metadata for osd <id>", [](const CephRun& r) { return showOsd(r, osdMetadata); }},
        {"osd ok-to-stop", "<ids>...", 1, "check whether osd(s) can be safely stopped without reducing immediate data availability", [](const CephRun& r) { return checkOsds(r, okToStop); }},
        {"osd safe-to-destroy", "<ids>...", 1, "check whether osd(s) can be safely destroyed without reducing data durability", [](const CephRun& r) { return checkOsds(r, safeToDestroy); }},
        {"osd out", "<ids>...", 1, "set osd(s) <id> [<id>...] out", [](const CephRun& r) { return changeOsds(r, Verb::OsdOut); }},
        {"osd in", "<ids>...", 1, "set osd(s) <id> [<id>...] in", [](const CephRun& r) { return changeOsds(r, Verb::OsdIn); }},
        {"osd down", "<ids>...", 1, "set osd(s) <id> [<id>...] down", [](const CephRun& r) { return changeOsds(r, Verb::OsdDown); }},
        {"osd reweight", "<id> <weight:float>", 2, "reweight osd to 0.0 < <weight> < 1.0", reweight},
        {"osd set-full-ratio", "<ratio:float>", 1, "set usage ratio at which OSDs are marked full", [](const CephRun& r) { return setRatio(r, "full"); }},
        {"osd set-backfillfull-ratio", "<ratio:float>", 1, "set usage ratio at which OSDs are marked too full to backfill", [](const CephRun& r) { return setRatio(r, "backfillfull"); }},
        {"osd set-nearfull-ratio", "<ratio:float>", 1, "set usage ratio at which OSDs are marked near-full", [](const CephRun& r) { return setRatio(r, "nearfull"); }},
        {"osd set", "<key>", 1, "set <key>", [](const CephRun& r) { return administer(r.inv, {.verb = Verb::SetFlag, .name = r.word(2)}); }},
        {"osd unset", "<key>", 1, "unset <key>", [](const CephRun& r) { return administer(r.inv, {.verb = Verb::UnsetFlag, .name = r.word(2)}); }},
        {"osd pool ls detail", "", 0, "list pools", [](const CephRun& r) { return r.print(poolList(r.cluster(), true)); }},
        {"osd pool ls", "", 0, "list pools", [](const CephRun& r) { return r.print(poolList(r.cluster(), false)); }},
        {"osd pool get", "<pool> <var>", 2, "get pool parameter <var>", [](const CephRun& r) { return r.print(poolGet(r.cluster(), r.word(3), r.word(4))); }},
        {"osd pool set", "<pool> <var> <val>", 3, "set pool parameter <var> to <val>",
         [](const CephRun& r) { return administer(r.inv, {.verb = Verb::PoolSet, .name = r.word(3), .key = r.word(4), .value = r.word(5)}); }},
        {"osd pool stats", "[<pool_name>]", 0, "obtain stats from all pools, or from specified pool", [](const CephRun& r) { return r.print(poolStats(r.cluster(), r.word(3))); }},
        {"osd pool rm", "<pool> [<pool2>] [--yes-i-really-really-mean-it]", 1, "remove pool", removePool},
        {"osd pool delete", "<pool> [<pool2>] [--yes-i-really-really-mean-it]", 1, "delete pool", removePool},
        {"pg stat", "", 0, "show placement group status.", [](const CephRun& r) { return r.print(pgStat(r.cluster())); }},
        {"pg dump_stuck", "[inactive|unclean|stale|undersized|degraded...]", 0, "show information about stuck pgs",
         [](const CephRun& r) {
             std::vector<std::string> kinds(r.words.begin() + 2, r.words.end());
             return r.print(pgStuck(r.cluster(), r.now(), kinds.empty() ? std::vector<std::string>{"unclean"} : kinds));
         }},
        {"pg dump", "[all|summary|pgs|pgs_brief...]", 0, "show human-readable versions of pg map", [](const CephRun& r) { return r.print(pgDump(r.cluster(), r.word(2) == "pgs_brief")); }},
        {"pg ls-by-osd", "<id|osd.id>", 1, "list pg on osd [osd]",
         [](const CephRun& r) {
             const auto osd = osdNamed(r.word(2));
             return osd ? listGroups(r, 3, {}, *osd) : badOsd(r, r.word(2));
         }},
        {"pg ls-by-pool", "<poolstr>", 1, "list pg with pool = [poolname]", [](const CephRun& r) { return listGroups(r, 3, r.word(2), -1); }},
        {"pg ls", "[<states>...]", 0, "list pg with specific pool, osd, state", [](const CephRun& r) { return listGroups(r, 2, {}, -1); }},
        {"pg map", "<pgid>", 1, "show mapping of pg to osds", [](const CephRun& r) { return showPg(r, r.word(2), pgMap); }},
        {"pg repair", "<pgid>", 1, "start repair on <pgid>", [](const CephRun& r) { return scrubGroup(r, "repair"); }},
        {"pg deep-scrub", "<pgid>", 1, "start deep-scrub on <pgid>", [](const CephRun& r) { return scrubGroup(r, "deep-scrub"); }},
        {"pg scrub", "<pgid>", 1, "start scrub on <pgid>", [](const CephRun& r) { return scrubGroup(r, "scrub"); }},
        {"config dump", "", 0, "Show all configuration option(s)", [](const CephRun& r) { return r.print(configDump(r.cluster())); }},
        {"config get", "<who> [<key>]", 1, "Show configuration option(s) for an entity", getConfig},
        {"config show", "<who> [<key>]", 1, "Show running configuration", getConfig},
        {"config set", "<who> <name> <value>", 3, "Set a configuration option for one or more entities",
         [](const CephRun& r) { return administer(r.inv, {.verb = Verb::ConfigSet, .name = r.word(2), .key = r.word(3), .value = r.word(4)}); }},
        {"config rm", "<who> <name>", 2, "Clear a configuration option for one or more entities",
         [](const CephRun& r) { return administer(r.inv, {.verb = Verb::ConfigRemove, .name = r.word(2), .key = r.word(3)}); }},
    };
    return kCommands;
}

const CephCommand* commandFor(const std::vector<std::string>& words)
{
    const CephCommand* best = nullptr;
    for (const CephCommand& command : commands()) {
        const std::vector<std::string> begins = node::splitWords(command.begins);
        if (begins.size() <= words.size() && std::equal(begins.begin(), begins.end(), words.begin()) && (best == nullptr || lengthOf(command) > lengthOf(*best)))
            best = &command;
    }
    return best;
}

std::string lineOf(const CephCommand& command) { return std::string(command.begins) + (*command.operands != 0 ? " " : "") + command.operands; }

/// What the client says of words that no command begins with, or that lack something.
int noSuchCommand(const CephRun& run, const CephCommand* nearest)
{
    constexpr std::size_t kMatches = 10;
    std::vector<std::string> matches;
    if (nearest != nullptr)
        matches.push_back(lineOf(*nearest));
    for (const CephCommand& command : commands())
        if (&command != nearest && node::splitWords(command.begins).front() == run.word(0) && matches.size() < kMatches)
            matches.push_back(lineOf(command));
    const std::string why = nearest == nullptr ? std::string() : fmt::format("Invalid command: missing required parameter {}\n", std::string(nearest->operands).substr(0, std::string(nearest->operands).find(' ')));
    if (nearest != nullptr)
        run.inv.err().write(why + lineOf(*nearest) + " :  " + nearest->does + "\n");
    else
        run.inv.err().write(fmt::format("no valid command found; {} closest matches:\n{}{}", matches.size(), fmt::join(matches, "\n"), matches.empty() ? "" : "\n"));
    return fail(run.inv, kInvalid, "invalid command");
}

int runCeph(Invocation& inv)
{
    CephRun run{inv, {}, {}, false};
    sim::Duration patience = kPatience;
    bool watches = false;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        const auto value = [&]() -> std::string { return i + 1 < inv.arguments.size() ? inv.arguments[++i] : std::string(); };
        if (word == "-v" || word == "--version") {
            inv.print(std::string(kVersion) + "\n");
            return 0;
        }
        if (word == "-h" || word == "--help") {
            inv.print("\n General usage: \n ==============\nusage: ceph [-h] [-c CEPHCONF] [-s] [-w] [-v] [-f {json,json-pretty,plain}] [--connect-timeout CLUSTER_TIMEOUT]\n\n"
                      " Monitor commands: \n =================\n");
            for (const CephCommand& command : commands())
                inv.print(fmt::format("{:<60} {}\n", lineOf(command), command.does));
            return 0;
        }
        if (word == "-s" || word == "--status")
            run.words.emplace_back("status");
        else if (word == "-w" || word == "--watch")
            watches = true;
        else if (word == "-f" || word == "--format")
            run.format = value();
        else if (word.starts_with("--format="))
            run.format = word.substr(9);
        else if (word == "--connect-timeout")
            patience = std::chrono::seconds(parseNumber(value()).value_or(kPatience / std::chrono::seconds(1)));
        else if (word == "-c" || word == "--conf" || word == "-k" || word == "--keyring" || word == "-n" || word == "--name" || word == "--id" || word == "--cluster")
            value();
        else if (word == "--yes-i-really-really-mean-it" || word == "--yes-i-really-mean-it")
            run.really = true;
        else
            run.words.push_back(word);
    }
    if (run.word(0) == "daemon") // no monitor is asked
        return run.words.size() < 3 ? fail(inv, kInvalid, "usage: ceph daemon <name> <command>") : askDaemon(run);
    if (const auto status = connect(inv, patience))
        return *status;
    if (watches)
        return follow(run);
    if (run.word(0) == "tell" && run.word(2) == "bench")
        return tellBench(run);
    if (run.word(0) == "tell" && run.word(2) == "config" && run.word(3) == "get" && osdNamed(run.word(1))) {
        run.inv.print(Json{{run.word(4), run.cluster().option(run.word(1), run.word(4))}}.dump(4) + "\n");
        return 0;
    }
    if (run.word(0) == "pg" && run.word(2) == "query")
        return showPg(run, run.word(1), pgQuery);
    if (run.word(0) == "orch")
        return fail(inv, kNotFound, "No orchestrator configured (try `ceph orch set backend`)");
    const CephCommand* command = commandFor(run.words);
    if (command == nullptr || run.words.size() < lengthOf(*command) + command->least)
        return noSuchCommand(run, command);
    return command->run(run);
}

std::vector<Completion> completeCeph(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    const auto offer = [&](const std::string& text, const std::string& note) {
        const bool known = std::any_of(out.begin(), out.end(), [&](const Completion& one) { return one.text == text; });
        if (text.starts_with(request.word) && !known)
            out.push_back({text, note});
    };
    const std::vector<std::string> words(request.words.begin() + 1, request.words.end());
    for (const CephCommand& command : commands()) {
        const std::vector<std::string> begins = node::splitWords(command.begins);
        if (begins.size() > words.size() && std::equal(words.begin(), words.end(), begins.begin()))
            offer(begins[words.size()], begins.size() == words.size() + 1 ? command.does : "");
    }
    const ceph::Cluster& cluster = door.world().ceph();
    if (words.empty()) {
        offer("daemon", "ask a daemon of this machine through its admin socket");
        offer("tell", "ask a daemon");
    }
    const std::string first = words.empty() ? std::string() : words.front();
    if (words.size() == 1 && (first == "daemon" || first == "tell"))
        for (const ceph::Osd& osd : cluster.osds())
            if (first == "tell" || cluster.hosts()[osd.host].machine == request.place.host)
                offer(fmt::format("osd.{}", osd.id), {});
    if (words.size() == 2 && first == "daemon")
        for (const char* what : {"dump_ops_in_flight", "dump_historic_ops", "perf", "config", "status"})
            offer(what, {});
    if (words.size() > 1 && first == "osd" && words[1] == "pool" && words.size() == 3)
        for (const ceph::Pool& pool : cluster.pools())
            offer(pool.name, {});
    if (words.size() == 2 && (words[1] == "set" || words[1] == "unset"))
        for (std::size_t flag = 2; flag < ceph::kFlags; ++flag)
            offer(ceph::flagName(static_cast<ceph::Flag>(flag)), {});
    if (words.size() >= 2 && first == "osd" && out.empty())
        for (const ceph::Osd& osd : cluster.osds())
            offer(std::to_string(osd.id), cluster.hosts()[osd.host].name);
    if (words.size() >= 3 && first == "config")
        for (const ceph::Option& option : ceph::options())
            offer(option.name, {});
    return out;
}

} // namespace

void addCephTools(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ceph";
    spec.summary = "ceph administration tool";
    spec.usage = "ceph [ -s | -w | -v ] [ -f FORMAT ] COMMAND";
    spec.options = {{'s', "status", "", "show cluster status"}, {'w', "watch", "", "watch live cluster changes"}, {'v', "version", "", "display version"},
                    {'f', "format", "FORMAT", "json, json-pretty, plain"}, {0, "connect-timeout", "SECONDS", "set a timeout for connecting to the cluster"}};
    spec.parseOptions = false;
    spec.complete = completeCeph;
    spec.run = runCeph;
    table.add(std::move(spec));
    addRados(table);
}

} // namespace core::shell
