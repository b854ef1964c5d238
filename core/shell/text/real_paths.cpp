#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

/// How much of a path must be there.
enum class Existing { All, AllButLast, Nothing };

struct Resolved {
    std::string path;
    Errno error = Errno::None;
};

/// The path without symbolic links. At most forty of them, as in the kernel.
Resolved resolve(Invocation& invocation, const std::string& path, Existing existing)
{
    constexpr int kMaxLinks = 40;
    std::string rest = path;
    std::string result = "/";
    if (rest.empty())
        return {{}, Errno::NoEntry};
    if (rest[0] != '/')
        rest = invocation.workingDirectory() + "/" + rest;
    int links = 0;
    bool missing = false;
    for (std::size_t i = 0; i < rest.size();) {
        const std::size_t end = std::min(rest.find('/', i), rest.size());
        const std::string name = rest.substr(i, end - i);
        i = end + 1;
        if (name.empty() || name == ".")
            continue;
        if (name == "..") {
            result = parentOf(result);
            continue;
        }
        const std::string next = joinPath(result, name);
        const auto stat = missing ? std::nullopt : invocation.system().stat(invocation.place(), next, false);
        const bool last = rest.find_first_not_of('/', std::min(end, rest.size())) == std::string::npos;
        if (!stat && (existing == Existing::All || (existing == Existing::AllButLast && !last)))
            return {{}, Errno::NoEntry};
        missing |= !stat;
        if (stat && stat->type == FileStat::Type::Symlink && ++links <= kMaxLinks) {
            rest = stat->target + (last ? "" : rest.substr(end));
            i = 0;
            if (stat->target[0] == '/')
                result = "/";
            continue;
        }
        if (stat && stat->type != FileStat::Type::Directory && !last && existing != Existing::Nothing)
            return {{}, Errno::NotDirectory};
        result = next;
    }
    return {result, Errno::None};
}

int missingOperandOf(Invocation& invocation)
{
    invocation.err().write(invocation.name + ": missing operand\nTry '" + invocation.name
                           + " --help' for more information.\n");
    return 1;
}

int readlink(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missingOperandOf(invocation);
    const Options& options = invocation.options;
    const bool canonical = options.has("canonicalize") || options.has("canonicalize-existing")
        || options.has("canonicalize-missing");
    const Existing existing = options.has("canonicalize-existing") ? Existing::All
        : options.has("canonicalize-missing")                      ? Existing::Nothing
                                                                   : Existing::AllButLast;
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        std::string text;
        Errno error = Errno::None;
        if (canonical) {
            const Resolved resolved = resolve(invocation, operand, existing);
            text = resolved.path;
            error = resolved.error;
        } else {
            const auto stat = invocation.system().stat(invocation.place(), invocation.absolutePath(operand), false);
            error = !stat ? Errno::NoEntry : stat->type != FileStat::Type::Symlink ? Errno::Invalid : Errno::None;
            if (error == Errno::None)
                text = stat->target;
        }
        if (error != Errno::None) {
            status = 1;
            if (options.has("verbose"))
                invocation.fail(1, operand + ": " + std::string(describe(error)));
            continue;
        }
        invocation.print(text + (options.has("no-newline") && invocation.operands.size() == 1 ? "" : "\n"));
    }
    return status;
}

/// `path` as seen from `from`: "../b" of /a/b from /a/c.
std::string relativeTo(const std::string& path, const std::string& from)
{
    std::size_t common = 0;
    for (std::size_t i = 0;; ++i) {
        const bool pathEnds = i == path.size() || path[i] == '/';
        const bool fromEnds = i == from.size() || from[i] == '/';
        if (pathEnds && fromEnds)
            common = i;
        if (i >= path.size() || i >= from.size() || path[i] != from[i])
            break;
    }
    std::string up;
    for (std::size_t i = common; i < from.size(); ++i)
        if (from[i] == '/' && i + 1 < from.size())
            up += up.empty() ? ".." : "/..";
    const std::string down = common < path.size() ? path.substr(common + (path[common] == '/' ? 1 : 0)) : "";
    const std::string text = up + (up.empty() || down.empty() ? "" : "/") + down;
    return text.empty() ? "." : text;
}

