#include "sim/faults/policy_gate.h"

#include "sim/container/registry.h"
#include "sim/engine/base64.h"
#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kGateRepository = "infra/policy-gate";
constexpr const char* kGateTag = "0.4.2";
constexpr const char* kCertificateFolder = "/etc/policy-gate/certs";
constexpr const char* kAllowedRegistries = "registry.lab:5000,registry.k8s.io,docker.io/calico";
constexpr std::int64_t kGatePort = 8443;
constexpr Duration kYear = std::chrono::hours(24 * 365);

programs::Program gateProgram()
{
    programs::Program program;
    program.name = kGate;
    program.kind = programs::Program::Kind::PolicyWebhook;
    program.command = {"/policy-gate", fmt::format("--port={}", kGatePort), fmt::format("--cert-dir={}", kCertificateFolder),
                       fmt::format("--path={}", kGatePath), fmt::format("--allowed-registries={}", kAllowedRegistries)};
    program.user = "65532";
    program.port = kGatePort;
    program.startup = std::chrono::seconds(2);
    program.memoryBytes = 48LL << 20;
    program.idleCores = 0.01;
    program.serviceTime = std::chrono::milliseconds(3);
    program.readyPath = "/healthz";
    program.startLog = {fmt::format("level=info msg=\"loaded serving certificate\" dir={}", kCertificateFolder),
                        fmt::format("level=info msg=\"serving webhooks\" port={} path={}", kGatePort, kGatePath)};
    return program;
}

void pushGate(Context& context, container::Registry& registry)
{
    auto image = std::make_shared<container::Image>();
    RandomStream& random = context.parts.engine.random("faults/release");
    const auto digest = [&] {
        return fmt::format("sha256:{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(), random.next(), random.next());
    };
    image->digest = digest();
    image->configDigest = digest();
    image->layers.push_back({digest(), 21LL << 20, 48LL << 20});
    image->program = gateProgram();
    context.parts.registries.push(context.parts.engine, context.parts.hosts, registry, kGateRepository, kGateTag, image);
}

json secretOf(const std::string& name, const std::string& type, const json& data)
{
    return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", name}, {"namespace", kGateNamespace}}}, {"type", type},
            {"data", data}};
}

json tlsData(const net::Certificate& certificate, const net::Certificate& authority)
{
    return {{"tls.crt", encodeBase64(net::toPem(certificate))},
            {"tls.key", encodeBase64(fmt::format("-----BEGIN EC PRIVATE KEY-----\n{:016x}\n-----END EC PRIVATE KEY-----\n", certificate.keyId))},
            {"ca.crt", encodeBase64(net::toPem(authority))}};
}

void copyPullSecret(Context& context)
{
    const auto secret = context.cluster.store().get<kube::Secret>({kShop, "regcred"});
    if (secret)
        create(context, secretOf("regcred", "kubernetes.io/dockerconfigjson", {{".dockerconfigjson", secret->data.at(".dockerconfigjson")}}));
}

json gateProbe(const GateSettings& settings)
{
    json probe{{"initialDelaySeconds", settings.readyAfterSeconds}, {"periodSeconds", 5}};
    if (settings.probesPortOnly)
        probe["tcpSocket"]["port"] = kGatePort;
    else
        probe["httpGet"] = {{"path", "/healthz"}, {"port", kGatePort}, {"scheme", "HTTPS"}};
    return probe;
}

json gateDeployment(const GateSettings& settings)
{
    const json container{{"name", kGate}, {"image", fmt::format("{}/{}:{}", kLabRegistry, kGateRepository, kGateTag)},
                         {"ports", json::array({{{"containerPort", kGatePort}, {"name", "webhook"}}})},
                         {"resources", {{"requests", {{"cpu", "50m"}, {"memory", "64Mi"}}}}},
                         {"readinessProbe", gateProbe(settings)},
                         {"volumeMounts", json::array({{{"name", "certs"}, {"mountPath", kCertificateFolder}, {"readOnly", true}}})}};
    const json pod{{"containers", json::array({container})},
                   {"imagePullSecrets", json::array({{{"name", "regcred"}}})},
                   {"volumes", json::array({{{"name", "certs"}, {"secret", {{"secretName", kGateTls}}}}})}};
    return {{"apiVersion", "apps/v1"}, {"kind", "Deployment"},
            {"metadata", {{"name", kGate}, {"namespace", kGateNamespace}, {"labels", {{"app", kGate}}}}},
            {"spec", {{"replicas", settings.replicas}, {"selector", {{"matchLabels", {{"app", kGate}}}}},
                      {"template", {{"metadata", {{"labels", {{"app", kGate}}}}}, {"spec", pod}}}}}};
}

