// images, history, rmi, tag, save, load, image prune; and the scanner's table (trivy).
#include "core/shell/commands/docker/client.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using sim::container::docker::familiar;
using sim::container::docker::repositoryOf;
using sim::container::docker::shortId;

constexpr const char* kPruneAll = "WARNING! This will remove all images without at least one container associated to them.\nAre you sure you want to continue?";
constexpr const char* kPruneDangling = "WARNING! This will remove all dangling images.\nAre you sure you want to continue?";

int images(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/images/json"); !problem.empty())
        return client.error(problem);
    const Options& o = call.options;
    const bool full = o.has("no-trunc");
    client.note("image");
    struct Line {
        std::string repository, tag, digest, id;
        const StoredImage* image;
    };
    std::vector<Line> lines;
    for (const auto& [id, image] : client.docker().images) {
        for (const std::string& reference : image.references) {
            const std::string repository = repositoryOf(reference);
            const auto digest = image.digests.find(repository);
            lines.push_back({familiar(repository), reference.substr(repository.size() + 1), digest == image.digests.end() ? "<none>" : digest->second, id, &image});
        }
        if (image.references.empty()) {
            const std::string repository = image.digests.empty() ? std::string("<none>") : familiar(image.digests.begin()->first);
            lines.push_back({repository, "<none>", image.digests.empty() ? "<none>" : image.digests.begin()->second, id, &image});
        }
    }
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.image->image->created > b.image->image->created; });
    std::vector<Json> rows;
    for (const Line& line : lines) {
        if (!call.operands.empty()) {
            const std::string& wanted = call.operands[0];
            const std::string whole = line.repository + ":" + line.tag;
            if (wanted != line.repository && wanted != whole)
                continue;
        }
        bool passes = true;
        for (const std::string& filter : o.values("filter")) {
            if (filter == "dangling=true")
                passes = passes && line.image->references.empty();
            else if (filter == "dangling=false")
                passes = passes && !line.image->references.empty();
            else if (filter.rfind("reference=", 0) == 0)
                passes = passes && (line.repository + ":" + line.tag).find(filter.substr(10, filter.find('*') == std::string::npos ? filter.npos : filter.find('*') - 10)) == 0;
        }
        if (!passes)
            continue;
        if (o.has("quiet")) {
            client.inv.print((full ? line.id : shortId(line.id)) + "\n");
            continue;
        }
        rows.push_back({{"Containers", "N/A"}, {"CreatedAt", formatDate(line.image->image->created, "%Y-%m-%d %H:%M:%S +0000 UTC")}, {"CreatedSince", ago(line.image->image->created, client.inv.now())},
                        {"Digest", line.digest}, {"ID", full ? line.id : shortId(line.id)}, {"Repository", line.repository}, {"Size", humanSizeShort(static_cast<double>(imageBytes(*line.image)))}, {"Tag", line.tag}});
    }
    if (o.has("quiet"))
        return 0;
    const Json heads{{"CreatedAt", "CREATED AT"}, {"CreatedSince", "CREATED"}, {"Digest", "DIGEST"}, {"ID", "IMAGE ID"}, {"Repository", "REPOSITORY"}, {"Size", "SIZE"}, {"Tag", "TAG"}, {"Containers", "CONTAINERS"}};
    std::string format = o.value("format", "table");
    if (format == "table")
        format = o.has("digests") ? "table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}" : "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    std::string error;
    const auto text = formatted(format, rows, heads, error);
    if (!text)
        return client.error(error);
    client.inv.print(*text);
    return 0;
}

int history(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    std::string id;
    const StoredImage* image = client.findImage(call.operands[0], &id);
    if (image == nullptr)
        return client.daemonError("No such image: " + familiar(sim::container::Reference::parse(call.operands[0]).value_or(sim::container::Reference{.repository = call.operands[0]}).text()));
    client.note("image");
    // An image whose builder is not known has one step for each layer.
    std::vector<sim::container::BuildStep> steps = image->image->history;
    const auto withLayer = static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](const auto& s) { return !s.emptyLayer; }));
    if (withLayer != image->image->layers.size()) {
        steps.clear();
        for (const auto& layer : image->image->layers)
            steps.push_back({image->image->created, fmt::format("/bin/sh -c #(nop) COPY dir:{} in / ", layer.digest.substr(7)), "", false});
    }
    const bool full = call.options.has("no-trunc");
    std::vector<Json> rows;
    std::size_t layer = image->image->layers.size();
    for (std::size_t i = steps.size(); i-- > 0;) {
        const auto& step = steps[i];
        const std::int64_t bytes = step.emptyLayer ? 0 : image->image->layers[--layer].bytes;
        rows.push_back({{"ID", rows.empty() ? (full ? id : shortId(id)) : "<missing>"}, {"CreatedSince", ago(step.created, client.inv.now())},
                        {"CreatedBy", full ? step.createdBy : ellipsis(step.createdBy, 45)},
                        {"Size", call.options.value("human", "true") == "false" ? std::to_string(bytes) : humanSizeShort(static_cast<double>(bytes))}, {"Comment", step.comment}});
    }
    const Json heads{{"ID", "IMAGE"}, {"CreatedSince", "CREATED"}, {"CreatedBy", "CREATED BY"}, {"Size", "SIZE"}, {"Comment", "COMMENT"}};
    if (call.options.has("quiet")) {
        for (const Json& row : rows)
            client.inv.print(row["ID"].get<std::string>() + "\n");
        return 0;
    }
    std::string error;
    const auto text = formatted(call.options.value("format", "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"), rows, heads, error);
    if (!text)
        return client.error(error);
    client.inv.print(*text);
    return 0;
}

