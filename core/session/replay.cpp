#include "core/session/replay.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace core::session {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 15> kKinds{"open-terminal", "close-terminal", "line", "key", "interrupt", "end-of-input",
                                                  "acknowledge", "hint", "diagnose", "close", "observe", "api-call", "model-ask", "model-leave",
                                                  "http-call"};
constexpr std::size_t kMaxFileBytes = 64u << 20;

sim::Error damaged(const std::string& path, std::size_t line, const std::string& what)
{
    return {what + "; ask for the file again, or replay from the last good copy", fmt::format("{}:{}", path, line)};
}

std::int64_t ns(sim::Instant t) { return t.time_since_epoch().count(); }
sim::Instant instant(std::int64_t value) { return sim::Instant(sim::Duration(value)); }

json inputJson(const Input& input)
{
    json out{{"at", ns(input.at)}, {"do", kKinds[static_cast<std::size_t>(input.kind)]}};
    if (input.terminal != 0)
        out["terminal"] = input.terminal;
    if (!input.text.empty())
        out["text"] = input.text;
    if (input.number != 0)
        out["number"] = input.number;
    if (!input.note.empty())
        out["note"] = input.note;
    if (!input.reads.empty())
        out["reads"] = input.reads;
    return out;
}

Input inputOf(const json& from)
{
    Input input;
    input.at = instant(from.at("at").get<std::int64_t>());
    const std::string kind = from.at("do");
    std::size_t index = 0;
    while (index < kKinds.size() && kKinds[index] != kind)
        ++index;
    if (index == kKinds.size())
        throw std::out_of_range("unknown input \"" + kind + "\"");
    input.kind = static_cast<Input::Kind>(index);
    input.terminal = from.value("terminal", 0);
    input.text = from.value("text", "");
    input.number = from.value("number", 0.0);
    input.note = from.value("note", "");
    if (from.contains("reads"))
        input.reads = from.at("reads").get<std::vector<std::string>>();
    return input;
}

/// Terminals may carry any bytes; the file must stay valid UTF-8.
std::string dump(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

std::string ReplayFile::text() const
{
    std::string out = dump({{"faultline-replay", kFormat}, {"program", programVersion}, {"content", fmt::format("{:016x}", contentHash)},
                            {"incident", start.incident}, {"cause", start.cause}, {"variant", start.variant}, {"topology", start.topology}, {"seed", start.seed},
                            {"blind", start.blind}, {"study", start.studyMode},
                            {"language", start.language == content::Language::Chinese ? "zh" : "en"}});
    for (const Input& input : inputs)
        out += dump(inputJson(input));
    out += dump({{"end", ns(end)}, {"inputs", inputs.size()}, {"fingerprint", fmt::format("{:016x}", fingerprint)}});
    return out;
}

sim::Result<ReplayFile> ReplayFile::parse(const std::string& text, const std::string& path)
{
    if (text.size() > kMaxFileBytes)
        return sim::Error{"is larger than any replay (64 MiB); this is no replay file", path};
    std::istringstream lines(text);
    std::string line;
    std::size_t number = 0;
    ReplayFile file;
    bool ended = false;
    try {
        while (std::getline(lines, line)) {
            ++number;
            if (line.empty())
                continue;
            const json value = json::parse(line);
            if (number == 1) {
                if (!value.is_object() || !value.contains("faultline-replay"))
                    return damaged(path, 1, "is no Faultline replay: the first line must hold \"faultline-replay\"");
                const int format = value.at("faultline-replay");
                if (format > kFormat)
                    return sim::Error{fmt::format("was written by a newer Faultline (format {}, this one reads {}); update Faultline",
                                                  format, kFormat), path + ":1"};
                file.programVersion = value.value("program", "");
                file.contentHash = std::stoull(value.value("content", "0"), nullptr, 16);
                file.start.incident = value.value("incident", "");
                file.start.cause = value.value("cause", "");
                file.start.variant = value.value("variant", "");
                file.start.topology = value.value("topology", "mini");
                file.start.seed = value.at("seed");
                file.start.blind = value.value("blind", true);
                file.start.studyMode = value.value("study", true);
                file.start.language = value.value("language", "en") == "zh" ? content::Language::Chinese : content::Language::English;
            } else if (value.contains("end")) {
                file.end = instant(value.at("end").get<std::int64_t>());
                file.fingerprint = std::stoull(value.value("fingerprint", "0"), nullptr, 16);
                if (value.value("inputs", file.inputs.size()) != file.inputs.size())
                    return damaged(path, number, "some lines are missing");
                ended = true;
            } else if (ended) {
                return damaged(path, number, "has lines after its end");
            } else {
                Input input = inputOf(value);
                if (!file.inputs.empty() && input.at < file.inputs.back().at)
                    return damaged(path, number, "goes back in time");
                file.inputs.push_back(std::move(input));
            }
        }
    } catch (const json::parse_error&) {
        return damaged(path, number, "is no valid JSON on this line");
    } catch (const json::exception& problem) {
        return damaged(path, number, std::string("a field has the wrong type (") + problem.what() + ")");
    } catch (const std::exception& problem) {
        return damaged(path, number, problem.what());
    }
    if (number == 0)
        return sim::Error{"is empty; it was probably cut off while being copied", path};
    if (!ended)
        return damaged(path, number, "is cut off: the closing line is missing");
    if (!file.inputs.empty() && file.end < file.inputs.back().at)
        return damaged(path, number, "ends before its last input");
    return file;
}

sim::Result<ReplayFile> readReplay(const std::string& path)
{
    std::error_code ignored;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path, ignored))
        return sim::Error{"cannot be read; check that the path is right, readable and no folder", path};
    std::ostringstream text;
    text << in.rdbuf();
    return ReplayFile::parse(text.str(), path);
}

sim::Result<sim::Done> writeReplay(const ReplayFile& file, const std::string& path)
{
    // Written beside and renamed, so that a full disk never leaves half a replay under the wanted name. A device or a
    // pipe (/dev/stdout) is written to as it is: renaming would put a file in its place.
    std::error_code ignored;
    const auto type = std::filesystem::status(path, ignored).type();
    const bool inPlace = type == std::filesystem::file_type::character || type == std::filesystem::file_type::fifo;
    const std::string part = inPlace ? path : path + ".part";
    {
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out << file.text();
        out.close();
        if (!out) {
            if (!inPlace)
                std::remove(part.c_str());
            return sim::Error{"the replay could not be written; check free space and permissions of the folder", path};
        }
    }
    if (!inPlace && std::rename(part.c_str(), path.c_str()) != 0) {
        std::remove(part.c_str());
        return sim::Error{"the replay could not be put in place; check the folder's permissions", path};
    }
    return sim::Done{};
}

} // namespace core::session
