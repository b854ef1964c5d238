#include "sim/kube/api/webhooks.h"

#include "sim/engine/base64.h"
#include "sim/kube/api/patch.h"
#include "sim/kube/api/status.h"

#include <fmt/format.h>

#include <algorithm>

// apiserver/pkg/admission/plugin/webhook.
namespace sim::kube {

namespace {

using nlohmann::json;

/// Looks Services up; behind one that has endpoints nobody listens, since no world is around.
class StoreWebhooks final : public WebhookCaller {
public:
    WebhookAnswer call(const Store& store, const WebhookCall& call) override
    {
        WebhookAnswer answer;
        if (call.serviceName.empty()) {
            answer.failure = "dial tcp: lookup of the host failed: no such host";
            return answer;
        }
        const auto service = store.get<Service>({call.serviceNamespace, call.serviceName});
        if (!service) {
            answer.failure = fmt::format("service \"{}\" not found", call.serviceName);
            return answer;
        }
        bool ready = false;
        const auto& slices = store.all<EndpointSlice>();
        for (auto it = slices.lower_bound({call.serviceNamespace, {}}); it != slices.end() && it->first.namespace_ == call.serviceNamespace; ++it) {
            const auto owner = it->second->metadata.labels.find("kubernetes.io/service-name");
            if (owner != it->second->metadata.labels.end() && owner->second == call.serviceName)
                ready = ready || std::any_of(it->second->endpoints.begin(), it->second->endpoints.end(),
                                             [](const SliceEndpoint& one) { return one.conditions.ready.value_or(false); });
        }
        answer.failure = ready ? fmt::format("dial tcp {}:{}: connect: connection refused", service->spec.clusterIP, call.servicePort)
                               : fmt::format("no endpoints available for service \"{}\"", call.serviceName);
        return answer;
    }
};

bool ruleHas(const std::vector<std::string>& list, std::string_view wanted)
{
    return std::find(list.begin(), list.end(), "*") != list.end() || std::find(list.begin(), list.end(), wanted) != list.end();
}

bool ruleMatches(const WebhookRule& rule, const AdmissionSubject& subject)
{
    const std::string scope = rule.scope.value_or("*");
    if (scope != "*" && (scope == "Namespaced") != !subject.namespace_.empty())
        return false;
    if (!ruleHas(rule.operations, subject.operation) || !ruleHas(rule.apiGroups, subject.info.group)
        || !ruleHas(rule.apiVersions, subject.info.version))
        return false;
    const std::string resource(subject.info.plural);
    const std::string& below = subject.request.subresource;
    return std::any_of(rule.resources.begin(), rule.resources.end(), [&](const std::string& one) {
        if (below.empty())
            return one == "*" || one == resource || one == "*/*";
        return one == "*/*" || one == resource + "/" + below || one == resource + "/*" || one == "*/" + below;
    });
}

bool wants(const Store& store, const AdmissionWebhook& webhook, const AdmissionSubject& subject)
{
    if (std::none_of(webhook.rules.begin(), webhook.rules.end(), [&](const WebhookRule& rule) { return ruleMatches(rule, subject); }))
        return false;
    if (webhook.namespaceSelector && !subject.namespace_.empty()) {
        const auto space = store.get<Namespace>({"", subject.namespace_});
        if (space && !webhook.namespaceSelector->matches(space->metadata.labels))
            return false;
    }
    return !webhook.objectSelector || webhook.objectSelector->matches(subject.labels);
}

/// Webhooks are not asked about webhooks, or nobody could take a broken one away.
bool exempt(const AdmissionSubject& subject) { return subject.info.group == "admissionregistration.k8s.io"; }

template <class F>
void visitWebhooks(const Store& store, const AdmissionSubject& subject, bool mutating, F&& visitor)
{
    if (exempt(subject))
        return;
    const auto visit = [&](const auto& table) {
        for (const auto& [key, configuration] : table)
            for (const AdmissionWebhook& webhook : configuration->webhooks)
                if (wants(store, webhook, subject) && !visitor(webhook))
                    return;
    };
    if (mutating)
        visit(store.all<MutatingWebhookConfiguration>());
    else
        visit(store.all<ValidatingWebhookConfiguration>());
}

WebhookCall callOf(const AdmissionWebhook& webhook, const AdmissionSubject& subject, const json& object, const std::string& uid)
{
    WebhookCall call;
    const std::int64_t seconds = webhook.timeoutSeconds.value_or(10);
    call.timeout = std::chrono::seconds(seconds);
    call.caBundle = webhook.clientConfig.caBundle;
    if (webhook.clientConfig.service) {
        const WebhookService& service = *webhook.clientConfig.service;
        call.serviceNamespace = service.namespace_.value;
        call.serviceName = service.name.value;
        call.servicePort = service.port.value_or(443);
        call.path = service.path.value_or("/");
        call.url = fmt::format("https://{}.{}.svc:{}{}{}?timeout={}s", service.name.value, service.namespace_.value, call.servicePort,
                               call.path.starts_with('/') ? "" : "/", call.path, seconds);
    } else {
        call.url = fmt::format("{}?timeout={}s", webhook.clientConfig.url.value_or(""), seconds);
    }
    const json kind{{"group", subject.info.group}, {"version", subject.info.version}, {"kind", subject.info.kind}};
    const json resource{{"group", subject.info.group}, {"version", subject.info.version}, {"resource", subject.info.plural}};
    json asked{{"uid", uid}, {"kind", kind}, {"resource", resource}, {"requestKind", kind}, {"requestResource", resource},
               {"operation", subject.operation},
               {"userInfo", {{"username", subject.request.user}, {"groups", subject.request.groups}}},
               {"object", object}, {"oldObject", subject.oldObject}, {"dryRun", subject.request.dryRun}, {"options", nullptr}};
    if (!subject.namespace_.empty())
        asked["namespace"] = subject.namespace_;
    if (!subject.name.empty())
        asked["name"] = subject.name;
    if (!subject.request.subresource.empty())
        asked["subResource"] = subject.request.subresource;
    call.review = {{"kind", "AdmissionReview"}, {"apiVersion", "admission.k8s.io/v1"}, {"request", std::move(asked)}};
    return call;
}

Response denied(const AdmissionWebhook& webhook, const json& answer)
{
    const json status = answer.value("status", json::object());
    const std::string by = fmt::format("admission webhook \"{}\" denied the request", webhook.name.value);
    const std::string message = status.value("message", "");
    const std::string reason = status.value("reason", "");
    const int code = std::max(status.value("code", 400), 400);
    return failure(code, reason, !message.empty() ? by + ": " + message : !reason.empty() ? by + ": " + reason : by + " without explanation");
}

} // namespace

bool webhooksWant(const Store& store, const AdmissionSubject& subject, bool mutating)
{
    bool any = false;
    visitWebhooks(store, subject, mutating, [&](const AdmissionWebhook&) {
        any = true;
        return false;
    });
    return any;
}

WebhookOutcome callWebhooks(const Store& store, const AdmissionSubject& subject, const json& object, bool mutating, RandomStream& random,
                            WebhookCaller* caller)
{
    StoreWebhooks fallback;
    WebhookCaller& reach = caller != nullptr ? *caller : fallback;
    WebhookOutcome outcome;
    outcome.object = object;
    visitWebhooks(store, subject, mutating, [&](const AdmissionWebhook& webhook) {
        const WebhookCall call = callOf(webhook, subject, outcome.object, newUid(random));
        WebhookAnswer answer = reach.call(store, call);
        if (answer.took >= call.timeout && answer.failure.empty())
            answer.failure = "context deadline exceeded";
        outcome.took += std::min(answer.took, call.timeout);
        const bool ignores = webhook.failurePolicy.value_or("Fail") == "Ignore";
        const json response = answer.review.is_object() ? answer.review.value("response", json()) : json();
        if (!answer.failure.empty() || !response.is_object()) {
            if (ignores)
                return true;
            const std::string why = answer.failure.empty() ? std::string("Webhook response was absent")
                : answer.answered ? "failed to call webhook: " + answer.failure
                                  : fmt::format("failed to call webhook: Post \"{}\": {}", call.url, answer.failure);
            outcome.refusal = internalError(fmt::format("failed calling webhook \"{}\": {}", webhook.name.value, why));
            return false;
        }
        for (const json& warning : response.value("warnings", json::array()))
            if (warning.is_string())
                outcome.warnings.push_back(warning);
        if (!response.value("allowed", false)) {
            outcome.refusal = denied(webhook, response);
            return false;
        }
        if (mutating && response.contains("patch") && response.at("patch").is_string()) {
            const json patch = json::parse(decodeBase64(response.at("patch").get_ref<const std::string&>()).value_or(""), nullptr, false);
            Patched patched = applyPatch(outcome.object, patch, PatchType::Json);
            if (!patched.error.empty()) {
                outcome.refusal = internalError(patched.error);
                return false;
            }
            outcome.object = std::move(patched.value);
        }
        return true;
    });
    return outcome;
}

} // namespace sim::kube
