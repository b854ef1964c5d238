#pragma once

#include "sim/serving/memory.h"
#include "sim/serving/request.h"

#include <deque>
#include <optional>
#include <variant>

namespace sim::serving {

/// One sequence's part in a step.
struct Lane {
    RequestId request = 0;
    std::uint32_t tokens = 0;   ///< computed for it; 0: it was preempted while the step was put together
    std::uint32_t computed = 0; ///< before
    bool sampled = false;       ///< it gets a token at the step's end
    bool operator==(const Lane&) const = default;
};
BOOST_DESCRIBE_STRUCT(Lane, (), (request, tokens, computed, sampled))

/// A step as it was run.
struct StepRecord {
    std::uint64_t number = 0;
    Instant scheduled{};
    Instant begin{};
    Instant end{};
    double hostSeconds = 0;    ///< of it, from its begin on: the device waits for the host
    std::uint32_t waiting = 0; ///< when it was put together
    std::uint32_t freeBlocks = 0;
    StepWork work;
    std::vector<Lane> lanes;
    bool operator==(const StepRecord&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepRecord, (), (number, scheduled, begin, end, hostSeconds, waiting, freeBlocks, work, lanes))

/// A request as it was taken, so that its load can be played to another engine.
struct IntakeRecord {
    RequestId id = 0; ///< 0: none
    Instant at{};
    std::uint32_t promptTokens = 0;
    std::uint32_t answerTokens = 0; ///< that will be generated unless its client goes
    std::uint32_t maxTokens = 0;    ///< as Request::maxTokens
    bool operator==(const IntakeRecord&) const = default;
};
BOOST_DESCRIBE_STRUCT(IntakeRecord, (), (id, at, promptTokens, answerTokens, maxTokens))

/// How things stand, for gauges and the log's line.
struct EngineState {
    std::uint32_t running = 0;
    std::uint32_t waiting = 0;
    double cacheUsage = 0;    ///< 0 to 1; blocks without a holder count as free
    double prefixHitRate = 0; ///< of tokens, over the latest 1,000 admissions
};

/// One LLM engine: a queue, a scheduler that puts a step together as vLLM V1 does (no phases: each sequence's computed
/// tokens chase its known ones), a cache, and a device that takes the time the cost model says. A value; time moves only
/// in advance(). With asynchronous scheduling the next step is put together while one runs, so that results are seen one
/// step late, as in vLLM.
///
/// Invariants: blocks free + used = total; a request that was taken ends after a bounded number of steps, because nothing
/// is taken that the empty cache could not hold and the first of the running ones is preempted by nobody but itself.
class LlmEngine {
public:
    explicit LlmEngine(const EngineSettings& settings);

    /// Requires: at >= the last submit's and advance's instant. A refused request has no id.
    Refusal submit(Request request, Instant at);
    /// The id that the next accepted request gets.
    RequestId nextId() const { return m_nextId; }
    /// Its client has gone. False: it has ended already or never was.
    bool abort(RequestId id, Instant at);

    /// Forgets what the prefix cache holds. False: a sequence holds blocks, nothing changed.
    bool resetPrefixCache();

    /// When the engine next does something by itself; nothing: when it is asked.
    std::optional<Instant> nextDue() const;
    /// Does everything that is due up to and including `until`.
    void advance(Instant until);

    /// Those that ended since the last call, in the order of their ends.
    std::vector<Completion> takeCompletions();
    const std::vector<Completion>& completions() const { return m_completions; }

    EngineState state() const;
    const Metrics& metrics() const { return m_metrics; }
    const EngineSettings& settings() const { return m_settings; }
    const MemoryPlan& memory() const { return m_memory; }
    const CostModel& costs() const { return m_costs; }
    /// The latest settings().recordedSteps steps, oldest first.
    std::vector<StepRecord> recentSteps() const;
    /// The latest settings().recordedRequests requests, oldest first.
    std::vector<IntakeRecord> recentRequests() const;
    /// Null when the cache is contiguous, and the other way round.
    const PagedCache* paged() const { return std::get_if<PagedCache>(&m_cache); }
    const ContiguousCache* contiguous() const { return std::get_if<ContiguousCache>(&m_cache); }
    CacheUse cacheUse() const;
    /// About what a copy of it takes.
    std::size_t copiedBytes() const;
    std::uint64_t busyNanoseconds() const { return m_busyNs; }
    /// Of one rank's device since the start.
    const StepTraffic& traffic() const { return m_traffic; }

    /// What a live request has got so far, and where its blocks are.
    struct Progress {
        RequestId id = 0;
        std::uint32_t slot = 0; ///< for paged()->table(slot)
        std::uint32_t prompt = 0;
        std::uint32_t computed = 0;
        std::uint32_t delivered = 0;
        Instant firstToken{}; ///< once something was delivered
        std::uint32_t preemptions = 0;
        bool running = false;
    };
    /// Running ones in the scheduler's order, then waiting ones.
    std::vector<Progress> live() const;

    /// What the device gives from now on (clocks against heat or a power limit, lost NVLinks). Steps under way keep their ends; the
    /// pool keeps its size.
    void setDevice(const Device& device);
    /// A rank stands still: no step under way ends before `until`, and those behind it as much later.
    void holdUp(Instant until);

