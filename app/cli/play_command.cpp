#include "app/cli/commands.h"
#include "app/cli/grade_text.h"
#include "app/cli/interactive.h"
#include "app/cli/lab_commands.h"
#include "app/cli/main_command.h"
#include "core/progress/data_folder.h"
#include "core/progress/from_session.h"
#include "core/progress/store.h"
#include "core/report/report.h"
#include "core/session/script.h"
#include "core/session/session.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

namespace app::cli {

namespace {

using core::session::Session;

constexpr sim::Duration kLineLimit = std::chrono::minutes(15);

struct PlayOptions {
    std::string incident;
    std::string cause;
    bool blind = false;
    std::uint64_t seed = 0;
    bool seedGiven = false;
    std::string language = "en";
    std::string topology = "mini";
    std::string commands;
    bool commandsGiven = false;
    std::string script;
    double speed = 10;
    std::string diagnosis;
    std::string replayOut;
    std::string reportFolder;
    bool exam = false;
    bool record = false;
};

std::string nowIso()
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

sim::Result<std::string> readScript(const std::string& path)
{
    std::ostringstream text;
    if (path == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return sim::Error{"cannot be read; check the path", path};
    text << in.rdbuf();
    return text.str();
}

sim::Result<sim::Done> writeText(const std::filesystem::path& path, const std::string& text)
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out)
        return sim::Error{"could not be written; check free space and permissions", path.string()};
    return sim::Done{};
}

core::progress::Attempt attemptOf(Session& session, const core::content::Incident& incident, const std::string& startedAt)
{
    auto attempt = core::progress::startedAttempt(session.request(), incident.title, incident.area, startedAt);
    const auto frame = session.frame();
    if (frame.incident && frame.incident->grade)
        core::progress::takeGrade(attempt, *frame.incident->grade, frame.incident->hints.taken);
    attempt.finished = true;
    attempt.durationSeconds = sim::toSeconds(session.now() - session.world().start());
    attempt.replay = session.saveReplay().text();
    attempt.fingerprint = session.fingerprint();
    return attempt;
}

int writeReports(const core::progress::Attempt& attempt, const std::string& folder, core::content::Language language)
{
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem)
        return fail(folder + ": cannot be made: " + problem.message());
    core::report::ReportOptions options;
    options.language = language;
    options.generatedAt = attempt.startedAt;
    options.programVersion = FAULTLINE_VERSION;
    const auto report = core::report::makeReport({attempt}, options);
    const std::filesystem::path base(folder);
    for (const auto& [name, text] : {std::pair{"report.html", core::report::toHtml(report)}, {"report.md", core::report::toMarkdown(report)},
                                     {"report.json", core::report::toJson(report)}, {"report.csv", core::report::toCsv(report)}})
        if (const auto written = writeText(base / name, text); !written)
            return fail(written.error().text());
    return kRan;
}

/// Keeps the attempt for `faultctl report` and the window's Progress page.
int keep(const core::progress::Attempt& attempt)
{
    auto store = core::progress::Store::open(core::progress::defaultDataFolder());
    if (!store)
        return fail(store.error().text());
    const auto id = store->finish(attempt);
    return id ? kRan : fail(id.error().text());
}

/// A script that takes the page does so when it sees fit.
bool acknowledges(const std::string& text)
{
    return text.find("# ack") != std::string::npos || text.rfind(":ack", 0) == 0 || text.find("\n:ack") != std::string::npos;
}

void runCommands(Session& session, const std::string& text, bool json, nlohmann::json& commands)
{
    const auto terminal = session.openTerminal();
    core::session::Pacer pacer; // a script's time passes only where it says so
    LabContext context{session, pacer, session.request().language};
    const auto print = [&](const core::session::ScriptStep& step) {
        if (json) {
            commands.push_back({{"at", clockText(step.at)}, {"line", step.line}, {"output", step.outcome.output},
                                {"status", step.outcome.status}, {"seconds", sim::toSeconds(step.outcome.took)}});
        } else {
            fmt::print("$ {}\n{}", step.line, step.outcome.output);
            std::fflush(stdout);
        }
    };
    const auto lab = [&](const std::string& line) {
        LabAnswer answer = runLabCommand(context, line);
        return core::session::LabOutcome{std::move(answer.text), answer.leave};
    };
    core::session::runScript(session, terminal, text, print, kLineLimit, {}, lab);
}

