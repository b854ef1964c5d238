#include "core/incident/incident_run.h"

#include "core/incident/grading.h"
#include "core/incident/hints.h"
#include "core/incident/live_names.h"
#include "core/incident/predicate.h"
#include "sim/engine/assert.h"

#include <algorithm>

namespace core::incident {

namespace {

// The service must stay within its target this long before users count as served again.
constexpr sim::Duration kHeld = std::chrono::seconds{60};

std::vector<std::string> valuesOf(const nlohmann::json& value)
{
    if (value.is_string())
        return {value.get<std::string>()};
    std::vector<std::string> list;
    if (value.is_array()) {
        for (const auto& item : value)
            if (item.is_string())
                list.push_back(item.get<std::string>());
    } else if (value.is_number() || value.is_boolean()) {
        list.push_back(value.dump());
    }
    return list;
}

bool shows(const content::Fact& fact, const std::vector<std::string>& reads, const std::string& text, const content::Placeholders& values)
{
    return std::any_of(fact.matchers.begin(), fact.matchers.end(), [&](const content::FactMatcher& matcher) {
        return content::readsMatch(matcher.reads, reads, values)
            && content::patternMatches(matcher.pattern, text, values)
            && (matcher.unless.empty() || !content::patternMatches(matcher.unless, text, values));
    });
}

bool contains(const std::vector<std::string>& list, const std::string& value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

/// Keeps the instant from which on something is so.
void since(std::optional<sim::Instant>& instant, bool isSo, sim::Instant now)
{
    if (!isSo)
        instant.reset();
    else if (!instant)
        instant = now;
}

} // namespace

IncidentRun::IncidentRun(std::shared_ptr<const content::Incident> incident, const std::string& cause, Settings settings)
    : m_settings(settings)
{
    FL_ASSERT(incident && incident->cause(cause) != nullptr);
    m_record.cause = cause;
    for (const auto& [name, value] : incident->names)
        m_values[name] = {value};
    m_record.incident = std::move(incident);
}

void IncidentRun::injected(sim::Instant at, const nlohmann::json& parameters)
{
    m_record.injected = at;
    m_now = at;
    m_injected = true;
    if (!parameters.is_object())
        return;
    for (const auto& [name, value] : parameters.items())
        if (auto values = valuesOf(value); !values.empty())
            m_values[name] = std::move(values);
    if (const auto it = m_values.find("variant"); it != m_values.end())
        m_record.variant = it->second.front();
    for (const char* image : {"image", "good_image"})
        addImageParts(m_values, image);
}

void IncidentRun::setPlaceholders(const content::Placeholders& values)
{
    for (const auto& [name, list] : values)
        m_values[name] = list;
}

/// What is seen of a world that is mended already says nothing about how it was broken.
bool IncidentRun::provesNothing(const content::Fact& fact) const
{
    return m_record.repaired && m_record.cause != "no-fault" && contains(fact.refutes, m_record.cause);
}

void IncidentRun::learn(const content::Fact& fact, const shell::Shown& shown)
{
    const bool evidence = !provesNothing(fact);
    if (evidence && (m_record.looks.empty() || m_record.looks.back() != m_sequence))
        m_record.looks.push_back(m_sequence);
    const auto since = m_record.visibleSince(fact.recovery);
    if (!since) // "served again" says nothing while nothing has been mended
        return;
    const auto it = std::find_if(m_record.facts.begin(), m_record.facts.end(), [&](const SeenFact& f) { return f.id == fact.id; });
    if (it == m_record.facts.end()) {
        m_record.facts.push_back({fact.id, shown.at, m_sequence, evidence, shown.commandLine});
        return;
    }
    if (it->at < *since) { // a relapse since then: it is learnt anew
        it->at = shown.at;
        it->commandLine = shown.commandLine;
    }
    if (evidence && !it->evidence) {
        it->evidence = true;
        it->sequence = m_sequence;
    }
}

/// A Secret's values are shown in base64; who copies one and decodes it reads the Secret.
void IncidentRun::rememberEncoded(const std::string& text, const std::vector<std::string>& reads)
{
    if (std::none_of(reads.begin(), reads.end(), [](const std::string& read) { return read.rfind("secret/", 0) == 0; }))
        return;
    constexpr std::size_t kShortest = 24; // shorter ones could be typed by chance
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = text.find_first_of(kDigits, at);
        if (begin == std::string::npos)
            return;
        at = std::min(text.find_first_not_of(kDigits, begin), text.size());
        if (at - begin >= kShortest)
            m_encoded[text.substr(begin, at - begin)] = reads;
    }
}

std::vector<std::string> IncidentRun::readsOf(const shell::Shown& shown) const
{
    if (shown.reads.empty())
        for (const auto& [encoded, reads] : m_encoded)
            if (shown.commandLine.find(encoded) != std::string::npos)
                return reads;
    return shown.reads;
}

void IncidentRun::observe(const shell::Shown& shown)
{
    const std::vector<std::string> reads = readsOf(shown);
    if (closed() || reads.empty())
        return;
    m_now = std::max(m_now, shown.at);
    ++m_sequence;
    // What a change prints about itself is no look at its effect.
    if (m_record.actions.empty() || shown.commandLine.empty() || m_record.actions.back().commandLine != shown.commandLine) {
        m_lastLook = m_sequence;
        m_lookSinceHint = shown.at;
    }
    const std::string text = content::plainText(shown.text);
    for (const content::Fact& fact : incident().facts) {
        const bool here = fact.variants.empty() || m_record.variant.empty() || contains(fact.variants, m_record.variant);
        if (here && shows(fact, reads, text, m_values))
            learn(fact, shown);
    }
    rememberEncoded(text, reads);
}

void IncidentRun::commandApplied(sim::Instant at, const sim::Command& command, const sim::CommandResult& result,
                                 const std::string& commandLine, std::size_t line)
{
    if (closed())
        return;
    m_now = std::max(m_now, at);
    Action action = classify(command, result, incident(), m_record.cause, m_values);
    if (action.effect == Effect::None)
        return;
    action.at = at;
    action.sequence = ++m_sequence;
    action.commandLine = commandLine;
    action.line = line;
    action.factsKnown = static_cast<int>(m_record.facts.size());
    if (!action.deletes) // what was deleted and is made again was not lost
        for (Action& earlier : m_record.actions)
            if (earlier.deletes && earlier.effect == Effect::Irreversible
                && std::all_of(earlier.changed.begin(), earlier.changed.end(),
                               [&](const std::string& object) { return contains(action.changed, object); }))
                earlier.effect = Effect::Reversible;
    if (!m_record.actions.empty()) {
        const Action& before = m_record.actions.back();
        if (before.mitigation && isEviction(command) && before.commandLine == action.commandLine) { // a drain is one act
            action.mitigation = true;
            action.necessary = before.necessary;
        }
        action.shotgun = isShotgun(before, action, m_lastLook > before.sequence);
    }
    m_record.actions.push_back(std::move(action));
}

void IncidentRun::followImpact(const WorldProbe& world)
{
    const ServiceLevel level = world.serviceLevel();
    const content::Impact& impact = incident().impact;
    m_record.lowestSuccess = std::min(m_record.lowestSuccess, level.successRatio);
    if (level.successRatio < impact.sliTarget) {
        if (!m_record.impactBegan)
            m_record.impactBegan = m_now;
        const double seconds = m_lastTick ? sim::toSeconds(m_now - *m_lastTick) : 1.0;
        const double lost = level.ratePerSecond * (1 - level.successRatio) * seconds;
        m_record.lostRequests += lost;
        if (sim::toSeconds(m_now - *m_record.impactBegan) < impact.parSeconds)
            m_record.lostAtPar += lost;
        m_record.recovering.reset();
        m_record.recovered.reset();
        return;
    }
    if (!m_record.impactBegan)
        return;
    if (!m_record.recovering)
        m_record.recovering = m_now;
    if (m_now - *m_record.recovering >= kHeld)
        m_record.recovered = m_record.recovering;
}

void IncidentRun::tick(const WorldProbe& world)
{
    if (closed() || !m_injected)
        return;
    m_now = std::max(m_now, world.now());
    updateLiveNames(m_values, incident(), world);
    followImpact(world);
    m_lastTick = m_now;
    if (!m_record.alerted && world.alertFiring())
        m_record.alerted = m_now;
    since(m_record.healthy, holds(incident().healthy, world, m_values), m_now);
    noticeRepair(world);
}

void IncidentRun::noticeRepair(const WorldProbe& world)
{
    if (closed() || !m_injected)
        return;
    m_now = std::max(m_now, world.now());
    since(m_record.repaired, holds(m_record.truth().healed, world, m_values), m_now);
}

void IncidentRun::acknowledge(sim::Instant at)
{
    if (!closed() && !m_record.acknowledged)
        m_record.acknowledged = at;
}

bool IncidentRun::takeHint(sim::Instant at)
{
    const int rung = static_cast<int>(m_record.hints.size());
    if (closed() || rung >= kRungs)
        return false;
    if (rung > 0 && !m_lookSinceHint && at - m_record.hints.back().at < kRungDelay)
        return false;
    m_record.hints.push_back({at, hintText(m_record, rung, m_values), rungFactor(m_record, rung)});
    m_lookSinceHint.reset();
    return true;
}

void IncidentRun::diagnose(sim::Instant at, const std::string& cause, double confidence, const std::string& note)
{
    if (closed())
        return;
    m_record.diagnoses.push_back({at, ++m_sequence, cause, confidence, note, static_cast<int>(m_record.facts.size())});
}

void IncidentRun::close(const WorldProbe& world)
{
    if (closed())
        return;
    tick(world);
    m_record.healedAtClose = holds(m_record.truth().healed, world, m_values);
    m_record.healthyAtClose = holds(incident().healthy, world, m_values);
    m_record.intactAtClose = holds(incident().intact, world, m_values);
    m_record.closed = m_now;
}

session::IncidentView::Step IncidentRun::step() const
{
    using Step = session::IncidentView::Step;
    if (closed())
        return Step::Closed;
    if (!m_record.acknowledged)
        return Step::Acknowledge;
    if (m_record.recovered) {
        const bool looked = std::any_of(m_record.facts.begin(), m_record.facts.end(), [&](const SeenFact& seen) {
            const content::Fact* fact = incident().fact(seen.id);
            return fact != nullptr && fact->recovery == content::Fact::Recovery::UserFacing && m_record.stands(seen);
        });
        return looked ? Step::Close : Step::Verify;
    }
    const bool decided = !m_record.diagnoses.empty() || !m_record.actions.empty();
    return decided ? Step::Mitigate : Step::Investigate;
}

session::IncidentView IncidentRun::view() const
{
    const content::Incident& what = incident();
    session::IncidentView view;
    view.id = what.id;
    view.title = what.title;
    view.brief = what.brief;
    view.lesson = what.lesson;
    view.phase = what.phase;
    view.moduleNumber = what.moduleNumber;
    view.moduleTitle = what.moduleTitle;
    view.blind = m_settings.blind;
    view.studyMode = m_settings.studyMode;
    view.step = step();
    view.alertFired = m_record.alerted.has_value();
    view.acknowledged = m_record.acknowledged.has_value();
    for (const SeenFact& seen : m_record.facts)
        if (const content::Fact* fact = what.fact(seen.id); fact != nullptr && m_record.stands(seen))
            view.facts.push_back({seen.id, fact->text, seen.at});
    view.causesLeft = static_cast<int>(what.causes.size());
    const auto excluded = excludedCauses(what, m_record.known());
    for (const content::Cause& cause : what.causes) {
        view.choices.push_back({cause.id, cause.means});
        if (m_settings.studyMode && excluded.count(cause.id) != 0 && cause.id != m_record.cause) {
            view.ruledOut.push_back(cause.means);
            --view.causesLeft;
        }
    }
    view.hints.taken = static_cast<int>(m_record.hints.size());
    for (const TakenHint& hint : m_record.hints)
        view.hints.texts.push_back(hint.text);
    if (view.hints.taken < kRungs)
        view.hints.nextFactor = rungFactor(m_record, view.hints.taken);
    else
        view.hints.nextFactor = m_record.hints.back().factor;
    if (!m_record.hints.empty() && view.hints.taken < kRungs && !m_lookSinceHint && m_now - m_record.hints.back().at < kRungDelay)
        view.hints.unlocksAt = m_record.hints.back().at + kRungDelay;
    view.costDollars = m_record.lostRequests * what.impact.dollarsPerRequest;
    view.diagnosesSubmitted = static_cast<int>(m_record.diagnoses.size());
    if (closed())
        view.grade = grade();
    return view;
}

session::GradeView IncidentRun::grade(std::optional<double> lostWithoutActions) const
{
    FL_ASSERT(closed());
    return incident::grade(m_record, lostWithoutActions);
}

} // namespace core::incident
