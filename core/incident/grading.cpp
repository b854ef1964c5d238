#include "core/incident/grading.h"

#include "core/incident/impact_words.h"
#include "core/incident/post_mortem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace core::incident {

namespace {

using content::Text;
using session::ScorePart;

constexpr double kImpact = 25;
constexpr double kDiagnosis = 25;
constexpr double kSameMechanism = 15;
constexpr double kSameArea = 5;
constexpr double kEvidence = 20;
constexpr double kSafety = 15;
constexpr double kFix = 10;
constexpr double kVerification = 5;
// A repair by luck keeps this much of the impact part.
constexpr double kLuckyShare = 0.4;
constexpr std::array<double, 3> kAttemptFactors{1.0, 0.5, 0.25};
constexpr const char* kNoFault = "no-fault";

/// Ending pods only makes the kubelet try again, a container's restart the same of docker; a filesystem is mounted
/// (writable) so that one can look and repair at all.
bool onlyPrepares(const Action& action)
{
    return std::all_of(action.changed.begin(), action.changed.end(), [&](const std::string& object) {
        return object.rfind("pod/", 0) == 0 || object.rfind("mount/", 0) == 0
            || (action.effect == Effect::Restart && object.rfind("container/", 0) == 0);
    });
}

/// The first change that goes for the cause.
const Action* decisiveAction(const Record& record)
{
    for (const Action& action : record.actions)
        if (action.necessary && !action.mitigation && !onlyPrepares(action))
            return &action;
    return nullptr;
}

int committedAt(const Record& record)
{
    if (const Action* action = decisiveAction(record))
        return action->sequence;
    return record.diagnoses.empty() ? std::numeric_limits<int>::max() : record.diagnoses.front().sequence;
}

bool needlessChange(const Action& action) { return action.effect != Effect::Irreversible && !action.necessary; }
bool irreversible(const Action& action) { return action.effect == Effect::Irreversible && (action.deletes || !action.necessary); }

bool changedNothingNeedless(const Record& record)
{
    return std::none_of(record.actions.begin(), record.actions.end(),
                        [](const Action& a) { return needlessChange(a) || irreversible(a); });
}

/// Nobody repaired, took the pain away or, where nothing is broken, said so.
bool leftAlone(const Record& record)
{
    if (record.cause == kNoFault)
        return record.diagnoses.empty() || record.diagnoses.back().cause != kNoFault;
    return !record.healedAtClose
        && std::none_of(record.actions.begin(), record.actions.end(), [](const Action& action) { return action.necessary; });
}

/// A part that nothing was done for, and what follows from that.
ScorePart unearned(ScorePart part, const Record& record, const Text& consequence)
{
    const Text what = record.cause == kNoFault ? Text{"Nothing was broken, and you did not say so.", "其实没有故障，而你没有指出这一点。"}
        : record.actions.empty()               ? Text{"You changed nothing.", "你没有做任何变更。"}
                                               : Text{"None of your changes went for the fault.", "你的变更都没有针对故障本身。"};
    part.points = 0;
    part.reason = {what.en + " " + consequence.en, what.zh + consequence.zh};
    return part;
}

int percent(double share) { return static_cast<int>(share * 100 + 0.5); }

ScorePart impactPart(const Record& record, std::optional<double> lostWithoutActions)
{
    ScorePart part{"impact", {"Impact on users", "对用户的影响"}, 0, kImpact, {}};
    const double grounded = kLuckyShare + (1 - kLuckyShare) * groundedness(record);
    const bool falseAlarm = record.cause == kNoFault && changedNothingNeedless(record);
    const bool ended = !record.impactBegan || record.recovered || record.recovering;
    if (!ended && !falseAlarm) {
        part.reason = impactLastsText(record.incident->impact);
        return part;
    }
    if (leftAlone(record))
        return unearned(std::move(part), record, {"How users fare is not your doing.", "用户当前的状况与你无关。"});
    const content::Impact& impact = record.incident->impact;
    double unavoidable = record.lostAtPar;
    if (record.cause == kNoFault && lostWithoutActions)
        unavoidable = std::max(unavoidable, *lostWithoutActions);
    const double excess = falseAlarm ? 0 : std::max(0.0, record.lostRequests - unavoidable);
    const double allowance = record.lostAtPar / impact.parSeconds * impact.allowanceSeconds;
    const double kept = excess <= 0 ? 1 : allowance > 0 ? std::max(0.0, 1 - excess / allowance) : 0;
    part.points = kImpact * kept * grounded;
    const Text lost = lossText(impact, record.lostRequests);
    const Text late = amountText(impact, excess);
    part.reason = {fmt::format("{} were lost, {} of them beyond the first {:.0f} minutes that anybody needs.", lost.en, late.en, impact.parSeconds / 60),
                   fmt::format("共丢失 {}，其中 {}个超出了任何人都需要的前 {:.0f} 分钟。", lost.zh, late.zh, impact.parSeconds / 60)};
    if (lostWithoutActions && record.lostRequests > *lostWithoutActions * 1.02 + 1) {
        const Text without = amountText(impact, *lostWithoutActions);
        part.reason.en += fmt::format(" Without your changes it would have been {}.", without.en);
        part.reason.zh += fmt::format("如果你什么都不做，只会丢失 {}个。", without.zh);
    }
    if (grounded < 0.7) {
        const bool repaired = decisiveAction(record) != nullptr;
        part.reason.en += repaired ? " It counts less because the repair came before the evidence: a guess that worked."
                                   : " It counts less because your evidence left other causes open.";
        part.reason.zh += repaired ? "由于修复先于证据（猜中的），这一项按比例计分。" : "由于证据没有排除其他原因，这一项按比例计分。";
    }
    return part;
}

struct Answer {
    double points = 0; ///< before hints
    const Diagnosis* diagnosis = nullptr;
    int attempt = 0;
    double excluded = 0;
    bool right = false;
};

/// The best of the learner's answers.
Answer bestAnswer(const Record& record)
{
    Answer best;
    std::set<std::string> given;
    int answeredAt = 0;
    for (const Diagnosis& diagnosis : record.diagnoses) {
        const KnownFacts known = record.known(diagnosis.sequence);
        if (!given.insert(diagnosis.cause).second)
            continue;
        const std::size_t attempt = given.size() - 1;
        const bool looked = std::any_of(record.looks.begin(), record.looks.end(),
                                        [&](int at) { return at > answeredAt && at < diagnosis.sequence; });
        const bool blind = attempt > 0 && !looked;
        answeredAt = diagnosis.sequence;
        const content::Cause* named = record.incident->cause(diagnosis.cause);
        const content::Cause& truth = record.truth();
        double points = 0;
        if (diagnosis.cause == record.cause)
            points = kDiagnosis;
        else if (named != nullptr && named->id != kNoFault && truth.id != kNoFault)
            points = named->mechanism == truth.mechanism ? kSameMechanism : kSameArea;
        const double excluded = exclusion(*record.incident, record.cause, known);
        const double byChance = 1.0 / static_cast<double>(record.incident->causes.size());
        points *= blind || attempt >= kAttemptFactors.size() ? 0 : kAttemptFactors[attempt];
        points *= byChance + (1 - byChance) * excluded;
        if (best.diagnosis == nullptr || points > best.points)
            best = {points, &diagnosis, static_cast<int>(attempt), excluded, diagnosis.cause == record.cause};
    }
    return best;
}

ScorePart diagnosisPart(const Record& record)
{
    ScorePart part{"diagnosis", {"Diagnosis", "诊断"}, 0, kDiagnosis, {}};
    const Answer answer = bestAnswer(record);
    if (answer.diagnosis == nullptr) {
        part.reason = {"You named no cause.", "没有提交任何原因。"};
        return part;
    }
    part.points = answer.points * hintFactor(record);
    const content::Cause* named = record.incident->cause(answer.diagnosis->cause);
    const Text means = named == nullptr ? Text{answer.diagnosis->cause, answer.diagnosis->cause} : named->means;
    if (answer.right)
        part.reason = {fmt::format("Right: {}.", means.en), fmt::format("正确：{}。", means.zh)};
    else if (answer.points > 0 && named != nullptr && named->mechanism == record.truth().mechanism)
        part.reason = {fmt::format("Close: \"{}\" breaks the same step, but is not what happened.", means.en),
                       fmt::format("接近：“{}”坏在同一环节，但并非真实原因。", means.zh)};
    else
        part.reason = {fmt::format("\"{}\" is not what happened.", means.en), fmt::format("“{}”不是真实原因。", means.zh)};
    if (answer.attempt > 0) {
        part.reason.en += fmt::format(" It was answer number {}.", answer.attempt + 1);
        part.reason.zh += fmt::format("这是第 {} 次回答。", answer.attempt + 1);
    }
    if (answer.excluded < 1) {
        part.reason.en += fmt::format(" When you said it, your evidence had excluded {} % of the other causes.",
                                      percent(answer.excluded));
        part.reason.zh += fmt::format("回答时，你的证据只排除了 {} % 的其他原因。", percent(answer.excluded));
    }
    if (hintFactor(record) < 1) {
        part.reason.en += fmt::format(" Hints: × {:.2f}.", hintFactor(record));
        part.reason.zh += fmt::format("提示：× {:.2f}。", hintFactor(record));
    }
    return part;
}

ScorePart evidencePart(const Record& record)
{
    ScorePart part{"evidence", {"Evidence before the fix", "修复前的证据"}, 0, kEvidence, {}};
    const double excluded = groundedness(record);
    part.points = kEvidence * excluded * hintFactor(record);
    const Action* action = decisiveAction(record);
    const Text moment = action != nullptr       ? Text{"Before your first repair", "在第一次修复之前"}
        : !record.diagnoses.empty()             ? Text{"Before your answer", "在提交回答之前"}
                                                : Text{"Until the end", "直到结束"};
    const auto rivals = record.incident->causes.size() - 1;
    const int count = static_cast<int>(excluded * static_cast<double>(rivals) + 0.5);
    part.reason = {fmt::format("{} you had seen enough to rule out {} of {} other causes.", moment.en, count, rivals),
                   fmt::format("{}，你看到的证据足以排除 {} / {} 个其他原因。", moment.zh, count, rivals)};
    if (hintFactor(record) < 1) {
        part.reason.en += fmt::format(" Hints: × {:.2f}.", hintFactor(record));
        part.reason.zh += fmt::format("提示：× {:.2f}。", hintFactor(record));
    }
    return part;
}

ScorePart safetyPart(const Record& record)
{
    ScorePart part{"safety", {"Safety of changes", "变更安全"}, kSafety, kSafety, {}};
    int needless = 0;
    int shotguns = 0;
    int lost = 0;
    std::set<std::string> radius;
    for (const Action& action : record.actions) {
        needless += needlessChange(action) ? 1 : 0;
        shotguns += action.shotgun ? 1 : 0;
        lost += irreversible(action) ? 1 : 0;
        if (!action.necessary)
            radius.insert(action.changed.begin(), action.changed.end());
    }
    if (leftAlone(record))
        return unearned(std::move(part), record, {"There is no repair whose safety could be judged.", "没有修复，也就谈不上变更安全。"});
    if (record.actions.empty()) {
        part.reason = {"You changed nothing, and nothing had to be changed.", "没有做任何变更，也不需要变更。"};
        return part;
    }
    part.points = std::max(0.0, kSafety - 3.0 * needless - 5.0 * shotguns - 8.0 * lost);
    if (needless + shotguns + lost == 0) {
        part.reason = {"Every change was needed and could be undone.", "每一项变更都是必要的，并且可以撤销。"};
        return part;
    }
    part.reason = {fmt::format("{} needless changes (−3 each), {} changes made together with another (−5 each), {} that cannot be "
                               "undone (−8 each). Objects touched without need: {}.", needless, shotguns, lost, radius.size()),
                   fmt::format("不必要的变更 {} 次（每次 −3），同时进行的多处变更 {} 次（每次 −5），不可撤销的变更 {} 次（每次 −8）。"
                               "无谓触及的对象：{} 个。", needless, shotguns, lost, radius.size())};
    return part;
}

ScorePart fixPart(const Record& record)
{
    ScorePart part{"fix", {"Quality of the fix", "修复质量"}, 0, kFix, {}};
    if (leftAlone(record))
        return unearned(std::move(part), record, record.cause == kNoFault
                            ? Text{"There was nothing to repair.", "没有什么需要修复。"}
                            : Text{"The root cause is still there.", "根本原因仍然存在。"});
    part.points = (record.healedAtClose ? 5.0 : 0.0) + (record.healthyAtClose ? 3.0 : 0.0) + (record.intactAtClose ? 2.0 : 0.0);
    const bool broken = record.cause != kNoFault;
    part.reason.en += !broken ? "Nothing was broken." : record.healedAtClose ? "The root cause is gone." : "The root cause is still there.";
    part.reason.zh += !broken ? "没有故障。" : record.healedAtClose ? "根本原因已消除。" : "根本原因仍然存在。";
    part.reason.en += record.healthyAtClose ? " The service is healthy." : " The service is not healthy.";
    part.reason.zh += record.healthyAtClose ? "服务健康。" : "服务不健康。";
    if (record.healthyAtClose && !record.intactAtClose) { // before that nothing tells a workaround from the damage
        part.reason.en += " A workaround is left behind (something deleted, scaled down or cordoned).";
        part.reason.zh += "留下了权宜之计（有对象被删除、缩容或封锁）。";
    }
    return part;
}

bool verified(const Record& record, content::Fact::Recovery kind)
{
    if (record.impactBegan && !record.recovered)
        return false;
    return std::any_of(record.facts.begin(), record.facts.end(), [&](const SeenFact& seen) {
        const content::Fact* fact = record.incident->fact(seen.id);
        if (fact == nullptr || fact->recovery != kind || !record.stands(seen))
            return false;
        return kind == content::Fact::Recovery::UserFacing || fact->supports.empty()
            || std::find(fact->supports.begin(), fact->supports.end(), record.cause) != fact->supports.end();
    });
}

ScorePart verificationPart(const Record& record)
{
    ScorePart part{"verification", {"Verification", "验证"}, 0, kVerification, {}};
    if (leftAlone(record))
        return unearned(std::move(part), record, {"There was no recovery of yours to look at.", "没有由你带来的恢复可供验证。"});
    const bool users = verified(record, content::Fact::Recovery::UserFacing);
    const bool cause = verified(record, content::Fact::Recovery::CauseSpecific);
    part.points = (users ? kVerification / 2 : 0) + (cause ? kVerification / 2 : 0);
    if (record.impactBegan && !record.recovered)
        part.reason = {"The service had not been well for a whole minute when you closed.", "关闭时服务恢复还不足一分钟。"};
    else
        part.reason = {fmt::format("After recovery you {} what users get and {} the repaired part.",
                                   users ? "looked at" : "did not look at", cause ? "looked at" : "did not look at"),
                       fmt::format("恢复之后，你{}用户侧指标，{}被修复的部分。", users ? "查看了" : "没有查看",
                                   cause ? "查看了" : "没有查看")};
    return part;
}

std::optional<double> between(std::optional<sim::Instant> from, std::optional<sim::Instant> to)
{
    if (!from || !to)
        return std::nullopt;
    return sim::toSeconds(*to - *from);
}

} // namespace

