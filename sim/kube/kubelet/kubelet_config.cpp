#include "sim/kube/kubelet/kubelet_config.h"

#include "sim/host/paths.h"
#include "sim/host/unit_file.h"
#include "sim/kube/api/quantity.h"
#include "sim/kube/api/yaml.h"

#include <cstdlib>

namespace sim::kube {

namespace {

constexpr const char* kDefaultConfigPath = "/var/lib/kubelet/config.yaml";

std::string configPath(const host::Machine& machine)
{
    const auto unit = machine.units.find("kubelet.service");
    if (unit != machine.units.end())
        for (const std::string& word : unit->second.command)
            if (word.rfind("--config=", 0) == 0)
                return word.substr(9);
    return kDefaultConfigPath;
}

void readSignals(const nlohmann::json& config, const char* key, std::map<std::string, std::string>& into)
{
    const auto found = config.find(key);
    if (found == config.end() || !found->is_object())
        return;
    into.clear();
    for (const auto& [signal, value] : found->items())
        into[signal] = value.is_string() ? value.get<std::string>() : value.dump();
}

} // namespace

KubeletConfig readKubeletConfig(const host::Machine& machine)
{
    KubeletConfig config;
    // pkg/kubelet/eviction/defaults_linux.go
    config.evictionHard = {{"imagefs.available", "15%"}, {"imagefs.inodesFree", "5%"}, {"memory.available", "100Mi"},
                           {"nodefs.available", "10%"}, {"nodefs.inodesFree", "5%"}};
    const host::File* file = host::findFile(machine, configPath(machine));
    const auto documents = file == nullptr ? Result<std::vector<nlohmann::json>>(std::vector<nlohmann::json>{}) : parseYaml(file->content);
    if (!documents || documents->empty() || !documents->front().is_object())
        return config;
    const nlohmann::json& root = documents->front();
    readSignals(root, "evictionHard", config.evictionHard);
    readSignals(root, "evictionMinimumReclaim", config.minimumReclaim);
    const auto number = [&](const char* key, std::int64_t& into) {
        if (const auto found = root.find(key); found != root.end() && found->is_number_integer())
            into = found->get<std::int64_t>();
    };
    number("imageGCHighThresholdPercent", config.imageGcHighPercent);
    number("imageGCLowThresholdPercent", config.imageGcLowPercent);
    number("maxPods", config.maxPods);
    if (const auto found = root.find("rotateCertificates"); found != root.end() && found->is_boolean())
        config.rotateCertificates = found->get<bool>();
    if (const auto found = root.find("evictionPressureTransitionPeriod"); found != root.end() && found->is_string())
        if (const auto span = host::parseSpan(found->get_ref<const std::string&>()); span && *span > Duration{0})
            config.pressureTransition = *span;
    return config;
}

std::int64_t thresholdOf(const std::string& text, std::int64_t capacity)
{
    if (!text.empty() && text.back() == '%')
        return static_cast<std::int64_t>(static_cast<double>(capacity) * std::strtod(text.c_str(), nullptr) / 100.0);
    const ParsedQuantity parsed = parseQuantity(text);
    return parsed.error.empty() ? parsed.quantity.value() : 0;
}

} // namespace sim::kube
