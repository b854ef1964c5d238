#include "sim/serving/engine.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::serving {

namespace {

constexpr std::size_t kHitRing = 1000;

std::uint64_t answerTextOf(const Request& request, RequestId id)
{
    return request.answerText != 0 ? request.answerText : id | std::uint64_t{1} << 63;
}

} // namespace

LlmEngine::LlmEngine(const EngineSettings& settings)
    : m_settings(settings), m_memory(planMemory(settings)), m_costs(settings.deployment), m_metrics(settings.maxModelLen), m_device(settings.deployment.device)
{
    const CacheSettings cache = cacheSettings(settings, m_memory);
    if (settings.reservation == Reservation::Paged)
        m_cache = PagedCache(cache);
    else
        m_cache = ContiguousCache(cache);
    m_records.resize(settings.recordedSteps);
    m_intakes.resize(settings.recordedRequests);
    m_windowTokens = cache.slidingGroups > 0 ? cache.window : 0;
    m_steps.reserve(stepsAhead() + 1);
}

CacheContent LlmEngine::contentOf(std::uint32_t slot) const
{
    const Sequence& sequence = m_sequences[slot];
    return {&sequence.request.prompt, answerTextOf(sequence.request, sequence.id), sequence.request.salt};
}

Refusal LlmEngine::submit(Request request, Instant at)
{
    FL_ASSERT(at >= m_now);
    run(at, false); // what ends at this instant finds the request in the inbox
    const std::uint32_t prompt = request.promptTokens();
    const std::uint32_t most = request.mostTokens();
    Refusal refusal = Refusal::None;
    if (prompt == 0 || request.answerTokens == 0)
        refusal = Refusal::Empty;
    else if (most > m_settings.maxModelLen || (!m_settings.chunkedPrefill && most > m_settings.maxNumBatchedTokens))
        refusal = Refusal::TooLong;
    else if (const auto* paged = this->paged())
        refusal = paged->blocksFor(most) > paged->pool().size() ? Refusal::LargerThanCache : Refusal::None;
    else if (contiguous()->reservationFor(prompt, request.answerTokens) > contiguous()->capacity())
        refusal = Refusal::LargerThanCache;
    // vLLM's bound is on all requests in its hands, SGLang's on those that wait.
    const std::size_t queued = m_waiting.size() + m_inbox.size() + (m_settings.kind == EngineKind::SgLang ? 0 : m_running.size());
    if (refusal == Refusal::None && m_settings.maxQueuedRequests > 0 && queued >= m_settings.maxQueuedRequests)
        refusal = Refusal::QueueFull;
    if (refusal != Refusal::None) {
        ++m_metrics.counters.refused;
        return refusal;
    }

    std::uint32_t slot = static_cast<std::uint32_t>(m_hot.size());
    if (m_freeSlots.empty()) {
        m_hot.emplace_back();
        m_sequences.emplace_back();
    } else {
        slot = m_freeSlots.back();
        m_freeSlots.pop_back();
    }
    Hot& hot = m_hot[slot];
    hot = {};
    hot.length = hot.prompt = prompt;
    hot.end = prompt + request.answerTokens + (request.stops() && stepsAhead() > 1 ? 1 : 0);
    Sequence& sequence = m_sequences[slot];
    sequence = {};
    sequence.id = m_nextId++;
    sequence.prompt = prompt;
    request.arrival = at;
    if (!m_intakes.empty())
        m_intakes[sequence.id % m_intakes.size()] = {sequence.id, at, prompt, request.answerTokens, request.maxTokens};
    sequence.request = std::move(request);
    sequence.stage = Stage::Waiting;
    m_inbox.push_back(slot);
    return Refusal::None;
}

/// The order under SchedulingPolicy::Priority.
bool LlmEngine::goesBefore(std::uint32_t a, std::uint32_t b) const
{
    const Sequence& x = m_sequences[a];
    const Sequence& y = m_sequences[b];
    return x.request.priority != y.request.priority ? x.request.priority < y.request.priority : x.id < y.id;
}