int removeImages(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("DELETE"); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        const Outcome outcome = client.call(sim::container::docker::RemoveImage{name, call.options.has("force")});
        for (const std::string& line : outcome.removed)
            client.inv.print(line + "\n");
        if (!outcome.ok()) {
            const auto parsed = sim::container::Reference::parse(name);
            status = client.daemonError(outcome.status == 404 && parsed ? "No such image: " + familiar(parsed->text()) : outcome.error);
        }
    }
    return status;
}

int tagImage(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST"); !problem.empty())
        return client.error(problem);
    const Outcome outcome = client.call(sim::container::docker::TagImage{call.operands[0], call.operands[1]});
    return outcome.ok() ? 0 : client.daemonError(outcome.error);
}

int saveImages(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/images/get"); !problem.empty())
        return client.error(problem);
    if (!call.options.has("output"))
        return client.error("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    const Outcome outcome = client.call(sim::container::docker::SaveImages{call.operands, client.inv.absolutePath(call.options.value("output"))});
    return outcome.ok() ? 0 : client.daemonError(outcome.error);
}

int loadImages(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/images/load"); !problem.empty())
        return client.error(problem);
    if (!call.options.has("input"))
        return client.error("requested load from stdin, but stdin is empty");
    const std::string path = client.inv.absolutePath(call.options.value("input"));
    const Outcome outcome = client.call(sim::container::docker::LoadImages{path});
    if (!outcome.ok())
        return client.error(outcome.status == 404 ? outcome.error : "Error response from daemon: " + outcome.error);
    for (const std::string& line : outcome.removed)
        client.inv.print(line + "\n");
    return 0;
}

int pruneImages(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/images/prune"); !problem.empty())
        return client.error(problem);
    const bool whole = call.options.has("all");
    if (!call.options.has("force") && !client.confirm(whole ? kPruneAll : kPruneDangling))
        return 0;
    const Outcome outcome = client.call(sim::container::docker::PruneImages{whole});
    if (!outcome.removed.empty()) {
        client.inv.print("Deleted Images:\n");
        for (const std::string& line : outcome.removed)
            client.inv.print(line + "\n");
        client.inv.print("\n");
    }
    client.inv.print("Total reclaimed space: " + humanSize(static_cast<double>(outcome.reclaimedBytes)) + "\n");
    return 0;
}

std::string boxed(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    const auto rule = [&](const char* left, const char* middle, const char* right) {
        std::string text = left;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            for (std::size_t n = 0; n < widths[i] + 2; ++n)
                text += "─";
            text += i + 1 < widths.size() ? middle : right;
        }
        return text + "\n";
    };
    std::string text = rule("┌", "┬", "┐");
    for (std::size_t r = 0; r < rows.size(); ++r) {
        text += "│";
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += r == 0 ? fmt::format(" {:^{}} │", rows[r][i], widths[i]) : fmt::format(" {:<{}} │", rows[r][i], widths[i]);
        text += "\n" + (r + 1 < rows.size() ? rule("├", "┼", "┤") : rule("└", "┴", "┘"));
    }
    return text;
}

