#pragma once

#include "sim/world/http.h"

namespace sim {

class World;
namespace container {
struct Container;
}

/// The program is ingress-nginx's controller.
bool isIngressController(const container::Container& container);

/// What its nginx answers: the Ingress objects choose a Service by host and path, one of its ready endpoints is asked
/// from the controller's own pod (nginx goes to endpoints directly, past kube-proxy). Without a rule 404, without
/// endpoints 503, without a connection 502, without an answer 504. `answer` has the way to the controller already.
void answerIngress(HttpAnswer& answer, const World& world, const HttpQuestion& question, const container::Container& controller);

} // namespace sim
