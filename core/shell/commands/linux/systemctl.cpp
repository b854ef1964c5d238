// systemctl of systemd 252.
#include "core/shell/commands/linux/journal.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/unit_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Unit;
using UnitVerb = sim::command::UnitAction::Verb;

/// systemctl waits for its job; a unit that neither starts nor fails within this is systemd's to time out.
constexpr sim::Duration kJobTimeout = std::chrono::seconds(90);
constexpr sim::Duration kUnitPoll = std::chrono::milliseconds(50);

const Unit* findUnit(Invocation& inv, const std::string& name)
{
    const auto& units = machineOf(inv).units;
    const auto found = units.find(name);
    return found == units.end() ? nullptr : &found->second;
}

int notFound(Invocation& inv, const std::string& verb, const std::string& name)
{
    inv.err().write(fmt::format("Failed to {} {}: Unit {} not found.\n", verb, name, name));
    return 5;
}

void noteUnit(Invocation& inv, const std::string& name)
{
    inv.noteRead("unit/" + machineOf(inv).name + "/" + name);
}

/// Waits until the unit has left its way there; prints what systemctl prints when it failed.
int awaitJob(Invocation& inv, const std::string& name)
{
    const sim::Instant limit = inv.now() + kJobTimeout;
    for (;;) {
        if (!alive(inv))
            return 255;
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr)
            return 5;
        const bool failing = unit->state == Unit::State::Failed
            || (unit->state == Unit::State::Activating && unit->subState == "auto-restart"
                && unit->type != "simple");
        if (failing) {
            inv.err().write(
                unit->result == "start-limit-hit" || unit->exitCode != 0 || unit->exitSignal != 0
                    ? fmt::format("Job for {0} failed because the control process exited with error code.\n"
                                  "See \"systemctl status {0}\" and \"journalctl -xeu {0}\" for details.\n",
                                  name)
                    : fmt::format(
                        "Job for {0} failed.\nSee \"systemctl status {0}\" and \"journalctl -xeu {0}\" for "
                        "details.\n",
                        name));
            return 1;
        }
        const bool moving = unit->state == Unit::State::Deactivating
            || (unit->state == Unit::State::Activating && unit->subState != "auto-restart");
        if (!moving || inv.now() >= limit)
            return 0;
        inv.sleep(kUnitPoll);
    }
}

int act(Invocation& inv, UnitVerb verb, const std::string& word, const std::vector<std::string>& names)
{
    if (!isRoot(inv)) {
        inv.err().write(fmt::format(
            "Failed to {} {}: Interactive authentication required.\nSee system logs and 'systemctl "
            "status {}' for details.\n",
            word, names.empty() ? "" : names[0], names.empty() ? "" : names[0]));
        return 1;
    }
    int status = 0;
    for (const std::string& name : names) {
        if (findUnit(inv, name) == nullptr) {
            status = notFound(inv, word, name);
            continue;
        }
        noteUnit(inv, name);
        const auto result = inv.door().apply(
            sim::Command{sim::command::UnitAction{inv.place().host, name, verb}});
        if (verb == UnitVerb::ResetFailed || inv.options.has("no-block"))
            continue;
        if (const int failed = awaitJob(inv, name); failed != 0)
            status = failed;
        else if (const Unit* unit = findUnit(inv, name); verb != UnitVerb::Stop && !result.ok && unit != nullptr
                 && unit->state == Unit::State::Inactive) {
            inv.err().write(
                fmt::format("A dependency job for {} failed. See 'journalctl -xe' for details.\n", name));
            status = 1;
        }
    }
    return status;
}

int enable(Invocation& inv, bool enabled, const std::vector<std::string>& names)
{
    const char* word = enabled ? "enable" : "disable";
    if (!isRoot(inv)) {
        inv.err().write("Failed to " + std::string(word) + " unit: Interactive authentication required.\n");
        return 1;
    }
    int status = 0;
    for (const std::string& name : names) {
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr) {
            inv.err().write(fmt::format("Failed to {} unit: Unit file {} does not exist.\n", word, name));
            status = 1;
            continue;
        }
        const bool changes = unit->enabled != enabled && !unit->wantedBy.empty();
        const std::string path = unit->path;
        const std::string link = unit->wantedBy.empty()
            ? ""
            : "/etc/systemd/system/" + unit->wantedBy.front() + ".wants/" + name;
        inv.door().apply(sim::Command{
            sim::command::UnitAction{inv.place().host, name, enabled ? UnitVerb::Enable : UnitVerb::Disable}});
        if (changes)
            inv.err().write(enabled ? fmt::format("Created symlink {} \u2192 {}.\n", link, path)
                                    : fmt::format("Removed \"{}\".\n", link));
        if (inv.options.has("now"))
            status = std::max(
                status, act(inv, enabled ? UnitVerb::Start : UnitVerb::Stop, enabled ? "start" : "stop", {name}));
    }
    return status;
}

