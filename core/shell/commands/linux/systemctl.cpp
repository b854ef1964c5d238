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
    // What is to be stopped need not be on the disk, only loaded.
    inv.err().write(fmt::format("Failed to {} {}: Unit {} not {}.\n", verb, name, name, verb == "stop" || verb == "kill" ? "loaded" : "found"));
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
        if (unit->type == "mount" && unit->state == Unit::State::Failed) {
            inv.err().write(fmt::format("Job failed. See \"journalctl -xe\" for details.\n"));
            return 1;
        }
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
        if (findUnit(inv, name)->masked && (verb == UnitVerb::Start || verb == UnitVerb::Restart)) {
            inv.err().write(fmt::format("Failed to {} {}: Unit {} is masked.\n", word, name, name));
            status = 1;
            continue;
        }
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
        if (unit->masked && enabled) {
            inv.err().write(fmt::format("Failed to enable unit: Unit file {} is masked.\n", unit->path));
            status = 1;
            continue;
        }
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
        if (wanted && unit.masked)
            rows.back().load = "masked";
    }
    std::size_t widths[4] = {4, 4, 6, 3};
    for (const Row& r : rows) {
        widths[0] = std::max(widths[0], r.name.size());
        widths[1] = std::max(widths[1], r.load.size());
        widths[2] = std::max(widths[2], r.active.size());
        widths[3] = std::max(widths[3], r.sub.size());
    }
    const bool legend = !inv.options.has("no-legend") && inv.options.value("legend") != "false";
    if (legend)
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

/// starting, running, degraded, maintenance: what is-system-running prints.
std::string systemState(const sim::host::Machine& machine)
{
    using Stage = sim::host::BootStage;
    if (machine.boot.stage == Stage::Emergency || machine.boot.stage == Stage::Rescue)
        return "maintenance";
    if (machine.boot.stage != Stage::Running)
        return "starting";
    const bool failed = std::any_of(machine.units.begin(), machine.units.end(), [](const auto& u) { return u.second.state == Unit::State::Failed; });
    return failed ? "degraded" : "running";
}

int isSystemRunning(Invocation& inv)
{
    const std::string state = systemState(machineOf(inv));
    noteHost(inv);
    inv.noteRead("unit/" + machineOf(inv).name + "/*");
    if (!inv.options.has("quiet"))
        inv.print(state + "\n");
    return state == "running" ? 0 : 1;
}

/// systemd's spans of two units, "1min 20s", "3h 5min", "2 days".
std::string leftText(sim::Duration left)
{
    std::string text = agoSystemd(left);
    if (const std::size_t ago = text.rfind(" ago"); ago != std::string::npos)
        text.resize(ago);
    return text;
}

int listTimers(Invocation& inv)
{
    struct Row {
        sim::Instant next;
        std::vector<std::string> cells;
    };
    inv.noteRead("unit/" + machineOf(inv).name + "/*");
    std::vector<Row> rows;
    for (const auto& [name, unit] : machineOf(inv).units) {
        if (unit.type != "timer" || (unit.state != Unit::State::Active && !inv.options.has("all")))
            continue;
        const auto& timer = unit.timer;
        const bool next = timer.next > inv.now(), last = timer.last != sim::Instant{};
        rows.push_back({next ? timer.next : sim::Instant::max(),
                        {next ? stampSystemd(timer.next) : "-", next ? leftText(timer.next - inv.now()) + " left" : "-", last ? stampSystemd(timer.last) : "-",
                         last ? agoSystemd(inv.now() - timer.last) : "-", name, timer.triggers.empty() ? name.substr(0, name.size() - 6) + ".service" : timer.triggers}});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.next < b.next; });
    std::vector<std::string> header{"NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"};
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < header.size(); ++i) {
        widths.push_back(header[i].size());
        for (const Row& row : rows)
            widths[i] = std::max(widths[i], row.cells[i].size());
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i)
            text += i + 1 < cells.size() ? fmt::format("{:<{}} ", cells[i], widths[i]) : cells[i];
        return text + "\n";
    };
    const bool legend = !inv.options.has("no-legend") && inv.options.value("legend") != "false";
    std::string text = legend && !rows.empty() ? line(header) : "";
    for (const Row& row : rows)
        text += line(row.cells);
    if (legend)
        text += fmt::format("\n{} timers listed.\n{}", rows.size(), inv.options.has("all") ? "" : "Pass --all to see loaded but inactive timers, too.\n");
    inv.print(text);
    return 0;
}

