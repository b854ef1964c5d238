#include "app/cli/bench_serving.h"

#include "sim/serving/engine.h"
#include "sim/serving/load.h"

#include <algorithm>
#include <chrono>

namespace app::cli {

namespace {

namespace serving = sim::serving;
using nlohmann::json;

/// Vidur's event loop for the same load on two cores, its prediction tables warm: seconds (median of three; one run).
constexpr double kVidurThousand = 1.11;
constexpr double kVidurTenThousand = 14.2;
constexpr int kRepeats = 5;

struct ServingRun {
    double wall = 0;
    double simulated = 0;
    std::uint64_t steps = 0;
    std::uint64_t tokens = 0;
};

ServingRun measureServing(const serving::EngineSettings& settings, const std::vector<serving::Request>& requests)
{
    ServingRun best;
    for (int i = 0; i < kRepeats; ++i) {
        std::vector<serving::Request> copies = requests;
        const auto begin = std::chrono::steady_clock::now();
        serving::LlmEngine engine(settings);
        for (serving::Request& request : copies) {
            const sim::Instant at = request.arrival;
            engine.submit(std::move(request), at);
        }
        while (const auto due = engine.nextDue())
            engine.advance(*due);
        const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (i > 0 && wall >= best.wall)
            continue;
        const serving::Counters& counters = engine.metrics().counters;
        best = {wall, sim::toSeconds(engine.completions().back().lastToken - sim::Instant{}), counters.steps, counters.generationTokens};
    }
    return best;
}

} // namespace

json benchServing()
{
    serving::Deployment deployment;
    deployment.model = *serving::modelNamed("Meta-Llama-3-8B");
    deployment.device = *serving::deviceNamed("A100-80");
    const serving::EngineSettings settings = serving::defaultSettings(serving::EngineKind::Vllm, deployment);
    json rows = json::array();
    const auto add = [&rows](const std::string& name, double value, const std::string& unit, const json& params) {
        rows.push_back({{"name", name}, {"value", value}, {"unit", unit}, {"params", params}});
    };
    double perRequest[2] = {};
    const std::pair<int, double> sizes[] = {{1000, kVidurThousand}, {10'000, kVidurTenThousand}};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& [count, vidur] = sizes[i];
        serving::LoadSettings load;
        load.kind = serving::LoadKind::Batch;
        load.requestsPerSecond = 6.45;
        load.maxTokens = 4096;
        serving::LoadGenerator generator(load, 42, sim::Instant{});
        std::vector<serving::Request> requests;
        std::uint64_t tokens = 0;
        for (int n = 0; n < count; ++n) {
            requests.push_back(generator.next());
            tokens += requests.back().promptTokens();
        }
        const ServingRun measured = measureServing(settings, requests);
        perRequest[i] = measured.wall / count;
        const json params{{"requests", count}, {"model", "Meta-Llama-3-8B"}, {"gpu", "A100-80"}};
        add("wall_seconds", measured.wall, "s", params);
        add("requests_per_second", count / measured.wall, "1/s", params);
        add("events_per_second", static_cast<double>(measured.tokens + measured.steps) / measured.wall, "1/s", params);
        add("steps", static_cast<double>(measured.steps), "", params);
        add("mean_prompt_tokens", static_cast<double>(tokens) / count, "tokens", params);
        add("mean_answer_tokens", static_cast<double>(measured.tokens) / count, "tokens", params);
        add("virtual_seconds", measured.simulated, "s", params);
        add("times_real_time", measured.simulated / measured.wall, "x", params);
        json peer = params;
        peer["peer"] = "Vidur, event loop, quoted";
        add("peer_wall_seconds", vidur, "s", peer);
        add("ratio_to_peer", vidur / measured.wall, "x", peer);
    }
    add("cost_growth_per_request", perRequest[1] / perRequest[0], "x", {{"from", 1000}, {"to", 10'000}});
    return rows;
}

} // namespace app::cli