int isActive(Invocation& inv, const std::vector<std::string>& names, bool failedWanted)
{
    bool any = false;
    for (const std::string& name : names) {
        noteUnit(inv, name);
        const Unit* unit = findUnit(inv, name);
        const std::string word = unit == nullptr ? "inactive" : stateWord(*unit);
        any = any || word == (failedWanted ? "failed" : "active");
        if (!inv.options.has("quiet"))
            inv.print(word + "\n");
    }
    return any ? 0 : failedWanted ? 1 : 3;
}

int isEnabled(Invocation& inv, const std::vector<std::string>& names)
{
    int status = 1;
    for (const std::string& name : names) {
        noteUnit(inv, name);
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr) {
            inv.err().write(
                fmt::format("Failed to get unit file state for {}: No such file or directory\n", name));
            continue;
        }
        if (enabledWord(*unit) != "disabled")
            status = 0;
        if (!inv.options.has("quiet"))
            inv.print(enabledWord(*unit) + "\n");
    }
    return status;
}

int cat(Invocation& inv, const std::vector<std::string>& names)
{
    int status = 0;
    bool first = true;
    for (const std::string& name : names) {
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr) {
            inv.err().write("No files found for " + name + ".\n");
            status = 1;
            continue;
        }
        noteUnit(inv, name);
        std::vector<std::string> paths{unit->path};
        paths.insert(paths.end(), unit->dropIns.begin(), unit->dropIns.end());
        for (const std::string& path : paths) {
            inv.noteRead("file/" + machineOf(inv).name + path);
            const ReadFile file = inv.system().readFile(inv.place(), path);
            if (file.error != Errno::None)
                continue;
            inv.print(fmt::format("{}# {}\n{}", first ? "" : "\n", path, file.text));
            first = false;
        }
    }
    return status;
}

int listUnits(Invocation& inv, const std::vector<std::string>& patterns)
{
    struct Row {
        std::string mark, name, load, active, sub, description;
    };
    std::vector<Row> rows;
    const bool failedOnly = inv.options.has("failed") || inv.options.value("state") == "failed";
    const std::string type = inv.options.value("type");
    const std::string state = inv.options.value("state");
    inv.noteRead("unit/" + machineOf(inv).name + "/*");
    for (const auto& entry : machineOf(inv).units) {
        const std::string& name = entry.first;
        const Unit& unit = entry.second;
        if (!type.empty() && name.substr(name.rfind('.') + 1) != type)
            continue;
        if (failedOnly ? unit.state != Unit::State::Failed
                       : unit.state == Unit::State::Inactive && !inv.options.has("all") && state.empty())
            continue;
        if (!failedOnly && !state.empty() && state != stateWord(unit) && state != unit.subState)
            continue;
        const bool wanted
            = patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
                  return p == name || unitName(p) == name
                      || (p.size() > 1 && p.back() == '*' && name.rfind(p.substr(0, p.size() - 1), 0) == 0);
              });
        if (wanted)
            rows.push_back({unit.state == Unit::State::Failed ? "\u25cf" : " ", name, "loaded",
                            stateWord(unit), unit.subState, unit.description});
    }
    std::size_t widths[4] = {4, 4, 6, 3};
    for (const Row& r : rows) {
        widths[0] = std::max(widths[0], r.name.size());
        widths[1] = std::max(widths[1], r.load.size());
        widths[2] = std::max(widths[2], r.active.size());
        widths[3] = std::max(widths[3], r.sub.size());
    }
    const bool legend = !inv.options.has("no-legend") && inv.options.value("legend") != "false";
    if (legend && !rows.empty())
        inv.print(fmt::format("  {:<{}} {:<{}} {:<{}} {:<{}} DESCRIPTION\n", "UNIT", widths[0], "LOAD",
                              widths[1], "ACTIVE", widths[2], "SUB", widths[3]));
    for (const Row& r : rows)
        inv.print(fmt::format("{} {:<{}} {:<{}} {:<{}} {:<{}} {}\n", r.mark, r.name, widths[0], r.load,
                              widths[1], r.active, widths[2], r.sub, widths[3], r.description));
    if (!legend)
        return 0;
    if (!rows.empty())
        inv.print("\nLOAD   = Reflects whether the unit definition was properly loaded.\n"
                  "ACTIVE = The high-level unit activation state, i.e. generalization of SUB.\n"
                  "SUB    = The low-level unit activation state, values depend on unit type.\n");
    inv.print(fmt::format("{}{} loaded units listed.", rows.empty() ? "" : "\n", rows.size()));
    if (!rows.empty() && !failedOnly && !inv.options.has("all"))
        inv.print(" Pass --all to see loaded but inactive units, too.\n"
                  "To show all installed unit files use 'systemctl list-unit-files'.");
    inv.print("\n");
    return 0;
}

