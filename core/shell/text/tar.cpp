#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/file_mode.h"
#include "core/shell/text/tar_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

// GNU tar 1.34's words.
namespace core::shell {

namespace {

constexpr int kFatal = 2;
constexpr int kDeepest = 64;

struct TarCall {
    std::string operations; ///< of "ctx", as given
    bool gzip = false;
    bool verbose = false;
    bool absoluteNames = false;
    bool toStdout = false;
    bool keepOld = false;
    std::size_t stripped = 0;
    std::string archive = "-";
    std::vector<std::pair<std::string, std::string>> operands; ///< the -C in force, then the name
    std::string folder;                                        ///< the last -C, or where tar was called
    std::string shownFolder;                                   ///< the last -C as given
    std::vector<std::string> excluded;
    std::string error;
};

/// tar's own options: a first word without a dash is a bundle of letters whose values follow it, and -C counts from where
/// it stands, so that getopt's order does not do.
class TarWords {
public:
    TarWords(const std::vector<std::string>& words, const std::string& folder) : m_words(words) { m_call.folder = folder; }

    TarCall parse()
    {
        if (!m_words.empty() && !m_words.front().starts_with('-')) {
            m_at = 1;
            for (const char letter : m_words.front())
                take(letter, {});
        }
        bool options = true;
        while (m_at < m_words.size()) {
            const std::string word = m_words[m_at++];
            if (options && word == "--")
                options = false;
            else if (options && word.starts_with("--"))
                takeLong(word.substr(2));
            else if (options && word.size() > 1 && word.front() == '-')
                takeBundle(word);
            else
                m_call.operands.emplace_back(m_call.folder, word);
        }
        return std::move(m_call);
    }

private:
    static bool takesValue(char letter) { return letter == 'f' || letter == 'C' || letter == 'X'; }

    void takeBundle(const std::string& word)
    {
        for (std::size_t i = 1; i < word.size(); ++i) {
            const bool last = takesValue(word[i]);
            take(word[i], last ? word.substr(i + 1) : std::string());
            if (last)
                return;
        }
    }

    std::string value(const std::string& attached, const std::string& option)
    {
        if (!attached.empty())
            return attached;
        if (m_at < m_words.size())
            return m_words[m_at++];
        complain(fmt::format("tar: option requires an argument -- '{}'", option));
        return {};
    }

    void take(char letter, const std::string& attached)
    {
        switch (letter) {
        case 'c':
        case 't':
        case 'x': m_call.operations += letter; break;
        case 'z': m_call.gzip = true; break;
        case 'v': m_call.verbose = true; break;
        case 'f': m_call.archive = value(attached, "f"); break;
        case 'C':
            m_call.shownFolder = value(attached, "C");
            m_call.folder = joinPath(m_call.folder, m_call.shownFolder);
            break;
        case 'O': m_call.toStdout = true; break;
        case 'P': m_call.absoluteNames = true; break;
        case 'k': m_call.keepOld = true; break;
        case 'm': // what is written has the time of writing anyway
        case 'p':
        case 'h':
        case 'o': break;
        default: complain(fmt::format("tar: invalid option -- '{}'", letter));
        }
    }

    void takeLong(const std::string& word)
    {
        static const std::map<std::string, char, std::less<>> kLetters{
            {"create", 'c'}, {"list", 't'}, {"extract", 'x'}, {"get", 'x'}, {"gzip", 'z'}, {"gunzip", 'z'}, {"verbose", 'v'}, {"file", 'f'},
            {"directory", 'C'}, {"to-stdout", 'O'}, {"absolute-names", 'P'}, {"keep-old-files", 'k'}, {"touch", 'm'},
            {"preserve-permissions", 'p'}, {"same-permissions", 'p'}, {"dereference", 'h'}, {"no-same-owner", 'o'}, {"no-same-permissions", 'o'}};
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const std::string attached = equals == std::string::npos ? std::string() : word.substr(equals + 1);
        if (const auto letter = kLetters.find(name); letter != kLetters.end())
            take(letter->second, attached);
        else if (name == "exclude")
            m_call.excluded.push_back(value(attached, name));
        else if (name == "strip-components")
            m_call.stripped = static_cast<std::size_t>(std::max(0, std::atoi(value(attached, name).c_str())));
        else
            complain(fmt::format("tar: unrecognized option '--{}'", word));
    }

    void complain(const std::string& text)
    {
        if (m_call.error.empty())
            m_call.error = text + "\n";
    }

    const std::vector<std::string>& m_words;
    std::size_t m_at = 0;
    TarCall m_call;
};

class Tar {
public:
    explicit Tar(Invocation& invocation) : m_invocation(invocation) { }

