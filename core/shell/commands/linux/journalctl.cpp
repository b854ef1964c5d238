// journalctl of systemd 252.
#include "core/shell/commands/linux/journal.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/options.h"
#include "core/shell/regular_expression.h"
#include "core/shell/text/dates.h"
#include "sim/host/journal_files.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::JournalEntry;

/// How often a followed journal is looked at.
constexpr sim::Duration kJournalFollowEvery = std::chrono::milliseconds(250);

struct Filter {
    std::vector<std::string> units;
    std::vector<std::string> identifiers;
    std::optional<sim::host::Pid> pid;
    int lowest = 0, highest = 7; ///< syslog priorities
    bool kernel = false;
    std::optional<sim::Instant> since, until;
    std::optional<RegularExpression> pattern;

    bool matches(const JournalEntry& e) const
    {
        if (kernel && e.identifier != "kernel")
            return false;
        if (!units.empty() && std::find(units.begin(), units.end(), e.unit) == units.end())
            return false;
        if (!identifiers.empty()
            && std::find(identifiers.begin(), identifiers.end(), e.identifier) == identifiers.end())
            return false;
        if ((pid && e.pid != *pid) || e.priority < lowest || e.priority > highest)
            return false;
        if ((since && e.at < *since) || (until && e.at > *until))
            return false;
        return !pattern || pattern->matches(e.message);
    }
};

std::optional<int> priorityOf(const std::string& text)
{
    static constexpr const char* kNames[] = {"emerg",   "alert",  "crit", "err",
                                             "warning", "notice", "info", "debug"};
    for (int i = 0; i < 8; ++i)
        if (text == kNames[i] || text == std::to_string(i) || (i == 3 && text == "error")
            || (i == 4 && text == "warn"))
            return i;
    return std::nullopt;
}

