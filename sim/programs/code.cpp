#include "sim/programs/code.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace sim::programs {

namespace {

using nlohmann::json;


std::vector<std::string> wordsOf(const json& from, const char* key)
{
    return from.value(key, std::vector<std::string>{});
}

Scope scopeOf(const json& from)
{
    return {wordsOf(from, "in"), wordsOf(from, "notIn")};
}

/// Frames, with "&name" for a stack that several paths share.
Stack stackOf(const json& frames, const json& shared)
{
    Stack stack;
    for (const json& one : frames) {
        const std::string& text = one.get_ref<const std::string&>();
        if (!text.empty() && text[0] == '&')
            for (Frame& frame : stackOf(shared.at(text.substr(1)), shared))
                stack.push_back(std::move(frame));
        else
            stack.push_back(frameOf(text));
    }
    return stack;
}

Allocation allocationOf(const json& from)
{
    Allocation allocation;
    allocation.type = from.at("type");
    allocation.bytes = from.at("bytes");
    allocation.objects = from.value("objects", 1.0);
    allocation.retained = from.value("retained", 0.0);
    allocation.heldSeconds = from.value("heldSeconds", 0.0);
    allocation.scope = scopeOf(from);
    return allocation;
}

CodePath pathOf(const json& from, const json& shared)
{
    CodePath path;
    path.name = from.at("name");
    path.stack = stackOf(from.at("stack"), shared);
    path.perRequest = from.value("perRequest", 0.0);
    path.perSecond = from.value("perSecond", 0.0);
    path.cpuSeconds = from.value("cpuMicros", 0.0) / 1e6;
    path.spins = from.value("spins", 0.0);
    path.firstSeconds = from.value("firstSeconds", 0.0);
    path.lock = from.value("lock", "");
    path.holdSeconds = from.value("holdMicros", 0.0) / 1e6;
    path.waitSeconds = from.value("waitMicros", 0.0) / 1e6;
    path.systemCalls = from.value("systemCalls", std::map<std::string, double>{});
    for (const json& one : from.value("allocations", json::array()))
        path.allocations.push_back(allocationOf(one));
    for (const json& one : from.value("opens", json::array()))
        path.opens.push_back({one.at("path"), one.at("perCall")});
    path.scope = scopeOf(from);
    return path;
}

Waiting waitingOf(const json& from, const json& shared)
{
    Waiting waiting;
    waiting.thread = from.value("thread", "");
    waiting.state = from.at("state");
    waiting.count = from.value("count", 0.0);
    waiting.perRequest = from.value("perRequest", 0.0);
    waiting.pollsPerSecond = from.value("pollsPerSecond", 0.0);
    waiting.waitChannel = from.value("waitChannel", waiting.waitChannel);
    waiting.works = wordsOf(from, "works");
    waiting.daemon = from.value("daemon", true);
    waiting.stack = stackOf(from.at("stack"), shared);
    waiting.createdBy = from.value("createdBy", "");
    waiting.stackBytes = from.value("stackBytes", waiting.stackBytes);
    waiting.scope = scopeOf(from);
    return waiting;
}

std::string joined(const json& lines)
{
    std::string text;
    for (const json& line : lines)
        text += line.get<std::string>() + "\n";
    return text;
}

} // namespace

Frame frameOf(const std::string& text)
{
    const std::size_t at = text.rfind('@');
    if (at == std::string::npos)
        return {text, {}, 0};
    const std::size_t colon = text.rfind(':');
    return {text.substr(0, at), text.substr(at + 1, colon - at - 1), std::atoll(text.c_str() + colon + 1)};
}

const Version* Code::version(const std::string& text) const
{
    const auto found = std::find_if(versions.begin(), versions.end(), [&](const Version& v) { return v.version == text; });
    return found == versions.end() ? nullptr : &*found;
}

const CodePath* Code::path(const std::string& pathName) const
{
    const auto found = std::find_if(paths.begin(), paths.end(), [&](const CodePath& p) { return p.name == pathName; });
    return found == paths.end() ? nullptr : &*found;
}

Code codeOf(const json& from)
{
    static const std::map<std::string, Language> kLanguages{
        {"go", Language::Go}, {"java", Language::Java}, {"python", Language::Python}, {"native", Language::Native}};
    Code code;
    code.name = from.at("id");
    code.language = kLanguages.at(from.at("language"));
    code.executable = from.at("executable");
    code.command = from.at("command");
    code.description = from.at("description");
    code.user = from.value("user", "root");
    code.environment = wordsOf(from, "environment");
    code.port = from.value("port", 0);
    code.profilePort = from.value("profilePort", 0);
    code.requestsPerSecond = from.value("requestsPerSecond", 0.0);
    code.workers = from.value("workers", 1);
    code.baseBytes = from.at("baseMiB").get<double>() * kBytesPerMiB;
    code.startTime = fromSeconds(from.value("startSeconds", 1.0));
    code.startLog = wordsOf(from, "startLog");
    for (const json& one : from.at("baseHeap")) {
        code.baseHeap.push_back(allocationOf(one));
        code.baseHeapBytes += code.baseHeap.back().bytes;
        code.baseHeapObjects += code.baseHeap.back().objects;
    }
    for (const json& one : from.at("versions")) {
        Version version{one.at("version"), {}, one.value("kept", false)};
        const json files = one.value("files", json::object());
        for (const auto& [path, lines] : files.items())
            version.files[path] = joined(lines);
        code.versions.push_back(std::move(version));
    }
    for (const json& one : from.value("variants", json::array()))
        code.variants.push_back({one.at("name"), wordsOf(one, "versions"), one.value("file", ""), one.value("contains", ""), wordsOf(one, "startLog"), one.value("environment", "")});
    const json shared = from.value("stacks", json::object());
    for (const json& one : from.at("paths"))
        code.paths.push_back(pathOf(one, shared));
    for (const json& one : from.value("waiting", json::array()))
        code.waiting.push_back(waitingOf(one, shared));
    const json sources = from.value("sources", json::object());
    for (const auto& [file, one] : sources.items())
        code.sources[file] = {one.value("first", std::int64_t{1}), one.at("lines").get<std::vector<std::string>>()};
    return code;
}

} // namespace sim::programs
