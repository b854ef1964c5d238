// install of coreutils 9.1: folders and copies that come with owner and mode.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/paths.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

constexpr std::uint32_t kInstalledMode = 0755;

/// What the new files and folders get.
struct InstallRequest {
    std::uint32_t mode = kInstalledMode;
    std::string owner; ///< "user:group"; empty: whoever runs it
};

int installUsage(Invocation& inv, const std::string& text)
{
    inv.err().write(fmt::format("install: {}\nTry 'install --help' for more information.\n", text));
    return 1;
}

/// Owner and mode of what was made, in this order, as install has it: a chown takes setuid bits away.
int finishInstall(Invocation& inv, const InstallRequest& request, const std::string& path)
{
    if (inv.place().container)
        return 0;
    if (!request.owner.empty() && !isRoot(inv))
        return inv.fail(1, fmt::format("cannot change ownership of '{}': Operation not permitted", path));
    inv.door().apply(sim::Command{sim::command::ChangeMode{inv.place().host, inv.absolutePath(path), request.mode, request.owner}});
    return 0;
}

/// The folder and those above it; only the last one gets owner and mode.
int installFolder(Invocation& inv, const InstallRequest& request, const std::string& path, bool last)
{
    const std::string absolute = inv.absolutePath(path);
    const auto there = inv.system().stat(inv.place(), absolute);
    if (there && there->type != FileStat::Type::Directory)
        return inv.fail(1, fmt::format("cannot create directory '{}': File exists", path));
    if (!there) {
        const std::size_t slash = path.find_last_of('/');
        if (slash != std::string::npos && slash > 0)
            if (const int failed = installFolder(inv, request, path.substr(0, slash), false); failed != 0)
                return failed;
        if (const Errno error = inv.system().makeDirectory(inv.place(), absolute); error != Errno::None)
            return inv.fail(1, fmt::format("cannot create directory '{}': {}", path, describe(error)));
        if (inv.options.has("verbose"))
            inv.print(fmt::format("install: creating directory '{}'\n", path));
    }
    return last ? finishInstall(inv, request, path) : 0;
}

int installFile(Invocation& inv, const InstallRequest& request, const std::string& from, const std::string& to)
{
    const auto source = inv.system().stat(inv.place(), inv.absolutePath(from));
    if (!source)
        return inv.fail(1, fmt::format("cannot stat '{}': No such file or directory", from));
    if (source->type == FileStat::Type::Directory)
        return inv.fail(1, fmt::format("omitting directory '{}'", from));
    const ReadFile text = inv.system().readFile(inv.place(), inv.absolutePath(from));
    if (text.error != Errno::None)
        return inv.fail(1, fmt::format("cannot open '{}' for reading: {}", from, describe(text.error)));
    const std::string path = inv.absolutePath(to);
    if (const Errno error = inv.system().writeFile(inv.place(), path, text.text, false); error != Errno::None)
        return inv.fail(1, fmt::format("cannot create regular file '{}': {}", to, describe(error)));
    if (!inv.place().container && source->size > static_cast<std::int64_t>(text.text.size()))
        inv.door().apply(sim::Command{sim::command::TruncateFile{inv.place().host, path, source->size}});
    if (inv.options.has("verbose"))
        inv.print(fmt::format("'{}' -> '{}'\n", from, to));
    return finishInstall(inv, request, to);
}

int install(Invocation& inv)
{
    InstallRequest request;
    if (inv.options.has("mode")) {
        const auto mode = fileModeAfter(inv.options.value("mode"), 0, false);
        if (!mode)
            return inv.fail(1, fmt::format("invalid mode \u2018{}\u2019", inv.options.value("mode")));
        request.mode = *mode;
    }
    const sim::host::Machine& machine = machineOf(inv);
    const std::string user = inv.options.value("owner"), group = inv.options.value("group");
    const auto groups = sim::host::groupsOf(machine);
    if (!user.empty() && !sim::host::accountOf(machine, user))
        return inv.fail(1, fmt::format("invalid user \u2018{}\u2019", user));
    if (!group.empty() && std::none_of(groups.begin(), groups.end(), [&](const sim::host::Group& g) { return g.name == group; }))
        return inv.fail(1, fmt::format("invalid group \u2018{}\u2019", group));
    if (!user.empty() || !group.empty())
        request.owner = user + (group.empty() ? "" : ":" + group);
    if (inv.operands.empty())
        return installUsage(inv, "missing file operand");
    int status = 0;
    if (inv.options.has("directory")) {
        for (const std::string& folder : inv.operands)
            status |= installFolder(inv, request, folder, true);
        return status;
    }
    const bool intoNamed = inv.options.has("target-directory");
    if (inv.operands.size() == 1 && !intoNamed)
        return installUsage(inv, fmt::format("missing destination file operand after '{}'", inv.operands[0]));
    std::vector<std::string> sources = inv.operands;
    std::string target = inv.options.value("target-directory");
    if (!intoNamed) {
        target = sources.back();
        sources.pop_back();
    }
    if (const std::size_t slash = target.find_last_of('/'); inv.options.has("D") && slash != std::string::npos && slash > 0)
        if (const int failed = installFolder(inv, request, intoNamed ? target : target.substr(0, slash), false); failed != 0)
            return failed;
    const auto there = inv.system().stat(inv.place(), inv.absolutePath(target));
    const bool folder = there && there->type == FileStat::Type::Directory;
    if ((sources.size() > 1 || intoNamed) && !folder)
        return inv.fail(1, fmt::format("target '{}'{}", target, there ? " is not a directory" : ": No such file or directory"));
    for (const std::string& source : sources)
        status |= installFile(inv, request, source, folder ? joinPath(target, fileNameOf(source)) : target);
    return status;
}

} // namespace

void addInstall(CommandTable& table)
{
    table.add("install", "copy files and set attributes", "install [OPTION]... SOURCE DEST\n  or:  install [OPTION]... SOURCE... DIRECTORY\n  or:  install [OPTION]... -d DIRECTORY...",
              {{'d', "directory", "", "treat all arguments as directory names; create all components of the specified directories"},
               {'D', "D", "", "create all leading components of DEST except the last"},
               {'g', "group", "GROUP", "set group ownership, instead of process' current group"},
               {'m', "mode", "MODE", "set permission mode (as in chmod), instead of rwxr-xr-x"},
               {'o', "owner", "OWNER", "set ownership (super-user only)"},
               {'t', "target-directory", "DIRECTORY", "copy all SOURCE arguments into DIRECTORY"},
               {'v', "verbose", "", "print the name of each created file or directory"}},
              install);
}

} // namespace core::shell::node