    bool operator==(const LlmEngine&) const = default;
    void addTo(Fingerprint& f) const;

private:
    enum class Stage : std::uint8_t {
        Free,
        Waiting,
        Running,
        Done,        ///< its last token was given; still in the batch
        DoneWaiting, ///< the same, after a preemption
    };
    /// What every step touches of a sequence.
    struct Hot {
        std::uint32_t length = 0;   ///< prompt and sampled tokens, those under way included
        std::uint32_t computed = 0; ///< or under way
        std::uint32_t end = 0;      ///< length beyond which nothing is scheduled
        std::uint32_t room = 0;     ///< tokens that its blocks hold
        std::uint32_t delivered = 0;
        std::uint32_t prompt = 0;
        float longestPause = 0; ///< seconds between two tokens
        std::int64_t lastTokenNs = 0;
        bool operator==(const Hot&) const = default;
        BOOST_DESCRIBE_CLASS(Hot, (), (length, computed, end, room, delivered, prompt, longestPause, lastTokenNs), (), ())
    };
    struct Sequence {
        RequestId id = 0;
        Request request;
        Instant queued{};
        Instant scheduled{};
        Instant firstToken{};
        std::uint32_t prompt = 0;
        std::uint32_t cached = 0;
        std::uint32_t preemptions = 0;
        Stage stage = Stage::Free;
        bool operator==(const Sequence&) const = default;
        BOOST_DESCRIBE_CLASS(Sequence, (), (id, request, queued, scheduled, firstToken, prompt, cached, preemptions, stage), (), ())
    };
    struct Entry {
        RequestId id = 0;
        std::uint32_t slot = 0;
        std::uint32_t tokens = 0;
        bool sampled = false;
        bool operator==(const Entry&) const = default;
        BOOST_DESCRIBE_CLASS(Entry, (), (id, slot, tokens, sampled), (), ())
    };
    struct Step {
        std::uint64_t number = 0;
        Instant scheduled{};
        Instant begin{};
        Instant end{};
        StepWork work;
        std::vector<Entry> entries;
        std::vector<RequestId> preempted;
        bool operator==(const Step&) const = default;
        BOOST_DESCRIBE_CLASS(Step, (), (number, scheduled, begin, end, work, entries, preempted), (), ())
    };

    void run(Instant until, bool inclusive);
    void loop(Instant now);
    void takeIn(Instant now);
    bool schedule(Instant now);
    void scheduleRunning(Step& step, std::uint32_t& budget, bool prompts, bool answers);
    bool admit(std::uint32_t slot, Step& step, std::uint32_t& budget, Instant now);
    void commit(Step& step, Entry& entry);
    std::uint32_t victim() const;
    void preempt(std::uint32_t slot);
    std::uint32_t committedBlocks() const;
    bool makeRoom(Step& step, std::uint32_t slot, std::uint32_t tokens, std::uint32_t& budget);
    void finishStep();
    void removeEnded(const Step& step, Instant now);
    void finish(std::uint32_t slot, Instant now, bool aborted);
    void closeCache(std::uint32_t slot);
    bool goesBefore(std::uint32_t a, std::uint32_t b) const;
    void enqueue(std::uint32_t slot, bool first);
    CacheContent contentOf(std::uint32_t slot) const;
    void record(const Step& step, double hostSeconds);
    /// Steps that may be under way. A stop token is seen only with a step's results, so one scheduled ahead computes a token in
    /// vain.
    std::size_t stepsAhead() const { return m_settings.asyncScheduling && !isStatic() ? 2 : 1; }
    bool isStatic() const { return m_settings.batching == Batching::Static; }

    EngineSettings m_settings;
    MemoryPlan m_memory;
    CostModel m_costs;
    std::variant<PagedCache, ContiguousCache> m_cache;
    std::vector<Hot> m_hot;            ///< by slot
    std::vector<Sequence> m_sequences; ///< by slot
    std::vector<std::uint32_t> m_freeSlots;
    std::deque<std::uint32_t> m_inbox;   ///< slots, by arrival
    std::deque<std::uint32_t> m_waiting; ///< slots, in the order in which they are looked at
    std::vector<std::uint32_t> m_running; ///< slots, in the order of their admission
    std::vector<Step> m_steps; ///< under way, oldest first
    std::vector<Entry> m_spareEntries;
    std::vector<Completion> m_completions;
    std::vector<StepRecord> m_records; ///< a ring
    std::vector<IntakeRecord> m_intakes; ///< a ring, by id
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_hitRing; ///< tokens looked up and found, latest admissions
    std::uint64_t m_hitCount = 0;
    std::uint64_t m_hitQueries = 0;
    std::uint64_t m_hitHits = 0;
    Metrics m_metrics;
    RequestId m_nextId = 1;
    std::uint64_t m_stepNumber = 0;
    std::uint64_t m_busyNs = 0;
    std::uint32_t m_windowTokens = 0;
    Instant m_now{};
    Instant m_deviceFree{};
    StepTraffic m_traffic;
    Device m_device; ///< as it runs now
};

} // namespace sim::serving
