#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/client/context.h"

#include <functional>

namespace sim::kube {

/// What the program in a webhook's pod makes of an AdmissionReview; nothing: it is no webhook.
using WebhookProgram = std::function<std::optional<nlohmann::json>(const Pod& pod, const nlohmann::json& review)>;

/// Reaches admission webhooks from the control plane's machine: the Service, one of its ready endpoints, the network on
/// the way, and then the program that listens there.
class WebhookNetwork final : public WebhookCaller {
public:
    WebhookNetwork(const Context& context, const ClusterSettings& settings, WebhookProgram program = {})
        : m_context(context)
        , m_settings(settings)
        , m_program(std::move(program))
    {
    }

    WebhookAnswer call(const Store& store, const WebhookCall& call) override;

private:
    const Context& m_context;
    const ClusterSettings& m_settings;
    WebhookProgram m_program;
};

} // namespace sim::kube
