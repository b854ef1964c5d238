#include "tests/core/incident/quiz.h"

namespace core::incident {

namespace {

using content::Cause;
using content::Fact;

Cause cause(const std::string& id, const std::string& mechanism)
{
    Cause cause;
    cause.id = id;
    cause.mechanism = mechanism;
    cause.means = {"means " + id, "意为 " + id};
    cause.explanation = {"explains " + id, "解释 " + id};
    cause.prevention = {"prevents " + id, "预防 " + id};
    cause.healed = {{"machine_up", {{"machine", "mended"}}}};
    return cause;
}

Fact fact(const std::string& id, std::vector<std::string> supports, std::vector<std::string> refutes)
{
    Fact fact;
    fact.id = id;
    fact.text = {"fact " + id, "事实 " + id};
    fact.matchers = {{"", "^" + id + "$", ""}};
    fact.supports = std::move(supports);
    fact.refutes = std::move(refutes);
    fact.signal = {"signal " + id, "信号 " + id};
    fact.command = "show " + id + " {node}";
    return fact;
}

content::Incident make()
{
    content::Incident incident;
    incident.id = "quiz";
    incident.service = "shop/checkout";
    incident.title = {"Checkout is failing", "结账失败"};
    incident.causes = {cause("wrong-tag", "image"), cause("wrong-name", "image"), cause("node-egress", "network"),
                       cause("no-fault", "none")};
    incident.causes[0].necessary = {"deployment/shop/checkout"};
    incident.causes[1].necessary = {"deployment/shop/checkout", "secret/shop/*"};
    incident.causes[2].necessary = {"firewall/{node}", "pod/shop/*"};
    incident.causes[0].variants = {"typo", "deleted"};
    incident.facts = {fact("tag-absent", {"wrong-tag"}, {"node-egress"}),
                      fact("name-listed", {"wrong-tag"}, {"wrong-name"}),
                      fact("still-failing", {"wrong-tag", "wrong-name", "node-egress"}, {"no-fault"}),
                      fact("node-cut-off", {"node-egress"}, {"wrong-tag", "wrong-name"}),
                      fact("half", {"wrong-tag"}, {}),
                      fact("other-half", {"wrong-tag"}, {}),
                      fact("served", {}, {}),
                      fact("rolled-out", {}, {}),
                      fact("node-pulls", {"node-egress"}, {})};
    incident.facts[0].layer = "registry";
    incident.facts[0].variants = {"deleted"};
    incident.facts[6].recovery = Fact::Recovery::UserFacing;
    incident.facts[7].recovery = Fact::Recovery::CauseSpecific;
    incident.facts[8].recovery = Fact::Recovery::CauseSpecific;
    incident.inferences = {{{{"half"}, {"other-half"}}, {"wrong-name"}}};
    incident.layers = {{"registry", {"the registry", "镜像仓库"}}};
    incident.mitigations = {{"deployment/shop/checkout", "{old_image}"}};
    incident.names = {{"node", "worker-2"}, {"old_image", "shop/checkout:1.8.3"}};
    incident.impact = {0.99, 900, 2700, 0.5};
    incident.healthy = {{"sli_at_least", {{"success", 0.99}}}};
    incident.intact = {{"nodes_schedulable", nlohmann::json::object()}};
    for (const Cause& one : incident.causes)
        for (const double factor : {1.0, 0.95, 0.9, 0.8, 0.6, 0.3})
            incident.hints[one.id].push_back({{}, factor});
    return incident;
}

} // namespace

std::shared_ptr<const content::Incident> quiz()
{
    static const auto kQuiz = std::make_shared<const content::Incident>(make());
    return kQuiz;
}

} // namespace core::incident
