#include "core/shell/commands/kubectl/set.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

/// Gives the image to the containers of this name, or to all for "*"; false when there is none.
bool setImage(Json& podSpec, const char* list, const std::string& name, const std::string& image)
{
    const auto containers = podSpec.find(list);
    bool found = false;
    if (containers == podSpec.end() || !containers->is_array())
        return found;
    for (Json& container : *containers) {
        if (name == "*" || textAt(container, {"name"}) == name) {
            container["image"] = image;
            found = true;
        }
    }
    return found;
}

int runSetImage(Call& call)
{
    const auto pairs = splitPairs(call, "image", false);
    if (!pairs)
        return 1;
    if (pairs->resources.empty() && !call.namesFiles())
        return call.fail(kNothingNamed);
    Failures misuse;
    if (pairs->set.empty())
        misuse.add("at least one image update is required");
    const bool wildcard = std::any_of(pairs->set.begin(), pairs->set.end(), [](const auto& p) { return p.first == "*"; });
    if (wildcard && pairs->set.size() > 1)
        misuse.add("all containers are already specified by *, but saw more than one container_name=container_image pairs");
    if (!misuse.empty())
        return misuse.tell(call);

    Failures failures;
    TemplateChange change;
    change.done = "image updated";
    change.noun = "image update";
    change.edit = [&](const Manifest&, Json& podSpec) {
        for (const auto& [name, image] : pairs->set) {
            const bool init = setImage(podSpec, "initContainers", name, image);
            if (!setImage(podSpec, "containers", name, image) && !init)
                failures.add(fmt::format("error: unable to find container named \"{}\"", name));
        }
        return std::string();
    };
    return changeTemplates(call, pairs->resources, change, failures);
}

int runSetServiceAccount(Call& call)
{
    if (call.words.empty())
        return call.fail("serviceaccount is required");
    const std::string account = call.words.back();
    const std::vector<std::string> resources(call.words.begin(), call.words.end() - 1);
    if (resources.empty() && !call.namesFiles())
        return call.fail(kNoResourceForSet);
    TemplateChange change;
    change.done = "serviceaccount updated";
    change.noun = "ServiceAccountName update";
    change.edit = [&](const Manifest&, Json& podSpec) {
        podSpec["serviceAccountName"] = account;
        return std::string();
    };
    Failures failures;
    return changeTemplates(call, resources, change, failures);
}

} // namespace

Verb setImageVerb()
{
    Verb verb{"image", {}, "Update the image of a pod template",
              "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N"};
    verb.flags = setFlags();
    verb.run = runSetImage;
    verb.operand = Operand::Resource;
    verb.examples = {"# Another image for one container",
                     "kubectl set image deployment/web web=registry.lab:5000/shop/gateway:2.4.1",
                     "# For all containers of all Deployments", "kubectl set image deployments '*=busybox' --all"};
    return verb;
}

Verb setServiceAccountVerb()
{
    Verb verb{"serviceaccount", {}, "Update the service account of a resource", "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT"};
    verb.flags = setFlags();
    verb.run = runSetServiceAccount;
    verb.operand = Operand::Resource;
    verb.aliases = {"sa"};
    verb.examples = {"# Another identity for the pods", "kubectl set serviceaccount deployment web builder"};
    return verb;
}

} // namespace core::shell::kubectl
