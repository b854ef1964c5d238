#include "core/golden/recording.h"

#include "sim/kube/api/time_text.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace core::golden {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

sim::Result<std::string> readFile(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return sim::Error{"cannot be read", path.string()};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

sim::Result<json> readJson(const fs::path& path)
{
    const auto text = readFile(path);
    if (!text)
        return text.error();
    json parsed = json::parse(*text, nullptr, false);
    if (parsed.is_discarded())
        return sim::Error{"is no JSON", path.string()};
    return parsed;
}

std::string memberText(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

/// A count or a quantity: 4 or "16Gi".
std::string quantityText(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

sim::kube::FakeNode nodeOf(const json& from)
{
    sim::kube::FakeNode node;
    node.name = from.at("name");
    for (const auto& [key, resource] : {std::pair{"cpu", "cpu"}, {"memory", "memory"}, {"pods", "pods"}, {"gpu", "nvidia.com/gpu"}})
        if (from.contains(key))
            node.capacity[resource] = sim::kube::Quantity{quantityText(from.at(key))};
    if (from.contains("labels"))
        for (const auto& [key, value] : from.at("labels").items())
            node.labels[key] = value.get<std::string>();
    if (from.contains("taints"))
        for (const json& taint : from.at("taints")) {
            sim::kube::Taint one;
            one.key = taint.at("key");
            one.value = taint.value("value", "");
            one.effect = taint.at("effect");
            node.taints.push_back(std::move(one));
        }
    node.unschedulable = from.value("unschedulable", false);
    node.ready = from.value("ready", true);
    return node;
}

sim::Result<Step> stepOf(const fs::path& folder, const json& from)
{
    Step step;
    step.at = from.at("t");
    if (from.contains("note")) {
        step.kind = Step::Kind::Note;
        step.command = from.at("note");
        return step;
    }
    step.user = memberText(from, "user");
    if (from.contains("http")) {
        step.kind = Step::Kind::Http;
        step.command = from.at("http");
        if (!from.at("body").is_null())
            step.input = from.at("body").dump();
        step.contentType = memberText(from, "ctype");
        step.status = from.at("status");
        step.response = from.at("response");
        return step;
    }
    step.command = from.at("cmd");
    step.took = from.at("dur");
    step.status = from.at("rc");
    step.output = memberText(from, "stdout");
    step.errors = memberText(from, "stderr");
    if (const std::string input = memberText(from, "stdin"); !input.empty()) {
        auto text = readFile(folder / input);
        if (!text)
            return text.error();
        step.input = std::move(*text);
    }
    return step;
}

/// The nanoseconds that an Event's name ends in, where it was written by a recorder.
std::optional<sim::Instant> instantInName(const std::string& name)
{
    constexpr std::size_t kDigits = 16;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || name.size() - dot - 1 != kDigits)
        return std::nullopt;
    std::int64_t nanoseconds = 0;
    const auto [end, error] = std::from_chars(name.data() + dot + 1, name.data() + name.size(), nanoseconds, 16);
    if (error != std::errc() || end != name.data() + name.size())
        return std::nullopt;
    return sim::Instant(sim::Duration(nanoseconds));
}

/// Second 0 by the clock on the wall. A watch tells of an Event a little after its time, so the latest
/// difference is the nearest.
std::optional<sim::Instant> startByEvents(const Recording& recording)
{
    std::optional<sim::Instant> start;
    for (const WatchLine& line : recording.watch) {
        if (line.kind != "events")
            continue;
        // An event that is counted up keeps the name of its first time.
        const json& count = line.body.at("count");
        const auto made = count.is_null() || count == 1 ? instantInName(line.name) : std::nullopt;
        if (!made)
            continue;
        const sim::Instant begun = *made - sim::fromSeconds(line.at);
        if (!start || *start < begun)
            start = begun;
    }
    return start;
}

/// The same from the objects' creation, to the second.
std::optional<sim::Instant> startByCreation(const json& objects)
{
    std::optional<sim::Instant> start;
    const auto look = [&](const json& object) {
        const auto made = sim::kube::parseRfc3339(memberText(object.at("metadata"), "creationTimestamp"));
        if (made && (!start || *made < *start))
            start = *made;
    };
    for (const json& node : objects.value("nodes", json::array()))
        look(node);
    return start;
}

// A case without events, nodes or objects tells no time: any will do.
constexpr const char* kAnyStart = "2026-11-24T00:00:00Z";

} // namespace

std::vector<std::string> Recording::namespaces() const
{
    std::vector<std::string> names;
    for (const auto& [key, value] : objects.items())
        if (value.is_object())
            names.push_back(key);
    // A namespace that was deleted on the way is told of by the commands alone.
    for (const Step& step : steps) {
        const std::size_t option = step.command.find("kubectl -n ");
        if (option != 0)
            continue;
        const std::size_t begin = std::string_view("kubectl -n ").size();
        names.push_back(step.command.substr(begin, step.command.find(' ', begin) - begin));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool Recording::lists(const std::string& plural, const std::string& object) const
{
    for (const auto& [space, kinds] : objects.items()) {
        const auto found = kinds.is_object() ? kinds.find(plural) : kinds.end();
        if (!kinds.is_object() || found == kinds.end())
            continue;
        for (const json& one : *found)
            if (one.at("metadata").value("name", "") == object)
                return true;
    }
    return false;
}

std::vector<std::string> casesIn(const std::string& folder)
{
    std::error_code ignored;
    if (fs::exists(fs::path(folder) / "steps.json", ignored))
        return {folder};
    std::vector<std::string> cases;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (fs::exists(entry.path() / "steps.json", ignored))
            cases.push_back(entry.path().string());
    std::sort(cases.begin(), cases.end());
    return cases;
}

sim::Result<Recording> readRecording(const std::string& folderName)
{
    const fs::path folder = fs::path(folderName).lexically_normal();
    Recording recording;
    recording.name = folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
    const auto steps = readJson(folder / "steps.json");
    if (!steps)
        return steps.error();
    const auto nodes = readJson(folder / "nodes.json");
    if (!nodes)
        return nodes.error();
    auto objects = readJson(folder / "objects.json");
    if (!objects)
        return objects.error();
    recording.objects = std::move(*objects);
    try {
        for (const json& node : *nodes)
            recording.nodes.push_back(nodeOf(node));
        for (const json& from : *steps) {
            auto step = stepOf(folder, from);
            if (!step)
                return step.error();
            recording.steps.push_back(std::move(*step));
        }
        std::ifstream watch(folder / "watch.jsonl");
        for (std::string line; std::getline(watch, line);) {
            json body = json::parse(line);
            recording.watch.push_back({body.at("t"), body.at("kind"), body.at("name"), body});
        }
        for (const auto& [file, part] : {std::pair{"placement.json", &recording.placement}, {"scores.json", &recording.scores}, {"trace.json", &recording.trace}})
            if (fs::exists(folder / file)) {
                auto read = readJson(folder / file);
                if (!read)
                    return read.error();
                *part = std::move(*read);
            }
    } catch (const json::exception& problem) {
        return sim::Error{std::string("is no recorded case: ") + problem.what(), folder.string()};
    }
    std::optional<sim::Instant> start = startByEvents(recording);
    if (!start)
        start = startByCreation(recording.objects);
    recording.start = start ? *start : *sim::kube::parseRfc3339(kAnyStart);
    return recording;
}

} // namespace core::golden
