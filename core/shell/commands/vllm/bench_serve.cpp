#include "core/shell/commands/vllm/bench_serve.h"

#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/http_client.h"
#include "sim/engine/random.h"
#include "sim/serving/openai/generation.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::vllm {

namespace {

using sim::serving::Completion;

constexpr sim::Duration kLookEvery = std::chrono::milliseconds(20);

/// A request that is under way, as its client sees it.
struct UnderWay {
    std::uint64_t ask = 0;
    Completion seen;
};

class Bench {
public:
    Bench(Invocation& inv, const BenchWords& words) : m_inv(inv), m_words(words), m_random(words.seed, "vllm/bench") { }
    ~Bench()
    {
        for (const UnderWay& one : m_underWay)
            m_inv.door().apply(sim::Command{sim::command::LeaveModel{one.ask}});
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    int run()
    {
        m_inv.noteRead(fmt::format("http/{}:{}{}", m_words.host, m_words.port, m_words.endpoint));
        m_inv.print("Starting initial single prompt test run...\n");
        if (!send(m_inv.now())) {
            m_inv.err().write("ValueError: Initial test run failed - Please make sure benchmark arguments are correctly specified. Error: " + m_problem + "\n");
            return 1;
        }
        while (!m_underWay.empty())
            look();
        if (m_done.empty()) {
            m_inv.err().write("ValueError: Initial test run failed - Please make sure benchmark arguments are correctly specified. Error: " + m_problem + "\n");
            return 1;
        }
        m_done.clear();
        m_failed = 0;
        const auto& report = m_words.report;
        m_inv.print("Initial test run completed. Starting main benchmark run...\n");
        m_inv.print(fmt::format("Traffic request rate: {}\n", report.requestRate ? fmt::format("{}", *report.requestRate) : "inf"));
        m_inv.print(fmt::format("Burstiness factor: {:.1f} ({})\n", m_words.burstiness, m_words.burstiness == 1 ? "Poisson process" : "Gamma distribution"));
        m_inv.print(fmt::format("Maximum request concurrency: {}\n", report.maxConcurrency ? std::to_string(*report.maxConcurrency) : "None"));
        const sim::Instant begin = m_inv.now();
        sim::Instant next = begin;
        std::uint32_t sent = 0;
        while (sent < m_words.prompts || !m_underWay.empty()) {
            while (sent < m_words.prompts && next <= m_inv.now() && (!report.maxConcurrency || m_underWay.size() < *report.maxConcurrency)) {
                if (!send(m_inv.now()))
                    ++m_failed;
                ++sent;
                if (report.requestRate)
                    next += sim::fromSeconds(gap() / *report.requestRate);
            }
            look();
        }
        const double seconds = std::max(1e-3, sim::toSeconds(m_last - begin));
        m_inv.err().write(fmt::format("100%|██████████| {0}/{0} [{1:02}:{2:02}<00:00, {3:5.2f}it/s]\n", m_words.prompts, static_cast<int>(seconds) / 60,
                                      static_cast<int>(seconds) % 60, m_words.prompts / seconds));
        m_inv.print(sim::serving::openai::benchReport(m_done, m_failed, seconds, report));
        return 0;
    }

private:
    /// With mean 1: `burstiness` is the shape of a gamma distribution.
    double gap()
    {
        const double shape = m_words.burstiness;
        return shape == 1 ? m_random.exponential(1) : m_random.gamma(shape) / shape;
    }

    std::uint32_t length(std::uint32_t around)
    {
        const double most = m_words.rangeRatio * around;
        return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(around + most * (2 * m_random.unit() - 1))));
    }

    /// False: nobody takes it, m_problem says why.
    bool send(sim::Instant at)
    {
        const sim::HttpAnswer answer = m_inv.door().world().http(
            {.from = node::stackIdOf(m_inv), .host = m_words.host, .port = m_words.port, .path = "/v1/models"});
        if (answer.failure != sim::HttpAnswer::Failure::None || !answer.model.valid()) {
            m_problem = fmt::format("Cannot connect to host {}:{}", m_words.host, m_words.port);
            return false;
        }
        if (answer.status != 200) {
            m_problem = answer.reason;
            return false;
        }
        if (!m_words.model.empty() && answer.body.find("\"id\":\"" + m_words.model + "\"") == std::string::npos
            && answer.body.find("\"root\":\"" + m_words.model + "\"") == std::string::npos) {
            m_problem = "Not Found";
            return false;
        }
        sim::serving::Request request;
        if (m_words.prefixLength > 0)
            request.prompt.push_back({m_words.seed * 2 + 1, m_words.prefixLength});
        request.prompt.push_back({m_random.next() | 1, length(m_words.inputLength)});
        request.answerTokens = request.maxTokens = length(m_words.outputLength);
        UnderWay one;
        one.seen.arrival = at;
        one.seen.promptTokens = request.promptTokens();
        one.ask = m_inv.door().apply(sim::Command{sim::command::AskModel{answer.model, std::move(request)}}).id;
        const sim::serving::Ask* ask = m_inv.door().world().serving().ask(one.ask);
        if (ask->refusal != sim::serving::Refusal::None || ask->ended) {
            m_problem = ask->refusal == sim::serving::Refusal::TooLong ? "Bad Request" : "Service Unavailable";
            return false;
        }
        m_underWay.push_back(one);
        return true;
    }

    /// A moment passes; what has come in it is taken down.
    void look()
    {
        m_inv.sleep(kLookEvery);
        const sim::serving::Fleet& fleet = m_inv.door().world().serving();
        for (UnderWay& one : m_underWay) {
            const sim::serving::Ask* ask = fleet.ask(one.ask);
            if (ask->delivered > 0 && one.seen.answerTokens == 0)
                one.seen.firstToken = m_inv.now();
            one.seen.answerTokens = ask->delivered;
            if (!ask->ended)
                continue;
            if (ask->firstToken > one.seen.arrival) // a look comes up to kLookEvery late
                one.seen.firstToken = ask->firstToken;
            one.seen.lastToken = std::max(one.seen.firstToken, ask->endedAt);
            m_last = m_inv.now();
            if (ask->failed) {
                m_problem = "Internal Server Error";
                ++m_failed;
            } else {
                m_done.push_back(one.seen);
            }
        }
        std::erase_if(m_underWay, [&](const UnderWay& one) { return fleet.ask(one.ask)->ended; });
    }

    Invocation& m_inv;
    const BenchWords& m_words;
    sim::RandomStream m_random;
    std::vector<UnderWay> m_underWay;
    std::vector<Completion> m_done;
    std::uint64_t m_failed = 0;
    std::string m_problem;
    sim::Instant m_last{};
};

} // namespace

int benchServe(Invocation& inv, const BenchWords& words)
{
    Bench bench(inv, words);
    return bench.run();
}

} // namespace core::shell::vllm