int realpath(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missingOperandOf(invocation);
    const Options& options = invocation.options;
    const Existing existing = options.has("canonicalize-existing") ? Existing::All
        : options.has("canonicalize-missing")                      ? Existing::Nothing
                                                                   : Existing::AllButLast;
    int status = 0;
    for (const std::string& operand : invocation.operands) {
        Resolved resolved = options.has("no-symlinks")
            ? Resolved{joinPath(invocation.workingDirectory(), operand), Errno::None}
            : resolve(invocation, operand, existing);
        if (resolved.error != Errno::None) {
            status = 1;
            if (!options.has("quiet"))
                invocation.fail(1, (operand.empty() ? "''" : operand) + ": " + std::string(describe(resolved.error)));
            continue;
        }
        if (options.has("relative-to"))
            resolved.path = relativeTo(resolved.path,
                                       resolve(invocation, options.value("relative-to"), Existing::Nothing).path);
        invocation.print(resolved.path + "\n");
    }
    return status;
}

/// Names nobody can guess in reality; here the same in every run, and free.
int mktemp(Invocation& invocation)
{
    const Options& options = invocation.options;
    const bool directory = options.has("directory");
    std::string pattern = invocation.operands.empty() ? "tmp.XXXXXXXXXX" : invocation.operands[0];
    if (invocation.operands.size() > 1) {
        invocation.err().write("mktemp: too many templates\nTry 'mktemp --help' for more information.\n");
        return 1;
    }
    const std::string suffix = options.value("suffix");
    const std::size_t last = pattern.rfind('X');
    const std::size_t first = last == std::string::npos ? last : pattern.find_last_not_of('X', last) + 1;
    if (last == std::string::npos || last - first < 2)
        return invocation.fail(1, "too few X's in template '" + pattern + "'");
    if (invocation.operands.empty() || options.has("tmpdir") || options.has("t"))
        pattern = joinPath(options.value("tmpdir", invocation.variable("TMPDIR").value_or("/tmp")), pattern);
    const std::size_t offset = pattern.rfind('X') + 1 - (last + 1 - first);
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    std::string path;
    std::uint64_t state = static_cast<std::uint64_t>(invocation.now().time_since_epoch().count());
    do {
        path = pattern + suffix;
        for (std::size_t i = offset; i < offset + (last + 1 - first); ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            path[i] = kLetters[(state >> 33) % kLetters.size()];
        }
    } while (invocation.system().stat(invocation.place(), invocation.absolutePath(path)));
    const std::string absolute = invocation.absolutePath(path);
    const Errno error = options.has("dry-run") ? Errno::None
        : directory                            ? invocation.system().makeDirectory(invocation.place(), absolute)
                    : invocation.system().writeFile(invocation.place(), absolute, {}, false);
    if (error != Errno::None)
        return options.has("quiet") ? 1
                                    : invocation.fail(1, fmt::format("failed to create {} via template '{}': {}",
                                                                     directory ? "directory" : "file", pattern + suffix,
                                                                     describe(error)));
    invocation.print(path + "\n");
    return 0;
}

} // namespace

void addRealPaths(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "readlink";
    spec.summary = "print resolved symbolic links or canonical file names";
    spec.usage = "readlink [OPTION]... FILE...";
    spec.options = {{'f', "canonicalize", "", "follow every symlink; all but the last component must exist"},
                    {'e', "canonicalize-existing", "", "follow every symlink; all components must exist"},
                    {'m', "canonicalize-missing", "", "follow every symlink, without requirements on existence"},
                    {'n', "no-newline", "", "do not output the trailing delimiter"},
                    {'v', "verbose", "", "report error messages"}};
    spec.run = readlink;
    table.add(spec);

    spec.name = "realpath";
    spec.summary = "print the resolved path";
    spec.usage = "realpath [OPTION]... FILE...";
    spec.options = {{'e', "canonicalize-existing", "", "all components of the path must exist"},
                    {'m', "canonicalize-missing", "", "no path components need exist or be a directory"},
                    {'q', "quiet", "", "suppress most error messages"},
                    {0, "relative-to", "DIR", "print the resolved path relative to DIR"},
                    {'s', "no-symlinks", "", "don't expand symlinks"}};
    spec.run = realpath;
    table.add(spec);

    spec.name = "mktemp";
    spec.summary = "create a temporary file or directory";
    spec.usage = "mktemp [OPTION]... [TEMPLATE]";
    spec.options = {{'d', "directory", "", "create a directory, not a file"},
                    {'p', "tmpdir", "DIR", "interpret TEMPLATE relative to DIR", false},
                    {'q', "quiet", "", "suppress diagnostics about file/dir-creation failure"},
                    {0, "suffix", "SUFF", "append SUFF to TEMPLATE"},
                    {'t', "", "", "interpret TEMPLATE as a name in the directory of temporary files"},
                    {'u', "dry-run", "", "do not create anything; merely print a name (unsafe)"}};
    spec.run = mktemp;
    table.add(std::move(spec));
}

} // namespace core::shell
