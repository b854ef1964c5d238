#include "app/cli/commands.h"
#include "app/cli/grade_text.h"
#include "app/cli/main_command.h"
#include "core/session/script.h"
#include "core/session/session.h"

#include <fmt/format.h>

namespace app::cli {

namespace {

struct ReplayOptions {
    std::string file;
    std::string until;
    bool fingerprint = false;
};

int replay(Environment& environment, const ReplayOptions& options)
{
    auto file = core::session::readReplay(options.file);
    if (!file)
        return fail(file.error().text());
    std::optional<sim::Instant> until;
    if (!options.until.empty()) {
        const auto duration = core::session::parseDuration(options.until);
        if (!duration) {
            fail("--until takes a duration since the world's start such as 12m30s, not " + options.until);
            return kUsage;
        }
        auto begin = core::session::Session::start(environment.library(), file->start);
        if (!begin)
            return fail(begin.error().text());
        until = (*begin)->world().start() + *duration;
    }
    const auto library = environment.library();
    if (file->contentHash != library->hash)
        fmt::print(stderr, "faultctl: {}: was recorded with other content; the run may differ\n", options.file);
    auto session = core::session::Session::replay(library, *file, until);
    if (!session)
        return fail(session.error().text());
    const std::uint64_t found = (*session)->fingerprint();
    const bool whole = !until || *until >= file->end;
    const bool same = !whole || found == file->fingerprint;
    if (environment.json) {
        nlohmann::json out = gradeJson(**session);
        out["fingerprint"] = fmt::format("{:016x}", found);
        out["exact"] = same;
        fmt::print("{}\n", out.dump(2));
    } else if (options.fingerprint) {
        fmt::print("{:016x}\n", found);
    } else {
        printGrade(**session, file->start.language);
        fmt::print("fingerprint {:016x}\n", found);
    }
    if (!same)
        return fail(fmt::format("{}: the file says {:016x}; it was recorded by another version or content", options.file,
                                file->fingerprint));
    return kRan;
}

} // namespace

void addReplayCommand(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<ReplayOptions>();
    auto* command = root.add_subcommand("replay", "Play a recorded session again");
    command->add_option("FILE", options->file, "Replay file")->required();
    command->add_option("--until", options->until, "Stop that long after the world's start (12m30s)");
    command->add_flag("--fingerprint", options->fingerprint, "Print only the fingerprint of the world at the end");
    command->callback([&environment, &status, options] { status = replay(environment, *options); });
}

} // namespace app::cli
