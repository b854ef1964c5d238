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
        for (std::size_t slash = 0; parents && (slash = operand.find('/', slash + 1)) != std::string::npos;) {
            const std::string parent = operand.substr(0, slash);
            const std::string absolute = invocation.absolutePath(parent);
            if (isDirectory(invocation, absolute))
                continue;
            const Errno error = invocation.system().makeDirectory(invocation.place(), absolute);
            if (error == Errno::None && invocation.options.has("verbose"))
                invocation.print("mkdir: created directory '" + parent + "'\n");
        }
        if (parents && isDirectory(invocation, path))
            continue;
        const Errno error = invocation.system().makeDirectory(invocation.place(), path);
        if (error != Errno::None)
            status = invocation.fail(1, "cannot create directory '" + operand + "': " + reason(error));
        else if (invocation.options.has("verbose"))
            invocation.print("mkdir: created directory '" + operand + "'\n");
    }
    return status;
}

Errno removeDirectory(Invocation& invocation, const std::string& path)
{
    if (!invocation.system().stat(invocation.place(), path))
        return Errno::NoEntry;
    return isDirectory(invocation, path) ? invocation.system().removeFile(invocation.place(), path)
                                         : Errno::NotDirectory;
}

int rmdir(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missing(invocation, "operand");
    int status = 0;
    for (std::string operand : invocation.operands) {
        for (bool first = true; !operand.empty() && operand != "/"; first = false) {
            if (invocation.options.has("verbose"))
                invocation.print("rmdir: removing directory, '" + operand + "'\n");
            const Errno error = removeDirectory(invocation, invocation.absolutePath(operand));
            if (error == Errno::NotEmpty && invocation.options.has("ignore-fail-on-non-empty"))
                break;
            if (error != Errno::None) {
                status = invocation.fail(1, std::string("failed to remove ") + (first ? "" : "directory ") + "'"
                                                + operand + "': " + reason(error));
                break;
            }
            const std::size_t slash = operand.rfind('/');
            operand.resize(invocation.options.has("parents") && slash != std::string::npos ? slash : 0);
        }
    }
    return status;
}

constexpr int kMaxDepth = 64;

int removeTree(Invocation& invocation, const std::string& shown, const std::string& path, int depth)
{
    int status = 0;
    const auto stat = invocation.system().stat(invocation.place(), path, false);
    const bool directory = stat && stat->type == FileStat::Type::Directory;
    if (directory && depth < kMaxDepth) {
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
    if (invocation.options.has("verbose") && invocation.name == "rm")
        invocation.print((directory ? "removed directory '" : "removed '") + shown + "'\n");
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
        const std::size_t slash = operand.rfind('/');
        const std::string last = operand.substr(slash == std::string::npos ? 0 : slash + 1);
        if (recursive && (last == "." || last == "..")) {
            status = invocation.fail(1, "refusing to remove '.' or '..' directory: skipping '" + operand + "'");
        } else if (!stat) {
            if (!force)
                status = invocation.fail(1, "cannot remove '" + operand + "': No such file or directory");
        } else if (path == "/" && recursive) {
            invocation.err().write("rm: it is dangerous to operate recursively on '/'\nrm: use "
                                   "--no-preserve-root to override this failsafe\n");
            status = 1;
        } else if (stat->type == FileStat::Type::Directory && !recursive && invocation.options.has("dir")) {
            const Errno error = invocation.system().removeFile(invocation.place(), path);
            if (error != Errno::None)
                status = invocation.fail(1, "cannot remove '" + operand + "': " + reason(error));
            else if (invocation.options.has("verbose"))
                invocation.print("removed directory '" + operand + "'\n");
        } else if (stat->type == FileStat::Type::Directory && !recursive) {
            status = invocation.fail(1, "cannot remove '" + operand + "': Is a directory");
        } else {
            status |= removeTree(invocation, operand, path, 0);
        }
    }
    return status;
}

/// A file to copy or move, and the names by which messages call it and its destination.
struct Transfer {
    std::string from, to;           ///< absolute
    std::string shownFrom, shownTo; ///< as typed
};

