#include "core/session/verify.h"

#include "core/content/pattern.h"
#include "core/session/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace core::session {

namespace {

constexpr double kReferenceAtLeast = 95;
constexpr double kWrongBelow = 50;
constexpr sim::Duration kLineLimit = std::chrono::minutes(15);

using Fill = std::function<std::string(const std::string&)>;

struct Played {
    std::unique_ptr<Session> session;
    std::string error;
    double score = 0;
    bool solved = false;
    std::string parts;
};

class Verifier {
public:
    Verifier(std::shared_ptr<const content::Library> library, const std::function<void(const Verdict&)>& onVerdict)
        : m_library(std::move(library)), m_onVerdict(onVerdict)
    {
    }

    void run(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed)
    {
        const std::string subject = fmt::format("{}/{}{}{} seed {}", incident.id, cause.id, variant.empty() ? "" : "/", variant, seed);
        reference(incident, cause, variant, seed, subject);
        lookAlike(incident, cause, variant, seed, subject);
        if (cause.id == "no-fault") {
            untouched(incident, cause, variant, seed, subject);
            return;
        }
        bot(incident, cause, variant, seed, subject + ": restarter", restarter(incident), guess(incident, seed));
        bot(incident, cause, variant, seed, subject + ": deleter", deleter(incident), guess(incident, seed));
        bot(incident, cause, variant, seed, subject + ": guesser", guesser(), guess(incident, seed));
        // The harshest case: no evidence, but the right answer by luck.
        bot(incident, cause, variant, seed, subject + ": lucky guesser", guesser(), cause.id);
    }

    std::vector<Verdict> verdicts;

private:
    Played start(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed)
    {
        Played played;
        StartRequest request;
        request.incident = incident.id;
        request.cause = cause.id;
        request.variant = variant;
        request.seed = seed;
        if (!m_begun || m_asked != request) {
            auto started = Session::start(m_library, request);
            if (!started) {
                played.error = started.error().text();
                return played;
            }
            m_begun = std::move(*started);
            m_asked = request;
        }
        played.session = m_begun->again();
        return played;
    }

    void play(Played& played, const std::string& script)
    {
        Session& session = *played.session;
        const TerminalId terminal = session.openTerminal();
        const Fill fill = [&session](const std::string& line) {
            return session.run() == nullptr ? line : content::fillText(line, session.run()->placeholders());
        };
        runScript(session, terminal, script, {}, kLineLimit, fill);
        if (session.run() != nullptr && !session.run()->closed())
            session.close();
        const Frame frame = session.frame();
        const GradeView& grade = *frame.incident->grade;
        played.score = grade.score;
        played.solved = grade.solved;
        for (const ScorePart& part : grade.parts)
            played.parts += fmt::format("{}{} {:.1f}/{:.0f}", played.parts.empty() ? "" : ", ", part.id, part.points, part.outOf);
    }

    void say(std::string subject, bool passed, double score, std::string detail)
    {
        verdicts.push_back({std::move(subject), passed, score, std::move(detail)});
        if (m_onVerdict)
            m_onVerdict(verdicts.back());
    }

    void reference(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed,
                   const std::string& subject)
    {
        Played played = start(incident, cause, variant, seed);
        if (!played.session) {
            say(subject + ": reference", false, 0, played.error);
            return;
        }
        play(played, cause.referenceFor(variant));
        say(subject + ": reference", played.solved && played.score >= kReferenceAtLeast, played.score,
            played.solved ? played.parts : "not solved; " + played.parts);
        replayed(*played.session, subject);
    }

    /// The reference run again from its replay file, to the same fingerprint.
    void replayed(const Session& session, const std::string& subject)
    {
        const ReplayFile file = session.saveReplay();
        const auto parsed = ReplayFile::parse(file.text(), "replay");
        if (!parsed) {
            say(subject + ": replay", false, 0, parsed.error().text());
            return;
        }
        const auto again = Session::replay(m_library, *parsed);
        const bool same = again && (*again)->fingerprint() == file.fingerprint;
        say(subject + ": replay", same, 0, same ? fmt::format("{} bytes", file.text().size())
                                               : again ? std::string("another fingerprint") : again.error().text());
    }