int listUnitFiles(Invocation& inv, const std::vector<std::string>& patterns)
{
    std::size_t width = 9;
    for (const auto& [name, unit] : machineOf(inv).units)
        width = std::max(width, name.size());
    inv.print(fmt::format("{:<{}} STATE    PRESET\n", "UNIT FILE", width));
    std::size_t count = 0;
    for (const auto& [name, unit] : machineOf(inv).units) {
        if (!patterns.empty() && std::find(patterns.begin(), patterns.end(), name) == patterns.end())
            continue;
        inv.print(fmt::format("{:<{}} {:<8} {}\n", name, width, enabledWord(unit),
                              unit.wantedBy.empty() ? "-" : "enabled"));
        ++count;
    }
    inv.print(fmt::format("\n{} unit files listed.\n", count));
    inv.noteRead("unit/" + machineOf(inv).name + "/*");
    return 0;
}

int status(Invocation& inv, const std::vector<std::string>& names)
{
    if (names.empty()) {
        inv.noteRead("host/" + machineOf(inv).name);
        inv.print(machineStatus(inv));
        return 0;
    }
    int worst = 0;
    bool first = true;
    for (const std::string& name : names) {
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr) {
            inv.err().write("Unit " + name + " could not be found.\n");
            worst = 4;
            continue;
        }
        noteUnit(inv, name);
        if (!first)
            inv.print("\n");
        first = false;
        std::size_t lines = 10;
        if (inv.options.has("lines"))
            lines = static_cast<std::size_t>(
                std::max<std::int64_t>(0, parseNumber(inv.options.value("lines")).value_or(10)));
        inv.print(unitStatus(inv, *unit, lines));
        if (unit->state != Unit::State::Active && unit->state != Unit::State::Deactivating && worst == 0)
            worst = 3;
    }
    return worst;
}

int show(Invocation& inv, const std::vector<std::string>& names)
{
    int result = 0;
    for (const std::string& name : names) {
        noteUnit(inv, name);
        std::vector<std::string> wanted;
        for (std::string list : inv.options.values("property")) {
            std::replace(list.begin(), list.end(), ',', ' ');
            for (std::string& word : splitWords(list))
                wanted.push_back(std::move(word));
        }
        const auto all = unitProperties(inv, findUnit(inv, name), name);
        for (const auto& [key, value] : all) {
            if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), key) == wanted.end())
                continue;
            inv.print(inv.options.has("value") ? value + "\n" : key + "=" + value + "\n");
        }
    }
    return result;
}