int copyTree(Invocation& invocation, const Transfer& transfer, int depth)
{
    System& system = invocation.system();
    const bool shows = invocation.options.has("verbose") && invocation.name != "mv";
    if (isDirectory(invocation, transfer.from)) {
        if (!isDirectory(invocation, transfer.to)) {
            const Errno error = system.makeDirectory(invocation.place(), transfer.to);
            if (error != Errno::None)
                return invocation.fail(1, "cannot create directory '" + transfer.shownTo + "': " + reason(error));
            if (shows)
                invocation.print("'" + transfer.shownFrom + "' -> '" + transfer.shownTo + "'\n");
        }
        const auto entries = system.list(invocation.place(), transfer.from);
        int status = 0;
        for (std::size_t i = 0; entries && i < entries->size() && depth < kMaxDepth; ++i) {
            const std::string& name = (*entries)[i].name;
            if (name != "." && name != "..")
                status |= copyTree(invocation,
                                   {joinPath(transfer.from, name), joinPath(transfer.to, name),
                                    transfer.shownFrom + "/" + name, transfer.shownTo + "/" + name},
                                   depth + 1);
        }
        return status;
    }
    const ReadFile file = system.readFile(invocation.place(), transfer.from);
    if (file.error != Errno::None)
        return invocation.fail(1, "cannot open '" + transfer.shownFrom + "' for reading: " + reason(file.error));
    const Errno error = system.writeFile(invocation.place(), transfer.to, file.text, false);
    if (error != Errno::None)
        return invocation.fail(1, (invocation.name == "mv" ? "cannot move '" + transfer.shownFrom + "' to '"
                                                           : std::string("cannot create regular file '"))
                                      + transfer.shownTo + "': " + reason(error));
    if (shows)
        invocation.print("'" + transfer.shownFrom + "' -> '" + transfer.shownTo + "'\n");
    return 0;
}

/// cp and mv: mv is a copy and a removal.
class Mover {
public:
    explicit Mover(Invocation& invocation)
        : m_invocation(invocation), m_options(invocation.options), m_moving(invocation.name == "mv"),
          m_recursive(m_moving || m_options.has("recursive") || m_options.has("archive") || m_options.has("R"))
    { }

    int run()
    {
        std::vector<std::string> sources = m_invocation.operands;
        if (sources.empty())
            return missing(m_invocation, "file operand");
        if (m_options.has("target-directory")) {
            m_target = m_options.value("target-directory");
        } else {
            if (sources.size() == 1)
                return missing(m_invocation, "destination file operand after '" + sources[0] + "'");
            m_target = sources.back();
            sources.pop_back();
        }
        const auto stat = m_invocation.system().stat(m_invocation.place(), m_invocation.absolutePath(m_target));
        const bool directory = stat && stat->type == FileStat::Type::Directory;
        if ((sources.size() > 1 || m_options.has("target-directory")) && !directory)
            return m_invocation.fail(1, "target '" + m_target + "': "
                                            + (stat ? "Not a directory" : "No such file or directory"));
        m_intoDirectory = directory && !m_options.has("no-target-directory");
        int status = 0;
        for (const std::string& source : sources)
            status |= transferOne(source);
        return status;
    }

private:
    Transfer destinationOf(const std::string& source) const
    {
        Transfer transfer{m_invocation.absolutePath(source), m_invocation.absolutePath(m_target), source, m_target};
        // "folder/." stands for what is in it.
        const bool contents = source == "." || (source.size() > 1 && source.compare(source.size() - 2, 2, "/.") == 0);
        if (m_intoDirectory && !contents) {
            const std::string name(fileNameOf(transfer.from));
            transfer.to = joinPath(transfer.to, name);
            transfer.shownTo += (m_target.back() == '/' ? "" : "/") + name;
        }
        return transfer;
    }

