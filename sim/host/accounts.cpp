// Users and groups as the files of /etc have them, and what they may do.
#include "sim/host/accounts.h"

#include "sim/engine/split.h"
#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sim::host {

namespace {

template <class Each>
void eachRecord(const Machine& machine, const std::string& path, Each each)
{
    const File* file = findFile(machine, path);
    if (file == nullptr)
        return;
    std::string_view text = file->content;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        each(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::int64_t idOf(const std::string& text)
{
    std::int64_t id = -1;
    std::from_chars(text.data(), text.data() + text.size(), id);
    return id;
}

bool isMember(const Machine& machine, const std::string& user, const std::string& group)
{
    if (user == group)
        return true;
    const std::vector<Group> groups = groupsOfUser(machine, user);
    return std::any_of(groups.begin(), groups.end(), [&](const Group& g) { return g.name == group; });
}

/// A rule's four parts: "ops ALL=(ALL:ALL) NOPASSWD: ALL".
std::optional<std::pair<std::string, SudoRight>> ruleOf(std::string_view line)
{
    const std::vector<std::string> words = commandWords(line);
    if (words.size() < 2)
        return std::nullopt;
    const std::string rest(line.substr(line.find(words[0]) + words[0].size()));
    const std::size_t equals = rest.find('=');
    if (equals == std::string::npos || equals + 1 >= rest.size())
        return std::nullopt;
    SudoRight right;
    right.runAs = "root";
    std::string tail = rest.substr(equals + 1);
    tail.erase(0, tail.find_first_not_of(" \t"));
    if (!tail.empty() && tail[0] == '(') {
        const std::size_t close = tail.find(')');
        if (close == std::string::npos)
            return std::nullopt;
        right.runAs = tail.substr(1, close - 1);
        if (const std::size_t colon = right.runAs.find(':'); colon != std::string::npos && right.runAs.find(' ') == std::string::npos)
            right.runAs.replace(colon, 1, " : ");
        tail.erase(0, close + 1);
        tail.erase(0, std::min(tail.find_first_not_of(" \t"), tail.size()));
    }
    if (tail.compare(0, 9, "NOPASSWD:") == 0) {
        right.password = false;
        tail.erase(0, 9);
        tail.erase(0, std::min(tail.find_first_not_of(" \t"), tail.size()));
    }
    right.commands = tail;
    return tail.empty() ? std::nullopt : std::optional(std::pair(words[0], right));
}

bool isDirective(std::string_view line)
{
    return line.substr(0, 8) == "Defaults" || line.substr(0, 11) == "@includedir" || line.substr(0, 8) == "@include" || line.substr(0, 10) == "User_Alias"
        || line.substr(0, 10) == "Cmnd_Alias" || line.substr(0, 10) == "Host_Alias";
}

std::vector<std::string> sudoersFiles(const Machine& machine)
{
    std::vector<std::string> paths{"/etc/sudoers"};
    constexpr std::string_view kFolder = "/etc/sudoers.d/";
    for (auto i = machine.files.lower_bound(std::string(kFolder)); i != machine.files.end() && i->first.compare(0, kFolder.size(), kFolder) == 0; ++i)
        if (i->second->type == File::Type::Regular && i->first.find('.', kFolder.size()) == std::string::npos && i->first.back() != '~')
            paths.push_back(i->first);
    return paths;
}

} // namespace

std::vector<Account> accountsOf(const Machine& machine)
{
    std::vector<Account> accounts;
    eachRecord(machine, "/etc/passwd", [&](std::string_view line) {
        const std::vector<std::string> f = split(line, ':');
        if (f.size() >= 7)
            accounts.push_back({f[0], idOf(f[2]), idOf(f[3]), f[4], f[5], f[6]});
    });
    return accounts;
}

std::optional<Account> accountOf(const Machine& machine, const std::string& nameOrId)
{
    const std::vector<Account> accounts = accountsOf(machine);
    for (const Account& account : accounts)
        if (account.name == nameOrId)
            return account;
    for (const Account& account : accounts)
        if (std::to_string(account.uid) == nameOrId)
            return account;
    return std::nullopt;
}

std::vector<Group> groupsOf(const Machine& machine)
{
    std::vector<Group> groups;
    eachRecord(machine, "/etc/group", [&](std::string_view line) {
        const std::vector<std::string> f = split(line, ':');
        if (f.size() >= 4) {
            std::vector<std::string> members = split(f[3], ',');
            std::erase(members, "");
            groups.push_back({f[0], idOf(f[2]), std::move(members)});
        }
    });
    return groups;
}

std::vector<Group> groupsOfUser(const Machine& machine, const std::string& user)
{
    std::vector<Group> mine;
    const auto account = accountOf(machine, user);
    const std::vector<Group> groups = groupsOf(machine);
    if (account) {
        const auto own = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.gid == account->gid; });
        mine.push_back(own != groups.end() ? *own : Group{account->name, account->gid, {}});
    }
    for (const Group& group : groups)
        if (std::find(group.members.begin(), group.members.end(), user) != group.members.end() && (mine.empty() || mine.front().gid != group.gid))
            mine.push_back(group);
    return mine;
}

bool mayAccess(const Machine& machine, const File& file, const std::string& user, std::uint32_t bits)
{
    if (user == "root" || user.empty())
        return (bits & 1) == 0 || file.type == File::Type::Directory || (file.mode & 0111) != 0;
    const int shift = file.owner == user ? 6 : isMember(machine, user, file.group) ? 3 : 0;
    return ((file.mode >> shift) & bits) == bits;
}

std::vector<SudoRight> sudoRights(const Machine& machine, const std::string& user)
{
    std::vector<SudoRight> rights;
    for (const std::string& path : sudoersFiles(machine))
        eachRecord(machine, path, [&](std::string_view line) {
            if (line.empty() || line[0] == '#' || isDirective(line))
                return;
            const auto rule = ruleOf(line);
            if (!rule)
                return;
            const std::string& who = rule->first;
            if (who == user || who == "ALL" || (who[0] == '%' && isMember(machine, user, who.substr(1))))
                rights.push_back(rule->second);
        });
    return rights;
}

std::string sudoersError(const Machine& machine, const std::string& only)
{
    for (const std::string& path : only.empty() ? sudoersFiles(machine) : std::vector<std::string>{only}) {
        int number = 0;
        std::string error;
        eachRecord(machine, path, [&](std::string_view line) {
            ++number;
            if (error.empty() && !line.empty() && line[0] != '#' && line.find_first_not_of(" \t") != std::string_view::npos && !isDirective(line) && !ruleOf(line))
                error = fmt::format("{}:{}:{}: syntax error\n{}\n{:>{}}\n", path, number, line.size() + 1, line, '^', line.size() + 1);
        });
        if (!error.empty())
            return error;
    }
    return {};
}

bool isLocked(const Machine& machine, const std::string& user)
{
    bool locked = false;
    eachRecord(machine, "/etc/shadow", [&](std::string_view line) {
        const std::vector<std::string> f = split(line, ':');
        if (f.size() > 1 && f[0] == user)
            locked = !f[1].empty() && (f[1][0] == '!' || f[1][0] == '*');
    });
    return locked;
}

} // namespace sim::host
