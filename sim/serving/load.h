#pragma once

#include "sim/engine/random.h"
#include "sim/engine/result.h"
#include "sim/serving/request.h"

namespace sim::serving {

/// What is asked: which lengths, and what prompts share.
enum class LoadKind : std::uint8_t {
    Chat,      ///< ShareGPT-like: conversations whose turns begin with all that was said
    Agents,    ///< tools: a long system prompt that all share, many short turns
    Retrieval, ///< RAG: a system prompt, documents of a small set, a question
    Documents, ///< long documents, short answers
    Batch,     ///< lengths around those of the Azure conversation trace, nothing shared
};

enum class ArrivalKind : std::uint8_t {
    Poisson,
    Bursty,  ///< gamma distributed gaps of coefficient of variation `burstiness`
    Diurnal, ///< Poisson whose rate swings over a day
    AtOnce,  ///< all at the start
};

struct LoadSettings {
    LoadKind kind = LoadKind::Chat;
    ArrivalKind arrivals = ArrivalKind::Poisson;
    double requestsPerSecond = 1; ///< on average
    double burstiness = 3;        ///< of Bursty
    double swing = 0.8;           ///< of Diurnal: (highest - mean) / mean; the lowest is at its start
    double daySeconds = 86400;    ///< of Diurnal
    std::uint32_t maxTokens = 0;  ///< 0: none; prompt and answer are cut to it together
    std::uint32_t sharedTokens = 0; ///< of a system prompt; 0: the kind's own
    std::uint32_t questionTokens = 0; ///< median; 0: the kind's own
    std::uint32_t answerTokens = 0;   ///< median; 0: the kind's own
    std::uint32_t conversations = 0;  ///< open at any time, of Chat and Agents; 0: as many as begin and end by themselves
    std::uint32_t tenants = 1;
    bool operator==(const LoadSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(LoadSettings, (),
                      (kind, arrivals, requestsPerSecond, burstiness, swing, daySeconds, maxTokens, sharedTokens, questionTokens, answerTokens, conversations, tenants))

/// Makes requests one after another from a stream of random numbers. A value.
class LoadGenerator {
public:
    LoadGenerator(const LoadSettings& settings, std::uint64_t seed, Instant start);
    /// Its arrival is never before the last one's.
    Request next();
    bool operator==(const LoadGenerator&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Conversation {
        Prompt said;
        std::uint64_t session = 0;
        std::uint32_t turns = 0; ///< still to come
        std::uint32_t tokens = 0;
        bool operator==(const Conversation&) const = default;
        BOOST_DESCRIBE_CLASS(Conversation, (), (said, session, turns, tokens), (), ())
    };
    Duration gap();
    std::uint32_t lengthNear(double median, double spread, std::uint32_t least, std::uint32_t most);
    Request chat(bool agents);

    LoadSettings m_settings;
    RandomStream m_random;
    Instant m_start{};
    Instant m_at{};
    std::uint64_t m_texts = 0;
    std::vector<Conversation> m_conversations; ///< whose next turn may come
};

/// Reads a trace of requests: JSON lines ({"arrival_time": seconds, "input_toks": n, "output_toks": n}) or CSV with a header. The columns'
/// usual names are known: arrival_time, arrived_at, timestamp; input_toks, prompt_tokens, num_prefill_tokens, ContextTokens, request_tokens;
/// output_toks, output_tokens, num_decode_tokens, GeneratedTokens, response_tokens. Arrivals are seconds, or a date and time ("2023-11-16
/// 18:15:46.6805900"), and count from the first. Optional: session, prefix (a name) with prefix_tokens that prompts of this name share,
/// priority. Requests come in the order of their arrival, from `start` on.
Result<std::vector<Request>> readTrace(std::string_view text, const std::string& name, Instant start);

} // namespace sim::serving