    int transferOne(const std::string& source)
    {
        System& system = m_invocation.system();
        const Transfer transfer = destinationOf(source);
        const auto from = system.stat(m_invocation.place(), transfer.from, !m_moving);
        if (!from)
            return m_invocation.fail(1, "cannot stat '" + source + "': No such file or directory");
        const bool directory = from->type == FileStat::Type::Directory;
        if (directory && !m_recursive)
            return m_invocation.fail(1, "-r not specified; omitting directory '" + source + "'");
        if (transfer.from == transfer.to)
            return m_invocation.fail(1, "'" + source + "' and '" + transfer.shownTo + "' are the same file");
        if (directory && transfer.to.compare(0, transfer.from.size() + 1, transfer.from + "/") == 0)
            return m_invocation.fail(1, (m_moving ? "cannot move '" + source + "' to a subdirectory of itself, '"
                                                  : "cannot copy a directory, '" + source + "', into itself, '")
                                            + transfer.shownTo + "'");
        const auto to = system.stat(m_invocation.place(), transfer.to);
        if (to && m_options.has("no-clobber"))
            return 0;
        if (to && m_options.has("update") && from->modified <= to->modified)
            return 0;
        if (to && directory && to->type != FileStat::Type::Directory)
            return m_invocation.fail(1, "cannot overwrite non-directory '" + transfer.shownTo + "' with directory '"
                                            + source + "'");
        if (to && !directory && to->type == FileStat::Type::Directory)
            return m_invocation.fail(1, "cannot overwrite directory '" + transfer.shownTo + "' with non-directory"
                                            + (m_moving ? " '" + source + "'" : ""));
        const int copied = copyTree(m_invocation, transfer, 0);
        if (!m_moving || copied != 0)
            return copied;
        if (m_options.has("verbose"))
            m_invocation.print("renamed '" + source + "' -> '" + transfer.shownTo + "'\n");
        return removeTree(m_invocation, source, transfer.from, 0);
    }

    Invocation& m_invocation;
    const Options& m_options;
    bool m_moving;
    bool m_recursive;
    bool m_intoDirectory = false;
    std::string m_target;
};

int transferFiles(Invocation& invocation)
{
    return Mover(invocation).run();
}

} // namespace

void addFileChanges(CommandTable& table)
{
    const OptionSpec verbose{'v', "verbose", "", "explain what is being done"};
    const OptionSpec force{'f', "force", "", "do not prompt, ignore nonexistent files"};
    table.add("touch", "change file timestamps", "touch [OPTION]... FILE...",
        {{'a', "", "", "change only the access time"},
         {'c', "no-create", "", "do not create any files"},
         {'m', "", "", "change only the modification time"}},
        touch);
    table.add("mkdir", "make directories", "mkdir [OPTION]... DIRECTORY...",
        {{'p', "parents", "", "no error if existing, make parent directories as needed"},
         verbose,
         {'m', "mode", "MODE", "set file mode"}},
        mkdir);
    table.add("rmdir", "remove empty directories", "rmdir [OPTION]... DIRECTORY...",
        {{0, "ignore-fail-on-non-empty", "", "ignore each failure that is solely because a directory is non-empty"},
         {'p', "parents", "", "remove DIRECTORY and its ancestors"},
         verbose},
        rmdir);
    table.add("rm", "remove files or directories", "rm [OPTION]... [FILE]...",
        {force,
         {'i', "", "", "prompt before every removal"},
         {'d', "dir", "", "remove empty directories"},
         {'r', "recursive", "", "remove directories and their contents recursively"},
         {'R', "", "", "same as -r"},
         verbose},
        rm);
    const OptionSpec noClobber{'n', "no-clobber", "", "do not overwrite an existing file"};
    const OptionSpec target{'t', "target-directory", "DIRECTORY", "put all SOURCE arguments into DIRECTORY"};
    const OptionSpec noTarget{'T', "no-target-directory", "", "treat DEST as a normal file"};
    const OptionSpec update{'u', "update", "", "only when the SOURCE file is newer than the destination"};
    table.add("cp", "copy files and directories", "cp [OPTION]... SOURCE... DEST",
        {{'a', "archive", "", "same as -r"},
         force,
         noClobber,
         {'p', "", "", "preserve mode, ownership, timestamps"},
         {'r', "recursive", "", "copy directories recursively"},
         {'R', "", "", "same as -r"},
         target,
         noTarget,
         update,
         verbose},
        transferFiles);
    table.add("mv", "move (rename) files", "mv [OPTION]... SOURCE... DEST",
        {force, noClobber, target, noTarget, update, verbose}, transferFiles);
}

} // namespace core::shell