int runSystemctl(Invocation& inv)
{
    if (inv.place().container) {
        inv.err().write("System has not been booted with systemd as init system (PID 1). Can't operate.\n"
                        "Failed to connect to bus: Host is down\n");
        return 1;
    }
    std::vector<std::string> words = inv.operands;
    const std::string verb = words.empty() ? "list-units" : words.front();
    if (!words.empty())
        words.erase(words.begin());
    std::vector<std::string> names;
    for (const std::string& word : words)
        names.push_back(unitName(word));
    static const std::map<std::string, UnitVerb> kActions{{"start", UnitVerb::Start},
                                                      {"stop", UnitVerb::Stop},
                                                      {"restart", UnitVerb::Restart},
                                                      {"reload-or-restart", UnitVerb::Restart},
                                                      {"try-restart", UnitVerb::Restart}};
    if (const auto action = kActions.find(verb); action != kActions.end()) {
        if (names.empty()) {
            inv.err().write("Too few arguments.\n");
            return 1;
        }
        return act(inv, action->second, verb, names);
    }
    if (verb == "status")
        return status(inv, names);
    if (verb == "is-active" || verb == "is-failed")
        return isActive(inv, names, verb == "is-failed");
    if (verb == "is-enabled")
        return isEnabled(inv, names);
    if (verb == "enable" || verb == "disable")
        return enable(inv, verb == "enable", names);
    if (verb == "list-units")
        return listUnits(inv, words);
    if (verb == "list-unit-files")
        return listUnitFiles(inv, names);
    if (verb == "cat")
        return cat(inv, names);
    if (verb == "show")
        return show(inv, names);
    if (verb == "reset-failed") {
        if (names.empty())
            for (const auto& [name, unit] : machineOf(inv).units)
                if (unit.state == Unit::State::Failed)
                    names.push_back(name);
        return act(inv, UnitVerb::ResetFailed, verb, names);
    }
    if (verb == "kill" && !names.empty()) {
        for (const std::string& name : names)
            if (const Unit* unit = findUnit(inv, name); unit != nullptr && unit->mainPid != 0)
                inv.door().apply(sim::Command{
                    sim::command::Signal{inv.place().host, unit->mainPid,
                                         inv.options.value("signal").find("KILL") != std::string::npos
                                                 || inv.options.value("signal") == "9"
                                             ? 9
                                             : 15}});
        return 0;
    }
    if (verb == "reload") {
        for (const std::string& name : names)
            if (findUnit(inv, name) == nullptr)
                return notFound(inv, verb, name);
            else
                inv.err().write(fmt::format(
                    "Failed to reload {}: Job type reload is not applicable for unit {}.\n", name, name));
        return 1;
    }
    if (verb == "daemon-reload") {
        if (!isRoot(inv)) {
            inv.err().write("Failed to reload daemon: Interactive authentication required.\n");
            return 1;
        }
        inv.door().apply(sim::Command{sim::command::UnitAction{inv.place().host, "", UnitVerb::DaemonReload}});
        return 0;
    }
    if (verb == "reboot" || verb == "poweroff")
        return inv.run({verb});
    inv.err().write("Unknown command verb " + verb + ".\n");
    return 1;
}

std::vector<Completion> completeSystemctl(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    bool verbGiven = false;
    for (std::size_t i = 1; i < request.words.size(); ++i)
        verbGiven = verbGiven || request.words[i][0] != '-';
    const auto offer = [&](const std::string& text, const std::string& note) {
        if (text.rfind(request.word, 0) == 0)
            out.push_back({text, note});
    };
    if (!verbGiven) {
        for (const char* verb : {"cat", "daemon-reload", "disable", "enable", "is-active", "is-enabled",
                                 "is-failed", "kill", "list-unit-files", "list-units", "reboot",
                                 "reset-failed", "restart", "show", "start", "status", "stop"})
            offer(verb, "");
    } else if (request.place.host.value < door.world().hosts().all().size()) {
        for (const auto& [name, unit] : door.world().hosts().at(request.place.host).units)
            offer(name, unit.description);
    }
    return out;
}

} // namespace

void addSystemctl(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "systemctl";
    spec.summary = "control the systemd system and service manager";
    spec.usage = "systemctl [OPTIONS...] COMMAND ...";
    spec.options = {{'t', "type", "TYPE", "List units of a particular type"},
                    {0, "state", "STATE", "List units with particular LOAD or SUB or ACTIVE state"},
                    {0, "failed", "", "Shortcut for --state=failed"},
                    {'a', "all", "", "Show all properties/all units currently in memory"},
                    {'p', "property", "NAME", "Show only properties by this name"},
                    {0, "value", "", "When showing properties, only print the value"},
                    {'n', "lines", "INTEGER", "Number of journal entries to show"},
                    {'l', "full", "", "Don't ellipsize unit names on output"},
                    {'q', "quiet", "", "Suppress output"},
                    {0, "now", "", "Start or stop unit after enabling or disabling it"},
                    {0, "no-pager", "", "Do not pipe output into a pager"},
                    {0, "no-legend", "", "Do not print a legend (column headers and hints)"},
                    {0, "legend", "BOOL", "Enable/disable the legend"},
                    {0, "no-block", "", "Do not wait until operation finished"},
                    {'s', "signal", "SIGNAL", "Which signal to send"},
                    {'f', "force", "", "When enabling unit files, override existing symlinks"}};
    spec.run = runSystemctl;
    spec.complete = completeSystemctl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
