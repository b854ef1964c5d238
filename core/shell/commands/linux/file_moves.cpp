// mv, cp, ln, rm, truncate of coreutils 9.1 and chattr, lsattr of e2fsprogs on machines: whole trees by one command of the
// world, hard links as links, sizes of files whose content nobody keeps.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/paths.h"
#include "sim/host/accounts.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::File;

bool isFolder(Invocation& inv, const std::string& path)
{
    const auto stat = inv.system().stat(inv.place(), path);
    return stat && stat->type == FileStat::Type::Directory;
}

/// Whether this user may add and remove names in the folder of the path; what strerror says otherwise.
std::string folderDenies(Invocation& inv, const std::string& path)
{
    if (isRoot(inv))
        return {};
    const sim::host::Machine& machine = machineOf(inv);
    const std::string real = sim::host::resolvePath(machine, path, false);
    for (std::string folder = sim::host::parentPath(real);; folder = sim::host::parentPath(folder)) {
        const File* file = sim::host::findFile(machine, folder);
        const bool own = folder == sim::host::parentPath(real);
        if (file != nullptr && !sim::host::mayAccess(machine, *file, inv.place().user, own ? 3 : 1))
            return "Permission denied";
        if (own && file != nullptr && (file->mode & 01000) != 0) {
            const File* there = sim::host::findFile(machine, real, false);
            if (there != nullptr && there->owner != inv.place().user && file->owner != inv.place().user)
                return "Operation not permitted";
        }
        if (folder == "/")
            return {};
    }
}

/// A tree that a user removes needs the right to write in each of its folders.
bool treeDenies(Invocation& inv, const std::string& path, std::string& where)
{
    if (isRoot(inv))
        return false;
    const sim::host::Machine& machine = machineOf(inv);
    const auto denies = [&](const std::string& folder, const File& file) {
        if (file.type != File::Type::Directory || sim::host::mayAccess(machine, file, inv.place().user, 7))
            return false;
        where = folder;
        return true;
    };
    const std::string prefix = path + "/";
    for (auto i = machine.files.lower_bound(prefix); i != machine.files.end() && i->first.compare(0, prefix.size(), prefix) == 0; ++i)
        if (denies(i->first, *i->second))
            return true;
    const File* own = sim::host::findFile(machine, path, false);
    const auto below = machine.files.lower_bound(prefix);
    const bool full = below != machine.files.end() && below->first.compare(0, prefix.size(), prefix) == 0;
    return own != nullptr && full && denies(path, *own);
}

int missingOperand(Invocation& inv, const std::string& what)
{
    inv.err().write(fmt::format("{0}: missing {1}\nTry '{0} --help' for more information.\n", inv.name, what));
    return 1;
}

int rm(Invocation& inv)
{
    const bool force = inv.options.has("force");
    const bool recursive = inv.options.has("recursive") || inv.options.has("R");
    if (inv.operands.empty())
        return force ? 0 : missingOperand(inv, "operand");
    int status = 0;
    for (const std::string& operand : inv.operands) {
        const std::string path = inv.absolutePath(operand);
        const auto stat = inv.system().stat(inv.place(), path, false);
        if (!stat) {
            if (!force)
                status = inv.fail(1, fmt::format("cannot remove '{}': No such file or directory", operand));
            continue;
        }
        const bool folder = stat->type == FileStat::Type::Directory;
        if (path == "/" && recursive) {
            inv.err().write("rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n");
            status = 1;
            continue;
        }
        if (folder && !recursive && !inv.options.has("dir")) {
            status = inv.fail(1, fmt::format("cannot remove '{}': Is a directory", operand));
            continue;
        }
        std::string denied = folderDenies(inv, path), where;
        if (denied.empty() && folder && treeDenies(inv, path, where))
            denied = "Permission denied";
        const auto result = denied.empty()
            ? inv.door().apply(sim::Command{sim::command::RemoveFile{inv.place().host, std::nullopt, path, folder && recursive}})
            : sim::CommandResult{.ok = false, .error = denied, .id = 0, .response = {}, .text = {}, .changed = {}};
        if (!result.ok)
            status = inv.fail(1, fmt::format("cannot remove '{}': {}", where.empty() ? operand : where, result.error));
        else if (inv.options.has("verbose"))
            inv.print(fmt::format("removed {}'{}'\n", folder ? "directory " : "", operand));
    }
    return status;
}

