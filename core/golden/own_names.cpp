#include "core/golden/own_names.h"

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/yaml.h"

#include <cctype>
#include <map>

namespace core::golden {

namespace {

using nlohmann::json;

constexpr const char* kNobody = "00000000-0000-0000-0000-000000000000"; // the recordings' owner that never was

bool inPodName(char c)
{
    return std::isdigit(static_cast<unsigned char>(c)) || std::islower(static_cast<unsigned char>(c)) || c == '-';
}

/// Each word that could be a name, through `rename`.
template <class Rename>
std::string renamed(const std::string& text, const Rename& rename)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (!inPodName(text[i])) {
            out += text[i++];
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && inPodName(text[end]))
            ++end;
        out += rename(text.substr(i, end - i));
        i = end;
    }
    return out;
}

/// The uid of the replay's object that an owner reference of a manifest names; empty when there is none.
std::string uidOf(const sim::kube::Store& store, const json& owner, const std::string& space)
{
    const auto kind = sim::kube::findKind(owner.value("kind", ""));
    if (kind == nullptr)
        return {};
    sim::kube::Request request;
    request.resource = kind->groupResource();
    request.namespace_ = kind->namespaced ? space : std::string();
    request.name = owner.value("name", "");
    request.groups = {"system:masters"};
    const sim::kube::Response found = sim::kube::ApiServer::read(store, request, {});
    return found.ok() ? found.body.at("metadata").value("uid", "") : std::string();
}

/// Recorded uid -> the replay's, of the owners that a manifest names.
std::map<std::string, std::string> ownersIn(const std::string& input, const std::string& space, const sim::kube::Store& store)
{
    std::map<std::string, std::string> uids;
    const auto documents = sim::kube::parseYaml(input);
    if (!documents)
        return uids;
    for (const json& document : *documents) {
        const json meta = document.is_object() ? document.value("metadata", json::object()) : json::object();
        if (!meta.is_object() || !meta.contains("ownerReferences"))
            continue;
        for (const json& owner : meta.at("ownerReferences"))
            if (const std::string uid = owner.value("uid", ""); !uid.empty() && uid != kNobody)
                if (std::string own = uidOf(store, owner, space); !own.empty())
                    uids[uid] = std::move(own);
    }
    return uids;
}

} // namespace

Step withOwnNames(Step step, const Recording& recording, const sim::kube::Store& store, const Masking& masking)
{
    const auto spaces = recording.namespaces();
    std::map<std::string, std::string> recordedPods; // name -> masked name
    for (const WatchLine& line : recording.watch)
        if (line.kind == "pods")
            if (std::string masked = masking.masked(line.name); masked != line.name)
                recordedPods.emplace(line.name, std::move(masked));
    const auto rename = [&](std::string word) {
        const auto recorded = recordedPods.find(word);
        if (recorded == recordedPods.end())
            return word;
        for (const std::string& space : spaces)
            for (const auto& pod : store.inNamespace<sim::kube::Pod>(space))
                if (!pod->metadata.deletionTimestamp && masking.masked(pod->metadata.name) == recorded->second)
                    return pod->metadata.name;
        return word;
    };
    step.command = renamed(step.command, rename);
    if (step.kind == Step::Kind::Http)
        step.input = renamed(step.input, rename);
    if (step.input.find("ownerReferences") != std::string::npos && !spaces.empty())
        for (const auto& [recorded, own] : ownersIn(step.input, spaces.front(), store))
            for (std::size_t at = step.input.find(recorded); at != std::string::npos; at = step.input.find(recorded, at + own.size()))
                step.input.replace(at, recorded.size(), own);
    return step;
}

} // namespace core::golden
