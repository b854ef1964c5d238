// chmod, chown, chgrp and stat of coreutils 9.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/paths.h"
#include "sim/host/accounts.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core::shell::node {

std::optional<std::uint32_t> fileModeAfter(const std::string& text, std::uint32_t mode, bool directory)
{
    if (!text.empty() && text.find_first_not_of("01234567") == std::string::npos && text.size() <= 5) {
        std::uint32_t value = 0;
        for (const char c : text)
            value = value * 8 + static_cast<std::uint32_t>(c - '0');
        return value & 07777;
    }
    std::size_t i = 0;
    while (i < text.size()) {
        std::uint32_t who = 0;
        for (; i < text.size() && std::string_view("ugoa").find(text[i]) != std::string_view::npos; ++i)
            who |= text[i] == 'u' ? 0700U : text[i] == 'g' ? 0070U : text[i] == 'o' ? 0007U : 0777U;
        if (who == 0)
            who = 0777;
        if (i >= text.size() || std::string_view("+-=").find(text[i]) == std::string_view::npos)
            return std::nullopt;
        const char operation = text[i++];
        std::uint32_t bits = 0;
        for (; i < text.size() && text[i] != ','; ++i) {
            switch (text[i]) {
            case 'r': bits |= 0444; break;
            case 'w': bits |= 0222; break;
            case 'x': bits |= 0111; break;
            case 'X': bits |= directory || (mode & 0111) != 0 ? 0111 : 0; break;
            case 't': bits |= 01000; break;
            case 's': bits |= 06000; break;
            default: return std::nullopt;
            }
        }
        const std::uint32_t special = ((who & 0700U) != 0 ? 04000U : 0U) | ((who & 0070U) != 0 ? 02000U : 0U);
        bits &= who | 01000U | special;
        mode = operation == '+' ? mode | bits : operation == '-' ? mode & ~bits : (mode & ~who) | bits;
        if (i < text.size())
            ++i; // the comma
    }
    return text.empty() ? std::nullopt : std::optional(mode);
}

namespace {

/// The path and, with -R, all below it.
void collect(Invocation& inv, const std::string& path, bool recursive, std::vector<std::string>& found)
{
    found.push_back(path);
    const auto stat = inv.system().stat(inv.place(), path, false);
    if (!recursive || !stat || stat->type != FileStat::Type::Directory)
        return;
    if (const auto entries = inv.system().list(inv.place(), path))
        for (const DirectoryEntry& entry : *entries)
            collect(inv, joinPath(path, entry.name), true, found);
}

int modeUsage(Invocation& inv, const std::string& text)
{
    inv.err().write(fmt::format("{0}: {1}\nTry '{0} --help' for more information.\n", inv.name, text));
    return 1;
}

/// "OWNER[:[GROUP]]" of chown or a group of chgrp: a complaint about a name that nobody has, or nothing.
std::string unknownName(Invocation& inv, const std::string& spec)
{
    const sim::host::Machine& machine = machineOf(inv);
    const std::size_t colon = spec.find(':');
    const std::string user = inv.name == "chgrp" ? std::string() : spec.substr(0, colon);
    const std::string group = inv.name == "chgrp" ? spec : colon == std::string::npos ? std::string() : spec.substr(colon + 1);
    if (!user.empty() && !sim::host::accountOf(machine, user) && !parseNumber(user))
        return fmt::format("invalid user: \u2018{}\u2019", spec);
    const auto groups = sim::host::groupsOf(machine);
    if (!group.empty() && !parseNumber(group) && std::none_of(groups.begin(), groups.end(), [&](const sim::host::Group& g) { return g.name == group; }))
        return fmt::format("invalid group: \u2018{}\u2019", spec);
    return {};
}

int changeModes(Invocation& inv)
{
    const bool modes = inv.name == "chmod";
    std::vector<std::string> words;
    bool recursive = false;
    for (const std::string& word : inv.arguments) { // "-x" can be a mode: no getopt here
        if (word == "-R" || word == "--recursive")
            recursive = true;
        else if (word == "-v" || word == "-f" || word == "-c" || word == "-h" || word == "--" || word == "--verbose" || word == "--quiet" || word == "--silent" || word == "--changes"
                 || word == "--no-dereference")
            continue;
        else if (word.size() > 2 && word.compare(0, 2, "--") == 0 && word.find('=') == std::string::npos)
            return modeUsage(inv, fmt::format("unrecognized option '{}'", word));
        else if (word.size() > 1 && word[0] == '-' && words.empty() && (!modes || word.find_first_not_of("rwxXstugo,+=-", 1) != std::string::npos))
            return modeUsage(inv, fmt::format("invalid option -- '{}'", word[1]));
        else
            words.push_back(word);
    }
    if (words.size() < 2) {
        inv.fail(1,
                 words.empty() ? "missing operand"
                               : fmt::format("missing operand after \u2018{}\u2019", words[0]));
        inv.err().write(fmt::format("Try '{} --help' for more information.\n", inv.name));
        return 1;
    }
    if (inv.place().container)
        return inv.fail(1, fmt::format("changing permissions of '{}': Operation not permitted", words[1]));
    if (!modes)
        if (const std::string unknown = unknownName(inv, words[0]); !unknown.empty())
            return inv.fail(1, unknown);
    int status = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
        std::vector<std::string> paths;
        collect(inv, inv.absolutePath(words[i]), recursive, paths);
        for (const std::string& path : paths) {
            const auto stat = inv.system().stat(inv.place(), path);
            if (!stat) {
                status = inv.fail(1, fmt::format("cannot access '{}': No such file or directory", words[i]));
                continue;
            }
            if (!isRoot(inv) && (stat->owner != inv.place().user || !modes)) {
                status = inv.fail(1,
                                  fmt::format("changing {} of '{}': Operation not permitted",
                                              modes ? "permissions" : "ownership", words[i]));
                continue;
            }
            sim::command::ChangeMode command{inv.place().host, path, std::nullopt, {}};
            if (modes) {
                command.mode = fileModeAfter(words[0], stat->mode, stat->type == FileStat::Type::Directory);
                if (!command.mode) {
                    inv.fail(1, fmt::format("invalid mode: \u2018{}\u2019", words[0]));
                    inv.err().write("Try 'chmod --help' for more information.\n");
                    return 1;
                }
            } else {
                command.owner = inv.name == "chgrp" ? ":" + words[0] : words[0];
                std::replace(command.owner.begin(), command.owner.end(), '.', ':');
                if (!command.owner.empty()
                    && command.owner.back() == ':') // "user:" means the user's own group
                    command.owner += command.owner.substr(0, command.owner.size() - 1);
            }
            const auto result = inv.door().apply(sim::Command{command});
            if (!result.ok)
                status = inv.fail(1,
                                  fmt::format("changing {} of '{}': {}", modes ? "permissions" : "ownership",
                                              words[i], result.error));
        }
    }
    return status;
}