    int run()
    {
        m_call = TarWords(m_invocation.arguments, m_invocation.workingDirectory()).parse();
        constexpr std::string_view kHelp = "Try 'tar --help' or 'tar --usage' for more information.\n";
        if (!m_call.error.empty())
            return tell(m_call.error + std::string(kHelp));
        if (m_call.operations.empty())
            return tell("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n" + std::string(kHelp));
        if (m_call.operations.find_first_not_of(m_call.operations.front()) != std::string::npos)
            return tell("tar: You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option\n" + std::string(kHelp));
        if (m_call.operations.front() == 'c')
            return m_call.operands.empty() ? tell("tar: Cowardly refusing to create an empty archive\n" + std::string(kHelp)) : create();
        return read(m_call.operations.front() == 'x');
    }

private:
    int tell(const std::string& text)
    {
        m_invocation.err().write(text);
        return kFatal;
    }
    int giveUp(const std::string& text) { return tell("tar: " + text + "\ntar: Error is not recoverable: exiting now\n"); }
    void complain(const std::string& text)
    {
        m_invocation.err().write("tar: " + text + "\n");
        m_failed = true;
    }
    int finish()
    {
        if (!m_failed)
            return 0;
        return tell("tar: Exiting with failure status due to previous errors\n");
    }

    bool isFolder(const std::string& path)
    {
        const auto stat = m_invocation.system().stat(m_invocation.place(), path);
        return stat && stat->type == FileStat::Type::Directory;
    }

    // ---- writing an archive ----

    int create()
    {
        for (const auto& [folder, name] : m_call.operands) {
            if (!isFolder(folder))
                return giveUp(m_call.shownFolder + ": Cannot open: No such file or directory");
            add(name, joinPath(folder, name), 0);
        }
        const std::string bytes = packTar(m_members, m_call.gzip);
        if (m_call.archive == "-") {
            if (m_invocation.out().isTerminal())
                return giveUp("Refusing to write archive contents to terminal (missing -f option?)");
            m_invocation.out().write(bytes);
        } else if (const Errno error = m_invocation.system().writeFile(m_invocation.place(), m_invocation.absolutePath(m_call.archive), bytes, false);
                   error != Errno::None) {
            return giveUp(fmt::format("{}: Cannot open: {}", m_call.archive, describe(error)));
        }
        return finish();
    }

    void add(const std::string& name, const std::string& path, int depth)
    {
        System& system = m_invocation.system();
        const std::string shown(fileNameOf(name));
        if (std::find(m_call.excluded.begin(), m_call.excluded.end(), shown) != m_call.excluded.end() || depth > kDeepest)
            return;
        TarMember member;
        member.name = memberName(name);
        const auto stat = system.stat(m_invocation.place(), path, false);
        if (!stat)
            return complain(name + ": Cannot stat: No such file or directory");
        member.stat = *stat;
        const bool folder = stat->type == FileStat::Type::Directory;
        if (folder && !member.name.ends_with('/'))
            member.name += '/';
        if (stat->type == FileStat::Type::Regular) {
            ReadFile file = system.readFile(m_invocation.place(), path);
            if (file.error != Errno::None)
                return complain(fmt::format("{}: Cannot open: {}", name, describe(file.error)));
            member.content = std::move(file.text);
        }
        if (m_call.verbose) {
            const std::string line = name + (folder && !name.ends_with('/') ? "/" : "") + "\n";
            (m_call.archive == "-" ? m_invocation.err() : m_invocation.out()).write(line);
        }
        m_members.push_back(std::move(member));
        if (!folder)
            return;
        const auto entries = system.list(m_invocation.place(), path);
        for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>{}))
            if (entry.name != "." && entry.name != "..")
                add(name + (name.ends_with('/') ? "" : "/") + entry.name, joinPath(path, entry.name), depth + 1);
    }

    std::string memberName(const std::string& name)
    {
        const std::size_t first = name.find_first_not_of('/');
        if (m_call.absoluteNames || first == 0)
            return name;
        if (!m_removalTold) {
            m_invocation.err().write("tar: Removing leading `/' from member names\n");
            m_removalTold = true;
        }
        return first == std::string::npos ? "./" : name.substr(first);
    }

    // ---- reading one ----

    int read(bool extract)
    {
        std::string bytes;
        if (m_call.archive == "-") {
            if (m_invocation.in().isTerminal())
                return giveUp("Refusing to read archive contents from terminal (missing -f option?)");
            bytes = m_invocation.in().readAll();
        } else {
            ReadFile file = m_invocation.system().readFile(m_invocation.place(), m_invocation.absolutePath(m_call.archive));
            if (file.error != Errno::None)
                return giveUp(fmt::format("{}: Cannot open: {}", m_call.archive, describe(file.error)));
            bytes = std::move(file.text);
        }
        if (!isFolder(m_call.folder))
            return giveUp(m_call.shownFolder + ": Cannot open: No such file or directory");
        UnpackedTar unpacked = unpackTar(bytes, m_call.gzip);
        if (unpacked.problem == UnpackedTar::Problem::NotCompressed) {
            m_invocation.err().write("\ngzip: stdin: not in gzip format\ntar: Child returned status 1\n");
            return tell("tar: Error is not recoverable: exiting now\n");
        }
        for (TarMember& member : unpacked.members)
            if (isWanted(member.name))
                extract ? unpack(member) : list(member);
        if (unpacked.problem == UnpackedTar::Problem::NotAnArchive && !bytes.empty()) {
            complain("This does not look like a tar archive");
            m_invocation.err().write("tar: Skipping to next header\n");
        } else if (unpacked.problem == UnpackedTar::Problem::Truncated) {
            return giveUp("Unexpected EOF in archive");
        }
        for (const auto& [folder, name] : m_call.operands)
            if (!m_found.contains(name))
                complain(name + ": Not found in archive");
        return finish();
    }