/// Copies one file or, entry by entry, a folder; modes go along, owners and times with -a or -p.
int copyTo(Invocation& inv, const std::string& shown, const std::string& from, const std::string& to)
{
    const sim::host::Machine& machine = machineOf(inv);
    const auto source = inv.door().world().hosts().inspect(inv.place().host, sim::host::resolvePath(machine, from), inv.now());
    if (!source)
        return inv.fail(1, fmt::format("cannot stat '{}': No such file or directory", shown));
    const bool keeps = inv.name == "mv" || inv.options.has("archive") || inv.options.has("p");
    if (source->type == File::Type::Directory) {
        if (to == from || to.compare(0, from.size() + 1, from + "/") == 0)
            return inv.fail(1, fmt::format("cannot copy a directory, '{}', into itself, '{}'", shown, to));
        if (!isFolder(inv, to))
            if (const Errno error = inv.system().makeDirectory(inv.place(), to); error != Errno::None)
                return inv.fail(1, fmt::format("cannot create directory '{}': {}", to, describe(error)));
        int status = 0;
        if (const auto entries = inv.system().list(inv.place(), from))
            for (const DirectoryEntry& entry : *entries)
                status |= copyTo(inv, shown + "/" + entry.name, joinPath(from, entry.name), joinPath(to, entry.name));
        return status;
    }
    const ReadFile text = inv.system().readFile(inv.place(), from);
    if (text.error != Errno::None)
        return inv.fail(1, fmt::format("cannot open '{}' for reading: {}", shown, describe(text.error)));
    const bool fresh = !inv.system().stat(inv.place(), to);
    if (const Errno error = inv.system().writeFile(inv.place(), to, text.text, false); error != Errno::None)
        return inv.fail(1, fmt::format("cannot create regular file '{}': {}", to, describe(error)));
    if (source->size > static_cast<std::int64_t>(text.text.size())) {
        const auto result = inv.door().apply(sim::Command{sim::command::TruncateFile{inv.place().host, to, source->size}});
        if (!result.ok)
            return inv.fail(1, fmt::format("error writing '{}': {}", to, result.error));
    }
    if (keeps || (fresh && source->mode != 0644))
        inv.door().apply(sim::Command{sim::command::ChangeMode{inv.place().host, to, source->mode, keeps && isRoot(inv) ? source->owner + ":" + source->group : ""}});
    return 0;
}

int moveOne(Invocation& inv, const std::string& shown, const std::string& from, const std::string& to)
{
    for (const std::string& path : {from, to})
        if (const std::string denied = folderDenies(inv, path); !denied.empty())
            return inv.fail(1, fmt::format("cannot move '{}' to '{}': {}", shown, to, denied));
    const auto result = inv.door().apply(sim::Command{sim::command::RenameFile{inv.place().host, from, to}});
    if (result.ok)
        return 0;
    if (result.error != "Invalid cross-device link")
        return inv.fail(1, fmt::format("cannot move '{}' to '{}': {}", shown, to, result.error));
    if (const int copied = copyTo(inv, shown, from, to); copied != 0)
        return copied;
    inv.door().apply(sim::Command{sim::command::RemoveFile{inv.place().host, std::nullopt, from, true}});
    return 0;
}

int transferFiles(Invocation& inv)
{
    const bool moving = inv.name == "mv";
    const bool recursive = moving || inv.options.has("recursive") || inv.options.has("archive") || inv.options.has("R");
    if (inv.operands.empty())
        return missingOperand(inv, "file operand");
    if (inv.operands.size() == 1)
        return missingOperand(inv, fmt::format("destination file operand after '{}'", inv.operands[0]));
    const std::string& target = inv.operands.back();
    const bool into = isFolder(inv, inv.absolutePath(target));
    if (inv.operands.size() > 2 && !into)
        return inv.fail(1, fmt::format("target '{}' is not a directory", target));
    int status = 0;
    for (std::size_t i = 0; i + 1 < inv.operands.size(); ++i) {
        const std::string& operand = inv.operands[i];
        const std::string from = inv.absolutePath(operand);
        const bool contents = operand == "." || (operand.size() > 1 && operand.compare(operand.size() - 2, 2, "/.") == 0);
        const std::string to = into && !contents ? joinPath(inv.absolutePath(target), fileNameOf(from)) : inv.absolutePath(target);
        if (!inv.system().stat(inv.place(), from, false))
            status = inv.fail(1, fmt::format("cannot stat '{}': No such file or directory", operand));
        else if (from == to)
            status = inv.fail(1, fmt::format("'{}' and '{}' are the same file", operand, target));
        else if (!recursive && isFolder(inv, from))
            status = inv.fail(1, fmt::format("-r not specified; omitting directory '{}'", operand));
        else if (const int failed = moving ? moveOne(inv, operand, from, to) : copyTo(inv, operand, from, to); failed != 0)
            status = failed;
        else if (inv.options.has("verbose"))
            inv.print(moving ? fmt::format("renamed '{}' -> '{}'\n", operand, into ? joinPath(target, fileNameOf(from)) : target)
                             : fmt::format("'{}' -> '{}'\n", operand, into ? joinPath(target, fileNameOf(from)) : target));
    }
    return status;
}

