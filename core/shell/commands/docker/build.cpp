// docker build, with BuildKit's plain progress: the plan is worked out in sim/container/docker/build.h.
#include "core/shell/commands/docker/client.h"

#include "sim/container/docker/build.h"
#include "sim/container/machine_names.h"

#include <fmt/format.h>

namespace core::shell::docker {

namespace {

using sim::container::docker::BuildOrder;
using sim::container::docker::BuildPlan;

/// The lines around the instruction that failed, as BuildKit frames them.
std::string framed(const BuildPlan& plan)
{
    std::string text = fmt::format("{}:{}\n--------------------\n", plan.dockerfileName, plan.errorLine);
    constexpr std::int64_t kAround = 2;
    const auto count = static_cast<std::int64_t>(plan.dockerfileLines.size());
    for (std::int64_t n = std::max<std::int64_t>(1, plan.errorLine - kAround); n <= std::min(count, plan.errorLastLine + kAround); ++n)
        text += fmt::format("{:4} | {} {}\n", n, n >= plan.errorLine && n <= plan.errorLastLine ? ">>>" : "   ", plan.dockerfileLines[static_cast<std::size_t>(n - 1)]);
    return text + "--------------------\n";
}

int build(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("HEAD", "/_ping"); !problem.empty())
        return client.error("ERROR: " + problem);
    const Options& o = call.options;
    BuildOrder order;
    order.context = client.inv.absolutePath(call.operands[0]);
    const auto folder = client.inv.system().stat(client.inv.place(), order.context);
    if (!folder || folder->type != FileStat::Type::Directory)
        return client.error(fmt::format("ERROR: unable to prepare context: path \"{}\" not found", call.operands[0]));
    if (o.has("file"))
        order.dockerfile = client.inv.absolutePath(o.value("file"));
    for (const std::string& tag : o.values("tag")) {
        if (!sim::container::Reference::parse(tag))
            return client.error(fmt::format("ERROR: invalid tag \"{}\": invalid reference format", tag));
        order.tags.push_back(tag);
    }
    for (const std::string& one : o.values("build-arg"))
        order.arguments[one.substr(0, one.find('='))] = one.find('=') == std::string::npos ? client.inv.variable(one).value_or("") : one.substr(one.find('=') + 1);
    order.target = o.value("target");
    order.noCache = o.has("no-cache");
    // Packages come from the site's mirrors, whose names a name server must give.
    order.network = o.value("network") != "none"
        && sim::container::resolveOnMachine(client.world().hosts(), client.world().network(), client.inv.place().host, "deb.lab").status
            != sim::container::MachineName::Status::NoAnswer;

