#include "app/cli/bench_nccl.h"
#include "app/cli/bench_serving.h"
#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/golden/control_plane_lab.h"
#include "core/session/script.h"
#include "core/session/session.h"
#include "sim/engine/engine.h"
#include "sim/kube/pod_tally.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <queue>

namespace app::cli {

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

json row(const std::string& name, double value, const std::string& unit, json params = json::object())
{
    return {{"name", name}, {"value", value}, {"unit", unit}, {"params", std::move(params)}};
}

double peakResidentBytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

/// The hold model: a queue of constant size in which each event begets one. The peer is std::priority_queue
/// with closures, the textbook way.
json benchEngine()
{
    constexpr int kPending = 10'000;
    constexpr int kEvents = 5'000'000;
    sim::Engine engine(sim::Instant{}, 7);
    sim::RandomStream& random = engine.random("bench");
    for (int i = 0; i < kPending; ++i)
        engine.after(sim::Duration(static_cast<std::int64_t>(random.below(1'000'000))), {.part = sim::Part::World});
    auto begin = Clock::now();
    for (int i = 0; i < kEvents; ++i) {
        const auto event = engine.next(sim::Instant::max());
        engine.after(sim::Duration(static_cast<std::int64_t>(random.below(1'000'000))), *event);
    }
    const double ours = kEvents / secondsSince(begin);

    struct Closure {
        std::int64_t at;
        std::uint64_t sequence;
        std::function<void()> run;
        bool operator<(const Closure& other) const
        {
            return at != other.at ? at > other.at : sequence > other.sequence;
        }
    };
    std::priority_queue<Closure> queue;
    std::uint64_t sequence = 0;
    std::uint64_t handled = 0;
    sim::RandomStream other(7, "bench");
    for (int i = 0; i < kPending; ++i)
        queue.push({static_cast<std::int64_t>(other.below(1'000'000)), sequence++, [&handled] { ++handled; }});
    begin = Clock::now();
    for (int i = 0; i < kEvents / 5; ++i) {
        const std::int64_t at = queue.top().at;
        queue.top().run();
        queue.pop();
        queue.push({at + static_cast<std::int64_t>(other.below(1'000'000)), sequence++, [&handled] { ++handled; }});
    }
    const double peer = kEvents / 5 / secondsSince(begin);
    return json::array({row("events_per_second", ours, "1/s", {{"pending", kPending}}),
                        row("peer_events_per_second", peer, "1/s", {{"peer", "std::priority_queue of std::function"}}),
                        row("ratio_to_peer", ours / peer, "x")});
}

json benchRewind(Environment& environment, std::string& problem)
{
    core::session::StartRequest request;
    auto started = core::session::Session::start(environment.library(), request);
    if (!started) {
        problem = started.error().text();
        return json::array();
    }
    core::session::Session& session = **started;
    const sim::Instant from = session.now();
    auto begin = Clock::now();
    const std::uint64_t before = session.world().engine().eventsHandled();
    session.runFor(std::chrono::hours(1));
    const double ran = secondsSince(begin);
    const auto events = static_cast<double>(session.world().engine().eventsHandled() - before);
    std::vector<double> times;
    sim::RandomStream random(1, "bench/rewind");
    for (int i = 0; i < 40; ++i) {
        const sim::Instant to = from + sim::Duration(static_cast<std::int64_t>(random.below(3600)) * 1'000'000'000);
        begin = Clock::now();
        session.rewind(to);
        times.push_back(secondsSince(begin));
    }
    std::sort(times.begin(), times.end());
    return json::array({row("wall_seconds", ran, "s", {{"virtual_seconds", 3600}}),
                        row("times_real_time", 3600 / ran, "x"),
                        row("events_per_second", events / ran, "1/s"),
                        row("rewind_median_seconds", times[times.size() / 2], "s"),
                        row("rewind_worst_seconds", times.back(), "s"),
                        row("peak_rss_bytes", peakResidentBytes(), "B")});
}

json benchShell(Environment& environment, std::string& problem)
{
    core::session::StartRequest request;
    auto started = core::session::Session::start(environment.library(), request);
    if (!started) {
        problem = started.error().text();
        return json::array();
    }
    core::session::Session& session = **started;
    const auto terminal = session.openTerminal();
    // Pods that no node takes: the listing is what is measured.
    constexpr int kPods = 10'000;
    session.runLine(terminal, "kubectl create namespace bench");
    for (int i = 0; i < kPods; ++i) {
        sim::kube::Request create;
        create.verb = sim::kube::Verb::Create;
        create.resource = "pods";
        create.namespace_ = "bench";
        create.body = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", fmt::format("pod-{:05}", i)}}},
                       {"spec", {{"nodeSelector", {{"bench", "none"}}}, {"containers", {{{"name", "c"}, {"image", "registry.lab:5000/shop/cart:3.1.0"}}}}}}};
        session.apply(sim::Command{sim::command::ApiCall{create}});
    }
    const auto measure = [&](const std::string& line, int times) {
        std::vector<double> taken;
        for (int i = 0; i < times; ++i) {
            const auto begin = Clock::now();
            session.runLine(terminal, line);
            taken.push_back(secondsSince(begin));
        }
        std::sort(taken.begin(), taken.end());
        return taken;
    };
    const auto list = measure("kubectl get pods -A", 100);
    const auto echo = measure("echo hello | grep h", 200);
    const auto at = [](const std::vector<double>& v, double q) { return v[static_cast<std::size_t>(q * static_cast<double>(v.size() - 1))]; };
    return json::array({row("get_pods_p50_seconds", at(list, 0.5), "s", {{"pods", kPods}}), row("get_pods_p99_seconds", at(list, 0.99), "s", {{"pods", kPods}}),
                        row("pipeline_p50_seconds", at(echo, 0.5), "s"), row("pipeline_p99_seconds", at(echo, 0.99), "s"),
                        row("peak_rss_bytes", peakResidentBytes(), "B")});
}

/// How big a cluster `bench kube` makes.
struct ClusterSize {
    std::int64_t nodes = 500;
    std::int64_t pods = 5000;
    std::int64_t deployments = 10;
};

/// A real control plane with fake nodes, as facts/kubernetes.md measured its peer: nodes of 32 CPUs in three
/// zones, pods of 100m and 128Mi made by Deployments, from the first request until all of them run.
json benchKube(const ClusterSize& size, std::string& problem)
{
    core::golden::Recording cluster;
    cluster.name = "bench kube";
    cluster.start = sim::Instant{} + std::chrono::hours(24) * 365 * 56;
    cluster.objects = {{"bench", json::object()}};
    for (std::int64_t i = 0; i < size.nodes; ++i) {
        sim::kube::FakeNode node;
        node.name = fmt::format("node-{:04}", i);
        node.capacity["cpu"] = sim::kube::Quantity{"32"};
        node.capacity["memory"] = sim::kube::Quantity{"128Gi"};
        node.labels["topology.kubernetes.io/zone"] = fmt::format("zone-{}", i % 3);
        cluster.nodes.push_back(std::move(node));
    }
    auto begin = Clock::now();
    // As the peer was measured: --kube-api-qps=5000 --kube-api-burst=10000.
    const auto started = core::golden::ControlPlaneLab::start(cluster, 1, {{5000, 10'000}, std::chrono::milliseconds(0)});
    if (!started) {
        problem = started.error().text();
        return json::array();
    }
    core::golden::ControlPlaneLab& lab = **started;
    const double made = secondsSince(begin);

    begin = Clock::now();
    for (std::int64_t i = 0; i < size.deployments; ++i) {
        const std::string name = fmt::format("load-{}", i);
        sim::kube::Request create;
        create.verb = sim::kube::Verb::Create;
        create.resource = "deployments.apps";
        create.namespace_ = "bench";
        create.user = "admin";
        create.groups = core::golden::groupsOf("admin");
        create.body = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", name}}},
                       {"spec", {{"replicas", size.pods / size.deployments + (i < size.pods % size.deployments ? 1 : 0)},
                                 {"selector", {{"matchLabels", {{"app", name}}}}},
                                 {"template", {{"metadata", {{"labels", {{"app", name}}}}},
                                               {"spec", {{"containers", {{{"name", "c"}, {"image", "nginx:1.27"},
                                                                          {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "128Mi"}}}}}}}}}}}}}}};
        if (const auto result = lab.apply(sim::Command{sim::command::ApiCall{create}}); !result.ok) {
            problem = "the Deployment cannot be made: " + result.response.body.dump();
            return json::array();
        }
    }
    const sim::Instant from = lab.world().now();
    const sim::Instant latest = from + std::chrono::hours(2);
    while (lab.world().now() < latest && lab.world().cluster().podTally().running < size.pods)
        lab.runFor(std::chrono::seconds(1));
    const double wall = secondsSince(begin);
    const std::int64_t running = lab.world().cluster().podTally().running;
    if (running < size.pods)
        problem = fmt::format("only {} of {} pods run after two hours of virtual time", running, size.pods);
    const json params{{"nodes", size.nodes}, {"pods", size.pods}, {"deployments", size.deployments}};
    return json::array({row("pods_per_second", static_cast<double>(running) / wall, "1/s", params),
                        row("wall_seconds", wall, "s", params),
                        row("nodes_wall_seconds", made, "s", params),
                        row("virtual_seconds", sim::toSeconds(lab.world().now() - from), "s", params),
                        row("peak_rss_bytes", peakResidentBytes(), "B", params)});
}

