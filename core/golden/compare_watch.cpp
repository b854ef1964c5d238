#include "core/golden/compare_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace core::golden {

namespace {

using nlohmann::json;

std::string textOf(const json& line, const char* key)
{
    const auto found = line.find(key);
    return found == line.end() || found->is_null() ? std::string() : found->is_string() ? found->get<std::string>() : found->dump();
}

/// "Ready=False (ContainersNotReady)", in the order of types: who wrote first is no matter.
std::string conditionsText(const json& conditions)
{
    std::set<std::string> all;
    for (const json& one : conditions) {
        const json named = one.is_array() ? json{{"type", one.at(0)}, {"status", one.at(1)}, {"reason", one.at(2)}, {"message", one.at(3)}} : one;
        std::string text = textOf(named, "type") + "=" + textOf(named, "status");
        if (const std::string reason = textOf(named, "reason"); !reason.empty())
            text += " (" + reason + ")";
        if (const std::string message = textOf(named, "message"); !message.empty())
            text += " \"" + message + "\"";
        all.insert(std::move(text));
    }
    std::string text;
    for (const std::string& one : all)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

/// What one line says of its object. Equal neighbours count once.
std::string stateOf(const WatchLine& line, const Masking& masking)
{
    const json& body = line.body;
    std::string type = textOf(body, "type");
    const bool gone = type == "DELETED";
    std::string text = gone ? "gone" : body.contains("deletionTimestamp") ? "going" : "there";
    if (gone)
        return text;
    if (line.kind == "pods") {
        if (const std::string node = textOf(body, "node"); !node.empty())
            text += " on " + masking.nodeClass(node);
        text += " " + textOf(body, "phase");
        if (const std::string nominated = textOf(body, "nominated"); !nominated.empty())
            text += " nominated " + masking.nodeClass(nominated);
        text += " " + conditionsText(body.at("conditions"));
    } else if (line.kind == "endpointslices") {
        const json& ports = body.at("ports");
        text += " ports " + (ports.is_null() ? std::string("[]") : ports.dump());
    } else {
        text += fmt::format(" generation {} replicas {}", textOf(body, "generation"), textOf(body, "replicas"));
        const auto conditions = body.at("status").find("conditions");
        if (body.at("status").is_object() && conditions != body.at("status").end())
            text += " " + conditionsText(*conditions);
    }
    return masking.masked(text);
}

using Lives = std::map<std::string, std::vector<std::string>>; ///< kind -> lines to compare

/// While a rollout is under way its status tells how far it was whenever the controller looked, which is chance. What
/// counts is where it came from and what came of it: such states go when another of the same generation follows.
bool isOnTheWay(const std::string& kind, const std::string& state)
{
    const auto says = [&](const char* text) { return state.find(text) != std::string::npos; };
    return kind == "deployments" && says("Available=")
        && (says("Progressing=True (ReplicaSetUpdated)") || says("Progressing=True (NewReplicaSetCreated)") || says("Progressing=True (FoundNewReplicaSet)"));
}

std::string generationIn(const std::string& state)
{
    const std::size_t at = state.find(" generation ");
    return at == std::string::npos ? std::string() : state.substr(at, state.find(' ', at + 12) - at);
}

std::vector<std::string> withoutWays(const std::string& kind, const std::vector<std::string>& states)
{
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < states.size(); ++i) {
        const bool followed = i + 1 < states.size() && generationIn(states[i]) == generationIn(states[i + 1]);
        if (isOnTheWay(kind, states[i]) && followed)
            continue;
        if (kept.empty() || kept.back() != states[i])
            kept.push_back(states[i]);
    }
    return kept;
}

/// Each object's states in order, under its masked name.
void addObjects(const std::vector<WatchLine>& lines, const Masking& masking, Lives& lives)
{
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> objects;
    for (const WatchLine& line : lines) {
        if (line.kind == "events")
            continue;
        auto& states = objects[{line.kind, line.name}];
        std::string state = stateOf(line, masking);
        if (states.empty() || states.back() != state)
            states.push_back(std::move(state));
    }
    for (const auto& [key, states] : objects) {
        std::string text = masking.masked(key.second) + ":";
        for (const std::string& state : withoutWays(key.first, states))
            text += "\n    " + state;
        lives[key.first].push_back(std::move(text));
    }
}

/// What was said of each object, in order and with the last count.
void addEvents(const std::vector<WatchLine>& lines, const Masking& masking, Lives& lives)
{
    struct Said {
        std::string name;
        std::string text;
        std::string count;
    };
    std::map<std::string, std::vector<Said>> about;
    for (const WatchLine& line : lines) {
        if (line.kind != "events" || textOf(line.body, "type") == "DELETED")
            continue;
        auto& said = about[textOf(line.body, "regarding")];
        const auto known = std::find_if(said.begin(), said.end(), [&](const Said& one) { return one.name == line.name; });
        const std::string count = textOf(line.body, "count");
        const std::string text = masking.masked(textOf(line.body, "type") + " " + textOf(line.body, "reason") + " "
                                                + textOf(line.body, "reportingComponent") + ": " + textOf(line.body, "message"));
        if (known != said.end()) {
            known->count = count;
            known->text = text;
        } else {
            said.push_back({line.name, text, count});
        }
    }
    for (const auto& [object, said] : about) {
        std::string text = masking.masked(object) + ":";
        for (const Said& one : said)
            text += "\n    " + one.text + (one.count.empty() || one.count == "1" ? "" : " (" + one.count + " times)");
        lives["events"].push_back(std::move(text));
    }
}

Lives livesOf(const std::vector<WatchLine>& lines, const Masking& masking)
{
    Lives lives;
    addObjects(lines, masking, lives);
    addEvents(lines, masking, lives);
    for (auto& [kind, texts] : lives)
        std::sort(texts.begin(), texts.end());
    return lives;
}

std::vector<std::string> linesOf(const std::vector<std::string>& texts)
{
    std::vector<std::string> lines;
    for (const std::string& text : texts)
        for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            lines.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
    return lines;
}

} // namespace

void compareWatches(const std::vector<WatchLine>& expected, const std::vector<WatchLine>& got, const Masking& masking,
                    std::vector<Difference>& differences)
{
    Lives wanted = livesOf(expected, masking);
    Lives found = livesOf(got, masking);
    for (const auto& [kind, texts] : wanted)
        found.try_emplace(kind);
    for (const auto& [kind, texts] : found)
        compareLines(linesOf(wanted[kind]), linesOf(texts), -1, "watch of " + kind, differences);
}

} // namespace core::golden
