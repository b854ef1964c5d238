#include "sim/host/unit_file.h"

#include "sim/host/hosts.h"
#include "sim/host/paths.h"

#include <algorithm>
#include <charconv>

namespace sim::host {

namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> number(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Adds the names of a list setting; an empty value clears it.
void readList(std::string_view value, std::vector<std::string>& list)
{
    if (value.empty())
        list.clear();
    for (std::string& word : commandWords(value))
        if (std::find(list.begin(), list.end(), word) == list.end())
            list.push_back(std::move(word));
}

/// Each logical line of a text, with "\" at the end joined to the next.
template <class Each>
void eachLine(std::string_view text, Each each)
{
    std::string joined;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\\') {
            line.remove_suffix(1);
            joined += std::string(trimmed(line)) + " ";
            continue;
        }
        joined += line;
        if (!joined.empty() && joined[0] != '#' && joined[0] != ';')
            each(std::string_view(joined));
        joined.clear();
    }
}

void readAssignment(std::string_view text, std::map<std::string, std::string>& environment)
{
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos && equals > 0) {
        std::string_view value = text.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        environment[std::string(text.substr(0, equals))] = std::string(value);
    }
}

} // namespace

std::optional<Duration> parseSpan(std::string_view text)
{
    text = trimmed(text);
    if (text == "infinity")
        return Duration::max();
    if (text.empty())
        return std::nullopt;
    Duration sum{};
    while (!text.empty()) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{})
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        std::size_t letters = 0;
        while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z')
            ++letters;
        const std::string_view unit = text.substr(0, letters);
        const std::int64_t ns = unit == "us"               ? 1'000
            : unit == "ms"                                 ? 1'000'000
            : unit.empty() || unit == "s" || unit == "sec" ? 1'000'000'000
            : unit == "m" || unit == "min"                 ? 60'000'000'000
            : unit == "h"                                  ? 3'600'000'000'000
                                                           : 0;
        if (ns == 0)
            return std::nullopt;
        sum += Duration{value * ns};
        text = trimmed(text.substr(letters));
    }
    return sum;
}

std::vector<std::string> commandWords(std::string_view line)
{
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = 0;
    for (const char c : line) {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            inside = true;
        } else if (c == ' ' || c == '\t') {
            if (inside)
                words.push_back(std::exchange(word, {}));
            inside = false;
        } else {
            word += c;
            inside = true;
        }
    }
    if (inside)
        words.push_back(word);
    return words;
}

