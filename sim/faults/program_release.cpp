#include "sim/faults/program_release.h"

#include <algorithm>
#include <cmath>

namespace sim::faults {

namespace {

std::string lastPart(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

/// Bytes a second by which a program's heap grows for good, or as long as a call holds what it fills.
double growthOf(const programs::Running& running)
{
    double growth = 0;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const programs::CodePath& path = running.code->paths[i];
        for (std::size_t k = 0; k < path.allocations.size(); ++k) {
            const programs::Allocation& what = path.allocations[k];
            growth += running.rates.sites[running.siteOf(i) + k].retainedBytes;
            if (what.heldSeconds > 0 && running.active(path))
                growth += what.bytes * (1 - what.retained) / what.heldSeconds;
        }
    }
    return growth;
}

} // namespace

std::optional<ProgramRelease> ProgramRelease::find(Context& context, const std::string& machine,
                                                   const std::string& program)
{
    const host::Machine* found = context.parts.hosts.find(machine);
    const programs::Code* code = context.programs.code(program);
    if (found == nullptr || code == nullptr || found->units.count(program + ".service") == 0)
        return std::nullopt;
    return ProgramRelease(context, found->id, *code);
}

std::string ProgramRelease::current() const
{
    const auto file = m_context->parts.hosts.inspect(m_host, link(), m_context->parts.engine.now());
    return file ? lastPart(file->content) : std::string();
}

host::Pid ProgramRelease::pid()
{
    return machine().units.at(unit()).mainPid;
}

void ProgramRelease::keepOnly(const std::vector<std::string>& versions)
{
    for (const std::string& name : m_context->parts.hosts.list(m_host, releases(), m_context->parts.engine.now())
                                       .value_or(std::vector<std::string>{}))
        if (std::find(versions.begin(), versions.end(), name) == versions.end())
            m_context->parts.hosts.remove(m_context->parts.engine, m_host, releases() + "/" + name, true);
}

void ProgramRelease::prune()
{
    keepOnly({current()});
}

void ProgramRelease::deploy(const std::string& kept, const std::string& version)
{
    auto& hosts = m_context->parts.hosts;
    Engine& engine = m_context->parts.engine;
    const std::string before = current();
    const std::string folder = releases() + "/" + version;
    hosts.makeDirectory(engine, m_host, folder, true);
    // A compiled program is its own file beside those that content has; a script is one of those.
    if (m_code->version(kept)->files.count(m_code->executable) == 0)
        hosts.writeFile(engine, m_host, folder + "/" + m_code->executable, "", false, 0755,
                        static_cast<std::int64_t>(m_code->baseBytes / 3));
    for (const auto& [path, text] : m_code->version(kept)->files)
        hosts.writeFile(engine, m_host, folder + "/" + path, text, false, path == m_code->executable ? 0755 : 0644);
    hosts.remove(engine, m_host, link());
    hosts.symlink(engine, m_host, folder, link());
    keepOnly({before, version});
}

void ProgramRelease::set(const std::string& assignment)
{
    const std::string path = "/etc/default/" + m_code->name;
    const std::string name = assignment.substr(0, assignment.find('=') + 1);
    const auto file = m_context->parts.hosts.read(m_host, path, m_context->parts.engine.now());
    std::string text = file ? file->content : std::string();
    std::size_t begin = text.rfind(name, 0) == 0 ? 0 : text.find("\n" + name);
    if (begin == std::string::npos)
        text += assignment + "\n";
    else {
        begin += text[begin] == '\n' ? 1 : 0;
        text.replace(begin, text.find('\n', begin) - begin, assignment);
    }
    m_context->parts.hosts.writeFile(m_context->parts.engine, m_host, path, text, false);
}

void ProgramRelease::restart()
{
    m_context->parts.hosts.restartUnit(m_context->parts.engine, m_context->parts.network, m_host, unit());
}

void ProgramRelease::ageUntil(std::int64_t leftBytes)
{
    kube::Context& parts = m_context->parts;
    programs::Programs& programs = m_context->programs;
    const auto age = [&](Duration time) {
        return programs.age(parts.engine, parts.network, parts.hosts, m_host, unit(), time);
    };
    constexpr Duration kTried = std::chrono::seconds(10);
    if (!age(kTried))
        return;
    const double growth = growthOf(*programs.find(m_host, pid()));
    const auto room = static_cast<double>(machine().memoryLeftBytes() - leftBytes);
    if (growth <= 0 || room <= 0)
        return;
    // The heap takes a little more from the machine than what is live: by how much, the first try tells.
    const double before = programs.find(m_host, pid())->residentBytes();
    age(kTried + fromSeconds(10));
    const double perSecond = std::max(growth, (programs.find(m_host, pid())->residentBytes() - before) / 10);
    age(kTried + fromSeconds(room / perSecond));
}

} // namespace sim::faults
