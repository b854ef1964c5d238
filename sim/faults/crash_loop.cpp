#include "sim/faults/crash_loop.h"

#include "sim/engine/base64.h"
#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

#include <algorithm>

// Every cause begins with the same release: a new image, a command line written out, a liveness probe and a new
// setting. One of these is wrong. What is seen first is shared on purpose: killed by the liveness probe (bad-probe,
// bad-command), OOMKilled (oom-killed, bad-command), exit 1 with a setting missing (missing-config, bad-command).
namespace sim::faults {

namespace {

constexpr const char* kSettings = "checkout-config";
constexpr const char* kCredentials = "db-credentials";
constexpr const char* kNewSetting = "PAYMENT_ENDPOINT";
constexpr const char* kNewSettingValue = "https://payments.lab/v2";
constexpr std::int64_t kGrownMiB = 690; // above the limit of 512Mi

const Variants& crashVariants()
{
    static const Variants kVariants{
        {"bad-probe", {"wrong-path", "wrong-port", "too-early"}},
        {"missing-config", {"new-setting", "renamed-key"}},
        {"oom-killed", {"low-limit", "grown"}},
        {"bad-command", {"unknown-flag", "listens-elsewhere", "greedy-cache", "empty-environment", "one-shot"}},
        {"no-fault", {"slow-start"}},
    };
    return kVariants;
}

nlohmann::json httpProbe(const std::string& path, int port, int delay, int period)
{
    return {{"httpGet", {{"path", path}, {"port", port}}}, {"initialDelaySeconds", delay}, {"periodSeconds", period}, {"failureThreshold", 3}};
}

/// What the release writes into the Deployment's container.
nlohmann::json containerOf(const Choice& choice)
{
    nlohmann::json args = {"--listen=:8080", "--cache=64MiB"};
    nlohmann::json command = {"/app/checkout"};
    nlohmann::json liveness = httpProbe("/healthz", 8080, 15, 10);
    std::string limit = "512Mi";
    if (choice.is("wrong-path"))
        liveness = httpProbe("/health", 8080, 15, 10);
    else if (choice.is("wrong-port"))
        liveness = httpProbe("/healthz", 9090, 15, 10);
    else if (choice.is("too-early"))
        liveness = httpProbe("/healthz", 8080, 5, 5);
    else if (choice.is("slow-start"))
        liveness = httpProbe("/healthz", 8080, 120, 10);
    else if (choice.is("low-limit"))
        limit = "256Mi";
    else if (choice.is("unknown-flag"))
        args = {"--listn=:8080", "--cache=64MiB"};
    else if (choice.is("listens-elsewhere"))
        args = {"--listen=:9090", "--cache=64MiB"};
    else if (choice.is("greedy-cache"))
        args = {"--listen=:8080", "--cache=64GiB"};
    else if (choice.is("empty-environment"))
        command = {"env", "-i", "/app/checkout"};
    else if (choice.is("one-shot")) {
        command = {"/bin/sh", "-c"};
        args = {"echo migrations: nothing to do; exit 0"};
    }
    return {{"name", kCheckout}, {"command", command}, {"args", args}, {"livenessProbe", liveness},
            {"resources", {{"limits", {{"memory", limit}}}, {"requests", {{"memory", limit}}}}}};
}

/// How the new version differs from the old one as a program.
void changeProgram(programs::Program& program, const Choice& choice)
{
    program.command = {"/app/checkout", "--listen=:8080", "--cache=64MiB"};
    program.requiredEnv.push_back(kNewSetting);
    std::string first = fmt::format("level=info msg=\"checkout starting\" version={}", kNewTag);
    if (choice.is("too-early") || choice.is("slow-start")) {
        program.startup = choice.is("too-early") ? 70s : 80s;
        first = fmt::format("level=info msg=\"checkout starting, loading prices\" version={} expect={}s", kNewTag, choice.is("too-early") ? 70 : 80);
    }
    if (choice.is("grown")) {
        program.memoryBytes = kGrownMiB << 20;
        first = fmt::format("level=info msg=\"checkout starting, price index in memory\" version={}", kNewTag);
    }
    if (program.startLog.empty())
        program.startLog.push_back({});
    program.startLog.front() = first;
}

void renameKey(Context& context)
{
    const auto secret = context.cluster.store().get<kube::Secret>({kShop, kCredentials});
    if (!secret || secret->data.count("DATABASE_URL") == 0)
        return;
    patch(context, "secrets", kShop, kCredentials,
          {{"data", {{"DATABASE_URL", nullptr}, {"DB_URL", secret->data.at("DATABASE_URL")}}}});
}

} // namespace

Result<nlohmann::json> injectCrashLoop(Context& context, const nlohmann::json& parameters)
{
    const auto choice = chooseAndPush(context, crashVariants(), parameters,
                                      [](const Choice& chosen, programs::Program& program) { changeProgram(program, chosen); });
    if (!choice)
        return choice.error();
    if (!choice->is("new-setting"))
        patch(context, "configmaps", kShop, kSettings, {{"data", {{kNewSetting, kNewSettingValue}}}});
    if (choice->is("renamed-key"))
        renameKey(context);
    nlohmann::json spec;
    spec["template"]["spec"]["containers"] = nlohmann::json::array({containerOf(*choice)});
    releaseCheckout(context, checkoutImage(kNewTag), std::move(spec));
    return toldOfRelease(*choice);
}

} // namespace sim::faults
