#include "core/shell/paths.h"

#include <vector>

namespace core::shell {

std::string joinPath(std::string_view base, std::string_view path)
{
    std::string whole;
    if (path.empty() || path[0] != '/') {
        whole = base;
        whole += '/';
    }
    whole += path;
    std::vector<std::string_view> kept;
    for (std::size_t i = 0; i < whole.size();) {
        const std::size_t end = std::min(whole.find('/', i), whole.size());
        const std::string_view component = std::string_view(whole).substr(i, end - i);
        if (component == "..") {
            if (!kept.empty())
                kept.pop_back();
        } else if (!component.empty() && component != ".") {
            kept.push_back(component);
        }
        i = end + 1;
    }
    std::string result;
    for (const std::string_view component : kept) {
        result += '/';
        result += component;
    }
    return result.empty() ? "/" : result;
}

std::string_view fileNameOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string parentOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos || slash == 0 ? "/" : std::string(path.substr(0, slash));
}

} // namespace core::shell