std::string formatted(const JournalEntry& e, const std::string& format, const sim::host::Machine& machine,
                      bool noHost)
{
    const std::int64_t micro = e.at.time_since_epoch().count() / 1000;
    const std::string host = noHost ? "" : machine.name + " ";
    if (format == "cat")
        return e.message + "\n";
    if (format == "json" || format == "json-pretty") {
        nlohmann::json j{{"MESSAGE", e.message},
                         {"PRIORITY", std::to_string(e.priority)},
                         {"SYSLOG_IDENTIFIER", e.identifier},
                         {"_HOSTNAME", machine.name},
                         {"_BOOT_ID", machine.bootId},
                         {"_MACHINE_ID", machine.machineId},
                         {"__REALTIME_TIMESTAMP", std::to_string(micro)}};
        if (e.pid > 0)
            j["_PID"] = std::to_string(e.pid);
        if (!e.unit.empty())
            j[e.identifier == "systemd" ? "UNIT" : "_SYSTEMD_UNIT"] = e.unit;
        return j.dump(format == "json" ? -1 : 8, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    std::string stamp = stampShort(e.at);
    if (format == "short-iso")
        stamp = formatDate(e.at, "%Y-%m-%dT%H:%M:%S") + "+0000";
    else if (format == "short-iso-precise")
        stamp = formatDate(e.at, "%Y-%m-%dT%H:%M:%S") + fmt::format(".{:06}+0000", micro % 1'000'000);
    else if (format == "short-precise")
        stamp += fmt::format(".{:06}", micro % 1'000'000);
    else if (format == "short-full")
        stamp = stampSystemd(e.at);
    else if (format == "short-unix")
        stamp = fmt::format("{}.{:06}", micro / 1'000'000, micro % 1'000'000);
    else if (format == "short-monotonic" || format == "with-unit")
        stamp = format == "with-unit" ? stampSystemd(e.at)
                                      : fmt::format("[{:12.6f}]", sim::toSeconds(e.at - machine.booted));
    const std::string source = format == "with-unit" && !e.unit.empty() ? fmt::format("{}[{}]", e.unit, e.pid)
                                                                        : journalSource(e);
    return fmt::format("{} {}{}: {}\n", stamp, host, source, e.message);
}

void noteJournal(Invocation& inv, const Filter& filter)
{
    inv.noteRead("journal/" + machineOf(inv).name);
    for (const std::string& unit : filter.units)
        inv.noteRead("unit/" + machineOf(inv).name + "/" + unit);
}

/// Earlier boots of which the journal still holds something, and this one; oldest first.
std::vector<sim::host::PastBoot> knownBoots(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<sim::host::PastBoot> boots;
    if (machine.journal.empty())
        return {{machine.bootId, machine.booted, inv.now()}};
    const sim::Instant first = machine.journal.front().at;
    const sim::Instant oldest = machine.pastBoots.empty() ? machine.booted : machine.pastBoots.front().first;
    if (first < oldest) { // lines from before the first boot that the lab has seen
        sim::Instant before = first;
        for (const JournalEntry& e : machine.journal)
            before = e.at < oldest ? e.at : before;
        boots.push_back({fmt::format("{:032x}", sim::fingerprintOf(machine.machineId)), first, before});
    }
    for (const sim::host::PastBoot& past : machine.pastBoots)
        if (past.last >= first)
            boots.push_back(past);
    boots.push_back({machine.bootId, machine.booted, machine.journal.back().at});
    return boots;
}

int listBoots(Invocation& inv)
{
    const std::vector<sim::host::PastBoot> boots = knownBoots(inv);
    inv.print("IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY\n");
    for (std::size_t i = 0; i < boots.size(); ++i)
        inv.print(fmt::format("{:3} {} {} {}\n", static_cast<std::int64_t>(i) + 1 - static_cast<std::int64_t>(boots.size()), boots[i].id, stampSystemd(boots[i].first),
                              stampSystemd(boots[i].last)));
    return 0;
}

int maintainJournal(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    inv.noteRead("journal/" + machine.name);
    if (inv.options.has("disk-usage")) {
        std::int64_t total = 0;
        for (const sim::host::JournalFile& file : sim::host::journalFiles(machine))
            total += file.sizeBytes;
        inv.print(fmt::format("Archived and active journals take up {} in the file system.\n", memoryText(total)));
        return 0;
    }
    if (inv.options.has("flush") || inv.options.has("sync"))
        return 0;
    if (!isRoot(inv)) {
        inv.err().write("Failed to rotate or vacuum journal: Permission denied\n");
        return 1;
    }
    sim::command::JournalChange change{inv.place().host, inv.options.has("rotate"), std::nullopt, std::nullopt};
    if (inv.options.has("vacuum-size")) {
        change.keepBytes = parseBytes(inv.options.value("vacuum-size"));
        if (!change.keepBytes) {
            inv.err().write("Failed to parse vacuum size: " + inv.options.value("vacuum-size") + "\n");
            return 1;
        }
    }
    if (inv.options.has("vacuum-time")) {
        change.keepTime = sim::host::parseSpan(inv.options.value("vacuum-time"));
        if (!change.keepTime) {
            inv.err().write("Failed to parse vacuum time: " + inv.options.value("vacuum-time") + "\n");
            return 1;
        }
    }
    const auto result = inv.door().apply(sim::Command{change});
    if (!change.keepBytes && !change.keepTime)
        return 0;
    std::int64_t freed = 0;
    const std::vector<std::string> words = splitWords(result.text);
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::int64_t bytes = parseNumber(words[i + 1]).value_or(0);
        freed += bytes;
        inv.err().write(fmt::format("Deleted archived journal {} ({}).\n", words[i], memoryText(bytes)));
    }
    for (const char* folder : {"/run/log/journal", "/var/log/journal"})
        inv.err().write(fmt::format("Vacuuming done, freed {} of archived journals from {}{}.\n", std::string_view(folder) == "/run/log/journal" ? "0B" : memoryText(freed), folder,
                                    std::string_view(folder) == "/run/log/journal" ? "" : "/" + machine.machineId));
    return 0;
}

/// Fills the filter from the options; a complaint ends the command with its status.
std::optional<int> readOptions(Invocation& inv, Filter& filter)
{
    for (const std::string& unit : inv.options.values("unit"))
        filter.units.push_back(unitName(unit));
    filter.identifiers = inv.options.values("identifier");
    filter.kernel = inv.options.has("dmesg");
    for (const char* name : {"since", "until"}) {
        if (!inv.options.has(name))
            continue;
        const auto time = parseJournalTime(inv.options.value(name), inv.now());
        if (!time) {
            inv.err().write("Failed to parse timestamp: " + inv.options.value(name) + "\n");
            return 1;
        }
        (std::string_view(name) == "since" ? filter.since : filter.until) = time;
    }
    if (inv.options.has("priority")) {
        const std::string text = inv.options.value("priority");
        const std::size_t dots = text.find("..");
        const auto first = priorityOf(text.substr(0, dots));
        const auto second = dots == std::string::npos ? first : priorityOf(text.substr(dots + 2));
        if (!first || !second) {
            inv.err().write("Unknown log level " + text + "\n");
            return 1;
        }
        filter.lowest = dots == std::string::npos ? 0 : std::min(*first, *second);
        filter.highest = std::max(*first, *second);
    }
    if (inv.options.has("grep")) {
        const std::string pattern = inv.options.value("grep");
        const bool lower = std::none_of(pattern.begin(), pattern.end(),
                                        [](char c) { return c >= 'A' && c <= 'Z'; });
        std::string error;
        RegularExpression::Options options;
        options.ignoreCase = lower; // journalctl's smart case
        filter.pattern = RegularExpression::compile(pattern, RegularExpression::Syntax::Perl, options, error);
        if (!filter.pattern) {
            inv.err().write(fmt::format("Bad pattern \"{}\": {}\n", pattern, error));
            return 1;
        }
    }
    if (inv.options.has("boot") || filter.kernel) {
        const std::string boot = inv.options.value("boot");
        const std::vector<sim::host::PastBoot> boots = knownBoots(inv);
        const sim::host::PastBoot* chosen = boot.empty() || boot == "0" || boot == "-0" ? &boots.back() : nullptr;
        if (const auto offset = parseNumber(boot); chosen == nullptr && offset) {
            const std::int64_t index = *offset < 0 ? static_cast<std::int64_t>(boots.size()) - 1 + *offset : *offset - 1;
            chosen = index >= 0 && index < static_cast<std::int64_t>(boots.size()) ? &boots[static_cast<std::size_t>(index)] : nullptr;
        }
        for (const sim::host::PastBoot& known : boots)
            chosen = known.id == boot ? &known : chosen;
        if (chosen == nullptr) {
            inv.err().write("Data from the specified boot (" + boot
                            + ") is not available: No such boot ID in journal\n");
            return 1;
        }
        filter.since = std::max(filter.since.value_or(chosen->first), chosen->first);
        if (chosen != &boots.back())
            filter.until = chosen->last;
    }
    for (const std::string& operand : inv.operands) {
        const std::size_t equals = operand.find('=');
        if (equals == std::string::npos) {
            if (operand != "-1" && operand != "-0") {
                inv.err().write(fmt::format("Failed to add match '{}': Invalid argument\n", operand));
                return 1;
            }
            continue;
        }
        const std::string key = operand.substr(0, equals), value = operand.substr(equals + 1);
        if (key == "_SYSTEMD_UNIT" || key == "UNIT")
            filter.units.push_back(value);
        else if (key == "_PID")
            filter.pid = parseNumber(value);
        else if (key == "SYSLOG_IDENTIFIER" || key == "_COMM")
            filter.identifiers.push_back(value);
        else if (key == "_TRANSPORT" && value == "kernel")
            filter.kernel = true;
    }
    return std::nullopt;
}

/// getopt cannot tell "-n 5" from "-n" and "-b -1" from "-b"; journalctl looks at the next word itself.
std::vector<std::string> joinedOptions(const std::vector<std::string>& words)
{
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool more = i + 1 < words.size() && !words[i + 1].empty();
        const bool cluster = word.size() > 1 && word[0] == '-' && word[1] != '-';
        const bool count = more && (words[i + 1] == "all" || parseNumber(words[i + 1]).has_value());
        if (count && ((cluster && word.back() == 'n') || word == "--lines"))
            joined.push_back(word + (cluster ? "" : "=") + words[++i]);
        else if (more && cluster && word.back() == 'b' && parseNumber(words[i + 1]).value_or(1) <= 0)
            joined.push_back(word + words[++i]);
        else
            joined.push_back(word);
    }
    return joined;
}

