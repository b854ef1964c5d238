#include "core/endpoint/media_type.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <cstdlib>

namespace core::endpoint {

namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

MediaType parseOne(std::string_view text)
{
    MediaType type;
    bool first = true;
    while (!text.empty()) {
        const std::size_t end = text.find(';');
        const std::string_view part = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (first) {
            type.name = sim::lowered(part);
            first = false;
            continue;
        }
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string key = sim::lowered(trimmed(part.substr(0, equals)));
        const std::string value(trimmed(part.substr(equals + 1)));
        if (key == "q")
            type.quality = std::strtod(value.c_str(), nullptr);
        else
            type.parameters[key] = value;
    }
    return type;
}

std::optional<ObjectFormat> served(const MediaType& type)
{
    ObjectFormat format;
    if (type.name == "application/yaml")
        format.encoding = ObjectFormat::Encoding::Yaml;
    else if (type.name != "application/json" && type.name != "*/*" && type.name != "application/*")
        return std::nullopt;
    const std::string as = type.parameter("as");
    format.shapeVersion = type.parameter("v");
    if (as.empty())
        return format;
    if (type.parameter("g") != "meta.k8s.io" || (format.shapeVersion != "v1" && format.shapeVersion != "v1beta1"))
        return std::nullopt;
    if (as == "Table")
        format.shape = ObjectFormat::Shape::Table;
    else if (as == "PartialObjectMetadata")
        format.shape = ObjectFormat::Shape::PartialObjectMetadata;
    else if (as == "PartialObjectMetadataList")
        format.shape = ObjectFormat::Shape::PartialObjectMetadataList;
    else
        return std::nullopt;
    return format;
}

} // namespace

std::vector<MediaType> parseMediaTypes(std::string_view header)
{
    std::vector<MediaType> types;
    while (!header.empty()) {
        const std::size_t end = header.find(',');
        const std::string_view part = trimmed(header.substr(0, end));
        header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
        if (!part.empty())
            types.push_back(parseOne(part));
    }
    std::stable_sort(types.begin(), types.end(), [](const MediaType& a, const MediaType& b) { return a.quality > b.quality; });
    return types;
}

std::optional<ObjectFormat> negotiateObject(std::string_view accept)
{
    const std::vector<MediaType> types = parseMediaTypes(accept);
    if (types.empty())
        return ObjectFormat{};
    for (const MediaType& type : types)
        if (auto format = served(type))
            return format;
    return std::nullopt;
}

} // namespace core::endpoint