void LlmEngine::enqueue(std::uint32_t slot, bool first)
{
    if (m_settings.policy == SchedulingPolicy::Fcfs) {
        if (first)
            m_waiting.push_front(slot);
        else
            m_waiting.push_back(slot);
        return;
    }
    const auto before = [this](std::uint32_t a, std::uint32_t b) { return goesBefore(a, b); };
    m_waiting.insert(std::upper_bound(m_waiting.begin(), m_waiting.end(), slot, before), slot);
}

void LlmEngine::takeIn(Instant now)
{
    while (!m_inbox.empty() && m_sequences[m_inbox.front()].request.arrival <= now) {
        const std::uint32_t slot = m_inbox.front();
        m_inbox.pop_front();
        m_sequences[slot].queued = now;
        enqueue(slot, false);
    }
}

bool LlmEngine::resetPrefixCache()
{
    auto* paged = std::get_if<PagedCache>(&m_cache);
    if (!paged || paged->pool().used() > 0)
        return false;
    paged->forget();
    return true;
}

std::optional<Instant> LlmEngine::nextDue() const
{
    if (!m_steps.empty())
        return m_steps.front().end;
    if (!m_inbox.empty())
        return std::max(m_now, m_sequences[m_inbox.front()].request.arrival);
    return std::nullopt;
}

void LlmEngine::run(Instant until, bool inclusive)
{
    while (const auto due = nextDue()) {
        if (*due > until || (*due == until && !inclusive))
            break;
        m_now = *due;
        if (!m_steps.empty())
            finishStep();
        loop(m_now);
    }
    m_now = std::max(m_now, until);
}

void LlmEngine::advance(Instant until) { run(until, true); }

/// Between two steps: what has arrived is taken in, and steps are put together until enough are under way.
void LlmEngine::loop(Instant now)
{
    takeIn(now);
    while (m_steps.size() < stepsAhead()) {
        const std::uint64_t preemptions = m_metrics.counters.preemptions;
        // Who preempted only itself left an empty step; the next one has its memory.
        if (!schedule(now) && m_metrics.counters.preemptions == preemptions)
            break;
    }
    FL_ASSERT(!m_steps.empty() || (m_waiting.empty() && m_running.empty()));
}

/// Adds an entry to the step's work and moves its sequence on, as if it were computed.
void LlmEngine::commit(Step& step, Entry& entry)
{
    Hot& hot = m_hot[entry.slot];
    StepWork& work = step.work;
    const std::uint32_t context = hot.computed + entry.tokens;
    entry.sampled = context == hot.length;
    work.tokens += entry.tokens;
    if (entry.tokens == 1) {
        ++work.decodes;
        work.decodeContext += context;
        if (m_windowTokens > 0)
            work.windowContext += std::min(context, m_windowTokens);
    } else {
        ++work.chunks;
        work.longestChunk = std::max<std::int64_t>(work.longestChunk, entry.tokens);
        const double count = entry.tokens;
        const double keys = hot.computed + count / 2;
        work.chunkScores += count * keys;
        if (m_windowTokens > 0)
            work.windowChunkScores += count * std::min<double>(keys, m_windowTokens);
    }
    hot.computed = context;
    if (entry.sampled) {
        ++hot.length;
        ++work.sampled;
    }
    if (entry.tokens > 1 || context % m_settings.blockSize == 0)
        if (auto* paged = std::get_if<PagedCache>(&m_cache))
            paged->store(entry.slot, contentOf(entry.slot), context);
}

/// The running one that goes first when memory is short: under Fcfs the last admitted.
std::uint32_t LlmEngine::victim() const
{
    if (m_settings.policy == SchedulingPolicy::Fcfs)
        return m_running.back();
    return *std::max_element(m_running.begin(), m_running.end(), [this](std::uint32_t a, std::uint32_t b) { return goesBefore(a, b); });
}