    bool isWanted(const std::string& name)
    {
        if (m_call.operands.empty())
            return true;
        bool wanted = false;
        for (const auto& [folder, operand] : m_call.operands) {
            const std::string whole = operand.ends_with('/') ? operand.substr(0, operand.size() - 1) : operand;
            if (name == whole || name.starts_with(whole + "/")) {
                m_found[operand] = true;
                wanted = true;
            }
        }
        return wanted;
    }

    void list(const TarMember& member)
    {
        if (!m_call.verbose)
            return m_invocation.print(member.name + "\n");
        const std::string who = member.stat.owner + "/" + member.stat.group;
        const std::string size = std::to_string(member.stat.type == FileStat::Type::Regular ? member.stat.size : 0);
        m_width = std::max(m_width, who.size() + 1 + size.size());
        const bool link = member.stat.type == FileStat::Type::Symlink;
        m_invocation.print(fmt::format("{} {} {:>{}} {} {}{}\n", modeString(member.stat), who, size, m_width - who.size() - 1,
                                       formatDate(member.stat.modified, "%Y-%m-%d %H:%M"), member.name, link ? " -> " + member.stat.target : ""));
    }

    /// Without the parts that --strip-components takes off; empty when nothing is left.
    std::string strippedName(const std::string& name) const
    {
        std::size_t at = 0;
        for (std::size_t i = 0; i < m_call.stripped; ++i) {
            at = name.find('/', at);
            if (at == std::string::npos)
                return {};
            ++at;
        }
        return name.substr(at);
    }

    void unpack(TarMember& member)
    {
        std::string name = strippedName(member.name);
        if (name.empty())
            return;
        if (m_call.toStdout)
            return m_invocation.out().write(member.content);
        if (m_call.verbose)
            m_invocation.print(member.name + "\n");
        if (name.starts_with('/'))
            name = memberName(name);
        if (name == ".." || name.starts_with("../") || name.find("/../") != std::string::npos)
            return complain(name + ": Member name contains '..'");
        const std::string path = joinPath(m_call.folder, name);
        makeFolders(member.stat.type == FileStat::Type::Directory ? path : parentOf(path));
        if (member.stat.type == FileStat::Type::Directory)
            return;
        if (member.stat.type == FileStat::Type::Symlink)
            return complain(fmt::format("{}: Cannot create symlink to '{}': Operation not permitted", name, member.stat.target));
        if (m_call.keepOld && m_invocation.system().stat(m_invocation.place(), path))
            return complain(name + ": Cannot open: File exists");
        const Errno error = m_invocation.system().writeFile(m_invocation.place(), path, member.content, false);
        if (error != Errno::None)
            return complain(fmt::format("{}: Cannot open: {}", name, describe(error)));
        if ((member.stat.mode & 0111) != 0 && !m_invocation.place().container)
            m_invocation.run({"chmod", fmt::format("{:o}", member.stat.mode), path});
    }

    void makeFolders(const std::string& path)
    {
        if (path == "/" || isFolder(path))
            return;
        makeFolders(parentOf(path));
        if (const Errno error = m_invocation.system().makeDirectory(m_invocation.place(), path); error != Errno::None && !isFolder(path))
            complain(fmt::format("{}: Cannot mkdir: {}", path, describe(error)));
    }

    Invocation& m_invocation;
    TarCall m_call;
    std::vector<TarMember> m_members;
    std::map<std::string, bool> m_found; ///< operands that a member matched
    std::size_t m_width = 18;            ///< of owner, group and size in a long listing; it only grows
    bool m_removalTold = false;
    bool m_failed = false;
};

int tar(Invocation& invocation) { return Tar(invocation).run(); }

} // namespace

void addTar(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "tar";
    spec.summary = "an archiving utility";
    spec.usage = "tar [OPTION...] [FILE]...";
    spec.options = {{'c', "create", "", "create a new archive"},
                    {'x', "extract", "", "extract files from an archive"},
                    {'t', "list", "", "list the contents of an archive"},
                    {'f', "file", "ARCHIVE", "use archive file ARCHIVE; - is standard input or output"},
                    {'z', "gzip", "", "filter the archive through gzip"},
                    {'v', "verbose", "", "verbosely list files processed"},
                    {'C', "directory", "DIR", "change to directory DIR"},
                    {'O', "to-stdout", "", "extract files to standard output"},
                    {'k', "keep-old-files", "", "don't replace existing files when extracting"},
                    {0, "strip-components", "NUMBER", "strip NUMBER leading components from file names on extraction"},
                    {0, "exclude", "NAME", "exclude files of that name"}};
    spec.parseOptions = false;
    spec.run = tar;
    table.add(std::move(spec));
}

} // namespace core::shell
