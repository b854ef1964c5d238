#include "sim/faults/webhook_down.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/policy_gate.h"
#include "sim/faults/requests.h"
#include "sim/host/signals.h"

// Every cause is told of by the same release: its pods are not created. Three of them leave the webhook without
// endpoints, and share their words on purpose.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr std::uint64_t kAuthority = 2;
constexpr std::uint64_t kFormerAuthority = 1;
constexpr Duration kDay = std::chrono::hours(24);

const Variants& webhookDownVariants()
{
    static const Variants kVariants{
        {"no-endpoints", {"scaled-to-zero", "selector-typo"}},
        {"bad-certificate", {"expired", "ca-rotated", "wrong-name"}},
        {"timeout", {"network-policy", "hung"}},
        {"wrong-port", {"target-port", "service-port", "path"}},
        {"self-deadlock", {"own-namespace"}},
        {"no-fault", {"restarting"}},
    };
    return kVariants;
}

void patchWebhook(Context& context, const std::string& field, const json& value)
{
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.patchType = kube::PatchType::Json;
    request.resource = "validatingwebhookconfigurations";
    request.name = kGate;
    request.body = json::array({{{"op", "replace"}, {"path", "/webhooks/0/clientConfig/service/" + field}, {"value", value}}});
    call(context, request);
}

/// A second name for the gate that its certificate does not bear.
void renameService(Context& context)
{
    create(context, {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "image-policy"}, {"namespace", kGateNamespace}}},
                     {"spec", {{"selector", {{"app", kGate}}}, {"ports", json::array({{{"name", "https"}, {"port", 443}, {"targetPort", 8443}}})}}}});
    patchWebhook(context, "name", "image-policy");
}

/// A policy for the gate's namespace that forgets who calls it.
void isolate(Context& context)
{
    const json fromMonitoring{{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", "monitoring"}}}}}};
    create(context, {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"},
                     {"metadata", {{"name", "default-deny"}, {"namespace", kGateNamespace}}},
                     {"spec", {{"podSelector", json::object()}, {"policyTypes", json::array({"Ingress"})},
                               {"ingress", json::array({{{"from", json::array({fromMonitoring})}}})}}}});
}

void stopProcesses(Context& context)
{
    for (const auto& [id, container] : context.parts.runtimes.containers())
        if (container.podNamespace == kGateNamespace && !container.sandbox && container.pid != 0)
            context.parts.hosts.signal(context.parts.engine, context.parts.network, container.host, container.pid, host::kSigStop);
}

/// What was wrong before the release showed it.
void spoilGate(Context& context, const Choice& choice)
{
    if (choice.is("scaled-to-zero"))
        patch(context, "deployments.apps", kGateNamespace, kGate, {{"spec", {{"replicas", 0}}}});
    else if (choice.is("selector-typo"))
        patch(context, "services", kGateNamespace, kGate, {{"spec", {{"selector", {{"app", "policy-gatekeeper"}}}}}});
    else if (choice.is("ca-rotated"))
        trustAuthority(context, gateAuthority(context, kFormerAuthority));
    else if (choice.is("wrong-name"))
        renameService(context);
    else if (choice.is("network-policy"))
        isolate(context);
    else if (choice.is("target-port"))
        patch(context, "services", kGateNamespace, kGate,
              {{"spec", {{"ports", json::array({{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 9443}}})}}}});
    else if (choice.is("service-port"))
        patchWebhook(context, "port", 8443);
    else if (choice.is("path"))
        patchWebhook(context, "path", "/validate-images");
}

} // namespace

Result<json> prepareWebhookDown(Context& context, const json& parameters)
{
    const auto choice = choose(context, webhookDownVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto registry = checkoutRegistry(context);
    if (!registry)
        return registry.error();
    const Instant now = context.parts.engine.now();
    const net::Certificate authority = gateAuthority(context, kAuthority);
    // The one that expires does so before the release, and after the pods have loaded it.
    const Instant until = choice->is("expired") ? now + std::chrono::seconds(30) : now + 60 * kDay;
    GateSettings settings;
    settings.exemptsItself = !choice->is("own-namespace");
    settings.probesPortOnly = choice->is("hung"); // a stopped program's port still opens
    settings.readyAfterSeconds = choice->is("restarting") ? 270 : 1;
    deployGate(context, **registry, settings, gateCertificate(context, authority, until - 90 * kDay, until), authority);
    spoilGate(context, *choice);
    return json{{"cause", choice->cause}, {"variant", choice->variant}};
}

Result<json> injectWebhookDown(Context& context, const json& parameters)
{
    const auto choice = chooseAndPush(context, webhookDownVariants(), parameters);
    if (!choice)
        return choice.error();
    if (choice->is("hung")) {
        stopProcesses(context);
    } else if (choice->is("expired")) { // renewed in time, and never loaded
        const Instant now = context.parts.engine.now();
        const net::Certificate authority = gateAuthority(context, kAuthority);
        setGateSecret(context, gateCertificate(context, authority, now - 10 * kDay, now + 80 * kDay), authority);
    }
    releaseCheckout(context, checkoutImage(kNewTag));
    json told = toldOfRelease(*choice);
    told.update({{"webhook", kGate}, {"webhook_namespace", kGateNamespace}});
    return told;
}

} // namespace sim::faults
