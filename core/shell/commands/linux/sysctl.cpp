#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/usage_errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

std::string pathOf(std::string key)
{
    std::replace(key.begin(), key.end(), '.', '/');
    return "/proc/sys/" + key;
}

int set(Invocation& inv, const std::string& assignment)
{
    const std::size_t equals = assignment.find('=');
    std::string key = assignment.substr(0, equals);
    std::string value = assignment.substr(equals + 1);
    while (!key.empty() && key.back() == ' ')
        key.pop_back();
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    const auto& settings = machineOf(inv).sysctls;
    if (settings.count(key) == 0) {
        inv.err().write(fmt::format("sysctl: cannot stat {}: No such file or directory\n", pathOf(key)));
        return 1;
    }
    if (!isRoot(inv)) {
        inv.err().write(fmt::format("sysctl: permission denied on key \"{}\"\n", key));
        return 1;
    }
    const auto result = inv.door().apply(sim::Command{
        sim::command::WriteFile{inv.place().host, std::nullopt, pathOf(key), value, false, 0644, 0}});
    if (!result.ok) {
        inv.err().write(fmt::format("sysctl: setting key \"{}\": {}\n", key, result.error));
        return 1;
    }
    if (!inv.options.has("quiet"))
        inv.print(fmt::format("{} = {}\n", key, value));
    return 0;
}

CommandSpec sysctlSpecification()
{
    CommandSpec spec;
    spec.name = "sysctl";
    spec.summary = "configure kernel parameters at runtime";
    spec.usage = "sysctl [options] [variable[=value] ...]";
    spec.options = {{'a', "all", "", "display all variables"},
                    {'w', "write", "", "enable writing a value to variable"},
                    {'n', "values", "", "print only values of the given variable(s)"},
                    {'q', "quiet", "", "do not echo variable set"},
                    {'p', "load", "FILE", "read values from file", true},
                    {0, "system", "", "read values from all system directories"}};
    return spec;
}

int runSysctl(Invocation& inv)
{
    noteHost(inv);
    if (inv.options.has("all")) {
        std::string text;
        for (const auto& [key, value] : machineOf(inv).sysctls)
            text += fmt::format("{} = {}\n", key, value);
        inv.print(text);
        return 0;
    }
    std::vector<std::string> words = inv.operands;
    if (inv.options.has("load") || inv.options.has("system")) {
        std::vector<std::string> files{inv.options.value("load").empty() && !inv.operands.empty() ? inv.operands[0] : inv.options.value("load").empty() ? "/etc/sysctl.conf" : inv.options.value("load")};
        if (inv.options.has("system")) {
            files.clear();
            if (const auto entries = inv.system().list(inv.place(), "/etc/sysctl.d"))
                for (const DirectoryEntry& entry : *entries)
                    if (entry.name.size() > 5 && entry.name.compare(entry.name.size() - 5, 5, ".conf") == 0)
                        files.push_back("/etc/sysctl.d/" + entry.name);
            if (inv.system().stat(inv.place(), "/etc/sysctl.conf"))
                files.push_back("/etc/sysctl.conf");
        }
        words.clear();
        for (const std::string& file : files) {
            const ReadFile read = inv.system().readFile(inv.place(), inv.absolutePath(file));
            if (read.error != Errno::None) {
                inv.err().write(fmt::format("sysctl: cannot open \"{}\": {}\n", file, describe(read.error)));
                return 1;
            }
            if (inv.options.has("system"))
                inv.print("* Applying " + file + " ...\n");
            std::string text = read.text;
            while (!text.empty()) {
                const std::size_t end = std::min(text.find('\n'), text.size());
                const std::string line = text.substr(0, end);
                text.erase(0, end + 1);
                if (line.find('=') != std::string::npos && line[0] != '#')
                    words.push_back(line);
            }
        }
    }
    if (words.empty() && !inv.options.has("load") && !inv.options.has("system")) {
        inv.err().write(inv.options.has("write") ? std::string("sysctl: no variables specified\nTry `sysctl --help' for more information.\n")
                                                 : procpsUsage(sysctlSpecification()));
        return 1;
    }
    int status = 0;
    for (const std::string& word : words) {
        if (word.find('=') != std::string::npos) {
            status = std::max(status, set(inv, word));
            continue;
        }
        if (inv.options.has("write")) {
            inv.err().write("sysctl: command line(0): invalid syntax, continuing...\n");
            status = 1;
            continue;
        }
        std::string key = word;
        std::replace(key.begin(), key.end(), '/', '.');
        const auto& settings = machineOf(inv).sysctls;
        bool found = false;
        for (const auto& [name, value] : settings)
            if (name == key || name.rfind(key + ".", 0) == 0) {
                inv.print(inv.options.has("values") ? value + "\n" : fmt::format("{} = {}\n", name, value));
                found = true;
            }
        if (!found) {
            inv.err().write(fmt::format("sysctl: cannot stat {}: No such file or directory\n", pathOf(key)));
            status = 1;
        }
    }
    return status;
}

} // namespace

void addSysctl(CommandTable& table)
{
    CommandSpec spec = sysctlSpecification();
    spec.run = runSysctl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