int runJournalctl(Invocation& inv)
{
    if (inv.place().container)
        return inv.fail(1, "No journal files were found.");
    for (const char* verb : {"disk-usage", "rotate", "vacuum-size", "vacuum-time", "flush", "sync"})
        if (inv.options.has(verb))
            return maintainJournal(inv);
    const std::string format = inv.options.value("output", "short");
    static constexpr const char* kFormats[] = {
        "short",      "short-iso",  "short-iso-precise", "short-precise",
        "short-full", "short-unix", "short-monotonic",   "with-unit",
        "cat",        "json",       "json-pretty"};
    if (std::find(std::begin(kFormats), std::end(kFormats), format) == std::end(kFormats)) {
        inv.err().write("Unknown output format '" + format + "'.\n");
        return 1;
    }
    if (inv.options.has("list-boots"))
        return listBoots(inv);
    Filter filter;
    if (const auto status = readOptions(inv, filter))
        return *status;
    noteJournal(inv, filter);
    const bool follow = inv.options.has("follow");
    const bool noHost = inv.options.has("no-hostname");
    std::optional<std::int64_t> most;
    if (inv.options.has("lines")) {
        const std::string text = inv.options.value("lines", "10");
        if (text != "all") {
            most = parseNumber(text);
            if (!most || *most < 0) {
                inv.err().write("Failed to parse lines '" + text + "'\n");
                return 1;
            }
        }
    } else if (follow) {
        most = 10;
    }

    std::vector<const JournalEntry*> chosen;
    const sim::host::Machine& machine = machineOf(inv);
    for (const JournalEntry& e : machine.journal)
        if (filter.matches(e))
            chosen.push_back(&e);
    if (most && static_cast<std::int64_t>(chosen.size()) > *most)
        chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(*most));
    if (inv.options.has("reverse"))
        std::reverse(chosen.begin(), chosen.end());
    std::string text;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const bool line = format.rfind("json", 0) != 0 && format != "cat";
        if (line && i > 0 && (chosen[i - 1]->at < machine.booted) != (chosen[i]->at < machine.booted))
            text += "-- Boot " + machine.bootId + " --\n";
        text += formatted(*chosen[i], format, machine, noHost);
    }
    if (chosen.empty() && !follow && !inv.options.has("quiet"))
        text = "-- No entries --\n";
    inv.print(text);
    // The journal keeps a limited number of entries, so a place in it is an instant and a count at it.
    sim::Instant seen = machine.journal.empty() ? inv.now() : machine.journal.back().at;
    std::size_t atSeen = 0;
    for (const JournalEntry& e : machine.journal)
        atSeen += e.at == seen ? 1 : 0;
    while (follow) {
        inv.sleep(kJournalFollowEvery);
        if (!alive(inv)) {
            inv.err().write("client_loop: send disconnect: Broken pipe\n");
            return 255;
        }
        const auto& journal = machineOf(inv).journal;
        auto first = std::lower_bound(journal.begin(), journal.end(), seen,
                                      [](const JournalEntry& e, sim::Instant t) { return e.at < t; });
        std::size_t same = 0;
        for (; first != journal.end(); ++first) {
            if (first->at == seen && same < atSeen) {
                ++same;
                continue;
            }
            if (filter.matches(*first))
                inv.print(formatted(*first, format, machineOf(inv), noHost));
            atSeen = first->at == seen ? atSeen + 1 : 1;
            same = atSeen;
            seen = first->at;
        }
    }
    return 0;
}

