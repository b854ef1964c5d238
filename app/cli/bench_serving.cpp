#include "app/cli/bench_serving.h"

#include "sim/serving/engine.h"
#include "sim/serving/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

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

/// Seconds of the peer's event loop for the same requests.
double measurePeer(const std::string& command, const std::vector<serving::Request>& requests, std::string& problem)
{
    namespace fs = std::filesystem;
    const fs::path file = fs::temp_directory_path() / fmt::format("faultline-bench-serving-{}.csv", std::chrono::steady_clock::now().time_since_epoch().count());
    {
        std::ofstream trace(file);
        trace << "arrived_at,num_prefill_tokens,num_decode_tokens\n";
        for (const serving::Request& request : requests)
            trace << fmt::format("{:.6f},{},{}\n", sim::toSeconds(request.arrival - sim::Instant{}), request.promptTokens(), request.answerTokens);
    }
    FILE* const output = popen(fmt::format("{} '{}'", command, file.string()).c_str(), "r");
    double seconds = 0;
    char line[4096];
    while (output != nullptr && std::fgets(line, sizeof line, output) != nullptr)
        if (const json told = json::parse(line, nullptr, false); told.is_object())
            seconds = told.value("seconds", 0.0);
    const int status = output == nullptr ? -1 : pclose(output);
    fs::remove(file);
    if (status != 0 || seconds <= 0)
        problem = fmt::format("the peer's command gave no {{\"seconds\": S}} (status {}): {}", status, command);
    return seconds;
}

} // namespace

json benchServing(const std::string& command, std::string& problem)
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
        const auto& [count, quoted] = sizes[i];
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
        peer["peer"] = command.empty() ? "Vidur, event loop, quoted" : "Vidur, event loop, this run";
        const double vidur = command.empty() ? quoted : measurePeer(command, requests, problem);
        add("peer_wall_seconds", vidur, "s", peer);
        add("ratio_to_peer", vidur / measured.wall, "x", peer);
    }
    add("cost_growth_per_request", perRequest[1] / perRequest[0], "x", {{"from", 1000}, {"to", 10'000}});
    return rows;
}

} // namespace app::cli
