#include "sim/host/unit_file.h"

#include "sim/host/hosts.h"
#include "sim/host/mounts.h"
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

/// "512M", "1G", bytes.
std::optional<std::int64_t> sizeSetting(std::string_view value)
{
    const std::size_t power = value.empty() ? std::string_view::npos : std::string_view("KMGT").find(value.back());
    const auto count = number(power == std::string_view::npos ? value : value.substr(0, value.size() - 1));
    return count && power != std::string_view::npos ? std::optional(*count << (10 * (power + 1))) : count;
}

void readTimer(std::string_view key, std::string_view value, TimerSettings& timer)
{
    if (key == "OnCalendar") {
        if (value.empty())
            timer.onCalendar.clear();
        else
            timer.onCalendar.emplace_back(value);
    } else if (key == "OnBootSec" || key == "OnStartupSec") {
        timer.onBoot = parseSpan(value);
    } else if (key == "OnActiveSec") {
        timer.onActive = parseSpan(value);
    } else if (key == "OnUnitActiveSec" || key == "OnUnitInactiveSec") {
        timer.onUnitActive = parseSpan(value);
    } else if (key == "Persistent") {
        timer.persistent = value == "true" || value == "yes" || value == "1";
    } else if (key == "Unit") {
        timer.triggers = value;
    }
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
            : unit == "h" || unit == "hr" || unit == "hour" || unit == "hours" ? 3'600'000'000'000
            : unit == "d" || unit == "day" || unit == "days" ? 86'400'000'000'000
            : unit == "w" || unit == "week" || unit == "weeks" ? 604'800'000'000'000
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

namespace {

/// RuntimeDirectory= and its kin, with their modes.
void readFolders(std::string_view key, std::string_view value, Unit& unit)
{
    static constexpr std::pair<std::string_view, const char*> kKinds[]{
        {"RuntimeDirectory", "/run"}, {"StateDirectory", "/var/lib"}, {"CacheDirectory", "/var/cache"}, {"LogsDirectory", "/var/log"}};
    for (const auto& [kind, root] : kKinds) {
        if (key.substr(0, kind.size()) != kind)
            continue;
        const std::string_view rest = key.substr(kind.size());
        if (rest.empty())
            readList(value, unit.folders.made[root].names);
        else if (rest == "Mode" && !value.empty())
            std::from_chars(value.data(), value.data() + value.size(), unit.folders.made[root].mode, 8);
        else if (rest == "Preserve" && kind == "RuntimeDirectory")
            unit.folders.keepsRuntime = value == "true" ? "yes" : value == "false" ? "no" : std::string(value);
    }
}

} // namespace

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
            else if (key == "Wants")
                readList(value, unit.wants);
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
            else if (key == "MemoryMax")
                unit.memoryMax = value == "infinity" ? 0 : sizeSetting(value).value_or(unit.memoryMax);
            else if (key == "CPUWeight")
                unit.cpuWeight = number(value).value_or(unit.cpuWeight);
            else if (key == "CPUQuota" && !value.empty())
                unit.cpuQuotaCores = static_cast<double>(number(value.substr(0, value.size() - 1)).value_or(0)) / 100;
            else if (key == "LimitNOFILE")
                unit.openFilesLimit = number(value.substr(0, value.find(':'))).value_or(unit.openFilesLimit);
            else if (key.find("Directory") != std::string_view::npos)
                readFolders(key, value, unit);
            else if (key == "Environment")
                for (const std::string& word : commandWords(value))
                    readAssignment(word, environment);
            else if (key == "EnvironmentFile") {
                const std::string path(value.substr(!value.empty() && value.front() == '-' ? 1 : 0));
                if (const File* file = findFile(machine, path))
                    eachLine(file->content, [&](std::string_view l) { readAssignment(l, environment); });
            }
        } else if (section == "[Timer]") {
            readTimer(key, value, unit.timer);
        } else if (section == "[Mount]") {
            if (key == "What")
                unit.mount.what = value;
            else if (key == "Where")
                unit.mount.where = value;
            else if (key == "Type")
                unit.mount.type = value;
            else if (key == "Options")
                unit.mount.options = value;
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

std::string unitType(const std::string& name)
{
    const std::string suffix = name.substr(name.rfind('.') + 1);
    for (const char* known : {"service", "target", "timer", "mount", "slice"})
        if (suffix == known && suffix.size() < name.size())
            return suffix;
    return {};
}

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
            const std::string type = unitType(name);
            if (!type.empty() && type != "slice" && name.find('/') == std::string::npos && machine.units.count(name) == 0
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
    generateMountUnits(machine, engine.now());
    for (auto i = machine.units.begin(); i != machine.units.end();) {
        Unit& unit = i->second;
        if (unit.type == "mount" && (unit.path.compare(0, 5, "/run/") == 0 || unit.path.compare(0, 6, "/proc/") == 0)) {
            ++i;
            continue;
        }
        const auto own = machine.files.find(kEtc + unit.name);
        unit.masked = own != machine.files.end() && own->second->type == File::Type::Symlink && own->second->content == "/dev/null";
        if (unit.masked) {
            ++i;
            continue;
        }
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
        unit.wants.clear();
        const Instant last = unit.timer.last;
        unit.timer = {};
        unit.timer.last = last;
        unit.memoryMax = 0;
        unit.cpuQuotaCores = 0;
        unit.cpuWeight = 0;
        unit.type = unitType(unit.name) == "service" ? "simple" : unitType(unit.name);
        unit.user = "root";
        unit.killsOnlyMain = false;
        unit.oomScoreAdjust = 0;
        unit.remainsAfterExit = false;
        unit.folders.made.clear();
        unit.folders.keepsRuntime = "no";
        UnitFileReader reader(machine);
        reader.read(findFile(machine, path)->content, unit);
        unit.dropIns = dropInsOf(machine, unit.name);
        for (const std::string& dropIn : unit.dropIns)
            if (const File* file = findFile(machine, dropIn))
                reader.read(file->content, unit);
        reader.finish(unit);
        unit.loaded = engine.now();
        armTimer(engine, host, unit);
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
    if (unit.type == "mount" && unit.path.compare(0, 5, "/lib/") != 0 && unit.path.compare(0, 5, "/etc/") != 0) {
        const File* table = findFile(machine, "/etc/fstab");
        return table != nullptr && table->modified > unit.loaded;
    }
    if (unit.masked)
        return false;
    const File* file = findFile(machine, unit.path);
    if (file == nullptr || file->modified > unit.loaded || dropInsOf(machine, name) != unit.dropIns)
        return true;
    return std::any_of(unit.dropIns.begin(), unit.dropIns.end(), [&](const std::string& path) {
        const File* dropIn = findFile(machine, path);
        return dropIn != nullptr && dropIn->modified > unit.loaded;
    });
}

std::string Hosts::maskUnit(Engine& engine, HostId host, const std::string& name, bool masked)
{
    const std::string path = kEtc + name;
    const auto found = at(host).files.find(path);
    const bool isLink = found != at(host).files.end() && found->second->type == File::Type::Symlink && found->second->content == "/dev/null";
    if (masked == isLink)
        return {};
    if (!masked) {
        remove(engine, host, path);
        daemonReload(engine, host);
        return "Removed \"" + path + "\".\n";
    }
    if (found != at(host).files.end())
        return "Failed to mask unit: File " + path + " already exists.\n";
    symlink(engine, host, "/dev/null", path);
    daemonReload(engine, host);
    return "Created symlink " + path + " \u2192 /dev/null.\n";
}

std::string Hosts::setDefaultTarget(Engine& engine, HostId host, const std::string& target)
{
    const std::string path = std::string(kEtc) + "default.target", to = "/lib/systemd/system/" + target;
    std::string text;
    if (remove(engine, host, path) == FileError::None)
        text = "Removed \"" + path + "\".\n";
    symlink(engine, host, to, path);
    return text + "Created symlink " + path + " \u2192 " + to + ".\n";
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
