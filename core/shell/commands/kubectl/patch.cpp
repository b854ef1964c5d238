#include "core/shell/commands/kubectl/manifest_input.h"
#include "core/shell/commands/kubectl/resources.h"
#include "sim/engine/letters.h"

#include "sim/kube/api/patch.h"
#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

using sim::kube::PatchType;

std::optional<PatchType> patchType(Call& call)
{
    const std::string given = call.flags.text("type");
    std::string word = given;
    word = sim::lowered(word);
    if (word == "strategic")
        return PatchType::StrategicMerge;
    if (word == "merge")
        return PatchType::Merge;
    if (word == "json")
        return PatchType::Json;
    call.failUsage(fmt::format("--type must be one of [json merge strategic], not \"{}\"", given));
    return std::nullopt;
}

/// The patch of -p or --patch-file, which may be YAML or JSON. Complains and returns nothing when it is neither.
std::optional<Json> patchBody(Call& call)
{
    std::string text = call.flags.text("patch");
    const std::string path = call.flags.text("patch-file");
    if (!text.empty() && !path.empty()) {
        call.failUsage("cannot specify --patch and --patch-file together");
        return std::nullopt;
    }
    if (text.empty() && path.empty()) {
        call.fail("must specify --patch or --patch-file containing the contents of the patch");
        return std::nullopt;
    }
    if (!path.empty()) {
        const ReadFile file = call.inv.system().readFile(call.inv.place(), call.inv.absolutePath(path));
        if (file.error != Errno::None) {
            call.fail(fmt::format("unable to read patch file: open {}: {}", path,
                                  file.error == Errno::NoEntry ? "no such file or directory" : "permission denied"));
            return std::nullopt;
        }
        text = file.text;
    }
    auto documents = sim::kube::parseYaml(text);
    if (!documents || documents->size() != 1) {
        call.fail(fmt::format("unable to parse \"{}\": {}", text,
                              documents ? "yaml: expected a single document" : documents.error().message));
        return std::nullopt;
    }
    return std::move(documents->front());
}

int runPatch(Call& call)
{
    const auto type = patchType(call);
    const auto body = type ? patchBody(call) : std::nullopt;
    Results results(call);
    if (!body || !results.ready())
        return 1;
    bool failed = false;
    for (const Manifest& target : gather(call, call.words, failed)) {
        Json after;
        if (call.clientDryRun() || call.isLocal()) {
            const sim::kube::Patched patched = sim::kube::applyPatch(target.object, *body, *type);
            if (!patched.error.empty()) {
                results.failed("error: " + patched.error);
                continue;
            }
            after = patched.value;
        } else {
            auto request =
                call.client.request(sim::kube::Verb::Patch, *target.kind, target.nameSpace, target.name);
            request.body = *body;
            request.patchType = *type;
            request.subresource = call.flags.text("subresource");
            request.fieldManager =
                call.flags.given("field-manager") ? call.flags.text("field-manager") : "kubectl-patch";
            request.fieldValidation = "Warn"; // what the server does when it is not told
            request.dryRun = call.serverDryRun();
            const sim::kube::Response response = call.client.write(std::move(request));
            if (!succeeded(response)) {
                results.failed(errorText(response));
                continue;
            }
            after = response.body;
        }
        results.done(*target.kind, after, after == target.object ? "patched (no change)" : "patched");
    }
    return results.finish() != 0 || failed ? 1 : 0;
}

} // namespace

Verb patchVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"patch", kAdvanced, "Update fields of a resource",
              "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]"};
    verb.flags = {kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kLocal, kOutput, kShowManaged,
                  {'p', "patch", T::Text, "", "The patch, as JSON or YAML."},
                  {0, "patch-file", T::Text, "", "A file with the patch."},
                  {0, "subresource", T::Text, "", "status or scale: patch this part of the object."},
                  {0, "type", T::Text, "strategic", "json, merge or strategic."}};
    verb.run = runPatch;
    verb.operand = Operand::Resource;
    verb.examples = {"# Keep pods off a node", "kubectl patch node worker-1 -p '{\"spec\":{\"unschedulable\":true}}'",
                     "# Change one container's image",
                     "kubectl patch pod web-0 -p '{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"new\"}]}}'",
                     "# By position",
                     "kubectl patch pod web-0 --type=json -p "
                     "'[{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"new\"}]'"};
    return verb;
}

} // namespace core::shell::kubectl