int bench(Environment& environment, const std::string& suite, const ClusterSize& size, const std::string& peer)
{
    std::string problem;
    const json rows = suite == "engine" ? benchEngine()
        : suite == "kube"               ? benchKube(size, problem)
        : suite == "serving"            ? benchServing(peer, problem)
        : suite == "rewind"             ? benchRewind(environment, problem)
                                        : benchShell(environment, problem);
    if (!problem.empty())
        return fail(problem);
    if (environment.json) {
        fmt::print("{}\n", json{{"suite", suite}, {"rows", rows}}.dump(2));
        return kRan;
    }
    for (const json& one : rows)
        fmt::print("{:<28}{:>16.6g} {}\n", one.at("name").get<std::string>(), one.at("value").get<double>(), one.at("unit").get<std::string>());
    return kRan;
}

} // namespace

void addBenchCommand(CLI::App& root, Environment& environment, int& status)
{
    auto suite = std::make_shared<std::string>();
    auto size = std::make_shared<ClusterSize>();
    auto* command = root.add_subcommand("bench", "Measure: engine, kube, nccl, rewind, serving, shell");
    command->add_option("SUITE", *suite)->required()->check(CLI::IsMember({"engine", "kube", "nccl", "rewind", "serving", "shell"}));
    command->add_option("--nodes", size->nodes, "kube: fake nodes")->check(CLI::Range(1, 20'000));
    command->add_option("--pods", size->pods, "kube: pods")->check(CLI::Range(1, 1'000'000));
    command->add_option("--deployments", size->deployments, "kube: Deployments that make the pods")->check(CLI::Range(1, 10'000));
    auto peer = std::make_shared<std::string>();
    command->add_option("--peer", *peer, "nccl: the folder of a built ASTRA-sim (else $FAULTLINE_ASTRA_SIM); serving: a command that runs Vidur (packaging/vidur_bench.py)");
    command->callback([&environment, &status, suite, size, peer] {
        status = *suite == "nccl" ? benchNccl(environment, *peer) : bench(environment, *suite, *size, *peer);
    });
}

} // namespace app::cli
