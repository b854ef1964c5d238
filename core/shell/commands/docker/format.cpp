#include "core/shell/commands/docker/client.h"

#include "core/shell/cell_width.h"
#include "core/shell/commands/kubectl/go_template.h"
#include "core/shell/text/dates.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace core::shell::docker {

namespace {

/// C's %.Ng.
std::string general(double value, int digits)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

std::string sized(double bytes, double base, const char* const* units, std::size_t count, int digits)
{
    std::size_t unit = 0;
    while (bytes >= base && unit + 1 < count) {
        bytes /= base;
        ++unit;
    }
    return general(bytes, digits) + units[unit];
}

constexpr const char* kDecimal[] = {"B", "kB", "MB", "GB", "TB", "PB"};
constexpr const char* kBinary[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

std::string unescaped(std::string text)
{
    for (const auto& [from, to] : {std::pair("\\t", "\t"), std::pair("\\n", "\n")})
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 1)
            text.replace(at, 2, to);
    return text;
}

const Json* valueAt(const Json& value, const std::string& path)
{
    const Json* at = &value;
    for (std::size_t begin = 1; begin <= path.size() && path.size() > 1;) {
        const auto end = std::min(path.find('.', begin), path.size());
        const std::string key = path.substr(begin, end - begin);
        if (!at->is_object() || !at->contains(key))
            return nullptr;
        at = &(*at)[key];
        begin = end + 1;
    }
    return at;
}

} // namespace

std::string humanSize(double bytes) { return sized(bytes, 1000, kDecimal, std::size(kDecimal), 4); }
std::string humanSizeShort(double bytes) { return sized(bytes, 1000, kDecimal, std::size(kDecimal), 3); }
std::string memorySize(double bytes) { return sized(bytes, 1024, kBinary, std::size(kBinary), 4); }

std::string humanDuration(sim::Duration age)
{
    const std::int64_t seconds = age / std::chrono::seconds(1);
    const std::int64_t minutes = seconds / 60;
    const auto hours = static_cast<std::int64_t>(sim::toSeconds(age) / 3600 + 0.5);
    if (seconds < 1)
        return "Less than a second";
    if (seconds == 1)
        return "1 second";
    if (seconds < 60)
        return fmt::format("{} seconds", seconds);
    if (minutes == 1)
        return "About a minute";
    if (minutes < 60)
        return fmt::format("{} minutes", minutes);
    if (hours == 1)
        return "About an hour";
    if (hours < 48)
        return fmt::format("{} hours", hours);
    if (hours < 24 * 7 * 2)
        return fmt::format("{} days", hours / 24);
    if (hours < 24 * 30 * 2)
        return fmt::format("{} weeks", hours / 24 / 7);
    if (hours < 24 * 365 * 2)
        return fmt::format("{} months", hours / 24 / 30);
    return fmt::format("{} years", seconds / 3600 / 24 / 365);
}

std::string ago(sim::Instant at, sim::Instant now)
{
    return at.time_since_epoch().count() == 0 ? "N/A" : humanDuration(now - at) + " ago";
}

std::string ellipsis(const std::string& text, std::size_t width)
{
    return text.size() <= width ? text : text.substr(0, width - 1) + "…";
}

std::string stamp(sim::Instant at)
{
    if (at.time_since_epoch().count() == 0)
        return "0001-01-01T00:00:00Z";
    const std::int64_t nano = at.time_since_epoch().count() % 1'000'000'000;
    std::string fraction = fmt::format("{:09}", nano);
    return fmt::format("{}.{}Z", formatDate(at, "%Y-%m-%dT%H:%M:%S"), fraction);
}

std::string columns(const std::vector<std::vector<std::string>>& rows)
{
    constexpr std::size_t kLeast = 10;
    constexpr std::size_t kPadding = 3;
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            widths.resize(std::max(widths.size(), i + 1));
            widths[i] = std::max(widths[i], std::max(kLeast, static_cast<std::size_t>(cellWidth(row[i])) + kPadding));
        }
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += row[i] + (i + 1 < row.size() ? std::string(widths[i] - static_cast<std::size_t>(cellWidth(row[i])), ' ') : std::string());
        text += "\n";
    }
    return text;
}

std::optional<std::string> byTemplate(const std::string& text, const Json& value, std::string& error)
{
    // docker adds a function `json` to Go's own.
    std::string rest = unescaped(text);
    std::string made;
    for (;;) {
        const auto at = rest.find("{{json ");
        const auto end = at == std::string::npos ? at : rest.find("}}", at);
        if (end == std::string::npos)
            break;
        const auto before = byTemplate(rest.substr(0, at), value, error);
        if (!before)
            return std::nullopt;
        std::string path = rest.substr(at + 7, end - at - 7);
        while (!path.empty() && path.back() == ' ')
            path.pop_back();
        const Json* found = valueAt(value, path);
        made += *before + (found == nullptr ? "null" : found->dump(-1, ' ', false, Json::error_handler_t::replace));
        rest.erase(0, end + 2);
    }
    std::string problem;
    const auto parsed = kubectl::GoTemplate::parse(rest, problem);
    if (!parsed) {
        error = "template parsing error: template: " + problem;
        return std::nullopt;
    }
    const auto printed = parsed->print(kubectl::Json(value), problem);
    if (!printed) {
        error = "template parsing error: template: " + problem;
        return std::nullopt;
    }
    return made + *printed;
}

