#include "sim/host/start_script.h"

#include "sim/host/accounts.h"
#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace sim::host {

namespace {

constexpr std::uint32_t kRead = 4, kWrite = 2, kSearch = 1;
constexpr int kMaxSourced = 8;

class Script {
public:
    Script(const Machine& machine, std::string path, std::string user, std::map<std::string, std::string> environment)
        : m_machine(machine), m_path(std::move(path)), m_user(std::move(user)), m_variables(std::move(environment))
    {
    }

    ScriptRun run()
    {
        if (const File* file = findFile(m_machine, m_path))
            lines(file->content, 0);
        return std::move(m_run);
    }

private:
    /// False: the script has ended.
    bool lines(const std::string& text, int depth)
    {
        std::istringstream stream(text);
        int number = 0;
        for (std::string line; std::getline(stream, line);) {
            ++number;
            const std::size_t begin = line.find_first_not_of(" \t");
            if (begin == std::string::npos || line[begin] == '#')
                continue;
            if (depth == 0)
                m_line = number;
            if (!command(expanded(line.substr(begin)), depth))
                return false;
        }
        return true;
    }

    bool command(const std::string& text, int depth)
    {
        std::vector<std::string> words = commandWords(text);
        if (words.empty())
            return true;
        if (const std::size_t equals = words[0].find('='); words.size() == 1 && equals != std::string::npos && equals > 0) {
            m_variables[words[0].substr(0, equals)] = words[0].substr(equals + 1);
            return true;
        }
        const std::string redirect = redirection(words);
        if (!redirect.empty())
            if (const std::string problem = writeProblem(redirect); !problem.empty())
                return shellFails(fmt::format("cannot create {}: {}", redirect, problem), 2);
        const std::string name = words[0];
        const std::string last = words.back();
        if (name == "set") {
            for (const std::string& word : words)
                m_stopsAtErrors = m_stopsAtErrors || (word.size() > 1 && word[0] == '-' && word.find('e') != std::string::npos);
        } else if (name == "export") {
            if (const std::size_t equals = last.find('='); equals != std::string::npos)
                m_variables[last.substr(0, equals)] = last.substr(equals + 1);
        } else if (name == "." || name == "source") {
            const std::string problem = readProblem(last);
            if (!problem.empty()) // of a special builtin: the shell itself ends
                return shellEnds(fmt::format("{}: cannot open {}: {}", name, last, problem), 2);
            return depth >= kMaxSourced || lines(findFile(m_machine, last)->content, depth + 1);
        } else if (name == "cat" || name == "head") {
            if (const std::string problem = readProblem(last); !problem.empty())
                return toolFails(name == "cat" ? fmt::format("cat: {}: {}", last, problem) : fmt::format("head: cannot open '{}' for reading: {}", last, problem));
        } else if (name == "mkdir" || name == "touch" || name == "install") {
            if (const std::string problem = createProblem(last, name == "mkdir"); !problem.empty())
                return toolFails(name == "touch" ? fmt::format("touch: cannot touch '{}': {}", last, problem)
                                                 : fmt::format("{}: cannot create directory '{}': {}", name, last, problem));
        } else if (name == "cd") {
            const File* folder = findFile(m_machine, last);
            if (folder == nullptr || folder->type != File::Type::Directory || !mayAccess(m_machine, *folder, m_user, kSearch))
                return shellFails(fmt::format("cd: can't cd to {}", last), 2);
        } else if (name == "sysctl") {
            const std::string key = last.substr(0, last.find('='));
            if (m_machine.sysctls.count(key) == 0)
                return toolFails(fmt::format("sysctl: cannot stat /proc/sys/{}: No such file or directory", slashed(key)), 255);
            if (m_user != "root")
                return toolFails(fmt::format("sysctl: permission denied on key \"{}\"", key), 255);
        } else if (name == "chown" && m_user != "root") {
            return toolFails(fmt::format("chown: changing ownership of '{}': Operation not permitted", last));
        } else if (name == "exec") {
            m_run.program.assign(words.begin() + 1, words.end());
            return execute();
        }
        return true;
    }

    bool execute()
    {
        if (m_run.program.empty())
            return true;
        const std::string path = m_run.program.front();
        const File* binary = findFile(m_machine, path);
        if (binary != nullptr && mayAccess(m_machine, *binary, m_user, kSearch))
            return false;
        m_run.program.clear();
        return shellEnds(fmt::format("exec: {}: {}", path, binary == nullptr ? "not found" : "Permission denied"), binary == nullptr ? 127 : 126);
    }

