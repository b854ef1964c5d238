#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/client/context.h"

namespace sim::kube {

/// Reaches admission webhooks from the control plane's machine: the Service, one of its ready endpoints, the network on
/// the way, TLS against the webhook's caBundle, and then the program that listens there.
class WebhookNetwork final : public WebhookCaller {
public:
    WebhookNetwork(const Context& context, const ClusterSettings& settings)
        : m_context(context)
        , m_settings(settings)
    {
    }

    WebhookAnswer call(const Store& store, const WebhookCall& call) override;

private:
    WebhookAnswer ask(const WebhookCall& call, StackId stack, std::int64_t port) const;

    const Context& m_context;
    const ClusterSettings& m_settings;
};

} // namespace sim::kube
