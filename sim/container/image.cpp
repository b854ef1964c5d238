#include "sim/container/image.h"

#include <fmt/format.h>

#include <cctype>

namespace sim::container {

namespace {

bool validPath(std::string_view path)
{
    if (path.empty() || path.front() == '/' || path.back() == '/')
        return false;
    char before = '/';
    for (const char c : path) {
        const bool alphanumeric = std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c));
        if (!alphanumeric && c != '/' && c != '.' && c != '_' && c != '-')
            return false;
        if (c == '/' && before == '/')
            return false;
        before = c;
    }
    return true;
}

bool validTag(std::string_view tag)
{
    if (tag.empty() || tag.size() > 128 || tag.front() == '.' || tag.front() == '-')
        return false;
    for (const char c : tag)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-')
            return false;
    return true;
}

} // namespace

std::string Reference::text() const
{
    std::string out = registry + "/" + repository;
    if (!tag.empty())
        out += ":" + tag;
    if (!digest.empty())
        out += "@" + digest;
    return out;
}

std::optional<Reference> Reference::parse(std::string_view text)
{
    Reference ref;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        ref.digest = text.substr(at + 1);
        if (ref.digest.rfind("sha256:", 0) != 0)
            return std::nullopt;
        text = text.substr(0, at);
    }
    const auto slash = text.find('/');
    const std::string_view first = text.substr(0, slash);
    // As docker's reference grammar: the first part is a host only if it looks like one.
    if (slash != std::string_view::npos
        && (first.find('.') != std::string_view::npos || first.find(':') != std::string_view::npos || first == "localhost")) {
        ref.registry = first;
        text = text.substr(slash + 1);
    } else {
        ref.registry = "docker.io";
        if (slash == std::string_view::npos)
            ref.repository = "library/";
    }
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos) {
        ref.tag = text.substr(colon + 1);
        text = text.substr(0, colon);
        if (!validTag(ref.tag))
            return std::nullopt;
    } else if (ref.digest.empty()) {
        ref.tag = "latest";
    }
    if (!validPath(text))
        return std::nullopt;
    ref.repository += text;
    return ref;
}

ImageConfig defaultsOf(const Image& image)
{
    ImageConfig config = image.config;
    if (config.entrypoint.empty() && config.command.empty())
        config.entrypoint = image.program.command;
    if (config.exposed.empty() && image.program.port > 0)
        config.exposed.push_back(std::to_string(image.program.port) + "/tcp");
    if (config.user.empty() && image.program.user != "root")
        config.user = image.program.user;
    if (config.environment.empty())
        config.environment.emplace_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    return config;
}

std::string digestOf(std::string_view text)
{
    std::string hex;
    for (int i = 0; i < 4; ++i) {
        Fingerprint f;
        f.add(static_cast<std::uint64_t>(i));
        f.add(text);
        hex += fmt::format("{:016x}", f.value());
    }
    return "sha256:" + hex;
}

std::int64_t Image::bytes() const
{
    std::int64_t sum = 0;
    for (const Layer& layer : layers)
        sum += layer.bytes;
    return sum;
}

} // namespace sim::container