/// What a target pulls in: units that are wanted by it, and those that systemd's own targets imply.
std::vector<std::string> dependenciesOf(const sim::host::Machine& machine, const Unit& unit)
{
    std::vector<std::string> names = unit.requires_;
    names.insert(names.end(), unit.wants.begin(), unit.wants.end());
    for (const auto& [name, other] : machine.units)
        if (other.enabled && std::find(other.wantedBy.begin(), other.wantedBy.end(), unit.name) != other.wantedBy.end())
            names.push_back(name);
    const std::map<std::string, std::vector<std::string>> implied{{"graphical.target", {"multi-user.target"}},
                                                                  {"multi-user.target", {"basic.target", "network-online.target"}},
                                                                  {"basic.target", {"sysinit.target", "timers.target"}},
                                                                  {"sysinit.target", {"local-fs.target", "systemd-journald.service", "systemd-udevd.service"}}};
    if (const auto found = implied.find(unit.name); found != implied.end())
        names.insert(names.end(), found->second.begin(), found->second.end());
    if (unit.name == "local-fs.target")
        for (const auto& [name, other] : machine.units)
            if (other.type == "mount" && other.path.compare(0, 5, "/run/") == 0 && !other.mount.has("noauto"))
                names.push_back(name);
    std::erase_if(names, [&](const std::string& name) { return machine.units.count(name) == 0; });
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) { // targets last, as systemctl sorts
        const bool x = a.find(".target") != std::string::npos, y = b.find(".target") != std::string::npos;
        return x != y ? y : a < b;
    });
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

void dependencyTree(const sim::host::Machine& machine, const std::string& name, const std::string& indent, std::vector<std::string>& path, std::string& text)
{
    const std::vector<std::string> names = dependenciesOf(machine, machine.units.at(name));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        const Unit& unit = machine.units.at(names[i]);
        const char* mark = unit.state == Unit::State::Active ? "\u25cf" : unit.state == Unit::State::Failed ? "\u00d7" : "\u25cb";
        text += fmt::format("{} {}{}{}\n", mark, indent, last ? "\u2514\u2500" : "\u251c\u2500", names[i]);
        const bool target = unit.type == "target";
        if (target && std::find(path.begin(), path.end(), names[i]) == path.end()) {
            path.push_back(names[i]);
            dependencyTree(machine, names[i], indent + (last ? "  " : "\u2502 "), path, text);
            path.pop_back();
        }
    }
}

int listDependencies(Invocation& inv, std::vector<std::string> names)
{
    if (names.empty())
        names.push_back("default.target");
    if (names[0] == "default.target")
        names[0] = machineOf(inv).boot.target;
    if (findUnit(inv, names[0]) == nullptr)
        return notFound(inv, "list dependencies of", names[0]);
    noteUnit(inv, names[0]);
    std::string text;
    if (inv.options.has("reverse")) {
        text = names[0] + "\n";
        std::vector<std::string> users;
        for (const auto& [name, unit] : machineOf(inv).units) {
            const auto deps = dependenciesOf(machineOf(inv), unit);
            if (std::find(deps.begin(), deps.end(), names[0]) != deps.end())
                users.push_back(name);
        }
        for (std::size_t i = 0; i < users.size(); ++i)
            text += fmt::format("\u25cf {}{}\n", i + 1 < users.size() ? "\u251c\u2500" : "\u2514\u2500", users[i]);
    } else {
        std::vector<std::string> path{names[0]};
        text = names[0] + "\n";
        dependencyTree(machineOf(inv), names[0], "", path, text);
    }
    inv.print(text);
    return 0;
}

/// get-default, set-default, isolate, default, rescue, emergency, mask, unmask.
std::optional<int> targetVerbs(Invocation& inv, const std::string& verb, std::vector<std::string> names)
{
    if (verb == "get-default") {
        const auto link = inv.system().stat(inv.place(), "/etc/systemd/system/default.target", false);
        inv.noteRead("host/" + machineOf(inv).name);
        inv.print((link ? link->target.substr(link->target.rfind('/') + 1) : "graphical.target") + "\n");
        return 0;
    }
    const bool jump = verb == "default" || verb == "rescue" || verb == "emergency";
    if (!jump && verb != "set-default" && verb != "isolate" && verb != "mask" && verb != "unmask")
        return std::nullopt;
    if (!isRoot(inv)) {
        inv.err().write(fmt::format("Failed to {} unit: Interactive authentication required.\n", verb));
        return 1;
    }
    if (jump)
        names = {verb == "default" ? "default" : verb + ".target"};
    for (std::string& name : names)
        if (verb == "set-default" || verb == "isolate")
            name = name.size() > 8 && name.compare(name.size() - 8, 8, ".service") == 0 && findUnit(inv, name) == nullptr ? name.substr(0, name.size() - 8) + ".target" : name;
    if (names.empty()) {
        inv.err().write("Too few arguments.\n");
        return 1;
    }
    int status = 0;
    for (const std::string& name : names) {
        if (name != "default" && verb != "mask" && findUnit(inv, name) == nullptr) {
            status = notFound(inv, verb, name);
            continue;
        }
        const UnitVerb action = verb == "set-default" ? UnitVerb::SetDefault
            : verb == "mask"                          ? UnitVerb::Mask
            : verb == "unmask"                        ? UnitVerb::Unmask
                                                      : UnitVerb::Isolate;
        const auto result = inv.door().apply(sim::Command{sim::command::UnitAction{inv.place().host, name, action}});
        inv.err().write(result.text);
        if (!result.ok) {
            inv.err().write(action == UnitVerb::Isolate ? "Operation refused, unit " + name + " may not be isolated.\n" : "");
            status = 1;
        }
        if (action == UnitVerb::Mask && inv.options.has("now"))
            act(inv, UnitVerb::Stop, "stop", {name});
    }
    return status;
}

