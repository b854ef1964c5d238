#include "sim/kube/metrics/prometheus_adapter.h"

#include "tests/sim/kube/cluster_lab.h"

namespace sim::kube {
namespace {

json service(const std::string& name, int port)
{
    return {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", name}}}, {"spec", {{"selector", {{"app", name}}}, {"ports", {{{"port", port}, {"targetPort", 80}}}}}}};
}

json deployment(const std::string& name, int replicas, json container = json::object(), json volumes = nullptr)
{
    json pods = podTemplate(name);
    pods["spec"]["containers"][0].update(container);
    if (!volumes.is_null())
        pods["spec"]["volumes"] = std::move(volumes);
    return {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", name}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", name}}}}}, {"template", std::move(pods)}}}};
}

/// An adapter with these rules before a Prometheus, all in the namespace of the lab.
void installAdapter(ClusterLab& lab, const std::string& rules)
{
    lab.apply("configmaps", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "adapter"}}}, {"data", {{"config.yaml", rules}}}});
    lab.apply("deployments.apps", deployment("prometheus", 1));
    lab.apply("services", service("prometheus", 9090));
    lab.apply("deployments.apps", deployment("adapter", 1,
                                             {{"args", {"--config=/etc/adapter/config.yaml", std::string("--prometheus-url=http://prometheus.") + kShop + ".svc:9090/"}},
                                              {"volumeMounts", {{{"name", "config"}, {"mountPath", "/etc/adapter"}}}}},
                                             {{{"name", "config"}, {"configMap", {{"name", "adapter"}}}}}));
    lab.apply("services", service("adapter", 443));
    lab.apply("apiservices.apiregistration.k8s.io",
              {{"apiVersion", "apiregistration.k8s.io/v1"}, {"kind", "APIService"}, {"metadata", {{"name", "v1beta1.custom.metrics.k8s.io"}, {"namespace", ""}}},
               {"spec", {{"group", "custom.metrics.k8s.io"}, {"version", "v1beta1"}, {"groupPriorityMinimum", 100}, {"versionPriority", 100}, {"insecureSkipTLSVerify", true},
                         {"service", {{"name", "adapter"}, {"namespace", kShop}, {"port", 443}}}}}});
    lab.run(20s);
}

TEST(PrometheusAdapter, NamesSeriesByItsRules)
{
    ClusterLab lab;
    installAdapter(lab, "rules:\n"
                        "- {seriesQuery: 'app:queue_length{pod!=\"\"}', name: {as: queue}}\n"
                        "- {seriesQuery: '{__name__=~\"^app:.*\",pod!=\"\"}', name: {matches: '^app:(.*)$', as: 'app_$1'}, metricsQuery: 'avg(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'}\n"
                        "- {seriesQuery: 'rate(http_requests_total[1m])'}\n"
                        "- {seriesQuery: 'http_requests_total', metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'}\n"
                        "- {seriesQuery: '{__name__=~\"(\"}'}\n");
    ASSERT_TRUE(customMetricsServed(lab.store()));
    const auto rules = adapterRules(lab.store());
    ASSERT_EQ(rules.size(), 2u) << "what is not understood is left out";
    EXPECT_EQ(rules[0].metricOf("app:queue_length"), "queue");
    EXPECT_EQ(rules[0].metricOf("app:queue_lengths"), std::nullopt);
    EXPECT_EQ(rules[1].metricOf("app:busy_ratio"), "app_busy_ratio");
    EXPECT_EQ(rules[1].metricOf("other"), std::nullopt);
}

TEST(PrometheusAdapter, ServesNothingWithoutAPrometheusOrWithABrokenConfiguration)
{
    ClusterLab lab;
    installAdapter(lab, "rules: [{seriesQuery: up}]");
    ASSERT_TRUE(customMetricsServed(lab.store()));
    lab.remove("deployments.apps", "prometheus");
    lab.run(20s);
    EXPECT_FALSE(customMetricsServed(lab.store()));
    for (const char* broken : {"", "rules: 3", "rules: [3, {seriesQuery: [1]}, {name: 4}]", "a: ["}) {
        lab.remove("configmaps", "adapter");
        lab.apply("configmaps", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "adapter"}}}, {"data", {{"config.yaml", broken}}}});
        EXPECT_TRUE(adapterRules(lab.store()).empty()) << broken;
    }
}

} // namespace
} // namespace sim::kube
