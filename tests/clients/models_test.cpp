#include "tests/clients/served_lab.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace {

/// The lab that serves models, open for both tests.
class ServedModels : public ::testing::Test {
protected:
    static void SetUpTestSuite() { s_lab = new tests::ServedLab("--topology serving --speed 4"); }
    static void TearDownTestSuite()
    {
        delete s_lab;
        s_lab = nullptr;
    }
    void SetUp() override { ASSERT_FALSE(s_lab->models.empty()) << "faultctl serve did not come up"; }
    static std::string base() { return s_lab->models.substr(0, s_lab->models.rfind("/v1")); }
    static tests::ServedLab* s_lab;
};
tests::ServedLab* ServedModels::s_lab = nullptr;

TEST_F(ServedModels, OpenAiClientForJavaScriptStreams)
{
    const std::string find = "node -e \"require('module').createRequire((process.env.CLIENT_NODE_FROM || '.') + '/').resolve('openai')\"";
    if (tests::runShell(find).status != 0)
        GTEST_SKIP() << "no node with the package openai here; CLIENT_NODE_FROM can name the folder it is installed in";
    const auto outcome = tests::runShell("timeout 90 node '" FAULTLINE_OPENAI "' " + s_lab->models);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.text, "ok\n");
}

TEST_F(ServedModels, ARealPrometheusScrapesEveryReplica)
{
    if (tests::runShell("command -v prometheus").status != 0)
        GTEST_SKIP() << "no prometheus on the PATH";
    const std::string config = s_lab->folder() + "/prometheus.yml";
    const std::string target = base().substr(base().find("//") + 2);
    const auto pods = nlohmann::json::parse(tests::runShell(s_lab->environment() + "kubectl -n llm get pods -l 'app in (chat,docs)' -o json").text, nullptr, false);
    ASSERT_TRUE(pods.is_object());
    std::string jobs = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n";
    for (const auto& pod : pods["items"])
        jobs += "- {job_name: " + pod["metadata"]["name"].get<std::string>() + ", metrics_path: /namespaces/llm/pods/"
            + pod["metadata"]["name"].get<std::string>() + "/metrics, static_configs: [{targets: ['" + target + "']}]}\n";
    std::ofstream(config) << jobs;
    // A port that was free a moment ago.
    const std::string port = tests::runShell("python3 -c \"import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])\"").text;
    const std::string at = "127.0.0.1:" + port.substr(0, port.find('\n'));
    const auto outcome = tests::runShell("cd '" + s_lab->folder() + "' && { prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=" + at
                                         + " > prometheus.log 2>&1 & P=$!; for i in $(seq 60); do sleep 0.5;"
                                           " n=$(curl -sG http://" + at + "/api/v1/query --data-urlencode 'query=count(vllm:generation_tokens_total > 0 and on(job) up == 1)'"
                                           " | grep -o '\"[0-9]*\"\\]' | tr -d '\"]'); [ \"$n\" = " + std::to_string(pods["items"].size())
                                         + " ] && break; done; echo scraped ${n:-0}; kill $P; wait $P; }");
    EXPECT_TRUE(outcome.has("scraped " + std::to_string(pods["items"].size()))) << outcome.text << tests::runShell("tail -5 '" + s_lab->folder() + "/prometheus.log'").text;
}

TEST_F(ServedModels, ARealKubectlScalesByTheirQueue)
{
    const auto shell = [&](const std::string& command) { return tests::runShell(s_lab->environment() + command); };
    const auto listed = shell("kubectl get --raw /apis/custom.metrics.k8s.io/v1beta1");
    EXPECT_TRUE(listed.has(R"("name":"pods/vllm_num_requests_waiting")")) << listed.text;
    const auto figures = nlohmann::json::parse(shell("kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/llm/pods/*/vllm_num_requests_running'").text, nullptr, false);
    ASSERT_TRUE(figures.is_object());
    EXPECT_EQ(figures.value("kind", ""), "MetricValueList");
    EXPECT_EQ(figures.value("items", nlohmann::json::array()).size(), 5u) << "four of chat, one of docs";
    EXPECT_NE(shell("kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/llm/pods/*/none' 2>&1").status, 0);
    std::ofstream(s_lab->folder() + "/hpa.yaml") << "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: chat, namespace: llm}\nspec:\n"
                                                    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: chat}\n  minReplicas: 4\n  maxReplicas: 8\n  metrics:\n"
                                                    "  - {type: Pods, pods: {metric: {name: vllm_num_requests_waiting}, target: {type: AverageValue, averageValue: '4'}}}\n";
    ASSERT_EQ(shell("kubectl apply -f '" + s_lab->folder() + "/hpa.yaml'").status, 0);
    tests::Outcome valid;
    for (int i = 0; i < 60 && !valid.has("ValidMetricFound"); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        valid = shell("kubectl -n llm describe hpa chat");
    }
    EXPECT_TRUE(valid.has("\"vllm_num_requests_waiting\" on pods")) << valid.text;
    EXPECT_TRUE(valid.has("ValidMetricFound")) << valid.text;
    shell("kubectl -n llm delete hpa chat");
}

} // namespace