void LlmEngine::preempt(std::uint32_t slot)
{
    closeCache(slot);
    Hot& hot = m_hot[slot];
    hot.computed = 0;
    hot.room = 0;
    Sequence& sequence = m_sequences[slot];
    sequence.stage = Stage::Waiting;
    ++sequence.preemptions;
    ++m_metrics.counters.preemptions;
    m_running.erase(std::find(m_running.begin(), m_running.end(), slot));
    enqueue(slot, true);
}

/// Gives the sequence room for `tokens`, at the cost of others. False: it had to go itself.
bool LlmEngine::makeRoom(Step& step, std::uint32_t slot, std::uint32_t tokens, std::uint32_t& budget)
{
    Hot& hot = m_hot[slot];
    auto* paged = std::get_if<PagedCache>(&m_cache);
    while (!paged->grow(slot, tokens, hot.computed)) {
        const std::uint32_t other = victim();
        const auto scheduled = std::find_if(step.entries.begin(), step.entries.end(), [other](const Entry& e) { return e.slot == other; });
        if (scheduled != step.entries.end()) {
            budget += scheduled->tokens;
            step.entries.erase(scheduled);
        }
        step.preempted.push_back(m_sequences[other].id);
        preempt(other);
        if (other == slot)
            return false;
    }
    hot.room = paged->roomOf(tokens);
    return true;
}

/// `prompts`, `answers`: which of the running ones take part.
void LlmEngine::scheduleRunning(Step& step, std::uint32_t& budget, bool prompts, bool answers)
{
    for (std::size_t i = 0; i < m_running.size() && budget > 0;) {
        const std::uint32_t slot = m_running[i];
        const Hot& hot = m_hot[slot];
        std::uint32_t tokens = hot.length - hot.computed;
        // All its tokens are under way, or of the other kind.
        if (hot.length >= hot.end || !(tokens == 1 ? answers : prompts)) {
            ++i;
            continue;
        }
        if (m_settings.longPrefillTokenThreshold > 0)
            tokens = std::min(tokens, m_settings.longPrefillTokenThreshold);
        tokens = std::min(tokens, budget);
        if (hot.computed + tokens > hot.room && !makeRoom(step, slot, hot.computed + tokens, budget))
            return;
        // One before may have been preempted for its sake.
        i = i < m_running.size() && m_running[i] == slot ? i + 1
                                                         : static_cast<std::size_t>(std::find(m_running.begin(), m_running.end(), slot) - m_running.begin()) + 1;
        step.entries.push_back({m_sequences[slot].id, slot, tokens, false});
        budget -= tokens;
    }
}

/// Blocks that the running ones will still take if all of them answer at full length.
std::uint32_t LlmEngine::committedBlocks() const
{
    std::uint32_t blocks = 0;
    for (const std::uint32_t slot : m_running) {
        const std::uint32_t most = m_sequences[slot].request.mostTokens();
        blocks += paged()->blocksFor(most) - std::min(paged()->blocksFor(most), paged()->blocksFor(m_hot[slot].room));
    }
    return blocks;
}