int editUnit(Invocation& inv, const std::vector<std::string>& names)
{
    if (!isRoot(inv)) {
        inv.err().write("Failed to edit unit: Permission denied\n");
        return 1;
    }
    for (const std::string& name : names) {
        const Unit* unit = findUnit(inv, name);
        if (unit == nullptr) {
            inv.err().write(fmt::format("No files found for {}.\nRun 'systemctl edit --force --full {}' to create a new unit.\n", name, name));
            return 1;
        }
        const bool full = inv.options.has("full");
        const std::string path = full ? "/etc/systemd/system/" + name : fmt::format("/etc/systemd/system/{}.d/override.conf", name);
        const std::string folder = path.substr(0, path.rfind('/'));
        if (!inv.system().stat(inv.place(), folder))
            inv.system().makeDirectory(inv.place(), folder);
        if (full && !inv.system().stat(inv.place(), path))
            inv.system().writeFile(inv.place(), path, inv.system().readFile(inv.place(), unit->path).text, false);
        std::vector<std::string> words = splitWords(inv.variable("SYSTEMD_EDITOR").value_or(inv.variable("EDITOR").value_or("nano")));
        words.push_back(path);
        const int status = inv.run(words);
        const auto stat = inv.system().stat(inv.place(), path);
        if (status != 0 || !stat || stat->size == 0) {
            inv.err().write(fmt::format("Editing \"{}\" canceled: temporary file is empty.\n", path));
            return status;
        }
        inv.door().apply(sim::Command{sim::command::UnitAction{inv.place().host, "", UnitVerb::DaemonReload}});
    }
    return 0;
}

/// Writes a drop-in and sets the control group's limit at once.
int setProperty(Invocation& inv, const std::vector<std::string>& words)
{
    if (!isRoot(inv)) {
        inv.err().write("Failed to set unit properties: Interactive authentication required.\n");
        return 1;
    }
    if (words.size() < 2) {
        inv.err().write("Too few arguments.\n");
        return 1;
    }
    const std::string name = unitName(words[0]);
    if (findUnit(inv, name) == nullptr)
        return notFound(inv, "set properties of", name);
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        const std::string key = words[i].substr(0, equals), value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
        std::string file, text = value;
        if (key == "MemoryMax" || key == "MemoryHigh") {
            file = key == "MemoryMax" ? "memory.max" : "memory.high";
            text = value == "infinity" ? "max" : value;
        } else if (key == "CPUQuota") {
            file = "cpu.max";
            const auto percent = parseNumber(value.substr(0, value.find('%')));
            text = value.empty() || !percent ? "max 100000" : fmt::format("{} 100000", *percent * 1000);
        } else if (key == "CPUWeight") {
            file = "cpu.weight";
        } else if (key == "TasksMax") {
            file = "pids.max";
            text = value == "infinity" ? "max" : value;
        } else {
            inv.err().write(fmt::format("Failed to set unit properties on {}: Cannot set property {}, or unknown property.\n", name, key));
            return 1;
        }
        inv.door().apply(sim::Command{sim::command::CgroupLimit{inv.place().host, "/system.slice/" + name, file, text}});
        if (inv.options.has("runtime"))
            continue;
        const std::string path = fmt::format("/etc/systemd/system/{}.d/50-{}.conf", name, key);
        inv.door().apply(sim::Command{sim::command::MakeDirectory{inv.place().host, std::nullopt, path.substr(0, path.rfind('/')), true}});
        inv.system().writeFile(inv.place(), path, fmt::format("# This is a drop-in unit file extension, created via \"systemctl set-property\"\n# or an equivalent operation. Do not edit.\n[Service]\n{}={}\n", key, value), false);
    }
    inv.door().apply(sim::Command{sim::command::UnitAction{inv.place().host, "", UnitVerb::DaemonReload}});
    return 0;
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
    if (verb == "is-system-running")
        return isSystemRunning(inv);
    if (verb == "list-timers")
        return listTimers(inv);
    if (verb == "list-dependencies")
        return listDependencies(inv, words.empty() ? std::vector<std::string>{} : names);
    if (verb == "edit")
        return editUnit(inv, names);
    if (verb == "set-property")
        return setProperty(inv, words);
    if (const auto done = targetVerbs(inv, verb, names))
        return *done;
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
        for (const char* verb : {"cat", "daemon-reload", "default", "disable", "edit", "emergency", "enable", "get-default", "is-active", "is-enabled",
                                 "is-failed", "is-system-running", "isolate", "kill", "list-dependencies", "list-timers", "list-unit-files",
                                 "list-units", "mask", "reboot", "rescue", "reset-failed", "restart", "set-default", "set-property", "show",
                                 "start", "status", "stop", "unmask"})
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
                    {0, "reverse", "", "Show reverse dependencies with 'list-dependencies'"},
                    {0, "runtime", "", "Enable/disable/mask unit files temporarily until next reboot"},
                    {'f', "force", "", "When enabling unit files, override existing symlinks"}};
    spec.run = runSystemctl;
    spec.complete = completeSystemctl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
