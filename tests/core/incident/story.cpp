#include "tests/core/incident/story.h"

#include "core/incident/hints.h"
#include "tests/core/incident/quiz.h"

#include <algorithm>
#include <ostream>

namespace core::incident {

namespace {

constexpr double kClosed = 3000;

std::optional<sim::Instant> instant(std::optional<double> second)
{
    return second ? std::optional(at(*second)) : std::nullopt;
}

/// As IncidentRun learns: the first time counts, and a recovery is seen only where there is one.
void see(Record& record, const Step& step, int sequence)
{
    record.looks.push_back(sequence);
    const auto since = record.visibleSince(record.incident->fact(step.id)->recovery);
    const auto it = std::find_if(record.facts.begin(), record.facts.end(), [&](const SeenFact& f) { return f.id == step.id; });
    if (it == record.facts.end() && since && at(step.second) >= *since)
        record.facts.push_back({step.id, at(step.second), sequence, true, "show " + step.id});
}

} // namespace

Step look(std::string fact, double second) { return {Step::Kind::Look, std::move(fact), second, {}}; }
Step answer(std::string cause, double second) { return {Step::Kind::Answer, std::move(cause), second, {}}; }
Step hint(double second) { return {Step::Kind::Hint, {}, second, {}}; }
Step change(Action action, double second) { return {Step::Kind::Change, {}, second, std::move(action)}; }

Action repair()
{
    Action action;
    action.effect = Effect::Reversible;
    action.changed = {"deployment/shop/checkout"};
    action.targets = {"wrong-tag"};
    action.necessary = true;
    action.commandLine = "kubectl set image";
    return action;
}

Action needless(const std::string& object)
{
    Action action;
    action.effect = Effect::Reversible;
    action.changed = {object};
    action.commandLine = "kubectl scale";
    return action;
}

Action loss(const std::string& object)
{
    Action action = needless(object);
    action.effect = Effect::Irreversible;
    action.deletes = true;
    action.commandLine = "kubectl delete";
    return action;
}

Action rollback()
{
    Action action = repair();
    action.mitigation = true;
    action.commandLine = "kubectl rollout undo";
    return action;
}

Record recordOf(const Story& story)
{
    Record record;
    record.incident = quiz();
    record.cause = story.truth;
    record.injected = at(-30);
    record.impactBegan = instant(story.impactBegan);
    record.alerted = at(60);
    record.acknowledged = at(90);
    record.recovering = record.recovered = instant(story.recovered);
    record.repaired = story.healed ? instant(story.repaired) : std::nullopt;
    record.healthy = instant(story.recovered);
    record.closed = at(kClosed);
    record.lostRequests = story.lostRequests;
    record.lostAtPar = story.lostAtPar;
    record.lowestSuccess = 0.9;
    record.healedAtClose = story.healed;
    record.healthyAtClose = story.healthy;
    record.intactAtClose = story.intact;
    int sequence = 0;
    for (const Step& step : story.steps) {
        ++sequence;
        switch (step.kind) {
        case Step::Kind::Look:
            see(record, step, sequence);
            break;
        case Step::Kind::Change:
            record.actions.push_back(step.change);
            record.actions.back().at = at(step.second);
            record.actions.back().sequence = sequence;
            break;
        case Step::Kind::Answer:
            record.diagnoses.push_back({at(step.second), sequence, step.id, 0.8, "note", static_cast<int>(record.facts.size())});
            break;
        case Step::Kind::Hint:
            if (const int rung = static_cast<int>(record.hints.size()); rung < kRungs)
                record.hints.push_back({at(step.second), {"hint", "提示"}, rungFactor(record, rung)});
            break;
        }
    }
    return record;
}

Story exemplary()
{
    Story story;
    story.steps = {look("tag-absent", 100), look("name-listed", 110), look("still-failing", 120), change(repair(), 200),
                   answer("wrong-tag", 300), look("served", 700), look("rolled-out", 710)};
    return story;
}

rc::Gen<Story> anyStory()
{
    return rc::gen::exec([] {
        Story story;
        std::vector<std::string> causes;
        std::vector<std::string> facts;
        for (const auto& cause : quiz()->causes)
            causes.push_back(cause.id);
        for (const auto& fact : quiz()->facts)
            facts.push_back(fact.id);
        story.truth = *rc::gen::elementOf(causes);
        story.lostRequests = *rc::gen::inRange(0, 20'000);
        story.lostAtPar = std::min<double>(story.lostRequests, *rc::gen::inRange(0, 5000));
        story.impactBegan = *rc::gen::arbitrary<bool>() ? std::optional<double>(0) : std::nullopt;
        story.recovered = *rc::gen::arbitrary<bool>() ? std::optional<double>(600) : std::nullopt;
        story.healed = *rc::gen::arbitrary<bool>();
        story.healthy = *rc::gen::arbitrary<bool>();
        story.intact = *rc::gen::arbitrary<bool>();
        const int steps = *rc::gen::inRange(0, 14);
        double second = 100;
        for (int i = 0; i < steps; ++i) {
            second += *rc::gen::inRange(0, 200);
            switch (*rc::gen::inRange(0, 6)) {
            case 0:
                story.steps.push_back(answer(*rc::gen::elementOf(causes), second));
                break;
            case 1: {
                Action action = *rc::gen::element(repair(), needless(), loss(), rollback(), needless("pod/shop/checkout-1"));
                action.shotgun = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
                story.steps.push_back(change(action, second));
                break;
            }
            case 2:
                if (*rc::gen::inRange(0, 3) == 0)
                    story.steps.push_back(hint(second));
                break;
            default:
                story.steps.push_back(look(*rc::gen::elementOf(facts), second));
            }
        }
        return story;
    });
}

std::ostream& operator<<(std::ostream& out, const Story& story)
{
    out << story.truth << ", lost " << story.lostRequests << " (" << story.lostAtPar << " at par), impact "
        << (story.impactBegan ? "yes" : "no") << ", recovered " << (story.recovered ? "yes" : "no") << ", healed " << story.healed
        << ", healthy " << story.healthy << ", intact " << story.intact << ":";
    for (const Step& step : story.steps) {
        out << "\n  " << step.second << " s: ";
        if (step.kind == Step::Kind::Change)
            out << "change " << step.change.changed.front() << (step.change.necessary ? " necessary" : "")
                << (step.change.mitigation ? " mitigation" : "") << (step.change.shotgun ? " shotgun" : "")
                << (step.change.effect == Effect::Irreversible ? " irreversible" : "");
        else
            out << (step.kind == Step::Kind::Look ? "look " : step.kind == Step::Kind::Answer ? "answer " : "hint ") << step.id;
    }
    return out;
}

} // namespace core::incident