bool LlmEngine::admit(std::uint32_t slot, Step& step, std::uint32_t& budget, Instant now)
{
    Hot& hot = m_hot[slot];
    Sequence& sequence = m_sequences[slot];
    auto* paged = std::get_if<PagedCache>(&m_cache);
    const std::uint32_t found = paged != nullptr ? paged->findPrefix(contentOf(slot), hot.length) : 0;
    std::uint32_t tokens = hot.length - found;
    if (m_settings.longPrefillTokenThreshold > 0)
        tokens = std::min(tokens, m_settings.longPrefillTokenThreshold);
    if (!m_settings.chunkedPrefill && tokens > budget)
        return false;
    tokens = std::min(tokens, budget);
    if (paged != nullptr) {
        const auto reserve = m_running.empty() ? 0 : static_cast<std::uint32_t>(m_settings.watermark * paged->pool().size());
        if (m_settings.admission == AdmissionRule::WholePrompt && !paged->wouldFit(hot.length, reserve))
            return false;
        // Static batches as well: who has ended still holds its blocks, so that nothing could be preempted for the others' sake.
        const bool wholeAnswer = m_settings.admission == AdmissionRule::WholeAnswer || isStatic();
        if (wholeAnswer && !paged->wouldFit(sequence.request.mostTokens(), reserve + committedBlocks()))
            return false;
        if (!paged->open(slot, found + tokens, reserve))
            return false;
        hot.room = paged->roomOf(found + tokens);
    } else {
        if (!std::get<ContiguousCache>(m_cache).open(slot, sequence.prompt, sequence.request.answerTokens))
            return false;
        hot.room = 0xffffffff;
    }
    hot.computed = found;
    sequence.stage = Stage::Running;
    m_running.push_back(slot);
    if (sequence.preemptions == 0) {
        sequence.scheduled = now;
        sequence.cached = found;
        m_metrics.counters.prefixQueries += hot.length;
        m_metrics.counters.prefixHits += found;
        if (m_hitRing.size() < kHitRing)
            m_hitRing.emplace_back();
        auto& [queries, hits] = m_hitRing[m_hitCount++ % kHitRing];
        m_hitQueries = m_hitQueries + hot.length - queries; // 64 bits: a shorter prompt may take a longer one's place
        m_hitHits = m_hitHits + found - hits;
        queries = hot.length;
        hits = found;
    } else {
        m_metrics.counters.recomputedTokens += hot.length - found;
    }
    step.entries.push_back({sequence.id, slot, tokens, false});
    commit(step, step.entries.back());
    budget -= tokens;
    return true;
}

/// Puts one step together and starts it behind those under way. False: there is nothing to do.
bool LlmEngine::schedule(Instant now)
{
    Step step;
    step.entries.swap(m_spareEntries);
    step.entries.clear();
    std::uint32_t budget = m_settings.maxNumBatchedTokens;
    const bool alone = m_settings.batching == Batching::PrefillFirst;
    scheduleRunning(step, budget, true, !alone);
    for (Entry& entry : step.entries)
        commit(step, entry);
    const bool mayAdmit = step.preempted.empty() && (!isStatic() || m_running.empty());
    while (mayAdmit && budget > 0 && !m_waiting.empty() && m_running.size() < m_settings.maxNumSeqs) {
        const std::uint32_t slot = m_waiting.front();
        // Its last tokens are under way: its end takes it out of the queue.
        if (m_hot[slot].length >= m_hot[slot].end)
            break;
        if (!admit(slot, step, budget, now))
            break;
        m_waiting.pop_front();
    }
    if (alone && step.entries.empty()) {
        scheduleRunning(step, budget, false, true);
        for (Entry& entry : step.entries)
            commit(step, entry);
    }
    if (step.entries.empty()) {
        m_spareEntries.swap(step.entries);
        return false;
    }
    // Rows of answers that have ended are computed with the others until the batch ends.
    if (isStatic())
        for (const std::uint32_t slot : m_running)
            if (m_sequences[slot].stage == Stage::Done) {
                ++step.work.tokens;
                ++step.work.decodes;
                step.work.decodeContext += m_hot[slot].length;
            }

    const bool follows = m_settings.asyncScheduling && m_deviceFree >= now;
    const double hostSeconds = m_settings.host.seconds(follows, static_cast<double>(step.entries.size()),
                                                       static_cast<double>(m_settings.deployment.tensorParallel));
    const double deviceSeconds = m_costs.seconds(step.work);
    step.number = ++m_stepNumber;
    step.scheduled = now;
    step.begin = std::max(now, m_deviceFree);
    step.end = step.begin + fromSeconds(hostSeconds + deviceSeconds);
    m_deviceFree = step.end;
    m_busyNs += static_cast<std::uint64_t>(fromSeconds(deviceSeconds).count());
    m_traffic += m_costs.traffic(step.work);
    ++m_metrics.counters.steps;
    m_metrics[HistogramName::IterationTokens].observe(static_cast<double>(step.work.tokens));
    if (!m_records.empty())
        record(step, hostSeconds);
    m_steps.push_back(std::move(step));
    return true;
}

