#include "core/shell/commands/kubectl/pods.h"
#include "core/shell/commands/kubectl/typed.h"
#include "core/shell/paths.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

// kubectl/pkg/cmd/cp/cp.go. The real one runs tar in the container and reads or feeds its archive; here the files are read and
// written where that tar would, and it says what tar says.
namespace core::shell::kubectl {

namespace {

constexpr int kDeepestFolder = 64;
constexpr std::string_view kBadSpec = "filespec must match the canonical format: [[namespace/]pod:]file/path";

struct FileSpec {
    std::string nameSpace;
    std::string pod; ///< empty: a local file
    std::string path;
};

std::optional<FileSpec> fileSpec(const std::string& word)
{
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos)
        return FileSpec{{}, {}, word};
    const auto parts = sim::split(word.substr(0, colon), '/');
    if (colon == 0 || parts.size() > 2)
        return std::nullopt;
    return FileSpec{parts.size() == 2 ? parts[0] : std::string(), parts.back(), word.substr(colon + 1)};
}

class Copier {
public:
    explicit Copier(Call& call) : m_call(call), m_system(call.inv.system()) { }

    int run()
    {
        if (m_call.words.size() != 2)
            return m_call.fail("source and destination are required");
        const auto from = fileSpec(m_call.words[0]);
        const auto to = fileSpec(m_call.words[1]);
        if (!from || !to)
            return m_call.fail(kBadSpec);
        if (!from->pod.empty() && !to->pod.empty())
            return m_call.fail("one of src or dest must be a local file specification");
        if (from->path.empty() || to->path.empty())
            return m_call.fail("filepath can not be empty");
        if (!from->pod.empty())
            return fromPod(*from, to->path);
        return to->pod.empty() ? m_call.fail("one of src or dest must be a remote file specification") : toPod(from->path, *to);
    }

private:
    using Stat = std::optional<FileStat>;

    bool isFolder(const Place& place, const std::string& path)
    {
        const Stat stat = m_system.stat(place, path);
        return stat && stat->type == FileStat::Type::Directory;
    }

    /// Where the pod's tar runs. Complains and returns nothing when it does not.
    std::optional<Place> tarPlace(const FileSpec& spec)
    {
        const sim::kube::Response found = m_call.client.get(resourceOf<sim::kube::Pod>(), spec.nameSpace.empty() ? m_call.nameSpace() : spec.nameSpace,
                                                            spec.pod);
        if (!succeeded(found)) {
            m_call.refused(found);
            return std::nullopt;
        }
        const auto pod = decoded<sim::kube::Pod>(found.body);
        if (refusesCompleted(m_call, pod, "exec into"))
            return std::nullopt;
        const auto container = containerFor(m_call, pod, m_call.flags.text("container"));
        return container ? execPlace(m_call, pod, *container, "tar") : std::nullopt;
    }

    int endedWith(int code)
    {
        m_call.err(fmt::format("command terminated with exit code {}\n", code));
        return 1;
    }

    /// Copies what is at `from`, folders with all that they hold; symlinks are told of and left out. What went wrong; empty when
    /// nothing did.
    std::string copy(const Place& source, const std::string& from, const Place& target, const std::string& to, int depth)
    {
        const Stat stat = m_system.stat(source, from, false);
        if (!stat || depth > kDeepestFolder)
            return {};
        if (stat->type == FileStat::Type::Directory) {
            makeFolders(target, to);
            const auto entries = m_system.list(source, from);
            for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>{}))
                if (entry.name != "." && entry.name != "..")
                    if (std::string problem = copy(source, joinPath(from, entry.name), target, joinPath(to, entry.name), depth + 1); !problem.empty())
                        return problem;
            return {};
        }
        if (stat->type == FileStat::Type::Symlink) {
            m_call.err(fmt::format("warning: skipping symlink: \"{}\" -> \"{}\"\n", to, stat->target));
            return {};
        }
        const ReadFile file = m_system.readFile(source, from);
        if (file.error != Errno::None)
            return fmt::format("open {}: {}", from, describeAsGo(file.error));
        makeFolders(target, parentOf(to));
        const Errno error = m_system.writeFile(target, to, file.text, false);
        return error == Errno::None ? std::string() : fmt::format("open {}: {}", to, describeAsGo(error));
    }

    static std::string describeAsGo(Errno error) { return sim::lowered(describe(error)); }

    void makeFolders(const Place& place, const std::string& path)
    {
        if (path == "/" || isFolder(place, path))
            return;
        makeFolders(place, parentOf(path));
        m_system.makeDirectory(place, path);
    }

    int toPod(const std::string& from, const FileSpec& to)
    {
        const std::string local = m_call.inv.absolutePath(from);
        const Place& here = m_call.inv.place();
        if (!m_system.stat(here, local))
            return m_call.fail(fmt::format("{} doesn't exist in local filesystem", from));
        const auto place = tarPlace(to);
        if (!place)
            return 1;
        std::string target = joinPath("/", to.path);
        if (isFolder(*place, target))
            target = joinPath(target, fileNameOf(local));
        if (const std::string folder = parentOf(target); !isFolder(*place, folder)) {
            m_call.err(fmt::format("tar: {}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n", folder));
            return endedWith(2);
        }
        const std::string problem = copy(here, local, *place, target, 0);
        return problem.empty() ? 0 : m_call.fail(problem);
    }

    int fromPod(const FileSpec& from, const std::string& to)
    {
        const auto place = tarPlace(from);
        if (!place)
            return 1;
        const std::string source = joinPath("/", from.path);
        if (from.path.starts_with('/'))
            m_call.out("tar: Removing leading `/' from member names\n");
        const Stat stat = m_system.stat(*place, source, false);
        if (!stat) {
            m_call.out(fmt::format("tar: {}: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n",
                                   from.path));
            return endedWith(2);
        }
        if (stat->type != FileStat::Type::Directory && isFolder(m_call.inv.place(), m_call.inv.absolutePath(to)))
            return m_call.fail(fmt::format("open {}: is a directory", to));
        m_call.inv.noteRead(fmt::format("file/{}{}", from.pod, source));
        const std::string problem = copy(*place, source, m_call.inv.place(), m_call.inv.absolutePath(to), 0);
        return problem.empty() ? 0 : m_call.fail(problem);
    }

    Call& m_call;
    System& m_system;
};

int runCp(Call& call) { return Copier(call).run(); }

} // namespace

Verb cpVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"cp", kTroubleshooting, "Copy files and directories to and from containers", "<file-spec-src> <file-spec-dest>"};
    verb.flags = {kContainer,
                  {0, "no-preserve", T::Bool, "false", "Do not keep owners and modes in the container."},
                  {0, "retries", T::Number, "0", "How often to try again to read from a container."}};
    verb.run = runCp;
    verb.operand = Operand::Pod;
    verb.examples = {"# A file out of a container", "kubectl cp shop/web-0:/etc/app.conf app.conf", "# A directory into one",
                     "kubectl cp config web-0:/tmp/config -c web"};
    return verb;
}

} // namespace core::shell::kubectl
