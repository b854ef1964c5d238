#include "sim/host/paths.h"

namespace sim::host {

namespace {

constexpr int kMaxLinks = 40; // MAXSYMLINKS

} // namespace

std::string normalPath(const std::string& path)
{
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (start < path.size()) {
        std::size_t end = path.find('/', start);
        if (end == std::string::npos)
            end = path.size();
        std::string part = path.substr(start, end - start);
        if (part == "..") {
            if (!parts.empty())
                parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(std::move(part));
        }
        start = end + 1;
    }
    std::string normal;
    for (const std::string& part : parts)
        normal += "/" + part;
    return normal.empty() ? "/" : normal;
}

std::string parentPath(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string resolvePath(const Machine& machine, const std::string& path, bool followLast)
{
    std::string rest = normalPath(path);
    int links = 0;
    std::size_t end = 1;
    while (end <= rest.size() && links < kMaxLinks) {
        end = rest.find('/', end);
        const bool last = end == std::string::npos;
        const std::string here = last ? rest : rest.substr(0, end);
        const auto found = machine.files.find(here);
        if (found != machine.files.end() && found->second->type == File::Type::Symlink
            && (!last || followLast)) {
            const std::string& target = found->second->content;
            const std::string base = !target.empty() && target[0] == '/' ? target
                                                                         : parentPath(here) + "/" + target;
            rest = normalPath(last ? base : base + rest.substr(end));
            ++links;
            end = 1;
            continue;
        }
        if (last)
            break;
        ++end;
    }
    return rest;
}

const File* findFile(const Machine& machine, const std::string& path, bool followLast)
{
    const std::string real = resolvePath(machine, path, followLast);
    const auto found = machine.files.find(real);
    if (found != machine.files.end())
        return found->second.get();
    static const File root{File::Type::Directory, 0755, "root", "root", "", 4096, {}};
    return real == "/" ? &root : nullptr;
}

} // namespace sim::host