json gateService()
{
    return {{"apiVersion", "v1"}, {"kind", "Service"},
            {"metadata", {{"name", kGate}, {"namespace", kGateNamespace}, {"labels", {{"app", kGate}}}}},
            {"spec", {{"selector", {{"app", kGate}}},
                      {"ports", json::array({{{"name", "https"}, {"port", 443}, {"targetPort", kGatePort}}})}}}};
}

json gateConfiguration(const GateSettings& settings, const net::Certificate& authority)
{
    json exempt = json::array({"kube-system"});
    if (settings.exemptsItself)
        exempt.push_back(kGateNamespace);
    const json others{{"key", "kubernetes.io/metadata.name"}, {"operator", "NotIn"}, {"values", exempt}};
    const json rule{{"apiGroups", json::array({""})}, {"apiVersions", json::array({"v1"})}, {"operations", json::array({"CREATE"})},
                    {"resources", json::array({"pods"})}, {"scope", "Namespaced"}};
    const json webhook{{"name", "images.policy.lab"}, {"admissionReviewVersions", json::array({"v1"})}, {"sideEffects", "None"},
                       {"failurePolicy", "Fail"}, {"timeoutSeconds", 10}, {"rules", json::array({rule})},
                       {"namespaceSelector", {{"matchExpressions", json::array({others})}}},
                       {"clientConfig", {{"caBundle", encodeBase64(net::toPem(authority))},
                                         {"service", {{"namespace", kGateNamespace}, {"name", kGate}, {"path", kGatePath}, {"port", 443}}}}}};
    return {{"apiVersion", "admissionregistration.k8s.io/v1"}, {"kind", "ValidatingWebhookConfiguration"},
            {"metadata", {{"name", kGate}}}, {"webhooks", json::array({webhook})}};
}

} // namespace

net::Certificate gateAuthority(const Context& context, std::uint64_t generation)
{
    net::Certificate authority;
    authority.subject = authority.issuer = "policy-gate-ca";
    authority.serial = generation;
    authority.notBefore = context.parts.engine.now() - kYear;
    authority.notAfter = context.parts.engine.now() + 9 * kYear;
    authority.isCa = true;
    authority.keyId = authority.issuerKeyId = 0x5c1f'0e6a'93b2'47d0ULL + generation;
    return authority;
}

net::Certificate gateCertificate(const Context& context, const net::Certificate& authority, Instant notBefore, Instant notAfter)
{
    net::Certificate certificate;
    certificate.subject = certificate.dnsNames.emplace_back(fmt::format("{}.{}.svc", kGate, kGateNamespace));
    certificate.dnsNames.push_back(certificate.subject + "." + context.cluster.settings().dnsDomain);
    certificate.issuer = authority.subject;
    certificate.serial = static_cast<std::uint64_t>(unixSeconds(notBefore));
    certificate.notBefore = notBefore;
    certificate.notAfter = notAfter;
    certificate.keyId = 0x21d4'77c9'08ae'5b13ULL ^ certificate.serial;
    certificate.issuerKeyId = authority.keyId;
    return certificate;
}

void setGateSecret(Context& context, const net::Certificate& certificate, const net::Certificate& authority)
{
    patch(context, "secrets", kGateNamespace, kGateTls, {{"data", tlsData(certificate, authority)}});
}

void trustAuthority(Context& context, const net::Certificate& authority)
{
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.patchType = kube::PatchType::Json;
    request.resource = "validatingwebhookconfigurations";
    request.name = kGate;
    request.body = json::array({{{"op", "replace"}, {"path", "/webhooks/0/clientConfig/caBundle"},
                                 {"value", encodeBase64(net::toPem(authority))}}});
    call(context, request);
}

void deployGate(Context& context, container::Registry& registry, const GateSettings& settings, const net::Certificate& certificate,
                const net::Certificate& authority)
{
    pushGate(context, registry);
    create(context, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kGateNamespace}}}});
    copyPullSecret(context);
    create(context, secretOf(kGateTls, "kubernetes.io/tls", tlsData(certificate, authority)));
    create(context, gateService());
    create(context, gateConfiguration(settings, authority));
    create(context, gateDeployment(settings));
}

} // namespace sim::faults
