#include "core/shell/commands/kubectl/kubeconfig.h"

#include "sim/engine/split.h"
#include "sim/kube/api/yaml.h"

#include <utility>

namespace core::shell::kubectl {

namespace {

constexpr const char* kServiceAccountNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

std::string trimmed(std::string text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

std::string expandHome(const std::string& path, const std::string& home)
{
    return path.compare(0, 2, "~/") == 0 ? home + path.substr(1) : path;
}

/// What the file says of its user. The administrator's word goes without saying.
void takeIdentity(KubeConfig& config)
{
    const Json* entry = namedEntry(config.document, "users", config.user);
    if (entry == nullptr)
        return;
    const Json& user = at(*entry, {"user"});
    config.uid = textAt(user, {"uid"});
    if (const Json& groups = at(user, {"groups"}); groups.is_array())
        config.groups = groups.get<std::vector<std::string>>();
}

} // namespace

const Json* namedEntry(const Json& document, const std::string& list, const std::string& name)
{
    const Json& entries = at(document, {list});
    if (!entries.is_array())
        return nullptr;
    for (const Json& entry : entries) {
        if (textAt(entry, {"name"}) == name)
            return &entry;
    }
    return nullptr;
}

KubeConfig loadKubeConfig(System& system, const Place& place, const std::optional<std::string>& variable,
                          const Flags& flags)
{
    KubeConfig config;
    const std::string home = system.homeDirectory(place);
    config.path = home + "/.kube/config";
    bool explicitPath = false;
    if (flags.given("kubeconfig")) {
        config.path = expandHome(flags.text("kubeconfig"), home);
        explicitPath = true;
    } else if (variable && !variable->empty()) {
        config.path = expandHome(sim::split(*variable, ':').front(), home);
    }
    config.document = Json::object();
    const ReadFile file = system.readFile(place, config.path);
    if (file.error == Errno::None) {
        auto documents = sim::kube::parseYaml(file.text);
        if (!documents)
            config.error = "error loading config file \"" + config.path + "\": " + documents.error().message;
        else if (!documents->empty() && documents->front().is_object())
            config.document = std::move(documents->front());
    } else if (explicitPath || file.error != Errno::NoEntry) {
        if (explicitPath && file.error == Errno::NoEntry)
            config.error = "stat " + config.path + ": no such file or directory";
        else
            config.error = "error loading config file \"" + config.path + "\": open " + config.path
                + ": permission denied";
    }

    config.context = flags.given("context") ? flags.text("context") : textAt(config.document, {"current-context"});
    if (const Json* context = namedEntry(config.document, "contexts", config.context)) {
        if (std::string ns = textAt(*context, {"context", "namespace"}); !ns.empty())
            config.nameSpace = std::move(ns);
        if (std::string user = textAt(*context, {"context", "user"}); !user.empty())
            config.user = std::move(user);
        const Json* cluster = namedEntry(config.document, "clusters", textAt(*context, {"context", "cluster"}));
        if (cluster)
            config.server = textAt(*cluster, {"cluster", "server"});
    } else if (flags.given("context") && config.error.empty()) {
        config.error = "context \"" + config.context + "\" does not exist";
    }
    if (flags.given("server"))
        config.server = flags.text("server");
    config.present = !config.server.empty();
    if (place.container && !config.present) {
        const ReadFile ns = system.readFile(place, kServiceAccountNamespace);
        if (ns.error == Errno::None) {
            config.nameSpace = trimmed(ns.text);
            config.user = "system:serviceaccount:" + config.nameSpace + ":default";
            config.groups = {"system:serviceaccounts", "system:serviceaccounts:" + config.nameSpace, "system:authenticated"};
            config.present = true;
        }
    }
    if (flags.given("user"))
        config.user = flags.text("user");
    takeIdentity(config);
    if (flags.given("as")) {
        config.impersonator = std::exchange(config.user, flags.text("as"));
        config.impersonatorGroups = std::exchange(config.groups, flags.list("as-group"));
        config.groups.emplace_back("system:authenticated");
        config.uid.clear();
    }
    if (flags.given("namespace")) {
        config.nameSpaceGiven = true;
        if (std::string ns = flags.text("namespace"); !ns.empty())
            config.nameSpace = std::move(ns);
    }
    return config;
}

} // namespace core::shell::kubectl
