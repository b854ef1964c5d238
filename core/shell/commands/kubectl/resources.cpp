#include "core/shell/commands/kubectl/resources.h"

#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

const ResourceKind* known(Call& call, const std::string& type)
{
    const ResourceKind* kind = call.client.find(type);
    if (!kind)
        call.fail(fmt::format("the server doesn't have a resource type \"{}\"", type.substr(0, type.find('.'))));
    return kind;
}

} // namespace

std::optional<Named> parseOne(Call& call, const std::string& word, const ResourceKind& kind)
{
    const std::size_t slash = word.find('/');
    if (slash == std::string::npos)
        return Named{&kind, word};
    if (word.find('/', slash + 1) != std::string::npos || slash == 0 || slash + 1 == word.size()) {
        call.fail("arguments in resource/name form must have a single resource and name");
        return std::nullopt;
    }
    const ResourceKind* found = known(call, word.substr(0, slash));
    if (!found)
        return std::nullopt;
    return Named{found, word.substr(slash + 1)};
}

std::optional<std::vector<Named>> parseResources(Call& call, const std::vector<std::string>& words)
{
    std::vector<Named> named;
    const auto slashes = static_cast<std::size_t>(std::count_if(
        words.begin(), words.end(), [](const std::string& w) { return w.find('/') != std::string::npos; }));
    if (slashes > 0 && slashes < words.size()) {
        call.fail(fmt::format("there is no need to specify a resource type as a separate argument when passing "
                              "arguments in resource/name form (e.g. '{0} resource/<resource_name>' instead of "
                              "'{0} resource resource/<resource_name>'",
                              call.path));
        return std::nullopt;
    }
    if (slashes > 0) {
        for (const std::string& word : words) {
            auto one = parseOne(call, word, resourceKinds().front());
            if (!one)
                return std::nullopt;
            named.push_back(std::move(*one));
        }
        return named;
    }
    if (words.empty())
        return named;
    std::vector<const ResourceKind*> kinds;
    for (const std::string& type : sim::split(words[0], ',')) {
        if (type.empty()) {
            call.fail("arguments must consist of a resource or a resource and name");
            return std::nullopt;
        }
        if (type == "all") {
            for (const ResourceKind* kind : allCategory())
                kinds.push_back(kind);
            continue;
        }
        const ResourceKind* kind = known(call, type);
        if (!kind)
            return std::nullopt;
        if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
            kinds.push_back(kind);
    }
    for (const ResourceKind* kind : kinds) {
        if (words.size() == 1)
            named.push_back({kind, {}});
        for (std::size_t i = 1; i < words.size(); ++i)
            named.push_back({kind, words[i]});
    }
    return named;
}

std::vector<Manifest> gather(Call& call, const std::vector<std::string>& words, bool& failed,
                             const GatherOptions& options)
{
    std::vector<Manifest> found;
    const auto refuse = [&](const sim::kube::Response& response) {
        failed = true;
        if (options.refused != nullptr)
            options.refused->push_back(response);
        else
            call.refused(response);
    };
    if (call.isLocal() && (!call.namesFiles() || !words.empty())) {
        call.fail("you must specify resources by --filename when --local is set.\nExample resource specifications include:\n"
                  "   '-f rsrc.yaml'\n   '--filename=rsrc.json'");
        failed = true;
        return {};
    }
    if (call.namesFiles()) {
        if (!words.empty()) {
            call.fail("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as "
                      "well");
            failed = true;
            return {};
        }
        for (Manifest& manifest : readManifests(call, failed)) {
            if (options.fetch && !call.isLocal()) {
                const sim::kube::Response response = call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
                if (!succeeded(response)) {
                    refuse(response);
                    continue;
                }
                manifest.object = response.body;
            }
            found.push_back(std::move(manifest));
        }
        return found;
    }
    const auto named = parseResources(call, words);
    if (!named) {
        failed = true;
        return {};
    }
    if (named->empty()) {
        if (options.requireSome) {
            call.fail(kNothingNamed);
            failed = true;
        }
        return {};
    }
    const ListQuery query{call.flags.text("selector"), call.flags.text("field-selector")};
    const bool selecting = !query.labels.empty() || !query.fields.empty() || call.flags.on("all") || options.listAll;
    for (const Named& one : *named) {
        if (!one.name.empty() && (!query.labels.empty() || call.flags.on("all"))) {
            call.fail("name cannot be provided when a selector is specified");
            failed = true;
            return found;
        }
        if (one.name.empty() && !selecting) {
            call.fail("resource(s) were provided, but no name was specified");
            failed = true;
            return found;
        }
        if (one.name.empty()) {
            auto items = call.client.list(*one.kind, call.scope(*one.kind), query);
            if (const auto* response = std::get_if<sim::kube::Response>(&items)) {
                refuse(*response);
                continue;
            }
            for (Json& item : std::get<std::vector<Json>>(items)) {
                found.push_back({one.kind, textAt(item, {"metadata", "namespace"}), textAt(item, {"metadata", "name"}),
                                 std::move(item), {}});
            }
            continue;
        }
        const std::string ns = one.kind->namespaced ? call.nameSpace() : std::string();
        if (!options.fetch) {
            found.push_back({one.kind, ns, one.name, Json(), {}});
            continue;
        }
        sim::kube::Response response = call.client.get(*one.kind, ns, one.name);
        if (!succeeded(response)) {
            refuse(response);
            if (response.code == 0)
                return found;
            continue;
        }
        found.push_back({one.kind, ns, one.name, std::move(response.body), {}});
    }
    return found;
}

} // namespace core::shell::kubectl