/// mkdir -m: the plain command makes the directories, and those that it made get the mode.
int makeDirectories(Invocation& inv, const std::function<int(Invocation&)>& plain)
{
    if (!inv.options.has("mode") || inv.place().container)
        return plain(inv);
    const std::string wanted = inv.options.value("mode");
    const auto mode = fileModeAfter(wanted, 0777, true);
    if (!mode)
        return inv.fail(1, fmt::format("invalid mode \u2018{}\u2019", wanted));
    std::vector<std::string> absent;
    for (const std::string& operand : inv.operands)
        if (const std::string path = inv.absolutePath(operand); !inv.system().stat(inv.place(), path))
            absent.push_back(path);
    const int status = plain(inv);
    for (const std::string& path : absent)
        if (inv.system().stat(inv.place(), path))
            inv.door().apply(sim::Command{sim::command::ChangeMode{inv.place().host, path, *mode, {}}});
    return status;
}

std::string modeText(const FileStat& s)
{
    std::string text = s.type == FileStat::Type::Directory ? "d"
        : s.type == FileStat::Type::Symlink                ? "l"
        : s.type == FileStat::Type::Device                 ? "c"
                                                           : "-";
    for (int bit = 8; bit >= 0; --bit)
        text += ((s.mode >> bit) & 1U) != 0 ? "rwx"[(8 - bit) % 3] : '-';
    if ((s.mode & 01000U) != 0)
        text.back() = (s.mode & 1U) != 0 ? 't' : 'T';
    return text;
}

/// stat -f: the file system a path lies on.
int statFileSystem(Invocation& inv, const std::string& path, const std::string& absolute)
{
    if (!inv.system().stat(inv.place(), absolute))
        return inv.fail(1, fmt::format("cannot read file system information for '{}': No such file or directory", path));
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const auto& mount = machine.mountOf(absolute);
    constexpr std::int64_t kBlock = 4096;
    const std::int64_t used = machine.usedBytes(mount), reserved = mount.type == "ext4" ? mount.sizeBytes / 20 : 0;
    const std::int64_t free = std::max<std::int64_t>(0, mount.sizeBytes - used);
    sim::Fingerprint id;
    id.add(mount.device);
    inv.print(fmt::format("  File: \"{}\"\n    ID: {:x} Namelen: 255     Type: {}\nBlock size: {:<10} Fundamental block size: {}\n"
                          "Blocks: Total: {:<10} Free: {:<10} Available: {}\nInodes: Total: {:<10} Free: {}\n",
                          path, id.value(), mount.type == "ext4" ? "ext2/ext3" : mount.type == "vfat" ? "msdos" : mount.type, kBlock, kBlock, mount.sizeBytes / kBlock,
                          free / kBlock, std::max<std::int64_t>(0, free - reserved) / kBlock, mount.inodes, std::max<std::int64_t>(0, mount.inodes - machine.usedInodes(mount))));
    return 0;
}

