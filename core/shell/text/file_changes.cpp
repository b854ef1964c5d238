#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

namespace core::shell {

namespace {

int missing(Invocation& invocation, const std::string& what)
{
    invocation.err().write(invocation.name + ": missing " + what + "\nTry '" + invocation.name
                           + " --help' for more information.\n");
    return 1;
}

std::string reason(Errno error)
{
    return std::string(describe(error));
}

bool isDirectory(Invocation& invocation, const std::string& path)
{
    const auto stat = invocation.system().stat(invocation.place(), path);
    return stat && stat->type == FileStat::Type::Directory;
}

int touch(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missing(invocation, "file operand");
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        if (invocation.options.has("no-create") && !invocation.system().stat(invocation.place(), path))
            continue;
        const Errno error = isDirectory(invocation, path)
            ? Errno::None
            : invocation.system().writeFile(invocation.place(), path, {}, true);
        if (error != Errno::None)
            status = invocation.fail(1, "cannot touch '" + operand + "': " + reason(error));
    }
    return status;
}

int mkdir(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missing(invocation, "operand");
    const bool parents = invocation.options.has("parents");
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        std::size_t slash = 1;
        while (parents && (slash = path.find('/', slash)) != std::string::npos) {
            const std::string parent = path.substr(0, slash++);
            if (!isDirectory(invocation, parent))
                invocation.system().makeDirectory(invocation.place(), parent);
        }
        const Errno error = parents && isDirectory(invocation, path)
            ? Errno::None
            : invocation.system().makeDirectory(invocation.place(), path);
        if (error != Errno::None)
            status = invocation.fail(1, "cannot create directory '" + operand + "': " + reason(error));
        else if (invocation.options.has("verbose"))
            invocation.print("mkdir: created directory '" + operand + "'\n");
    }
    return status;
}

int rmdir(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missing(invocation, "operand");
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        Errno error = Errno::NotDirectory;
        if (!invocation.system().stat(invocation.place(), path))
            error = Errno::NoEntry;
        else if (isDirectory(invocation, path))
            error = invocation.system().removeFile(invocation.place(), path);
        if (error != Errno::None)
            status = invocation.fail(1, "failed to remove '" + operand + "': " + reason(error));
    }
    return status;
}

constexpr int kMaxDepth = 64;

int removeTree(Invocation& invocation, const std::string& shown, const std::string& path, int depth)
{
    int status = 0;
    if (const auto stat = invocation.system().stat(invocation.place(), path, false);
        stat && stat->type == FileStat::Type::Directory && depth < kMaxDepth) {
        const auto entries = invocation.system().list(invocation.place(), path);
        for (std::size_t i = 0; entries && i < entries->size(); ++i) {
            const std::string& name = (*entries)[i].name;
            if (name != "." && name != "..")
                status |= removeTree(invocation, shown + "/" + name, joinPath(path, name), depth + 1);
        }
    }
    const Errno error = invocation.system().removeFile(invocation.place(), path);
    if (error != Errno::None)
        return invocation.fail(1, "cannot remove '" + shown + "': " + reason(error));
    if (invocation.options.has("verbose"))
        invocation.print("removed '" + shown + "'\n");
    return status;
}

int rm(Invocation& invocation)
{
    const bool force = invocation.options.has("force");
    const bool recursive = invocation.options.has("recursive") || invocation.options.has("R");
    if (invocation.operands.empty())
        return force ? 0 : missing(invocation, "operand");
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        const auto stat = invocation.system().stat(invocation.place(), path, false);
        if (!stat) {
            if (!force)
                status = invocation.fail(1, "cannot remove '" + operand + "': No such file or directory");
        } else if (path == "/" && recursive) {
            invocation.err().write("rm: it is dangerous to operate recursively on '/'\nrm: use "
                                   "--no-preserve-root to override this failsafe\n");
            status = 1;
        } else if (stat->type == FileStat::Type::Directory && !recursive) {
            status = invocation.fail(1, "cannot remove '" + operand + "': Is a directory");
        } else {
            status |= removeTree(invocation, operand, path, 0);
        }
    }
    return status;
}

