#include "core/shell/commands/kubectl/call.h"

namespace core::shell::kubectl {

namespace {

std::string line(std::string_view start, std::string_view text)
{
    std::string all(start);
    all += text;
    all += '\n';
    return all;
}

std::string sourceOf(const ResourceKind& kind, const std::string& ns, const std::string& name)
{
    return kind.singular + "/" + (kind.namespaced ? (ns.empty() ? "*" : ns) + "/" : "") + name;
}

} // namespace

void Call::warn(std::string_view text)
{
    err(line("Warning: ", text));
}

int Call::fail(std::string_view text)
{
    err(line("error: ", text));
    return 1;
}

int Call::failUsage(std::string_view text)
{
    fail(text);
    err("See '" + path + " -h' for help and examples\n");
    return 1;
}

int Call::refused(const sim::kube::Response& response, const std::string& doing, const std::string& source)
{
    err(errorText(response, doing, source) + "\n");
    return 1;
}

void Call::saw(const ResourceKind& kind, const std::string& ns, const std::string& name)
{
    inv.noteRead(sourceOf(kind, ns, name));
}

void Call::sawList(const ResourceKind& kind, const std::string& ns)
{
    inv.noteRead(sourceOf(kind, ns, "*"));
}

} // namespace core::shell::kubectl