int ln(Invocation& inv)
{
    const bool symbolic = inv.options.has("symbolic");
    if (inv.operands.empty())
        return missingOperand(inv, "file operand");
    const std::string& target = inv.operands[0];
    std::string path = inv.absolutePath(inv.operands.size() > 1 ? inv.operands[1] : std::string(fileNameOf(target)));
    if (isFolder(inv, path) && !inv.options.has("no-dereference"))
        path = joinPath(path, fileNameOf(target));
    const char* kind = symbolic ? "symbolic" : "hard";
    if (!symbolic && !inv.system().stat(inv.place(), inv.absolutePath(target)))
        return inv.fail(1, fmt::format("failed to access '{}': No such file or directory", target));
    if (!symbolic && isFolder(inv, inv.absolutePath(target)))
        return inv.fail(1, fmt::format("{}: hard link not allowed for directory", target));
    if (const std::string denied = folderDenies(inv, path); !denied.empty())
        return inv.fail(1, fmt::format("failed to create {} link '{}': {}", kind, path, denied));
    if (inv.options.has("force") && inv.system().stat(inv.place(), path, false))
        inv.door().apply(sim::Command{sim::command::RemoveFile{inv.place().host, std::nullopt, path, false}});
    const auto result = inv.door().apply(sim::Command{sim::command::LinkFile{inv.place().host, symbolic ? target : inv.absolutePath(target), path, symbolic}});
    if (!result.ok)
        return inv.fail(1, symbolic ? fmt::format("failed to create symbolic link '{}': {}", inv.operands.size() > 1 ? inv.operands[1] : path, result.error)
                                    : fmt::format("failed to create hard link '{}' => '{}': {}", inv.operands.size() > 1 ? inv.operands[1] : path, target, result.error));
    return 0;
}

int truncateFile(Invocation& inv)
{
    std::string text = inv.options.value("size");
    const char sign = text.empty() ? ' ' : text[0];
    if (sign == '+' || sign == '-')
        text.erase(0, 1);
    const auto size = parseBytes(text);
    if (!size || inv.operands.empty())
        return inv.fail(1, inv.operands.empty() ? "missing file operand" : "you must specify either \u2018--size\u2019 or \u2018--reference\u2019");
    int status = 0;
    for (const std::string& word : inv.operands) {
        const std::string path = inv.absolutePath(word);
        const auto stat = inv.system().stat(inv.place(), path);
        const bool virtualFile = path.compare(0, 6, "/proc/") == 0;
        if (!stat || !isRoot(inv)) { // the shell's own check, and a new file's owner
            if (!stat && inv.options.has("no-create"))
                continue;
            if (const Errno error = inv.system().writeFile(inv.place(), path, "", true); error != Errno::None) {
                status = inv.fail(1, fmt::format("cannot open '{}' for writing: {}", word, describe(error)));
                continue;
            }
        }
        const std::int64_t before = stat && !virtualFile ? stat->size : 0;
        const std::int64_t wanted = sign == '+' ? before + *size : sign == '-' ? std::max<std::int64_t>(0, before - *size) : *size;
        const auto result = inv.door().apply(sim::Command{sim::command::TruncateFile{inv.place().host, path, wanted}});
        if (!result.ok)
            status = inv.fail(1, fmt::format("failed to truncate '{}' at {} bytes: {}", word, wanted, result.error));
    }
    return status;
}