    auto say = [&](const std::string& text) {
        if (!o.has("quiet"))
            client.inv.err().write(text);
    };
    BuildPlan plan = planBuild(client.docker(), client.world().hosts(), client.inv.now(), order);
    say("#0 building with \"default\" instance using docker driver\n\n");
    std::string pullError;
    if (!plan.missingBases.empty()) {
        for (const std::string& base : plan.missingBases) {
            const Outcome begun = client.call(sim::container::docker::PullImage{base, client.credentialsFor(base)});
            const auto id = static_cast<std::uint32_t>(std::atoll(begun.id.c_str()));
            waitWhile(client.inv, [&] {
                const auto& transfers = client.docker().transfers;
                return transfers.count(id) > 0 && !transfers.at(id).over();
            });
            pullError = begun.ok() ? client.docker().transfers.at(id).error : begun.error;
            if (!pullError.empty())
                break;
        }
        if (pullError.empty())
            plan = planBuild(client.docker(), client.world().hosts(), client.inv.now(), order);
    }
    std::size_t number = 0;
    std::string failedTitle;
    std::vector<std::string> failedLines;
    for (const auto& vertex : plan.vertices) {
        ++number;
        std::string text = fmt::format("#{} {}\n", number, vertex.title);
        for (const std::string& note : vertex.notes)
            text += fmt::format("#{} {}\n", number, note);
        if (!pullError.empty() && vertex.title.rfind("[internal] load metadata", 0) == 0) {
            const std::string name = vertex.title.substr(vertex.title.rfind(' ') + 1);
            say(text + fmt::format("#{} ERROR: {}\n", number, pullError));
            client.inv.err().write(fmt::format("------\n > {}:\n------\n", vertex.title));
            return client.error(fmt::format("ERROR: failed to solve: {0}: failed to resolve source metadata for {0}: {1}", name, pullError));
        }
        if (vertex.cached) {
            say(text + fmt::format("#{} CACHED\n\n", number));
            for (const auto& keep : vertex.keeps)
                client.call(keep);
            continue;
        }
        say(text);
        double seconds = 0;
        const double step = sim::toSeconds(vertex.took) / static_cast<double>(vertex.lines.size() + 1);
        for (const std::string& line : vertex.lines) {
            client.inv.sleep(sim::fromSeconds(step));
            seconds += step;
            say(fmt::format("#{} {:.3f} {}\n", number, seconds, line));
            failedLines.push_back(fmt::format("{:.3f} {}", seconds, line));
        }
        client.inv.sleep(sim::fromSeconds(step));
        if (!vertex.error.empty()) {
            say(fmt::format("#{} ERROR: {}\n", number, vertex.error));
            std::string frame = fmt::format("------\n > {}:\n", vertex.title);
            for (const std::string& line : failedLines)
                frame += line + "\n";
            client.inv.err().write(frame + "------\n" + framed(plan));
            return client.error("ERROR: failed to solve: " + vertex.error);
        }
        failedLines.clear();
        for (const auto& keep : vertex.keeps)
            if (const Outcome kept = client.call(keep); !kept.ok()) {
                say(fmt::format("#{} ERROR: {}\n", number, kept.error));
                return client.error("ERROR: failed to solve: " + kept.error);
            }
        say(fmt::format("#{} DONE {:.1f}s\n\n", number, sim::toSeconds(vertex.took)));
    }
    if (!plan.parseError.empty()) {
        if (plan.errorLine > 0)
            client.inv.err().write(framed(plan));
        return client.error("ERROR: failed to solve: " + plan.parseError);
    }
    if (!plan.image)
        return client.error("ERROR: failed to solve: nothing was built");
    const std::vector<std::string> tags = order.tags.empty() ? std::vector<std::string>{""} : order.tags;
    for (const std::string& tag : tags) {
        const Outcome stored = client.call(sim::container::docker::StoreImage{tag.empty() ? tag : sim::container::Reference::parse(tag)->text(), plan.image, ""});
        if (!stored.ok())
            return client.error("ERROR: failed to solve: " + stored.error);
    }
    if (o.has("quiet"))
        client.inv.print(plan.image->configDigest + "\n");
    return 0;
}

} // namespace

void addBuildVerbs(std::vector<Verb>& all)
{
    all.push_back({"image build", "build", "[OPTIONS] PATH | URL | -", "Build an image from a Dockerfile",
                   {{0, "build-arg", "list", "Set build-time variables"}, {'f', "file", "string", "Name of the Dockerfile (default: \"PATH/Dockerfile\")"}, {0, "no-cache", "", "Do not use cache when building the image"},
                    {0, "network", "string", "Set the networking mode for the \"RUN\" instructions during build (default \"default\")"}, {0, "progress", "string", "Set type of progress output (\"auto\", \"plain\", \"tty\", \"rawjson\")"},
                    {0, "pull", "", "Always attempt to pull all referenced images"}, {'q', "quiet", "", "Suppress the build output and print image ID on success"}, {'t', "tag", "list", "Name and optionally a tag (format: \"name:tag\")"},
                    {0, "target", "string", "Set the target build stage to build"}, {0, "platform", "list", "Set target platform for build"}, {0, "label", "list", "Set metadata for an image"}}, 1, 1, false, build});
    all.push_back({"builder build", "", "[OPTIONS] PATH | URL | -", "Build an image from a Dockerfile", all.back().options, 1, 1, false, build});
}

} // namespace core::shell::docker