int copyTree(Invocation& invocation, const std::string& shown, const std::string& from, const std::string& to,
             int depth)
{
    System& system = invocation.system();
    if (isDirectory(invocation, from)) {
        if (to == from || to.compare(0, from.size() + 1, from + "/") == 0)
            return invocation.fail(1, "cannot copy a directory, '" + shown + "', into itself, '" + to + "'");
        if (!isDirectory(invocation, to)) {
            const Errno error = system.makeDirectory(invocation.place(), to);
            if (error != Errno::None)
                return invocation.fail(1, "cannot create directory '" + to + "': " + reason(error));
        }
        const auto entries = system.list(invocation.place(), from);
        int status = 0;
        for (std::size_t i = 0; entries && i < entries->size() && depth < kMaxDepth; ++i) {
            const std::string& name = (*entries)[i].name;
            if (name != "." && name != "..")
                status |= copyTree(invocation, shown + "/" + name, joinPath(from, name), joinPath(to, name),
                                   depth + 1);
        }
        return status;
    }
    const ReadFile file = system.readFile(invocation.place(), from);
    if (file.error != Errno::None)
        return invocation.fail(1, "cannot open '" + shown + "' for reading: " + reason(file.error));
    const Errno error = system.writeFile(invocation.place(), to, file.text, false);
    if (error != Errno::None)
        return invocation.fail(1, "cannot create regular file '" + to + "': " + reason(error));
    return 0;
}

/// cp and mv: mv is a copy and a removal.
int transfer(Invocation& invocation)
{
    const bool moving = invocation.name == "mv";
    const bool recursive = moving || invocation.options.has("recursive") || invocation.options.has("archive")
        || invocation.options.has("R");
    if (invocation.operands.empty())
        return missing(invocation, "file operand");
    if (invocation.operands.size() == 1)
        return missing(invocation, "destination file operand after '" + invocation.operands[0] + "'");
    const std::string& target = invocation.operands.back();
    const bool intoDirectory = isDirectory(invocation, invocation.absolutePath(target));
    if (invocation.operands.size() > 2 && !intoDirectory)
        return invocation.fail(1, "target '" + target + "' is not a directory");
    int status = 0;
    for (std::size_t i = 0; i + 1 < invocation.operands.size(); ++i) {
        const std::string& operand = invocation.operands[i];
        const std::string from = invocation.absolutePath(operand);
        // "folder/." stands for what is in it.
        const bool contents = operand == "." || (operand.size() > 1 && operand.compare(operand.size() - 2, 2, "/.") == 0);
        const std::string to = intoDirectory && !contents ? joinPath(invocation.absolutePath(target), fileNameOf(from))
                                                          : invocation.absolutePath(target);
        if (!invocation.system().stat(invocation.place(), from)) {
            status = invocation.fail(1, "cannot stat '" + operand + "': No such file or directory");
            continue;
        }
        if (from == to) {
            status = invocation.fail(1, "'" + operand + "' and '" + target + "' are the same file");
            continue;
        }
        if (isDirectory(invocation, from) && !recursive) {
            status = invocation.fail(1, "-r not specified; omitting directory '" + operand + "'");
            continue;
        }
        const int copied = copyTree(invocation, operand, from, to, 0);
        status |= copied;
        if (copied == 0 && moving)
            status |= removeTree(invocation, operand, from, 0);
        if (copied == 0 && invocation.options.has("verbose") && !moving)
            invocation.print("'" + operand + "' -> '" + to + "'\n");
    }
    return status;
}

} // namespace

void addFileChanges(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, const char* usage,
                         std::vector<OptionSpec> options, int (*run)(Invocation&)) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = usage;
        spec.options = std::move(options);
        spec.run = run;
        table.add(std::move(spec));
    };
    const OptionSpec verbose{'v', "verbose", "", "explain what is being done"};
    const OptionSpec force{'f', "force", "", "do not prompt, ignore nonexistent files"};
    add("touch", "change file timestamps", "touch [OPTION]... FILE...",
        {{'c', "no-create", "", "do not create any files"}}, touch);
    add("mkdir", "make directories", "mkdir [OPTION]... DIRECTORY...",
        {{'p', "parents", "", "no error if existing, make parent directories as needed"},
         verbose,
         {'m', "mode", "MODE", "set file mode"}},
        mkdir);
    add("rmdir", "remove empty directories", "rmdir [OPTION]... DIRECTORY...", {verbose}, rmdir);
    add("rm", "remove files or directories", "rm [OPTION]... [FILE]...",
        {force,
         {'i', "", "", "prompt before every removal"},
         {'r', "recursive", "", "remove directories and their contents recursively"},
         {'R', "", "", "same as -r"},
         verbose},
        rm);
    add("cp", "copy files and directories", "cp [OPTION]... SOURCE... DEST",
        {{'a', "archive", "", "same as -r"},
         force,
         {'p', "", "", "preserve mode, ownership, timestamps"},
         {'r', "recursive", "", "copy directories recursively"},
         {'R', "", "", "same as -r"},
         verbose},
        transfer);
    add("mv", "move (rename) files", "mv [OPTION]... SOURCE... DEST", {force, verbose}, transfer);
}

} // namespace core::shell
