#include "core/incident/predicate.h"

#include "core/incident/docker_config.h"

#include <algorithm>
#include <map>

namespace core::incident {

namespace {

using nlohmann::json;

/// One predicate's arguments, with placeholders filled.
class Arguments {
public:
    Arguments(const json& values, const content::Placeholders& names) : m_values(values), m_names(names) { }

    std::string text(const char* key) const
    {
        const auto it = m_values.find(key);
        return it == m_values.end() || !it->is_string() ? std::string{}
                                                        : content::fillText(it->get_ref<const std::string&>(), m_names);
    }
    double number(const char* key, double fallback) const
    {
        const auto it = m_values.find(key);
        return it == m_values.end() || !it->is_number() ? fallback : it->get<double>();
    }
    std::int64_t integer(const char* key, std::int64_t fallback) const
    {
        return static_cast<std::int64_t>(number(key, static_cast<double>(fallback)));
    }
    bool has(const char* key) const { return m_values.contains(key); }

private:
    const json& m_values;
    const content::Placeholders& m_names;
};

std::pair<std::string, std::string> nameParts(const std::string& qualified)
{
    const auto slash = qualified.find('/');
    return slash == std::string::npos ? std::pair{std::string("default"), qualified}
                                      : std::pair{qualified.substr(0, slash), qualified.substr(slash + 1)};
}

std::optional<DeploymentState> deploymentOf(const WorldProbe& world, const Arguments& in)
{
    const auto [nameSpace, name] = nameParts(in.text("deployment"));
    return world.deployment(nameSpace, name);
}

bool deploymentAvailable(const WorldProbe& world, const Arguments& in)
{
    const auto deployment = world.deployment(in.text("namespace"), in.text("name"));
    const std::int64_t least = in.integer("replicas", 1);
    return deployment && deployment->replicas >= least && deployment->available >= deployment->replicas;
}

bool noWaitingPods(const WorldProbe& world, const Arguments& in)
{
    const auto pods = world.pods(in.text("namespace"));
    const std::string app = in.text("app");
    return std::all_of(pods.begin(), pods.end(),
                       [&](const PodState& pod) { return pod.app != app || pod.deleting || pod.finished || pod.ready; });
}

/// Every pod that the Deployment wants exists and has a node; with "image", of this release.
bool podsScheduled(const WorldProbe& world, const Arguments& in)
{
    const auto deployment = world.deployment(in.text("namespace"), in.text("name"));
    if (!deployment || deployment->replicas == 0 || (in.has("image") && deployment->image != in.text("image")))
        return false;
    std::int64_t bound = 0;
    for (const PodState& pod : world.pods(in.text("namespace"))) {
        if (pod.app != in.text("name") || pod.deleting)
            continue;
        if (pod.node.empty())
            return false;
        ++bound;
    }
    return bound >= deployment->replicas;
}

/// `kubectl rollout status` would say "successfully rolled out"; with "image", of this release.
bool rolloutComplete(const WorldProbe& world, const Arguments& in)
{
    const auto deployment = world.deployment(in.text("namespace"), in.text("name"));
    return deployment && deployment->observed && deployment->replicas > 0 && deployment->updated == deployment->replicas
        && deployment->total == deployment->replicas && deployment->available == deployment->replicas
        && (!in.has("image") || deployment->image == in.text("image"));
}

bool imageExists(const WorldProbe& world, const Arguments& in)
{
    if (in.has("reference"))
        return world.manifestStatus(in.text("reference"), std::nullopt) == 200;
    const auto deployment = deploymentOf(world, in);
    return deployment && world.manifestStatus(deployment->image, std::nullopt) == 200;
}

/// As the kubelet does: every account that a pull secret holds for the image's registry is tried; without
/// one the request is anonymous. "Not found" is an answer that an authorised account gets.
bool pullAuthorized(const WorldProbe& world, const Arguments& in)
{
    const auto deployment = deploymentOf(world, in);
    if (!deployment)
        return false;
    const std::string nameSpace = nameParts(in.text("deployment")).first;
    const std::string registry = deployment->image.substr(0, deployment->image.find('/'));
    const auto allowed = [&](const WorldProbe::Account& account) {
        const int status = world.manifestStatus(deployment->image, account);
        return status == 200 || status == 404;
    };
    std::vector<WorldProbe::Account> accounts;
    for (const std::string& secret : deployment->pullSecrets)
        if (const auto config = world.secretValue(nameSpace, secret, ".dockerconfigjson"))
            if (const auto account = accountIn(*config, registry))
                accounts.push_back(*account);
    if (accounts.empty())
        return allowed({});
    return std::any_of(accounts.begin(), accounts.end(), allowed);
}

/// Nothing was restarted for a while: a container that a probe kills is ready in between, too.
bool podsSteady(const WorldProbe& world, const Arguments& in)
{
    const auto pods = world.pods(in.text("namespace"));
    const std::string app = in.text("app");
    const sim::Duration least = std::chrono::seconds(in.integer("seconds", 90));
    return std::all_of(pods.begin(), pods.end(), [&](const PodState& pod) {
        return pod.app != app || pod.deleting || pod.finished || (pod.ready && pod.runningSince && world.now() - *pod.runningSince >= least);
    });
}

bool nodesReady(const WorldProbe& world, const Arguments&)
{
    const auto nodes = world.nodes(false);
    return std::all_of(nodes.begin(), nodes.end(), [&](const std::string& node) { return world.nodeReady(node); });
}

/// Every pod of the app that stays finds the name; one must be there.
bool podsResolve(const WorldProbe& world, const Arguments& in)
{
    bool any = false;
    for (const PodState& pod : world.pods(in.text("namespace"))) {
        if (pod.app != in.text("app") || pod.deleting || pod.finished)
            continue;
        any = true;
        const std::string address = world.resolveInPod(pod.nameSpace, pod.name, in.text("name"));
        if (address.empty() || (in.has("address") && address != in.text("address")))
            return false;
    }
    return any;
}

bool allNodesReach(const WorldProbe& world, const Arguments& in)
{
    const auto nodes = world.nodes(false);
    return std::all_of(nodes.begin(), nodes.end(), [&](const std::string& node) {
        return world.reaches(node, in.text("host"), in.integer("port", 443));
    });
}

bool etcdIs(const WorldProbe& world, const Arguments& in)
{
    const EtcdState state = world.etcd();
    return state.members >= in.integer("members", 0) && state.slowestSync < in.number("syncBelow", 1e9)
        && state.quotaUsed < in.number("quotaBelow", 1e9) && (!in.has("takesWrites") || state.takesWrites) && (!in.has("compacts") || state.compacts);
}

bool gpusAre(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.gpus(in.text("machine"));
    return state && state->working >= in.integer("working", 0) && (!in.has("hardwareSound") || state->hardwareSound)
        && (!in.has("linksUp") || state->linksUp) && state->powerLimitW <= in.number("powerLimitAtMost", 1e9)
        && state->lowestLimitW >= in.number("powerLimitAtLeast", 0) && (!in.has("clocksFree") || state->clocksFree) && (!in.has("nvlinksUp") || state->nvlinksUp)
        && state->hottestC < in.number("below", 1e9) && (!in.has("freeOfHeat") || !state->heldByHeat);
}

bool trainingIs(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.training(in.text("job"));
    return state && state->trains && (!in.has("learns") || state->learns) && state->stepOfSound >= in.number("stepOfSound", 0) && state->learningRate <= in.number("rateAtMost", 1e9)
        && state->warmupSteps >= in.integer("warmupAtLeast", 0) && (!in.has("clips") || state->clip > 0)
        && (!in.has("scalesLoss") || state->scalesLoss) && (!in.has("cleanData") || state->cleanData)
        && (!in.has("soundCheckpoint") || state->soundCheckpoint) && (!in.has("namesInterface") || state->namesInterface)
        && state->saveSeconds <= in.number("saveAtMost", 1e9) && state->pauseShare <= in.number("pauseShareAtMost", 1e9) && (!in.has("parallelSave") || state->parallelSave)
        && (!in.has("soundProgram") || state->soundProgram);
}

bool modelsAre(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.models(in.text("namespace"), in.text("deployment"));
    const auto board = in.text("board");
    return state && state->serving >= in.integer("serving", 1) && (!in.has("continuous") || state->continuous) && (!in.has("paged") || state->paged)
        && (!in.has("chunked") || state->chunked) && (!in.has("prefixCaching") || state->prefixCaching) && (!in.has("lru") || state->lru)
        && (!in.has("fastAttention") || state->fastAttention) && (!in.has("eightBitCache") || state->eightBitCache)
        && (!in.has("seesDisconnects") || state->seesDisconnects) && (!in.has("byPriority") || state->byPriority) && (!in.has("clocksFree") || state->clocksFree)
        && state->blockTokens <= in.integer("blockTokensAtMost", 1'000'000) && state->sequences <= in.integer("sequencesAtMost", 1'000'000)
        && (board.empty() || state->boards == std::set<std::string>{board})
        && state->preemptionsPerMinute <= in.number("preemptionsPerMinuteAtMost", 1e9) && state->waiting <= in.number("waitingAtMost", 1e9)
        && state->cacheUse < in.number("cacheUseBelow", 1e9) && state->hitRate >= in.number("hitRateAtLeast", 0);
}

bool modelClientIs(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.modelClient(in.text("name"));
    return state && state->share >= in.number("shareAtLeast", 0) && (!in.has("stablePrefix") || state->stablePrefix)
        && state->requestsPerSecond <= in.number("requestsPerSecondAtMost", 1e9);
}

bool cephIs(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.ceph();
    return state && state->quorum && (!in.has("healthy") || state->healthy) && state->monitors >= in.integer("monitors", 0) && state->osdsUp >= in.integer("osdsUp", 0)
        && (!in.has("clean") || state->clean) && (!in.has("serves") || state->serves) && state->fullest < in.number("usedBelow", 1e9)
        && state->slowOps <= in.integer("slowOpsAtMost", 1'000'000'000) && (!in.has("drivesSound") || state->drivesSound) && (!in.has("linksSound") || state->linksSound);
}

bool roceIs(const WorldProbe& world, const Arguments& in)
{
    const auto state = world.roce();
    return state && (!in.has("trusts") || state->trusts) && (!in.has("pauses") || state->pauses) && (!in.has("marks") || state->marks)
        && (!in.has("receiversDrain") || state->receiversDrain) && (!in.has("jobLossless") || state->jobLossless);
}

bool programRuns(const WorldProbe& world, const Arguments& in)
{
    const auto states = world.programs(in.text("machine"), in.text("program"));
    const std::string without = in.text("without");
    return !states.empty() && std::all_of(states.begin(), states.end(), [&](const ProgramState& state) {
        return std::find(state.variants.begin(), state.variants.end(), without) == state.variants.end()
            && state.collectorShare < in.number("collectorBelow", 2);
    });
}

bool containerSteady(const WorldProbe& world, const Arguments& in)
{
    const auto containers = world.dockerContainers(in.text("machine"));
    const sim::Duration least = std::chrono::seconds(in.integer("seconds", 60));
    return std::any_of(containers.begin(), containers.end(), [&](const DockerContainerState& one) {
        return one.image.find(in.text("image")) != std::string::npos && world.now() - one.since >= least;
    });
}

bool containersBounded(const WorldProbe& world, const Arguments& in)
{
    std::int64_t most = 0;
    for (const DockerContainerState& one : world.dockerContainers(in.text("machine"))) {
        if (one.grows && one.memoryLimitBytes == 0)
            return false;
        most += one.memoryLimitBytes > 0 ? one.memoryLimitBytes : one.memoryBytes;
    }
    return most <= in.integer("mebibytes", 0) << 20;
}

bool httpOk(const WorldProbe& world, const Arguments& in)
{
    const int status = world.httpStatus(in.text("from"), in.text("url"));
    return status > 0 && status < in.integer("below", 500);
}

using Test = bool (*)(const WorldProbe&, const Arguments&);

const std::map<std::string, Test, std::less<>>& tests()
{
    static const std::map<std::string, Test, std::less<>> table{
        {"deployment_available", deploymentAvailable},
        {"no_waiting_pods", noWaitingPods},
        {"pods_scheduled", podsScheduled},
        {"rollout_complete", rolloutComplete},
        {"object_exists", [](const WorldProbe& w, const Arguments& in) {
             return w.objectExists(in.text("resource"), in.text("namespace"), in.text("name")); }},
        {"pod_admitted", [](const WorldProbe& w, const Arguments& in) {
             return w.podAdmitted(in.text("namespace"), in.text("image")); }},
        {"image_exists", imageExists},
        {"pull_authorized", pullAuthorized},
        {"all_nodes_reach", allNodesReach},
        {"http_ok", httpOk},
        {"etcd", etcdIs},
        {"ceph", cephIs},
        {"gpus", gpusAre},
        {"roce", roceIs},
        {"cooling_runs", [](const WorldProbe& w, const Arguments&) { return w.coolingRuns(); }},
        {"training", trainingIs},
        {"models", modelsAre},
        {"model_client", modelClientIs},
        {"model_router", [](const WorldProbe& w, const Arguments& in) { return w.routerPolicy(in.text("namespace"), in.text("deployment")) == in.text("policy"); }},
        {"interface_down", [](const WorldProbe& w, const Arguments& in) { return !w.interfaceUp(in.text("machine"), in.text("interface")); }},
        {"sli_at_least", [](const WorldProbe& w, const Arguments& in) {
             return w.serviceLevel().successRatio >= in.number("success", 0.99); }},
        {"alerts_silent", [](const WorldProbe& w, const Arguments&) { return !w.alertFiring(); }},
        {"nodes_schedulable", [](const WorldProbe& w, const Arguments&) { return w.nodes(true) == w.nodes(false); }},
        {"pods_steady", podsSteady},
        {"nodes_ready", nodesReady},
        {"node_ready", [](const WorldProbe& w, const Arguments& in) { return w.nodeReady(in.text("node")); }},
        {"disk_free", [](const WorldProbe& w, const Arguments& in) {
             return w.diskFreePercent(in.text("machine"), in.text("path")) >= in.number("percent", 15); }},
        {"memory_free", [](const WorldProbe& w, const Arguments& in) {
             return w.memoryLeftBytes(in.text("machine")) >= in.integer("mebibytes", 256) << 20; }},
        {"memory_steady", [](const WorldProbe& w, const Arguments& in) {
             constexpr double kSecondsPerMinute = 60, kMebibyte = 1 << 20;
             return w.memoryGrowth(in.text("machine")) * kSecondsPerMinute < in.number("mebibytesPerMinute", 1) * kMebibyte; }},
        {"active_below", [](const WorldProbe& w, const Arguments& in) {
             return w.activePerCpu(in.text("machine")) < in.number("perCpu", 1); }},
        {"container_steady", containerSteady},
        {"containers_bounded", containersBounded},
        {"unit_active", [](const WorldProbe& w, const Arguments& in) {
             return w.unitActive(in.text("machine"), in.text("unit")); }},
        {"unit_steady", [](const WorldProbe& w, const Arguments& in) {
             return w.unitActiveFor(in.text("machine"), in.text("unit")) >= std::chrono::seconds(in.integer("seconds", 60)); }},
        {"boots_by_itself", [](const WorldProbe& w, const Arguments& in) { return w.bootsByItself(in.text("machine"), in.text("unit")); }},
        {"machine_up", [](const WorldProbe& w, const Arguments& in) { return w.machineUp(in.text("machine")); }},
        {"pods_resolve", podsResolve},
        {"program_runs", programRuns},
        {"file_contains", [](const WorldProbe& w, const Arguments& in) {
             return w.fileText(in.text("machine"), in.text("path")).find(in.text("text")) != std::string::npos; }},
        {"reach", [](const WorldProbe& w, const Arguments& in) {
             return w.reaches(in.text("from"), in.text("host"), in.integer("port", 443)); }},
        {"resolves", [](const WorldProbe& w, const Arguments& in) {
             return w.resolve(in.text("from"), in.text("name")) == in.text("address"); }},
    };
    return table;
}

} // namespace

bool holds(const json& predicate, const WorldProbe& world, const content::Placeholders& values)
{
    if (!predicate.is_object() || predicate.size() != 1)
        return false;
    const auto it = predicate.begin();
    const json& argument = it.value();
    const auto each = [&](const json& p) { return holds(p, world, values); };
    if (it.key() == "all")
        return argument.is_array() && std::all_of(argument.begin(), argument.end(), each);
    if (it.key() == "any")
        return argument.is_array() && std::any_of(argument.begin(), argument.end(), each);
    if (it.key() == "not")
        return argument.is_object() && !holds(argument, world, values);
    const auto test = tests().find(it.key());
    return test != tests().end() && argument.is_object() && test->second(world, Arguments(argument, values));
}

} // namespace core::incident