int trivy(Invocation& inv)
{
    Client client(inv);
    std::vector<std::string> words;
    std::string severities;
    std::int64_t exitCode = 0;
    bool onlyFixed = false;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if ((word == "--severity" || word == "-s") && i + 1 < inv.arguments.size())
            severities = inv.arguments[++i];
        else if (word.rfind("--severity=", 0) == 0)
            severities = word.substr(11);
        else if (word == "--exit-code" && i + 1 < inv.arguments.size())
            exitCode = std::atoll(inv.arguments[++i].c_str());
        else if (word == "--ignore-unfixed")
            onlyFixed = true;
        else if (word.front() != '-')
            words.push_back(word);
    }
    if (words.size() < 2 || words[0] != "image") {
        inv.print("Usage:\n  trivy image [flags] IMAGE_NAME\n");
        return words.empty() ? 0 : 1;
    }
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error("FATAL\tFatal error\timage scan error: scan error: unable to initialize a scan service: unable to initialize an image scan service: failed to initialize an image: " + problem);
    const StoredImage* image = client.findImage(words[1]);
    if (image == nullptr)
        return client.error(fmt::format("{}\tFATAL\tFatal error\timage scan error: unable to find the specified image \"{}\" in [\"docker\" \"containerd\" \"podman\" \"remote\"]", stamp(inv.now()).substr(0, 19) + "Z", words[1]));
    client.note("image");
    inv.sleep(std::chrono::seconds(2));
    std::map<std::string, std::size_t> counts;
    std::vector<std::vector<std::string>> rows{{"Library", "Vulnerability", "Severity", "Status", "Installed Version", "Fixed Version", "Title"}};
    std::size_t total = 0;
    for (const auto& v : image->image->vulnerabilities) {
        if ((!severities.empty() && severities.find(v.severity) == std::string::npos) || (onlyFixed && v.fixed.empty()))
            continue;
        ++counts[v.severity];
        ++total;
        rows.push_back({v.package, v.id, v.severity, v.fixed.empty() ? "affected" : "fixed", v.installed, v.fixed, v.title});
    }
    const std::string title = fmt::format("{} (debian 12.8)", familiar(image->references.empty() ? words[1] : *image->references.begin()));
    inv.print(fmt::format("\n{}\n{}\n", title, std::string(title.size(), '=')));
    std::string sums;
    for (const char* severity : {"UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"})
        if (severities.empty() || severities.find(severity) != std::string::npos)
            sums += fmt::format("{}{}: {}", sums.empty() ? "" : ", ", severity, counts[severity]);
    inv.print(fmt::format("Total: {} ({})\n\n", total, sums));
    if (total > 0)
        inv.print(boxed(rows));
    return total > 0 ? static_cast<int>(exitCode) : 0;
}

} // namespace

void addTrivy(CommandTable& table)
{
    table.addRaw("trivy", "scan images for vulnerabilities", "trivy image [flags] IMAGE_NAME", trivy);
}

void addImageVerbs(std::vector<Verb>& all)
{
    const std::vector<OptionSpec> listOptions{{'a', "all", "", "Show all images (default hides intermediate images)"}, {0, "digests", "", "Show digests"},
        {'f', "filter", "filter", "Filter output based on conditions provided"}, {0, "format", "string", "Format output using a custom template"}, {0, "no-trunc", "", "Don't truncate output"},
        {'q', "quiet", "", "Only show image IDs"}};
    all.push_back({"image ls", "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images", listOptions, 0, 1, false, images, Verb::Names::Images});
    all.push_back({"image history", "history", "[OPTIONS] IMAGE", "Show the history of an image",
                   {{0, "format", "string", "Format output using a custom template"}, {'H', "human", "bool", "Print sizes and dates in human readable format (default true)"}, {0, "no-trunc", "", "Don't truncate output"},
                    {'q', "quiet", "", "Only show image IDs"}}, 1, 1, false, history, Verb::Names::Images});
    all.push_back({"image rm", "rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images", {{'f', "force", "", "Force removal of the image"}, {0, "no-prune", "", "Do not delete untagged parents"}}, 1,
                   Verb::kMany, false, removeImages, Verb::Names::Images});
    all.push_back({"image tag", "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", {}, 2, 2, false, tagImage, Verb::Names::Images});
    all.push_back({"image save", "save", "[OPTIONS] IMAGE [IMAGE...]", "Save one or more images to a tar archive (streamed to STDOUT by default)", {{'o', "output", "string", "Write to a file, instead of STDOUT"}}, 1,
                   Verb::kMany, false, saveImages, Verb::Names::Images});
    all.push_back({"image load", "load", "[OPTIONS]", "Load an image from a tar archive or STDIN", {{'i', "input", "string", "Read from tar archive file, instead of STDIN"}, {'q', "quiet", "", "Suppress the load output"}},
                   0, 0, false, loadImages});
    all.push_back({"image prune", "", "[OPTIONS]", "Remove unused images",
                   {{'a', "all", "", "Remove all unused images, not just dangling ones"}, {0, "filter", "filter", "Provide filter values (e.g. \"until=<timestamp>\")"}, {'f', "force", "", "Do not prompt for confirmation"}},
                   0, 0, false, pruneImages});
}

} // namespace core::shell::docker