void LlmEngine::setDevice(const Device& device)
{
    if (device == m_device)
        return;
    m_device = device;
    Deployment deployment = m_settings.deployment;
    deployment.device = device;
    m_costs = CostModel(deployment);
}

void LlmEngine::holdUp(Instant until)
{
    if (m_steps.empty() || m_steps.front().end >= until)
        return;
    const Duration delay = until - m_steps.front().end;
    for (Step& step : m_steps)
        step.end += delay;
    m_deviceFree += delay;
}

void LlmEngine::record(const Step& step, double hostSeconds)
{
    StepRecord& one = m_records[step.number % m_records.size()];
    one.number = step.number;
    one.scheduled = step.scheduled;
    one.begin = step.begin;
    one.end = step.end;
    one.hostSeconds = hostSeconds;
    one.waiting = static_cast<std::uint32_t>(m_waiting.size());
    one.freeBlocks = paged() != nullptr ? paged()->pool().free() : contiguous()->free() / m_settings.blockSize;
    one.work = step.work;
    one.lanes.clear();
    for (const Entry& entry : step.entries) {
        const Hot& hot = m_hot[entry.slot];
        one.lanes.push_back({entry.id, entry.tokens, hot.computed - entry.tokens, entry.sampled});
    }
    for (const RequestId id : step.preempted)
        one.lanes.push_back({id, 0, 0, false});
}

void LlmEngine::closeCache(std::uint32_t slot)
{
    std::visit([slot](auto& cache) { cache.close(slot); }, m_cache);
}

void LlmEngine::finish(std::uint32_t slot, Instant now, bool aborted)
{
    Sequence& sequence = m_sequences[slot];
    const Hot& hot = m_hot[slot];
    Completion done;
    done.id = sequence.id;
    done.arrival = sequence.request.arrival;
    done.queued = sequence.queued;
    done.scheduled = sequence.scheduled;
    done.firstToken = sequence.firstToken;
    done.lastToken = now;
    done.promptTokens = sequence.prompt;
    done.answerTokens = hot.delivered;
    done.cachedTokens = sequence.cached;
    done.preemptions = sequence.preemptions;
    done.longestPause = hot.longestPause;
    done.tenant = sequence.request.tenant;
    done.reason = aborted ? FinishReason::Abort : sequence.request.stops() ? FinishReason::Stop : FinishReason::Length;
    ++m_metrics.counters.finished[static_cast<std::size_t>(done.reason)];
    if (!aborted) {
        m_metrics[HistogramName::EndToEnd].observe(toSeconds(done.latency()));
        m_metrics[HistogramName::QueueTime].observe(toSeconds(done.scheduled - done.queued));
        m_metrics[HistogramName::PrefillTime].observe(toSeconds(done.firstToken - done.scheduled));
        m_metrics[HistogramName::DecodeTime].observe(toSeconds(done.lastToken - done.firstToken));
        m_metrics[HistogramName::InferenceTime].observe(toSeconds(done.lastToken - done.scheduled));
        m_metrics[HistogramName::PromptTokens].observe(done.promptTokens);
        m_metrics[HistogramName::GenerationTokens].observe(done.answerTokens);
        m_metrics[HistogramName::MaxTokensAsked].observe(static_cast<double>(sequence.request.mostTokens() - sequence.prompt));
        if (done.answerTokens > 1)
            m_metrics[HistogramName::TimePerOutputToken].observe(done.timePerOutputToken());
    }
    m_completions.push_back(done);
    sequence.id = 0;
    sequence.stage = Stage::Free;
    sequence.request.prompt.clear();
    m_freeSlots.push_back(slot);
}

