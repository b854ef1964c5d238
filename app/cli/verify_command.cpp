#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/session/verify.h"

#include <fmt/format.h>

namespace app::cli {

namespace {

int verify(Environment& environment, const std::string& subject, const std::vector<std::uint64_t>& seeds)
{
    core::session::VerifyOptions options;
    options.incident = subject.substr(0, subject.find('/'));
    if (subject.find('/') != std::string::npos)
        options.cause = subject.substr(subject.find('/') + 1);
    options.seeds = seeds;
    const auto* incident = environment.library()->incident(options.incident);
    if (!options.incident.empty() && incident == nullptr)
        return fail("no such incident: " + options.incident + "; `faultctl incidents` lists them");
    if (incident != nullptr && !options.cause.empty() && incident->cause(options.cause) == nullptr)
        return fail("no such cause: " + options.cause + "; `faultctl causes " + incident->id + "` lists them");
    const auto print = [&](const core::session::Verdict& verdict) {
        if (!environment.json)
            fmt::print("{} {:5.1f}  {}{}{}\n", verdict.passed ? "ok  " : "FAIL", verdict.score, verdict.subject,
                       verdict.detail.empty() ? "" : ": ", verdict.detail);
    };
    const auto verdicts = core::session::verify(environment.library(), options, print);
    std::size_t failed = 0;
    nlohmann::json out = nlohmann::json::array();
    for (const auto& verdict : verdicts) {
        failed += verdict.passed ? 0 : 1;
        out.push_back({{"subject", verdict.subject}, {"passed", verdict.passed}, {"score", verdict.score}, {"detail", verdict.detail}});
    }
    if (environment.json)
        fmt::print("{}\n", out.dump(2));
    else
        fmt::print("{} passed, {} failed\n", verdicts.size() - failed, failed);
    return failed == 0 && !verdicts.empty() ? kRan : kFailed;
}

} // namespace

void addVerifyCommand(CLI::App& root, Environment& environment, int& status)
{
    auto subject = std::make_shared<std::string>();
    auto seeds = std::make_shared<std::vector<std::uint64_t>>(std::vector<std::uint64_t>{1, 2});
    auto* command = root.add_subcommand("verify", "Play reference runs and wrong bots; check that causes look alike");
    command->add_option("SUBJECT", *subject, "INCIDENT or INCIDENT/CAUSE; all when left out");
    command->add_option("--seeds", *seeds, "Seeds to play");
    command->callback([&environment, &status, subject, seeds] { status = verify(environment, *subject, *seeds); });
}

} // namespace app::cli