std::vector<Completion> completeJournalctl(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    const bool unit = !request.words.empty()
        && (request.words.back() == "-u" || request.words.back() == "--unit");
    if (unit && request.place.host.value < door.world().hosts().all().size())
        for (const auto& [name, u] : door.world().hosts().at(request.place.host).units)
            if (name.rfind(request.word, 0) == 0)
                out.push_back({name, u.description});
    return out;
}

CommandSpec specification()
{
    CommandSpec spec;
    spec.name = "journalctl";
    spec.summary = "print log entries from the systemd journal";
    spec.usage = "journalctl [OPTIONS...] [MATCHES...]";
    spec.options = {{'u', "unit", "UNIT", "Show logs from the specified unit"},
                    {'f', "follow", "", "Follow the journal"},
                    {'n', "lines", "INTEGER", "Number of journal entries to show", true},
                    {'p', "priority", "RANGE", "Show entries with the specified priority"},
                    {'k', "dmesg", "", "Show kernel message log from the current boot"},
                    {'b', "boot", "ID", "Show current boot or the specified boot", true},
                    {'S', "since", "DATE", "Show entries not older than the specified date"},
                    {'U', "until", "DATE", "Show entries not newer than the specified date"},
                    {'t', "identifier", "STRING", "Show entries with the specified syslog identifier"},
                    {'g', "grep", "PATTERN", "Show entries with MESSAGE matching PATTERN"},
                    {'o', "output", "STRING", "Change journal output mode"},
                    {'r', "reverse", "", "Show the newest entries first"},
                    {'e', "pager-end", "", "Immediately jump to the end in the pager"},
                    {'x', "catalog", "", "Add message explanations where available"},
                    {'a', "all", "", "Show all fields, including long and unprintable"},
                    {'q', "quiet", "", "Do not show info messages"},
                    {'m', "merge", "", "Show entries from all available journals"},
                    {0, "no-pager", "", "Do not pipe output into a pager"},
                    {0, "no-hostname", "", "Suppress output of hostname field"},
                    {0, "no-full", "", "Ellipsize fields"},
                    {'l', "full", "", "Show fields in full"},
                    {0, "utc", "", "Express time in Coordinated Universal Time"},
                    {0, "list-boots", "", "Show terse information about recorded boots"},
                    {0, "rotate", "", "Request immediate rotation of the journal files"},
                    {0, "vacuum-size", "BYTES", "Reduce disk usage below specified size"},
                    {0, "vacuum-time", "TIME", "Remove journal files older than specified time"},
                    {0, "flush", "", "Flush all journal data from /run into /var"},
                    {0, "sync", "", "Synchronize unwritten journal messages to disk"},
                    {0, "disk-usage", "", "Show total disk usage of all journal files"}};
    spec.parseOptions = false; // run() joins words first
    spec.complete = completeJournalctl;
    return spec;
}

} // namespace

void addJournalctl(CommandTable& table)
{
    CommandSpec spec = specification();
    spec.run = [](Invocation& inv) {
        ParsedOptions parsed = parseOptions(specification(), inv.name, joinedOptions(inv.arguments));
        if (parsed.helpAsked) {
            inv.print(helpText(specification()));
            return 0;
        }
        if (!parsed.error.empty()) {
            inv.err().write(parsed.error);
            return 1;
        }
        inv.options = std::move(parsed.options);
        inv.operands = std::move(parsed.operands);
        return runJournalctl(inv);
    };
    table.add(std::move(spec));
}

} // namespace core::shell::node
