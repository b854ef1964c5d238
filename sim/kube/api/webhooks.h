#pragma once

#include "sim/kube/api/api_server.h"

#include <optional>

namespace sim::kube {

/// What admission webhooks are told of a request.
struct AdmissionSubject {
    const KindInfo& info;
    const Request& request;
    std::string operation;    ///< CREATE, UPDATE, DELETE, CONNECT
    std::string namespace_;
    std::string name;
    StringMap labels;
    nlohmann::json oldObject; ///< null on create
};

struct WebhookOutcome {
    nlohmann::json object;           ///< as the mutating webhooks left it
    std::optional<Response> refusal;
    std::vector<std::string> warnings;
    Duration took{};
};

/// Whether any webhook wants to see the request; asking is cheap, so that the object's JSON is only made then.
bool webhooksWant(const Store& store, const AdmissionSubject& subject, bool mutating);
/// Asks the webhooks that want to see the request, configurations in the order of their names.
WebhookOutcome callWebhooks(const Store& store, const AdmissionSubject& subject, const nlohmann::json& object, bool mutating,
                            RandomStream& random, WebhookCaller* caller);

} // namespace sim::kube
