#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "sim/host/unit_file.h"
#include "sim/serving/arguments.h"
#include "sim/serving/engine.h"
#include "sim/serving/load.h"
#include "sim/serving/openai/bench_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// `faultctl trace`: requests of one's own against a simulated server.
namespace app::cli {

namespace {

namespace serving = sim::serving;
using nlohmann::json;

struct TraceOptions {
    std::string file;
    std::string server = "vllm serve meta-llama/Llama-3.1-8B-Instruct";
    std::string version = "0.22.0";
    std::string gpu = "H100";
    std::int64_t gpus = 1;
};

struct TraceRun {
    std::vector<serving::Completion> completions;
    std::uint64_t refused = 0;
    std::uint64_t preemptions = 0;
    double hitRate = 0;
    double seconds = 0; ///< from the first request to the last answer
    struct Second {
        double at = 0; ///< its end
        std::uint32_t running = 0;
        std::uint32_t waiting = 0;
        double cache = 0;
    };
    std::vector<Second> queue; ///< of each second in which something was under way
};

sim::Result<serving::EngineSettings> settingsOf(const TraceOptions& options)
{
    const serving::Device* gpu = serving::deviceNamed(options.gpu);
    if (gpu == nullptr) {
        std::string known;
        for (const serving::Device& one : serving::knownDevices())
            known += (known.empty() ? "" : ", ") + std::string(one.name);
        return sim::Error{"no GPU of that name is known; known are " + known, "--gpu " + options.gpu};
    }
    serving::ServerLine line;
    line.words = sim::host::commandWords(options.server);
    if (!serving::startsServer(line.words))
        return sim::Error{"starts no model server; begin with `vllm serve MODEL`, `trtllm-serve MODEL` or `python3 -m sglang.launch_server`", "--server " + options.server};
    const auto read = serving::serverArguments(line, options.version, *gpu, options.gpus);
    if (const auto* error = std::get_if<serving::ArgumentError>(&read))
        return sim::Error{fmt::format("{}", fmt::join(error->lines, "\n")), "--server"};
    const serving::EngineSettings& settings = std::get<serving::ServerArguments>(read).settings;
    if (const std::string error = serving::startError(settings, serving::planMemory(settings)); !error.empty())
        return sim::Error{error, "the server's start"};
    return settings;
}

constexpr sim::Instant kStart{};

TraceRun replay(const serving::EngineSettings& settings, std::vector<serving::Request> requests)
{
    TraceRun run;
    serving::LlmEngine engine(settings);
    std::size_t next = 0;
    for (sim::Instant to = kStart; next < requests.size() || engine.nextDue();) {
        // A quiet stretch of the trace is one step.
        to = next < requests.size() && !engine.nextDue() ? std::max(to, requests[next].arrival) : to;
        to += std::chrono::seconds(1);
        for (; next < requests.size() && requests[next].arrival <= to; ++next) {
            const sim::Instant at = requests[next].arrival;
            run.refused += engine.submit(std::move(requests[next]), at) == serving::Refusal::None ? 0 : 1;
        }
        engine.advance(to);
        for (serving::Completion& one : engine.takeCompletions())
            run.completions.push_back(std::move(one));
        const serving::EngineState state = engine.state();
        run.queue.push_back({sim::toSeconds(to - kStart), state.running, state.waiting, state.cacheUsage});
    }
    for (const serving::Completion& one : run.completions)
        run.seconds = std::max(run.seconds, sim::toSeconds(one.lastToken - kStart));
    run.preemptions = engine.metrics().counters.preemptions;
    run.hitRate = engine.state().prefixHitRate;
    return run;
}

json jsonOf(const TraceRun& run)
{
    json rows = json::array();
    for (const serving::Completion& one : run.completions)
        rows.push_back({{"arrival", sim::toSeconds(one.arrival - kStart)}, {"prompt_tokens", one.promptTokens}, {"answer_tokens", one.answerTokens}, {"cached_tokens", one.cachedTokens},
                        {"ttft", sim::toSeconds(one.timeToFirstToken())}, {"tpot", one.timePerOutputToken()}, {"latency", sim::toSeconds(one.latency())},
                        {"longest_pause", one.longestPause}, {"preemptions", one.preemptions}});
    return {{"requests", rows}, {"refused", run.refused}, {"preemptions", run.preemptions}, {"prefix_hit_rate", run.hitRate}, {"seconds", run.seconds}};
}

void print(const TraceRun& run)
{
    serving::openai::BenchFlags flags;
    flags.metrics.push_back("e2el");
    fmt::print("{}", serving::openai::benchReport(run.completions, run.refused, run.seconds, flags));
    fmt::print("Prefix cache hit rate {:.1f} %, {} preemptions\n\n{:>8}  {:>8}  {:>8}  {:>6}\n", 100 * run.hitRate, run.preemptions, "second", "running", "waiting", "cache");
    constexpr std::size_t kRows = 24;
    const std::size_t step = std::max<std::size_t>(1, run.queue.size() / kRows);
    for (std::size_t i = 0; i < run.queue.size(); i += step)
        fmt::print("{:>8.0f}  {:>8}  {:>8}  {:>4.0f} %\n", run.queue[i].at, run.queue[i].running, run.queue[i].waiting, 100 * run.queue[i].cache);
}

int trace(const Environment& environment, const TraceOptions& options)
{
    const auto text = textOf(options.file);
    if (!text)
        return fail(text.error().text());
    const auto settings = settingsOf(options);
    if (!settings)
        return fail(settings.error().text());
    auto requests = serving::readTrace(*text, options.file, kStart);
    if (!requests)
        return fail(requests.error().text());
    const TraceRun run = replay(*settings, std::move(*requests));
    if (environment.json)
        fmt::print("{}\n", jsonOf(run).dump(2));
    else
        print(run);
    return kRan;
}

} // namespace

void addTraceCommand(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<TraceOptions>();
    auto* command = root.add_subcommand("trace", "Replay requests of your own against a simulated model server");
    command->add_option("FILE", options->file,
                        "CSV with a header or JSON lines: arrival_time (s), input_toks, output_toks, and if there are session, prefix, prefix_tokens, priority; the columns' "
                        "names of Azure's, BurstGPT's and Vidur's traces are known, too")
        ->required();
    command->add_option("--server", options->server, "What starts it, with its arguments")->capture_default_str();
    command->add_option("--version", options->version, "Of the server")->capture_default_str();
    command->add_option("--gpu", options->gpu, "Its board")->capture_default_str();
    command->add_option("--gpus", options->gpus, "How many it has")->check(CLI::Range(1, 8))->capture_default_str();
    command->callback([&environment, &status, options] { status = trace(environment, *options); });
}

} // namespace app::cli