int chattr(Invocation& inv)
{
    if (inv.arguments.size() < 2) {
        inv.err().write("Usage: chattr [-pRVf] [-+=aAcCdDeijPsStTuFx] [-v version] files...\n");
        return 1;
    }
    const std::string& mode = inv.arguments[0];
    if (mode.find('i') == std::string::npos || (mode[0] != '+' && mode[0] != '-'))
        return 0; // the other attributes change nothing that the lab shows
    int status = 0;
    for (std::size_t i = 1; i < inv.arguments.size(); ++i) {
        const std::string path = inv.absolutePath(inv.arguments[i]);
        if (!inv.system().stat(inv.place(), path)) {
            status = inv.fail(1, fmt::format("No such file or directory while trying to stat {}", inv.arguments[i]));
            continue;
        }
        if (!isRoot(inv)) {
            status = inv.fail(1, fmt::format("Operation not permitted while setting flags on {}", inv.arguments[i]));
            continue;
        }
        const auto result = inv.door().apply(sim::Command{sim::command::ImmutableFile{inv.place().host, path, mode[0] == '+'}});
        if (!result.ok)
            status = inv.fail(1, fmt::format("{} while setting flags on {}", result.error, inv.arguments[i]));
    }
    return status;
}

int lsattr(Invocation& inv)
{
    const std::vector<std::string> paths = inv.operands.empty() ? std::vector<std::string>{"."} : inv.operands;
    int status = 0;
    for (const std::string& word : paths) {
        const std::string path = inv.absolutePath(word);
        const auto show = [&](const std::string& shown, const std::string& at) {
            const File* file = sim::host::findFile(machineOf(inv), at);
            if (file != nullptr && file->type != File::Type::Symlink)
                inv.print(fmt::format("----{}---------e------- {}\n", file->immutable ? 'i' : '-', shown));
        };
        if (!inv.system().stat(inv.place(), path)) {
            status = inv.fail(1, fmt::format("No such file or directory while trying to stat {}", word));
        } else if (isFolder(inv, path) && !inv.options.has("d")) {
            if (const auto entries = inv.system().list(inv.place(), path))
                for (const DirectoryEntry& entry : *entries)
                    show(joinPath(word, entry.name), joinPath(path, entry.name));
        } else {
            show(word, path);
        }
        inv.noteRead("file/" + placeName(inv) + path);
    }
    return status;
}

} // namespace

void addFileMoves(CommandTable& table, const CommandTable& plain)
{
    const auto onMachines = [&](const char* name, std::vector<OptionSpec> more, int (*run)(Invocation&)) {
        const CommandSpec* text = plain.find(name);
        CommandSpec spec;
        if (text != nullptr)
            spec = *text;
        spec.name = name;
        const auto inContainers = spec.run;
        spec.options.insert(spec.options.end(), more.begin(), more.end());
        spec.run = [run, inContainers](Invocation& inv) { return inv.place().container && inContainers ? inContainers(inv) : run(inv); };
        table.add(std::move(spec));
    };
    onMachines("rm", {{'d', "dir", "", "remove empty directories"}}, rm);
    onMachines("mv", {}, transferFiles);
    onMachines("cp", {}, transferFiles);
    CommandSpec spec;
    spec.name = "ln";
    spec.summary = "make links between files";
    spec.usage = "ln [OPTION]... TARGET LINK_NAME";
    spec.options = {{'s', "symbolic", "", "make symbolic links instead of hard links"},
                    {'f', "force", "", "remove existing destination files"},
                    {'n', "no-dereference", "", "treat LINK_NAME as a normal file if it is a symbolic link to a directory"}};
    spec.run = ln;
    table.add(spec);
    spec = {};
    spec.name = "truncate";
    spec.summary = "shrink or extend the size of a file to the specified size";
    spec.usage = "truncate -s SIZE FILE...";
    spec.options = {{'s', "size", "SIZE", "set or adjust the file size by SIZE bytes"}, {'c', "no-create", "", "do not create any files"}};
    spec.run = truncateFile;
    table.add(spec);
    table.addRaw("chattr", "change file attributes on a Linux file system", "chattr [+-=i] files...", chattr);
    spec = {};
    spec.name = "lsattr";
    spec.summary = "list file attributes on a Linux second extended file system";
    spec.usage = "lsattr [-d] [files...]";
    spec.options = {{'d', "", "", "list directories like other files"}};
    spec.run = lsattr;
    table.add(std::move(spec));
}

} // namespace core::shell::node