/// Results of the oldest step under way reach the scheduler.
void LlmEngine::finishStep()
{
    Step step = std::move(m_steps.front());
    m_steps.erase(m_steps.begin());
    const Instant now = step.end;
    const std::int64_t nowNs = now.time_since_epoch().count();
    Counters& counters = m_metrics.counters;
    // Most sequences got their last token at the end of one and the same step.
    std::int64_t commonGap = 0;
    std::uint64_t commonCount = 0;
    bool ended = false;
    for (const Entry& entry : step.entries) {
        if (!entry.sampled || m_sequences[entry.slot].id != entry.id)
            continue;
        Hot& hot = m_hot[entry.slot];
        ++counters.generationTokens;
        if (hot.delivered++ == 0) {
            Sequence& sequence = m_sequences[entry.slot];
            sequence.firstToken = now;
            counters.promptTokens += sequence.prompt;
            m_metrics[HistogramName::TimeToFirstToken].observe(toSeconds(now - sequence.request.arrival));
        } else {
            const std::int64_t gap = nowNs - hot.lastTokenNs;
            hot.longestPause = std::max(hot.longestPause, static_cast<float>(gap) * 1e-9F);
            if (gap != commonGap) {
                if (commonCount > 0)
                    m_metrics[HistogramName::InterTokenLatency].observe(static_cast<double>(commonGap) / 1e9, commonCount);
                commonGap = gap;
                commonCount = 0;
            }
            ++commonCount;
        }
        hot.lastTokenNs = nowNs;
        if (hot.delivered == m_sequences[entry.slot].request.answerTokens) {
            m_sequences[entry.slot].stage = m_sequences[entry.slot].stage == Stage::Waiting ? Stage::DoneWaiting : Stage::Done;
            ended = true;
        }
    }
    if (commonCount > 0)
        m_metrics[HistogramName::InterTokenLatency].observe(static_cast<double>(commonGap) / 1e9, commonCount);
    // A static batch may also have lost the last of those that still answered to abort().
    if (ended || isStatic())
        removeEnded(step, now);
    m_spareEntries.swap(step.entries);
}

void LlmEngine::removeEnded(const Step& step, Instant now)
{
    if (isStatic()) {
        const auto isDone = [this](std::uint32_t slot) { return m_sequences[slot].stage == Stage::Done; };
        if (!std::all_of(m_running.begin(), m_running.end(), isDone))
            return;
        for (const std::uint32_t slot : m_running) {
            closeCache(slot);
            finish(slot, now, false);
        }
        m_running.clear();
        return;
    }
    for (const Entry& entry : step.entries) {
        const Sequence& sequence = m_sequences[entry.slot];
        if (sequence.id != entry.id || (sequence.stage != Stage::Done && sequence.stage != Stage::DoneWaiting))
            continue;
        if (sequence.stage == Stage::Done)
            closeCache(entry.slot);
        else
            m_waiting.erase(std::find(m_waiting.begin(), m_waiting.end(), entry.slot));
        finish(entry.slot, now, false);
    }
    std::erase_if(m_running, [this](std::uint32_t slot) { return m_sequences[slot].stage == Stage::Free; });
}

bool LlmEngine::abort(RequestId id, Instant at)
{
    run(at, false);
    const auto found = std::find_if(m_sequences.begin(), m_sequences.end(), [id](const Sequence& s) { return s.id == id; });
    if (id == 0 || found == m_sequences.end())
        return false;
    const auto slot = static_cast<std::uint32_t>(found - m_sequences.begin());
    if (found->stage == Stage::Running || found->stage == Stage::Done) {
        closeCache(slot);
        std::erase(m_running, slot);
    } else {
        std::erase(m_waiting, slot);
        std::erase(m_inbox, slot);
    }
    finish(slot, at, true);
    return true;
}

std::vector<Completion> LlmEngine::takeCompletions() { return std::exchange(m_completions, {}); }

EngineState LlmEngine::state() const
{
    EngineState state;
    state.running = static_cast<std::uint32_t>(m_running.size());
    state.waiting = static_cast<std::uint32_t>(m_waiting.size());
    const double used = paged() != nullptr ? paged()->pool().used() : contiguous()->capacity() - contiguous()->free();
    const double all = paged() != nullptr ? paged()->pool().size() : contiguous()->capacity();
    state.cacheUsage = all > 0 ? used / all : 0;
    state.prefixHitRate = m_hitQueries > 0 ? static_cast<double>(m_hitHits) / static_cast<double>(m_hitQueries) : 0;
    return state;
}

