#include "tests/sim/world/serving_lab.h"
#include "sim/faults/model_site.h"
#include <fmt/format.h>
#include <fstream>
#include <iostream>
using namespace sim;
static void show(const World& w)
{
    fmt::print("t={:.0f} sli={:.3f} rate={:.1f}\n", toSeconds(w.now()-w.start()), w.serving().last().success, w.serving().last().requestsPerSecond);
    for (const auto& [id, s] : w.serving().servers()) {
        fmt::print("  {:<28} phase={} ", s.pod, (int)s.phase);
        if (s.engine && !s.history.empty()) {
            const auto& h = s.history.back(); const auto st = s.engine->state();
            double clock = 0, power = 0; for (auto g : s.gpus) { clock = w.gpus().at(g).clockFactor(); power = w.gpus().at(g).now.powerW; }
            fmt::print("run={} wait={} kv={:.2f} hit={:.2f} gen={:.0f} prm={:.0f} busy={:.2f} ttft={:.3f}/{:.3f} itl={:.1f}/{:.1f}ms pre={} clk={:.2f} P={:.0f} blocks={}", st.running, st.waiting, st.cacheUsage, st.prefixHitRate, h.generationTokensPerSecond, h.promptTokensPerSecond, s.busyShare, h.ttftP50, h.ttftP99, h.tpotP50*1e3, h.tpotP99*1e3, s.engine->metrics().counters.preemptions, clock, power, s.engine->memory().blocks);
        }
        fmt::print("\n");
    }
    for (const auto& c : w.serving().clients())
        fmt::print("  {:<12} share={:.3f} sent={} ttft={:.3f}/{:.3f} tpot={:.1f}/{:.1f}ms out={}\n", c.settings.name, c.share, c.sent, c.firstTokenSeconds(.5), c.firstTokenSeconds(.99), c.perTokenSeconds(.5)*1e3, c.perTokenSeconds(.99)*1e3, fmt::format("{} {} {} {} {} {} {}", c.outcomes[0],c.outcomes[1],c.outcomes[2],c.outcomes[3],c.outcomes[4],c.outcomes[5],c.outcomes[6]));
}
int main(int argc, char** argv)
{
    auto t = tests::library()->topologies.at("serving");
    nlohmann::json plan = argc > 1 ? nlohmann::json::parse(std::ifstream(argv[1])) : nlohmann::json::object();
    if (plan.contains("topology")) t.merge_patch(plan["topology"]);
    if (plan.contains("clients")) for (auto& c : t["modelClients"]) if (plan["clients"].contains(c["name"])) c.merge_patch(plan["clients"][c["name"].get<std::string>()]);
    auto b = std::chrono::steady_clock::now();
    auto built = World::build(t, plan.value("seed", 3));
    if (!built) { fmt::print("{}\n", built.error().text()); return 1; }
    World& w = *built;
    const auto took = [&] { auto n = std::chrono::steady_clock::now(); double s = std::chrono::duration<double>(n-b).count(); b = n; return s; };
    fmt::print("built {:.1f}s\n", took());
    w.runUntil(w.now() + std::chrono::seconds(plan.value("warm", 600)));
    fmt::print("warmed {:.1f}s\n", took());
    show(w);
    if (plan.contains("fault")) {
        auto r = w.apply(Command{command::InjectFault{plan["fault"]["id"], plan["fault"]["parameters"]}});
        fmt::print("fault: {} {}\n", r.ok, r.ok ? r.response.body.dump() : r.error);
    }
    if (plan.contains("patch")) for (auto& p : plan["patch"]) {
        kube::Request get; get.verb = kube::Verb::Get; get.resource = "deployments.apps"; get.namespace_ = "llm"; get.name = p["deployment"];
        auto body = w.apiRead(get).body; auto pod = body["spec"]["template"]["spec"]; auto& c = pod["containers"][0];
        const nlohmann::json sets = p.value("set", nlohmann::json::object()), envs = p.value("env", nlohmann::json::object());
        for (auto& [k, v] : sets.items()) faults::setArgument(c, k, v.get<std::string>());
        for (auto& k : p.value("remove", nlohmann::json::array())) faults::removeArgument(c, k.get<std::string>());
        for (auto& [k, v] : envs.items()) faults::setEnvironment(c, k, v.get<std::string>());
        if (p.contains("image")) c["image"] = p["image"];
        if (p.contains("command")) c["command"] = p["command"];
        if (p.contains("args")) c["args"] = p["args"];
        kube::Request patch; patch.verb = kube::Verb::Patch; patch.patchType = kube::PatchType::Merge; patch.resource = "deployments.apps"; patch.namespace_ = "llm"; patch.name = p["deployment"];
        patch.body["spec"]["template"]["spec"]["containers"] = pod["containers"];
        if (p.contains("nodeSelector")) patch.body["spec"]["template"]["spec"]["nodeSelector"] = p["nodeSelector"];
        if (p.contains("replicas")) patch.body["spec"]["replicas"] = p["replicas"];
        auto r = w.apply(Command{command::ApiCall{patch}});
        fmt::print("patch {} {}\n", r.response.code, r.response.ok() ? "" : r.response.body.dump());
    }
    for (int i = 0; i < plan.value("rounds", 6); ++i) { w.runUntil(w.now() + std::chrono::seconds(plan.value("every", 60))); show(w); }
    fmt::print("ran {:.1f}s copied={} KB\n", took(), w.serving().copiedBytes() / 1024);
    if (plan.contains("logs"))
        for (const auto& [id, c] : w.runtimes().containers())
            if (c.podName.starts_with(plan["logs"].get<std::string>()) && !c.sandbox) { fmt::print("--- {} {} state {}\n", c.podName, id.value, (int)c.state); for (auto& [at, line] : c.log) fmt::print("{}\n", line); }
    if (argc > 2) for (const auto& pod : w.cluster().store().inNamespace<kube::Pod>("llm")) fmt::print("{} {}\n", pod->metadata.name, (std::string)pod->status.phase);
}