int stat(Invocation& inv)
{
    if (inv.operands.empty())
        return modeUsage(inv, "missing operand");
    int status = 0;
    for (const std::string& path : inv.operands) {
        const std::string absolute = inv.absolutePath(path);
        if (inv.options.has("file-system")) {
            status = std::max(status, statFileSystem(inv, path, absolute));
            continue;
        }
        const auto s = inv.system().stat(inv.place(), absolute, inv.options.has("dereference"));
        if (!s) {
            status = inv.fail(1, fmt::format("cannot statx '{}': No such file or directory", path));
            continue;
        }
        inv.noteRead("file/" + placeName(inv) + absolute);
        if (inv.options.has("format")) {
            std::string text;
            const std::string format = inv.options.value("format");
            for (std::size_t i = 0; i < format.size(); ++i) {
                if (format[i] != '%' || i + 1 == format.size()) {
                    text += format[i];
                    continue;
                }
                switch (format[++i]) {
                case 'a': text += fmt::format("{:o}", s->mode); break;
                case 'A': text += modeText(*s); break;
                case 's': text += std::to_string(s->size); break;
                case 'h': text += std::to_string(s->links); break;
                case 'b': text += std::to_string((s->size + 4095) / 4096 * 8); break;
                case 'N': text += "'" + path + "'"; break;
                case 'n': text += path; break;
                case 'U': text += s->owner; break;
                case 'G': text += s->group; break;
                case 'Y': text += std::to_string(sim::unixSeconds(s->modified)); break;
                case 'y': text += formatDate(s->modified, "%Y-%m-%d %H:%M:%S") + ".000000000 +0000"; break;
                default: text += format[i];
                }
            }
            inv.print(text + "\n");
            continue;
        }
        const char* kind = s->type == FileStat::Type::Directory ? "directory"
            : s->type == FileStat::Type::Symlink                ? "symbolic link"
            : s->type == FileStat::Type::Device                 ? "character special file"
            : s->size == 0                                      ? "regular empty file"
                                                                : "regular file";
        sim::Fingerprint inode;
        inode.add(absolute);
        const std::string when = formatDate(s->modified, "%Y-%m-%d %H:%M:%S")
            + fmt::format(".{:09} +0000", s->modified.time_since_epoch().count() % 1'000'000'000);
        const auto uid = [&](const std::string& user) {
            const auto account = sim::host::accountOf(machineOf(inv), user);
            return account ? account->uid : user == "root" ? 0 : 103;
        };
        inv.print(fmt::format("  File: {}{}\n  Size: {:<10}\tBlocks: {:<10} IO Block: {:<6} {}\nDevice: "
                              "259,2\tInode: {:<11} Links: {}\n"
                              "Access: ({:04o}/{})  Uid: ({:5}/{:>8})   Gid: ({:5}/{:>8})\nAccess: "
                              "{}\nModify: {}\nChange: {}\n Birth: {}\n",
                              path, s->type == FileStat::Type::Symlink ? " -> " + s->target : "", s->size,
                              (s->size + 4095) / 4096 * 8, 4096, kind, inode.value() % 9'000'000, s->links,
                              s->mode, modeText(*s), uid(s->owner), s->owner, uid(s->group), s->group, when,
                              when, when, when));
    }
    return status;
}

} // namespace

void addModes(CommandTable& table, const CommandTable& plain)
{
    CommandSpec spec;
    for (const auto& [name, summary, usage] :
         {std::tuple("chmod", "change file mode bits", "chmod [-R] MODE[,MODE]... FILE..."),
          std::tuple("chown", "change file owner and group", "chown [-R] [OWNER][:[GROUP]] FILE..."),
          std::tuple("chgrp", "change group ownership", "chgrp [-R] GROUP FILE...")}) {
        spec = {};
        spec.name = name;
        spec.summary = summary;
        spec.usage = usage;
        spec.parseOptions = false;
        spec.run = changeModes;
        table.add(spec);
    }
    spec = {};
    spec.name = "stat";
    spec.summary = "display file or file system status";
    spec.usage = "stat [OPTION]... FILE...";
    spec.options = {{'c', "format", "FORMAT", "use the specified FORMAT instead of the default"},
                    {'f', "file-system", "", "display file system status instead of file status"},
                    {'L', "dereference", "", "follow links"}};
    spec.run = stat;
    table.add(std::move(spec));
    if (const CommandSpec* plainMkdir = plain.find("mkdir")) { // a table without text tools has none
        spec = *plainMkdir;
        spec.run = [make = plainMkdir->run](Invocation& inv) { return makeDirectories(inv, make); };
        table.add(std::move(spec));
    }
}

} // namespace core::shell::node
