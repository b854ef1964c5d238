#include "core/shell/commands/kubectl/verb.h"

#include <algorithm>

namespace core::shell::kubectl {

const std::vector<Verb>& allVerbs()
{
    static const std::vector<Verb> kVerbs{
        createVerb(),
        exposeVerb(),
        runVerb(),
        setVerb(),
        explainVerb(),
        getVerb(),
        editVerb(),
        deleteVerb(),
        rolloutVerb(),
        scaleVerb(),
        autoscaleVerb(),
        clusterInfoVerb(),
        topVerb(),
        cordonVerb(),
        uncordonVerb(),
        drainVerb(),
        taintVerb(),
        describeVerb(),
        logsVerb(),
        attachVerb(),
        execVerb(),
        cpVerb(),
        authVerb(),
        debugVerb(),
        eventsVerb(),
        diffVerb(),
        applyVerb(),
        patchVerb(),
        replaceVerb(),
        waitVerb(),
        kustomizeVerb(),
        labelVerb(),
        annotateVerb(),
        apiResourcesVerb(),
        apiVersionsVerb(),
        versionVerb(),
        optionsVerb(),
    };
    return kVerbs;
}

const Verb* findVerb(const std::vector<Verb>& verbs, std::string_view name)
{
    const auto answersTo = [&](const Verb& verb) {
        return verb.name == name
            || std::find(verb.aliases.begin(), verb.aliases.end(), name) != verb.aliases.end();
    };
    const auto it = std::find_if(verbs.begin(), verbs.end(), answersTo);
    return it == verbs.end() ? nullptr : &*it;
}

} // namespace core::shell::kubectl