int play(Environment& environment, PlayOptions& options)
{
    const auto library = environment.library();
    const bool incident = !options.incident.empty();
    if (options.blind && !options.cause.empty()) {
        fail("--blind and --cause exclude each other");
        return kUsage;
    }
    if (!options.seedGiven)
        options.seed = std::random_device()() % 1'000'000; // the one choice that is meant to differ each time; printed below
    core::session::StartRequest request;
    request.incident = options.incident;
    request.cause = options.cause;
    request.topology = options.topology;
    request.seed = options.seed;
    request.blind = options.cause.empty();
    request.studyMode = !options.exam;
    request.language = options.language == "zh" ? core::content::Language::Chinese : core::content::Language::English;
    auto started = Session::start(library, request);
    if (!started)
        return fail(started.error().text());
    Session& session = **started;
    const std::string startedAt = nowIso();

    nlohmann::json commands = nlohmann::json::array();
    const bool scripted = options.commandsGiven || !options.script.empty();
    if (!scripted && isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
        interactive(session, request.language, options.speed);
    } else {
        std::string text = options.commands;
        if (!options.commandsGiven || !options.script.empty()) {
            auto read = readScript(options.script.empty() ? "-" : options.script);
            if (!read)
                return fail(read.error().text());
            text = *read;
        }
        if (incident && !acknowledges(text))
            session.acknowledge();
        runCommands(session, text, environment.json, commands);
    }
    if (!options.diagnosis.empty() && incident)
        session.diagnose(options.diagnosis, 1, {});
    const auto before = session.frame();
    if (incident && !(before.incident && before.incident->grade))
        session.close();

    int status = kRan;
    if (!options.replayOut.empty())
        if (const auto written = core::session::writeReplay(session.saveReplay(), options.replayOut); !written)
            status = fail(written.error().text());
    if (environment.json) {
        nlohmann::json out = gradeJson(session);
        out["commands"] = std::move(commands);
        fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else if (incident) {
        printGrade(session, request.language);
        fmt::print("seed {}  fingerprint {:016x}\n", options.seed, session.fingerprint());
    }
    if (incident) {
        const auto attempt = attemptOf(session, *library->incident(options.incident), startedAt);
        if (!attempt.solved)
            status = kFailed;
        if (!options.reportFolder.empty())
            if (const int wrote = writeReports(attempt, options.reportFolder, request.language); wrote != kRan)
                status = wrote;
        // Scripts and checks leave the learner's record alone unless they ask.
        if (!scripted || options.record)
            if (const int kept = keep(attempt); kept != kRan)
                status = kept;
    }
    return status;
}

void addSharedOptions(CLI::App& command, PlayOptions& options)
{
    command.add_option_function<std::uint64_t>("--seed", [&options](std::uint64_t seed) {
        options.seed = seed;
        options.seedGiven = true;
    }, "Seed of the run; the same seed and commands give the same run anywhere");
    command.add_option_function<std::string>("-c", [&options](const std::string& text) {
        options.commands = text;
        options.commandsGiven = true;
    }, "Commands to run, one or many lines; \"# advance 30s\" lets time pass, \":help\" lists the lab's own words");
    command.add_option("--script", options.script, "File with commands; - reads standard input");
    command.add_option("--speed", options.speed, "Virtual seconds per second at a terminal (1 to 120)")->check(CLI::Range(1.0, 120.0));
    command.add_option("--replay-out", options.replayOut, "Write a replay file");
}

} // namespace

void addPlayCommands(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<PlayOptions>();
    auto* command = root.add_subcommand("play", "Play an incident and be graded; without -c at a terminal: an interactive shell");
    command->add_option("INCIDENT", options->incident)->required();
    command->add_option("--cause", options->cause, "The cause to play; without it the seed chooses one, hidden");
    command->add_flag("--blind", options->blind, "Let the seed choose the cause (the default)");
    command->add_option("--lang", options->language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
    command->add_option("--diagnosis", options->diagnosis, "The cause named at the end");
    command->add_option("--report", options->reportFolder, "Folder for report.html, .md, .json and .csv of this attempt");
    command->add_flag("--exam", options->exam, "Exam mode: nothing is ruled out for you");
    command->add_flag("--record", options->record, "Keep a scripted attempt in the progress store too");
    addSharedOptions(*command, *options);
    command->callback([&environment, &status, options] { status = play(environment, *options); });

    auto shell = std::make_shared<PlayOptions>();
    auto* healthy = root.add_subcommand("shell", "The healthy lab, no incident");
    healthy->add_option("--topology", shell->topology, "Which data centre");
    addSharedOptions(*healthy, *shell);
    healthy->callback([&environment, &status, shell] {
        if (!shell->seedGiven) {
            shell->seed = 1;
            shell->seedGiven = true;
        }
        status = play(environment, *shell);
    });
}

} // namespace app::cli