void UnitFileReader::read(std::string_view text, Unit& unit)
{
    std::string section;
    eachLine(text, [&](std::string_view line) {
        if (line.front() == '[') {
            section = line;
            return;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            return;
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (section == "[Unit]") {
            if (key == "Description")
                unit.description = value;
            else if (key == "Documentation")
                unit.documentation = value;
            else if (key == "After")
                readList(value, unit.after);
            else if (key == "Requires" || key == "BindsTo")
                readList(value, unit.requires_);
            else if (key == "StartLimitBurst")
                unit.startLimitBurst = number(value).value_or(unit.startLimitBurst);
            else if (key == "StartLimitIntervalSec" || key == "StartLimitInterval")
                unit.startLimitInterval = parseSpan(value).value_or(unit.startLimitInterval);
        } else if (section == "[Service]") {
            if (key == "ExecStart")
                execStart = value;
            else if (key == "Type")
                unit.type = value == "notify" || value == "oneshot" ? std::string(value) : "simple";
            else if (key == "RemainAfterExit")
                unit.remainsAfterExit = value == "yes" || value == "true" || value == "1";
            else if (key == "Restart")
                unit.restart = value;
            else if (key == "RestartSec")
                unit.restartDelay = parseSpan(value).value_or(unit.restartDelay);
            else if (key == "User")
                unit.user = value;
            else if (key == "KillMode")
                unit.killsOnlyMain = value == "process";
            else if (key == "StartLimitBurst")
                unit.startLimitBurst = number(value).value_or(unit.startLimitBurst);
            else if (key == "StartLimitInterval")
                unit.startLimitInterval = parseSpan(value).value_or(unit.startLimitInterval);
            else if (key == "OOMScoreAdjust")
                unit.oomScoreAdjust = number(value).value_or(unit.oomScoreAdjust);
            else if (key == "Environment")
                for (const std::string& word : commandWords(value))
                    readAssignment(word, environment);
            else if (key == "EnvironmentFile") {
                const std::string path(value.substr(!value.empty() && value.front() == '-' ? 1 : 0));
                if (const File* file = findFile(machine, path))
                    eachLine(file->content, [&](std::string_view l) { readAssignment(l, environment); });
            }
        } else if (section == "[Install]" && key == "WantedBy") {
            readList(value, unit.wantedBy);
        }
    });
}

void UnitFileReader::finish(Unit& unit) const
{
    unit.command.clear();
    std::string line = execStart;
    while (!line.empty()
           && (line.front() == '-' || line.front() == '!' || line.front() == '+' || line.front() == '@'))
        line.erase(line.begin());
    for (const std::string& word : commandWords(line)) {
        if (word.size() < 2 || word.front() != '$') {
            unit.command.push_back(word);
            continue;
        }
        // "$NAME" becomes the variable's words, "${NAME}" one word.
        const bool whole = word[1] == '{';
        const auto found = environment.find(whole ? word.substr(2, word.size() - 3) : word.substr(1));
        if (found == environment.end())
            continue;
        if (whole)
            unit.command.push_back(found->second);
        else
            for (std::string& part : commandWords(found->second))
                unit.command.push_back(std::move(part));
    }
    if (!unit.command.empty()) {
        const std::string name = unit.command.front().substr(unit.command.front().rfind('/') + 1);
        unit.processName = name.substr(0, 15);
    }
}

namespace {

constexpr const char* kEtc = "/etc/systemd/system/";
constexpr const char* kLib = "/lib/systemd/system/";

/// The paths of a unit's drop-ins, in the order systemd reads them.
std::vector<std::string> dropInsOf(const Machine& machine, const std::string& name)
{
    std::map<std::string, std::string> byFile; // a file of /etc replaces one of /lib with the same name
    for (const char* root : {kLib, kEtc}) {
        const std::string folder = root + name + ".d/";
        for (auto i = machine.files.lower_bound(folder);
             i != machine.files.end() && i->first.compare(0, folder.size(), folder) == 0; ++i)
            if (i->first.size() > 5 && i->first.compare(i->first.size() - 5, 5, ".conf") == 0)
                byFile[i->first.substr(folder.size())] = i->first;
    }
    std::vector<std::string> paths;
    for (const auto& [file, path] : byFile)
        paths.push_back(path);
    return paths;
}

std::string unitPathOf(const Machine& machine, const std::string& name)
{
    for (const char* root : {kEtc, kLib})
        if (findFile(machine, root + name) != nullptr)
            return root + name;
    return {};
}

} // namespace

std::vector<std::string> commandOf(const Machine& machine, const Unit& unit)
{
    const File* file = findFile(machine, unit.path);
    if (file == nullptr)
        return unit.command;
    Unit fresh;
    UnitFileReader reader(machine);
    reader.read(file->content, fresh);
    for (const std::string& path : unit.dropIns)
        if (const File* dropIn = findFile(machine, path))
            reader.read(dropIn->content, fresh);
    reader.finish(fresh);
    return fresh.command;
}

void Hosts::daemonReload(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    for (const char* root : {kEtc, kLib}) { // new files are new units
        const std::string folder = root;
        for (auto i = machine.files.lower_bound(folder);
             i != machine.files.end() && i->first.compare(0, folder.size(), folder) == 0; ++i) {
            const std::string name = i->first.substr(folder.size());
            const bool service = name.size() > 8 && name.compare(name.size() - 8, 8, ".service") == 0;
            if (service && name.find('/') == std::string::npos && machine.units.count(name) == 0
                && i->second->type == File::Type::Regular) {
                Unit fresh;
                fresh.name = name;
                fresh.enabled = false;
                fresh.subState = "dead";
                fresh.restart = "no";
                fresh.memoryBytes = 8 << 20;
                machine.units.emplace(name, std::move(fresh));
            }
        }
    }
    for (auto i = machine.units.begin(); i != machine.units.end();) {
        Unit& unit = i->second;
        const std::string path = unitPathOf(machine, unit.name);
        if (path.empty()) {
            const bool gone = unit.type != "target" && unit.state != Unit::State::Active && unit.mainPid == 0;
            i = gone ? machine.units.erase(i) : std::next(i);
            continue;
        }
        unit.path = path;
        unit.after.clear();
        unit.requires_.clear();
        unit.wantedBy.clear();
        unit.restart = "no"; // systemd's defaults for what the files do not say
        unit.restartDelay = 100ms;
        unit.startLimitBurst = 5;
        unit.startLimitInterval = 10s;
        unit.type = "simple";
        unit.user = "root";
        unit.killsOnlyMain = false;
        unit.oomScoreAdjust = 0;
        unit.remainsAfterExit = false;
        UnitFileReader reader(machine);
        reader.read(findFile(machine, path)->content, unit);
        unit.dropIns = dropInsOf(machine, unit.name);
        for (const std::string& dropIn : unit.dropIns)
            if (const File* file = findFile(machine, dropIn))
                reader.read(file->content, unit);
        reader.finish(unit);
        unit.loaded = engine.now();
        ++i;
    }
}

bool Hosts::needsDaemonReload(HostId host, const std::string& name) const
{
    const Machine& machine = at(host);
    const auto found = machine.units.find(name);
    if (found == machine.units.end() || found->second.type == "target")
        return false;
    const Unit& unit = found->second;
    const File* file = findFile(machine, unit.path);
    if (file == nullptr || file->modified > unit.loaded || dropInsOf(machine, name) != unit.dropIns)
        return true;
    return std::any_of(unit.dropIns.begin(), unit.dropIns.end(), [&](const std::string& path) {
        const File* dropIn = findFile(machine, path);
        return dropIn != nullptr && dropIn->modified > unit.loaded;
    });
}

std::string Hosts::enableUnit(Engine& engine, HostId host, const std::string& name, bool enabled)
{
    Unit* u = unit(host, name);
    if (u == nullptr || u->enabled == enabled || u->wantedBy.empty())
        return {};
    u->enabled = enabled;
    const std::string link = kEtc + u->wantedBy.front() + ".wants/" + name;
    if (!enabled) {
        remove(engine, host, link);
        return "Removed \"" + link + "\".\n";
    }
    makeDirectory(engine, host, parentPath(link), true);
    at(host).files[link] = std::make_shared<File>(File{File::Type::Symlink, 0777, "root", "root", u->path,
                                                       static_cast<std::int64_t>(u->path.size()),
                                                       engine.now()});
    return "Created symlink " + link + " \u2192 " + u->path + ".\n";
}

} // namespace sim::host
