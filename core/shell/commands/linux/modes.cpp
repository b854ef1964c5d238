// chmod, chown, chgrp and stat of coreutils 9.1.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/paths.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

/// "0644", "u+x", "go-w,a=r" applied to `mode`; nothing for nonsense.
std::optional<std::uint32_t> newMode(const std::string& text, std::uint32_t mode, bool directory)
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
            case 's':
            case 't': break;
            default: return std::nullopt;
            }
        }
        bits &= who;
        mode = operation == '+' ? mode | bits : operation == '-' ? mode & ~bits : (mode & ~who) | bits;
        if (i < text.size())
            ++i; // the comma
    }
    return text.empty() ? std::nullopt : std::optional(mode);
}

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

int changeModes(Invocation& inv)
{
    const bool modes = inv.name == "chmod";
    std::vector<std::string> words;
    bool recursive = false;
    for (const std::string& word : inv.arguments) { // "-x" can be a mode: no getopt here
        if (word == "-R" || word == "--recursive")
            recursive = true;
        else if (word != "-v" && word != "-f" && word != "--")
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
                command.mode = newMode(words[0], stat->mode, stat->type == FileStat::Type::Directory);
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

std::string modeText(const FileStat& s)
{
    std::string text = s.type == FileStat::Type::Directory ? "d"
        : s.type == FileStat::Type::Symlink                ? "l"
        : s.type == FileStat::Type::Device                 ? "c"
                                                           : "-";
    for (int bit = 8; bit >= 0; --bit)
        text += ((s.mode >> bit) & 1U) != 0 ? "rwx"[(8 - bit) % 3] : '-';
    return text;
}

int stat(Invocation& inv)
{
    int status = inv.operands.empty() ? inv.fail(1, "missing operand") : 0;
    for (const std::string& path : inv.operands) {
        const std::string absolute = inv.absolutePath(path);
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
        const auto uid = [](const std::string& user) {
            return user == "root" ? 0 : user == "ops" ? 1000 : 103;
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

void addModes(CommandTable& table)
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
                    {'L', "dereference", "", "follow links"}};
    spec.run = stat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