    /// Takes "> FILE" or ">> FILE" out of the words.
    static std::string redirection(std::vector<std::string>& words)
    {
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (words[i][0] != '>')
                continue;
            const std::size_t at = words[i].find_first_not_of('>');
            const std::string target = at != std::string::npos ? words[i].substr(at) : i + 1 < words.size() ? words[i + 1] : std::string{};
            words.resize(i);
            return target == "&2" || target == "/dev/null" ? std::string{} : target;
        }
        return {};
    }

    std::string readProblem(const std::string& path) const
    {
        const File* file = findFile(m_machine, path);
        if (file == nullptr)
            return "No such file";
        return mayAccess(m_machine, *file, m_user, kRead) && mayReach(path) ? std::string{} : "Permission denied";
    }

    std::string writeProblem(const std::string& path) const
    {
        const File* file = findFile(m_machine, path);
        if (file == nullptr) {
            const File* folder = findFile(m_machine, parentPath(path));
            if (folder == nullptr)
                return "Directory nonexistent";
            return mayAccess(m_machine, *folder, m_user, kWrite) && mayReach(path) ? std::string{} : "Permission denied";
        }
        return mayAccess(m_machine, *file, m_user, kWrite) && mayReach(path) ? std::string{} : "Permission denied";
    }

    std::string createProblem(const std::string& path, bool folder) const
    {
        if (const File* there = findFile(m_machine, path))
            return folder && there->type == File::Type::Directory ? std::string{} : writeProblem(path);
        std::string parent = parentPath(path);
        while (parent != "/" && findFile(m_machine, parent) == nullptr)
            parent = parentPath(parent);
        return mayAccess(m_machine, *findFile(m_machine, parent), m_user, kWrite) && mayReach(path) ? std::string{} : "Permission denied";
    }

    /// Every folder on the way may be searched.
    bool mayReach(const std::string& path) const
    {
        for (std::string folder = parentPath(resolvePath(m_machine, path)); folder != "/"; folder = parentPath(folder))
            if (const File* there = findFile(m_machine, folder); there != nullptr && !mayAccess(m_machine, *there, m_user, kSearch))
                return false;
        return true;
    }

    bool shellFails(const std::string& message, std::int64_t code)
    {
        m_run.output.push_back(fmt::format("{}: {}: {}", m_path, m_line, message));
        return goesOn(code);
    }
    bool shellEnds(const std::string& message, std::int64_t code)
    {
        m_run.output.push_back(fmt::format("{}: {}: {}", m_path, m_line, message));
        m_run.exitCode = code;
        return false;
    }
    bool toolFails(const std::string& message, std::int64_t code = 1)
    {
        m_run.output.push_back(message);
        return goesOn(code);
    }
    bool goesOn(std::int64_t code)
    {
        if (m_stopsAtErrors)
            m_run.exitCode = code;
        return !m_stopsAtErrors;
    }

    std::string expanded(const std::string& text) const
    {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '$' || i + 1 == text.size()) {
                result += text[i];
                continue;
            }
            const bool braces = text[i + 1] == '{';
            const std::size_t begin = i + (braces ? 2 : 1);
            std::size_t end = begin;
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
                ++end;
            const auto value = m_variables.find(text.substr(begin, end - begin));
            result += value == m_variables.end() ? std::string{} : value->second;
            i = end - 1 + (braces && end < text.size() && text[end] == '}' ? 1 : 0);
        }
        return result;
    }

    static std::string slashed(std::string key)
    {
        std::replace(key.begin(), key.end(), '.', '/');
        return key;
    }

    const Machine& m_machine;
    std::string m_path;
    std::string m_user;
    std::map<std::string, std::string> m_variables;
    ScriptRun m_run;
    int m_line = 0;
    bool m_stopsAtErrors = false;
};

} // namespace

bool isShellScript(const File& file)
{
    const std::string first = file.content.substr(0, file.content.find('\n'));
    if (first.compare(0, 2, "#!") != 0)
        return false;
    const std::vector<std::string> words = commandWords(first.substr(2));
    const auto isShell = [](const std::string& word) {
        const std::string name = word.substr(word.rfind('/') + 1);
        return name == "sh" || name == "bash" || name == "dash";
    };
    return std::any_of(words.begin(), words.end(), isShell);
}

ScriptRun runStartScript(const Machine& machine, const std::string& path, const std::string& user, std::map<std::string, std::string> environment)
{
    return Script(machine, path, user, std::move(environment)).run();
}

std::vector<std::string> startedCommand(const Machine& machine, const Unit& unit)
{
    const File* file = unit.command.empty() ? nullptr : findFile(machine, unit.command.front());
    if (file == nullptr || !isShellScript(*file))
        return unit.command;
    ScriptRun run = runStartScript(machine, unit.command.front(), unit.user, {});
    return run.program.empty() ? unit.command : std::move(run.program);
}

} // namespace sim::host
