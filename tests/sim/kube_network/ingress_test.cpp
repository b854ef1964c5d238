#include "tests/sim/kube_network/network_lab.h"

namespace {

using namespace sim;
using namespace std::chrono_literals;
using nlohmann::json;

/// The mini data centre with an ingress controller in front of the shop.
class IngressLab : public tests::NetworkLab {
public:
    IngressLab()
    {
        create("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "ingress-nginx"}}}});
        create("deployments.apps",
               {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "controller"}, {"namespace", "ingress-nginx"}}},
                {"spec", {{"selector", {{"matchLabels", {{"app", "controller"}}}}},
                          {"template", {{"metadata", {{"labels", {{"app", "controller"}}}}},
                                        {"spec", {{"containers", json::array({{{"name", "controller"},
                                                                               {"image", "registry.k8s.io/ingress-nginx/controller:v1.12.2"}}})}}}}}}}});
        create("ingresses.networking.k8s.io",
               {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "Ingress"}, {"metadata", {{"name", "shop"}, {"namespace", "shop"}}},
                {"spec", {{"ingressClassName", "nginx"},
                          {"rules", json::array({{{"host", "shop.lab"},
                                                  {"http", {{"paths", json::array({path("/", "gateway", 80), path("/cart", "cart", 8080)})}}}}})}}}});
        advance(60s);
    }

    static json path(const char* prefix, const char* service, int port)
    {
        return {{"path", prefix}, {"pathType", "Prefix"}, {"backend", {{"service", {{"name", service}, {"port", {{"number", port}}}}}}}};
    }

    HttpAnswer get(const std::string& host, const std::string& target) const
    {
        HttpQuestion question;
        question.from = world.machine("worker-1")->stack;
        question.host = addressOf("ingress-nginx", "controller-").text();
        question.headers["host"] = host;
        question.path = target;
        return world.http(question);
    }
};

TEST(Ingress, HostAndPathChooseTheService)
{
    const IngressLab lab;
    EXPECT_NE(lab.get("shop.lab", "/").body.find("\"service\":\"gateway\""), std::string::npos);
    EXPECT_EQ(lab.get("shop.lab", "/healthz").status, 200);
    EXPECT_EQ(lab.get("shop.lab", "/cartoon").body, "404 page not found\n"); // the gateway's own
    const HttpAnswer stranger = lab.get("other.lab", "/");
    EXPECT_EQ(stranger.status, 404);
    EXPECT_NE(stranger.body.find("<center>nginx</center>"), std::string::npos);
}

TEST(Ingress, EndpointsThatAreMissingOrDeadHaveTheirOwnPages)
{
    IngressLab lab;
    lab.patch("deployments.apps", "shop", "cart", {{"spec", {{"replicas", 0}}}});
    lab.advance(30s);
    EXPECT_EQ(lab.get("shop.lab", "/cart").status, 503);
    EXPECT_EQ(lab.get("shop.lab", "/").status, 200);
    lab.patch("services", "shop", "gateway", {{"spec", {{"ports", json::array({{{"name", "http"}, {"port", 80}, {"targetPort", 8081}}})}}}});
    lab.advance(5s);
    EXPECT_EQ(lab.get("shop.lab", "/").status, 502);
}

TEST(Ingress, APolicyInFrontOfThePodsIsATimeOut)
{
    IngressLab lab;
    lab.policy("deny", {{"podSelector", {{"matchLabels", {{"app", "gateway"}}}}}, {"policyTypes", {"Ingress"}}});
    lab.advance(3s);
    const HttpAnswer answer = lab.get("shop.lab", "/");
    EXPECT_EQ(answer.status, 504);
    EXPECT_GE(answer.took, 10s); // two endpoints, five seconds each
}

} // namespace