std::optional<std::string> formatted(const std::string& format, const std::vector<Json>& rows, const Json& heads, std::string& error)
{
    if (format == "json") {
        std::string text;
        for (const Json& row : rows)
            text += row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
        return text;
    }
    const bool table = format.rfind("table", 0) == 0;
    std::string pattern = table ? format.substr(format.find_first_not_of(" \t", 5) == std::string::npos ? format.size() : format.find_first_not_of(" \t", 5)) : format;
    std::vector<std::vector<std::string>> lines;
    std::string text;
    const auto add = [&](const Json& row) {
        const auto line = byTemplate(pattern, row, error);
        if (!line)
            return false;
        if (!table) {
            text += *line + "\n";
            return true;
        }
        lines.emplace_back(1);
        for (const char c : *line)
            if (c == '\t')
                lines.back().emplace_back();
            else
                lines.back().back() += c;
        return true;
    };
    if (table && !add(heads))
        return std::nullopt;
    for (const Json& row : rows)
        if (!add(row))
            return std::nullopt;
    return table ? columns(lines) : text;
}

std::optional<std::int64_t> bytesOf(const std::string& text)
{
    std::size_t used = 0;
    double value = 0;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    std::string unit = text.substr(used);
    unit = sim::lowered(unit);
    if (!unit.empty() && unit.back() == 'b' && unit.size() > 1)
        unit.pop_back();
    if (!unit.empty() && unit.back() == 'i')
        unit.pop_back();
    const int shift = unit.empty() || unit == "b" ? 0 : unit == "k" ? 10 : unit == "m" ? 20 : unit == "g" ? 30 : unit == "t" ? 40 : -1;
    if (shift < 0)
        return std::nullopt;
    return static_cast<std::int64_t>(value * static_cast<double>(std::int64_t{1} << shift));
}

const char* stateWord(const Container& container)
{
    switch (container.state) {
    case Container::State::Created: return "created";
    case Container::State::Running: return "running";
    case Container::State::Paused: return "paused";
    case Container::State::Restarting: return "restarting";
    case Container::State::Exited: return "exited";
    case Container::State::Dead: return "dead";
    }
    return "";
}

std::string statusText(const Container& container, sim::Instant now)
{
    const std::string health = container.health.status == "starting" ? " (health: starting)"
        : container.health.status.empty()                            ? std::string()
                                                                     : " (" + container.health.status + ")";
    switch (container.state) {
    case Container::State::Created: return "Created";
    case Container::State::Running: return fmt::format("Up {}{}", humanDuration(now - container.started), health);
    case Container::State::Paused: return fmt::format("Up {} (Paused)", humanDuration(now - container.started));
    case Container::State::Restarting: return fmt::format("Restarting ({}) {} ago", container.exitCode, humanDuration(now - container.finished));
    case Container::State::Exited: return fmt::format("Exited ({}) {} ago", container.exitCode, humanDuration(now - container.finished));
    case Container::State::Dead: return "Dead";
    }
    return {};
}

std::string portsText(const Container& container)
{
    if (!container.runs())
        return {};
    std::vector<std::string> parts;
    std::vector<std::string> mapped;
    for (const std::string& exposed : container.settings.exposed) {
        const bool udp = exposed.find("/udp") != std::string::npos;
        const std::int64_t port = std::atoll(exposed.c_str());
        if (std::none_of(container.bindings.begin(), container.bindings.end(),
                         [&](const auto& b) { return b.wanted.containerPort == port && b.wanted.udp == udp; }))
            parts.push_back(exposed);
    }
    for (const auto& binding : container.bindings)
        mapped.push_back(fmt::format("{}:{}->{}/{}", binding.wanted.address.value_or(sim::net::Ipv4{}).text(), binding.hostPort,
                                     binding.wanted.containerPort, binding.wanted.udp ? "udp" : "tcp"));
    parts.insert(parts.end(), mapped.begin(), mapped.end());
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string commandText(const Container& container)
{
    std::string text;
    const auto add = [&](const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            const bool plain = !word.empty() && word.find_first_of(" \t\"'\\$;&|<>(){}*?") == std::string::npos;
            text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
        }
    };
    add(*container.settings.entrypoint);
    add(container.settings.command);
    return text;
}

std::int64_t bytesBelow(const Client& client, const std::string& folder)
{
    std::int64_t bytes = 0;
    const auto& files = client.machine().files;
    for (auto it = files.lower_bound(folder + "/"); it != files.end() && it->first.rfind(folder + "/", 0) == 0; ++it)
        if (it->second->type == sim::host::File::Type::Regular)
            bytes += std::max(it->second->size, static_cast<std::int64_t>(it->second->content.size()));
    return bytes;
}

std::int64_t upperBytes(const Client& client, const Container& container)
{
    return bytesBelow(client, fmt::format("{}/overlay2/{}/diff", sim::container::docker::kRoot, container.upper));
}

std::int64_t imageBytes(const StoredImage& image)
{
    return image.image->bytes();
}

} // namespace core::shell::docker