double groundedness(const Record& record)
{
    return exclusion(*record.incident, record.cause, record.known(committedAt(record)));
}

double hintFactor(const Record& record) { return record.hints.empty() ? 1.0 : record.hints.back().factor; }

session::GradeView grade(const Record& record, std::optional<double> lostWithoutActions)
{
    session::GradeView view;
    view.parts = {impactPart(record, lostWithoutActions), diagnosisPart(record), evidencePart(record),
                  safetyPart(record), fixPart(record), verificationPart(record)};
    for (const ScorePart& part : view.parts)
        view.score += part.points;
    const content::Cause& truth = record.truth();
    view.trueCause = truth.id;
    view.trueCauseMeans = truth.means;
    view.answeredCause = record.diagnoses.empty() ? "" : record.diagnoses.back().cause;
    view.solved = view.answeredCause == truth.id && record.healedAtClose && record.healthyAtClose;
    view.explanation = truth.explanation;
    view.prevention = truth.prevention;
    view.timeline = timelineOf(record);
    const PostMortemTimes times = timesOf(record);
    view.clocksSeconds = {{"detect", between(record.impactBegan, record.alerted)},
                          {"acknowledge", between(record.alerted, record.acknowledged)},
                          {"first_evidence", between(record.acknowledged, times.firstEvidence)},
                          {"diagnose", between(record.acknowledged, times.rightDiagnosis)},
                          {"mitigate", between(record.impactBegan, record.recovered)},
                          {"resolve", truth.id == kNoFault ? std::nullopt : between(record.impactBegan, record.repaired)},
                          {"verify", between(times.verified, record.closed)}};
    return view;
}

} // namespace core::incident
