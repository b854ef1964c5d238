// journalctl of systemd 252.
#include "core/shell/commands/linux/journal.h"
#include "core/shell/commands/linux/journal_fields.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/options.h"
#include "core/shell/pattern.h"
#include "core/shell/regular_expression.h"
#include "core/shell/text/dates.h"
#include "sim/host/journal_files.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::JournalEntry;

/// How often a followed journal is looked at.
constexpr sim::Duration kJournalFollowEvery = std::chrono::milliseconds(250);

struct Filter {
    std::vector<std::string> units;
    std::vector<std::string> identifiers;
    JournalMatches fields;
    std::string executable; ///< a path operand
    std::string facility;
    int lowest = 0, highest = 7; ///< syslog priorities
    bool kernel = false;
    std::optional<sim::Instant> since, until;
    std::optional<RegularExpression> pattern;

    bool matches(const sim::host::Machine& machine, const JournalEntry& e) const
    {
        if (kernel && e.identifier != "kernel")
            return false;
        if (!units.empty() && std::none_of(units.begin(), units.end(), [&](const std::string& unit) { return matchPattern(unit, e.unit); }))
            return false;
        if (!identifiers.empty()
            && std::find(identifiers.begin(), identifiers.end(), e.identifier) == identifiers.end())
            return false;
        if (e.priority < lowest || e.priority > highest)
            return false;
        if ((since && e.at < *since) || (until && e.at > *until))
            return false;
        if (pattern && !pattern->matches(e.message))
            return false;
        if (fields.empty() && executable.empty() && facility.empty())
            return true;
        const JournalFields all = journalFields(machine, e);
        return fields.matches(all) && (executable.empty() || fieldOf(all, "_EXE") == executable) && (facility.empty() || fieldOf(all, "SYSLOG_FACILITY") == facility);
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

/// What -o and its companions choose.
struct JournalView {
    std::string format = "short";
    std::vector<std::string> chosen; ///< --output-fields
    bool noHost = false;
};

/// The stamp of a line; short-delta looks back at the line before it.
std::string journalStamp(const JournalEntry& e, const JournalEntry* before, const std::string& format, const sim::host::Machine& machine)
{
    const std::int64_t micro = e.at.time_since_epoch().count() / 1000;
    if (format == "short-iso")
        return formatDate(e.at, "%Y-%m-%dT%H:%M:%S") + "+0000";
    if (format == "short-iso-precise")
        return formatDate(e.at, "%Y-%m-%dT%H:%M:%S") + fmt::format(".{:06}+0000", micro % 1'000'000);
    if (format == "short-precise")
        return stampShort(e.at) + fmt::format(".{:06}", micro % 1'000'000);
    if (format == "short-full" || format == "with-unit")
        return stampSystemd(e.at);
    if (format == "short-unix")
        return fmt::format("{}.{:06}", micro / 1'000'000, micro % 1'000'000);
    const double since = sim::toSeconds(e.at - machine.booted);
    if (format == "short-monotonic")
        return fmt::format("[{:12.6f}]", since);
    if (format == "short-delta")
        return before == nullptr ? fmt::format("[{:12.6f}                ]", since) : fmt::format("[{:12.6f} <{:12.6f} >]", since, sim::toSeconds(e.at - before->at));
    return stampShort(e.at);
}

std::string formatted(const JournalEntry& e, const JournalEntry* before, const JournalView& view, const sim::host::Machine& machine)
{
    if (isFieldFormat(view.format))
        return formattedFields(machine, e, view.format, view.chosen);
    const std::string source = view.format == "with-unit" && !e.unit.empty() ? fmt::format("{}[{}]", e.unit, e.pid) : journalSource(e);
    const std::string head = fmt::format("{} {}{}: ", journalStamp(e, before, view.format, machine), view.noHost ? "" : machine.name + " ", source);
    std::string text = head;
    for (const char c : e.message) // further lines of a message stand below its first
        text += c == '\n' ? "\n" + std::string(head.size(), ' ') : std::string(1, c);
    return text + "\n";
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

/// What the newest `count` journal files take: keeping so many bytes keeps them. The oldest come first.
std::int64_t newestFilesBytes(const sim::host::Machine& machine, std::int64_t count)
{
    const auto files = sim::host::journalFiles(machine);
    std::int64_t bytes = 0;
    for (std::size_t i = files.size(); i > 0 && (count == 0 || static_cast<std::int64_t>(files.size() - i) < count); --i)
        bytes += files[i - 1].sizeBytes;
    return bytes;
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
    if (inv.options.has("vacuum-files")) {
        const auto files = parseNumber(inv.options.value("vacuum-files"));
        if (!files || *files < 0) {
            inv.err().write("Failed to parse vacuum files: " + inv.options.value("vacuum-files") + "\n");
            return 1;
        }
        change.keepBytes = newestFilesBytes(machine, *files);
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

/// Syslog facilities by name.
std::optional<std::string> facilityNumber(const std::string& name)
{
    static constexpr const char* kNames[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"};
    for (std::size_t i = 0; i < std::size(kNames); ++i)
        if (name == kNames[i])
            return std::to_string(i);
    return parseNumber(name) ? std::optional(name) : std::nullopt;
}

/// The words: FIELD=VALUE, "+", the path of a program.
std::optional<int> readMatches(Invocation& inv, Filter& filter)
{
    const auto complain = [&](const std::string& text) {
        inv.err().write(text + "\n");
        return 1;
    };
    for (const std::string& operand : inv.operands) {
        if (operand == "+") {
            if (!filter.fields.alternative())
                return complain("\"+\" can only be used between terms");
        } else if (operand.find('/') != std::string::npos && operand.find('=') == std::string::npos) {
            filter.executable = inv.absolutePath(operand);
            if (!inv.system().stat(inv.place(), filter.executable) && std::none_of(machineOf(inv).processes.begin(), machineOf(inv).processes.end(), [&](const auto& p) {
                    return !p.second.command.empty() && p.second.command[0] == filter.executable;
                }))
                return complain("Couldn't canonicalize path: No such file or directory");
        } else if (operand != "-1" && operand != "-0" && !filter.fields.add(operand)) {
            return complain(fmt::format("Failed to add match '{}': Invalid argument", operand));
        }
    }
    return filter.fields.complete() ? std::nullopt : std::optional(complain("\"+\" can only be used between terms"));
}

/// Fills the filter from the options; a complaint ends the command with its status.
std::optional<int> readOptions(Invocation& inv, Filter& filter)
{
    for (const std::string& unit : inv.options.values("unit"))
        filter.units.push_back(unitName(unit));
    filter.identifiers = inv.options.values("identifier");
    filter.kernel = inv.options.has("dmesg");
    if (inv.options.has("facility")) {
        const auto number = facilityNumber(inv.options.value("facility"));
        if (!number) {
            inv.err().write("Bad --facility= argument \"" + inv.options.value("facility") + "\".\n");
            return 1;
        }
        filter.facility = *number;
    }
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
        const std::string asked = inv.options.value("case-sensitive", "yes");
        options.ignoreCase = inv.options.has("case-sensitive") ? asked == "no" || asked == "false" || asked == "0" : lower; // journalctl's smart case
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
    return readMatches(inv, filter);
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

/// -F FIELD: its values; -N: the names of all fields.
int listFields(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    const std::string field = inv.options.value("field");
    std::vector<std::string> seen;
    for (const JournalEntry& e : machine.journal)
        for (const auto& [name, value] : journalFields(machine, e)) {
            const std::string& word = inv.options.has("field") ? value : name;
            if ((!inv.options.has("field") || name == field) && std::find(seen.begin(), seen.end(), word) == seen.end())
                seen.push_back(word);
        }
    for (const std::string& word : seen)
        inv.print(word + "\n");
    return 0;
}

/// The entries that the filter lets through, from the cursor on when one is given.
std::optional<int> chooseEntries(Invocation& inv, const Filter& filter, std::vector<const JournalEntry*>& chosen)
{
    const sim::host::Machine& machine = machineOf(inv);
    const std::string after = inv.options.value("after-cursor");
    const std::string cursor = after.empty() ? inv.options.value("cursor") : after;
    bool reached = cursor.empty();
    for (const JournalEntry& e : machine.journal) {
        const bool here = !reached && journalCursor(machine, e) == cursor;
        if (here && !after.empty()) {
            reached = true;
            continue;
        }
        reached = reached || here;
        if (reached && filter.matches(machine, e))
            chosen.push_back(&e);
    }
    if (reached)
        return std::nullopt;
    inv.err().write("Failed to seek to cursor: Invalid argument\n");
    return 1;
}

int runJournalctl(Invocation& inv)
{
    if (inv.place().container)
        return inv.fail(1, "No journal files were found.");
    for (const char* verb : {"disk-usage", "rotate", "vacuum-size", "vacuum-time", "vacuum-files", "flush", "sync"})
        if (inv.options.has(verb))
            return maintainJournal(inv);
    JournalView view;
    view.format = inv.options.value("output", "short");
    view.noHost = inv.options.has("no-hostname");
    for (std::string list : inv.options.values("output-fields")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& name : splitWords(list))
            view.chosen.push_back(name);
    }
    static constexpr const char* kFormats[] = {"short",       "short-full", "short-iso", "short-iso-precise", "short-precise", "short-monotonic", "short-delta", "short-unix", "verbose",
                                               "export",      "json",       "json-pretty", "json-sse",        "json-seq",      "cat",             "with-unit"};
    if (view.format == "help") {
        for (const char* name : kFormats)
            inv.print(std::string(name) + "\n");
        return 0;
    }
    if (std::find(std::begin(kFormats), std::end(kFormats), view.format) == std::end(kFormats)) {
        inv.err().write("Unknown output format '" + view.format + "'.\n");
        return 1;
    }
    if (inv.options.has("list-boots"))
        return listBoots(inv);
    Filter filter;
    if (const auto status = readOptions(inv, filter))
        return *status;
    noteJournal(inv, filter);
    if (inv.options.has("field") || inv.options.has("fields"))
        return listFields(inv);
    const bool follow = inv.options.has("follow");
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

    const sim::host::Machine& machine = machineOf(inv);
    std::vector<const JournalEntry*> chosen;
    if (const auto status = chooseEntries(inv, filter, chosen))
        return *status;
    if (most && inv.options.has("cursor")) // forward from there, not backward from the end
        chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(*most)));
    else if (most && static_cast<std::int64_t>(chosen.size()) > *most)
        chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(*most));
    if (inv.options.has("reverse"))
        std::reverse(chosen.begin(), chosen.end());
    std::string text;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (!isFieldFormat(view.format) && i > 0 && (chosen[i - 1]->at < machine.booted) != (chosen[i]->at < machine.booted))
            text += "-- Boot " + machine.bootId + " --\n";
        text += formatted(*chosen[i], i == 0 ? nullptr : chosen[i - 1], view, machine);
    }
    if (chosen.empty() && !follow && !inv.options.has("quiet"))
        text = "-- No entries --\n";
    if (inv.options.has("show-cursor") && !chosen.empty())
        text += "-- cursor: " + journalCursor(machine, *chosen.back()) + "\n";
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
            if (filter.matches(machineOf(inv), *first))
                inv.print(formatted(*first, first == journal.begin() ? nullptr : &*(first - 1), view, machineOf(inv)));
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
                    {0, "facility", "FACILITY", "Show entries with the specified facility"},
                    {0, "case-sensitive", "BOOL", "Force case sensitive or insensitive matching", true},
                    {'c', "cursor", "CURSOR", "Show entries starting at the specified cursor"},
                    {0, "after-cursor", "CURSOR", "Show entries after the specified cursor"},
                    {0, "show-cursor", "", "Print the cursor after all the entries"},
                    {'o', "output", "STRING", "Change journal output mode"},
                    {0, "output-fields", "LIST", "Select fields to print in verbose, export and json modes"},
                    {'N', "fields", "", "List all field names currently used"},
                    {'F', "field", "FIELD", "List all values that a specified field takes"},
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
                    {0, "vacuum-files", "INT", "Leave only the specified number of journal files"},
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