CacheUse LlmEngine::cacheUse() const
{
    CacheUse use;
    std::uint32_t largest = 0;
    for (const std::uint32_t slot : m_running)
        use.written += m_hot[slot].computed;
    if (paged() != nullptr) {
        for (const std::uint32_t slot : m_running)
            use.internal += std::max(m_hot[slot].room, m_hot[slot].computed) - m_hot[slot].computed;
        use.held = use.written + use.internal;
        return use;
    }
    for (const std::uint32_t slot : m_running)
        use.held += contiguous()->extentOf(slot).tokens;
    use.internal = use.held - use.written;
    for (const std::uint32_t slot : m_waiting)
        largest = std::max(largest, contiguous()->reservationFor(m_sequences[slot].prompt, m_sequences[slot].request.answerTokens));
    for (const ContiguousCache::Extent& extent : contiguous()->freeExtents())
        use.external += extent.tokens < largest ? extent.tokens : 0;
    return use;
}

std::size_t LlmEngine::copiedBytes() const
{
    std::size_t bytes = m_sequences.size() * (sizeof(Sequence) + sizeof(Hot));
    if (paged() != nullptr)
        bytes += paged()->pool().copiedBytes() + paged()->pool().used() * sizeof(BlockPool::BlockId);
    for (const StepRecord& record : m_records)
        bytes += sizeof(StepRecord) + record.lanes.size() * sizeof(Lane);
    return bytes;
}

std::vector<StepRecord> LlmEngine::recentSteps() const
{
    std::vector<StepRecord> steps;
    for (std::size_t i = 1; i <= m_records.size(); ++i) {
        const StepRecord& one = m_records[(m_stepNumber + i) % m_records.size()];
        if (one.number > 0)
            steps.push_back(one);
    }
    return steps;
}

std::vector<IntakeRecord> LlmEngine::recentRequests() const
{
    std::vector<IntakeRecord> requests;
    for (std::size_t i = 0; i < m_intakes.size(); ++i)
        if (const IntakeRecord& one = m_intakes[(m_nextId + i) % m_intakes.size()]; one.id > 0)
            requests.push_back(one);
    return requests;
}

std::vector<LlmEngine::Progress> LlmEngine::live() const
{
    std::vector<Progress> all;
    const auto add = [&](std::uint32_t slot, bool running) {
        const Hot& hot = m_hot[slot];
        const Sequence& sequence = m_sequences[slot];
        all.push_back({sequence.id, slot, hot.prompt, hot.computed, hot.delivered, sequence.firstToken, sequence.preemptions, running});
    };
    for (const std::uint32_t slot : m_running)
        add(slot, true);
    for (const std::uint32_t slot : m_waiting)
        add(slot, false);
    for (const std::uint32_t slot : m_inbox)
        add(slot, false);
    return all;
}

void LlmEngine::addTo(Fingerprint& f) const
{
    // Memory plan and costs follow from the settings.
    sim::addTo(f, m_settings);
    sim::addTo(f, m_cache);
    sim::addTo(f, m_hot);
    sim::addTo(f, m_sequences);
    sim::addTo(f, m_freeSlots);
    sim::addTo(f, m_inbox);
    sim::addTo(f, m_waiting);
    sim::addTo(f, m_running);
    sim::addTo(f, m_steps);
    sim::addTo(f, m_completions);
    sim::addTo(f, m_records);
    sim::addTo(f, m_intakes);
    sim::addTo(f, m_hitRing);
    f.add(m_hitCount);
    m_metrics.addTo(f);
    f.add(m_nextId);
    f.add(m_stepNumber);
    f.add(m_busyNs);
    sim::addTo(f, m_now);
    sim::addTo(f, m_deviceFree);
    sim::addTo(f, m_traffic);
    sim::addTo(f, m_device);
}

} // namespace sim::serving