    void untouched(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed,
                   const std::string& subject)
    {
        Played played = start(incident, cause, variant, seed);
        if (!played.session) {
            say(subject + ": heals untouched", false, 0, played.error);
            return;
        }
        played.session->runFor(std::chrono::minutes(20));
        const double success = played.session->world().telemetry().mean("sli.success", std::chrono::minutes(1));
        say(subject + ": heals untouched", success > incident.impact.sliTarget, success * 100, fmt::format("success {:.4f}", success));
    }

    void bot(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed,
             const std::string& subject, const std::string& script, const std::string& answer)
    {
        Played played = start(incident, cause, variant, seed);
        if (!played.session) {
            say(subject, false, 0, played.error);
            return;
        }
        play(played, script + "# diagnose " + answer + "\n# close\n");
        say(subject, played.score < kWrongBelow, played.score, played.parts);
    }

    void lookAlike(const content::Incident& incident, const content::Cause& cause, const std::string& variant, std::uint64_t seed,
                   const std::string& subject)
    {
        Played played = start(incident, cause, variant, seed);
        if (!played.session) {
            say(subject + ": look-alike", false, 0, played.error);
            return;
        }
        Session& session = *played.session;
        session.acknowledge();
        const TerminalId terminal = session.openTerminal();
        for (const std::string& command : incident.obviousCommands)
            session.runLine(terminal, content::fillText(command, session.run()->placeholders()));
        const int left = session.frame().incident->causesLeft;
        say(subject + ": look-alike", left >= 2, left, fmt::format("{} causes left after the obvious commands", left));
    }

    static std::string guess(const content::Incident& incident, std::uint64_t seed)
    {
        sim::RandomStream random(seed, "verify/guess");
        return incident.causes[random.below(incident.causes.size())].id;
    }
    /// Whatever runs for the suffering service, and the machines it may run on; training pods have no Deployment to restart.
    static std::string restarter(const content::Incident& incident)
    {
        const std::string ns = incident.service.substr(0, incident.service.find('/'));
        return "# ack\n"
               "for d in $(kubectl -n " + ns + " get deployments -o name); do kubectl -n " + ns + " rollout restart $d; done\n"
               "kubectl -n " + ns + " delete pods -l training.kubeflow.org/job-name --wait=false\n"
               "for n in $(kubectl get nodes -l '!node-role.kubernetes.io/control-plane' -o name | cut -d/ -f2); do"
               " ssh $n systemctl restart containerd kubelet; done\n"
               "ssh docker-1 'docker restart $(docker ps -aq)'\n"
               "ssh registry systemctl restart registry\n# advance 10m\n";
    }
    static std::string deleter(const content::Incident& incident)
    {
        const std::size_t slash = incident.service.find('/');
        const std::string ns = incident.service.substr(0, slash);
        const std::string name = incident.service.substr(slash + 1);
        return "# ack\n"
               "kubectl -n " + ns + " delete pods --all --wait=false\n"
               "# advance 5m\n"
               "ssh docker-1 docker rm -f web\n"
               "kubectl -n " + ns + " delete deployment " + name + " --wait=false\n"
               "kubectl -n " + ns + " delete pytorchjob " + name + " --wait=false\n# advance 5m\n";
    }
    static std::string guesser() { return "# ack\n# advance 1m\n"; }

    std::shared_ptr<const content::Library> m_library;
    StartRequest m_asked;
    std::unique_ptr<Session> m_begun; ///< by it: nobody plays this one
    const std::function<void(const Verdict&)>& m_onVerdict;
};

} // namespace

std::vector<Verdict> verify(std::shared_ptr<const content::Library> library, const VerifyOptions& options,
                            const std::function<void(const Verdict&)>& onVerdict)
{
    Verifier verifier(library, onVerdict);
    for (const content::Incident& incident : library->incidents) {
        if (!options.incident.empty() && incident.id != options.incident)
            continue;
        for (const content::Cause& cause : incident.causes) {
            if (!options.cause.empty() && cause.id != options.cause)
                continue;
            const std::vector<std::string> variants = cause.variants.empty() ? std::vector<std::string>{""} : cause.variants;
            for (const std::string& variant : variants)
                for (const std::uint64_t seed : options.seeds)
                    verifier.run(incident, cause, variant, seed);
        }
    }
    return std::move(verifier.verdicts);
}

} // namespace core::session
