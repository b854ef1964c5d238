#include "core/shell/commands/kubectl/manifest_input.h"

#include "core/shell/commands/kubectl/change.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

std::optional<std::vector<Manifest>> manifestsOnly(Call& call, bool& failed)
{
    if (!call.words.empty()) {
        call.failUsage(fmt::format("Unexpected args: [{}]", join(call.words, " ")));
        return std::nullopt;
    }
    if (!call.namesFiles()) {
        call.fail("must specify one of -f and -k");
        return std::nullopt;
    }
    auto manifests = readManifests(call, failed);
    if (manifests.empty()) {
        if (!failed)
            call.fail(fmt::format("no objects passed to {}", call.verb.name));
        return std::nullopt;
    }
    return manifests;
}

std::optional<std::string> fieldValidation(Call& call)
{
    const std::string word = call.flags.text("validate");
    if (word == "strict" || word == "true")
        return "Strict";
    if (word == "warn")
        return "Warn";
    if (word == "ignore" || word == "false")
        return "Ignore";
    call.fail(fmt::format("invalid - validate option \"{}\"; must be one of: strict (or true), warn, ignore (or false)",
                          word));
    return std::nullopt;
}

Results::Results(Call& call)
    : m_call(call), m_format(dryRunMakesSense(call) ? outputFormat(call, false) : std::nullopt)
{ }

void Results::done(const ResourceKind& kind, const Json& object, const std::string& what)
{
    if (!wantsObjects()) {
        report(m_call, kind, object, what);
        return;
    }
    m_call.saw(kind, textAt(object, {"metadata", "namespace"}), textAt(object, {"metadata", "name"}));
    m_objects.push_back(object);
}

int Results::finish()
{
    int status = m_failures.empty() ? 0 : 1;
    if (m_objects.size() == 1)
        status |= printObject(m_call, *m_format, m_objects.front());
    else if (!m_objects.empty())
        status |= printObject(m_call, *m_format, listOf(std::move(m_objects)));
    for (const std::string& failure : m_failures)
        m_call.err(failure + "\n");
    return status;
}

} // namespace core::shell::kubectl
