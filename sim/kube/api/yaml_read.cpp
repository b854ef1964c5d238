#include "sim/kube/api/yaml.h"

#include "sim/kube/api/yaml_scalar.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr int kMaxYamlDepth = 200;
constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxBytes = 16u << 20;

const std::set<std::string, std::less<>> kTrue{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
const std::set<std::string, std::less<>> kFalse{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
const std::set<std::string, std::less<>> kNull{"", "~", "null", "Null", "NULL"};

std::optional<std::int64_t> integer(std::string text)
{
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.erase(0, 1);
    }
    int base = 10;
    if (text.rfind("0x", 0) == 0)
        base = 16, text.erase(0, 2);
    else if (text.rfind("0b", 0) == 0)
        base = 2, text.erase(0, 2);
    else if (text.rfind("0o", 0) == 0)
        base = 8, text.erase(0, 2);
    else if (text.size() > 1 && text[0] == '0')
        base = 8, text.erase(0, 1); // YAML 1.1: 0755 is octal, as in file modes
    if (text.empty())
        return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> real(const std::string& text)
{
    bool digit = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            digit = true;
        else if (c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E')
            return std::nullopt;
    }
    if (!digit)
        return std::nullopt;
    double value = 0;
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

json scalar(const YAML::Node& node)
{
    // Quoted, or said to be a string.
    if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str")
        return node.Scalar();
    return plainScalar(node.Scalar());
}

struct Converter {
    std::size_t nodes = 0;
    std::string error;

    json convert(const YAML::Node& node, int depth)
    {
        if (!error.empty())
            return nullptr;
        if (depth > kMaxYamlDepth || ++nodes > kMaxNodes) {
            error = depth > kMaxYamlDepth ? "yaml: exceeded max depth" : "yaml: document contains excessive aliasing";
            return nullptr;
        }
        switch (node.Type()) {
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null: return nullptr;
        case YAML::NodeType::Scalar: return scalar(node);
        case YAML::NodeType::Sequence: {
            json list = json::array();
            for (const auto& item : node)
                list.push_back(convert(item, depth + 1));
            return list;
        }
        case YAML::NodeType::Map: {
            json map = json::object();
            for (const auto& entry : node) {
                if (!entry.first.IsScalar()) {
                    error = fmt::format("yaml: line {}: a key must be a text", entry.first.Mark().line + 1);
                    return nullptr;
                }
                const std::string key = entry.first.Scalar();
                if (key == "<<" && entry.second.IsMap()) {
                    const json merged = convert(entry.second, depth + 1);
                    for (const auto& [name, value] : merged.items())
                        if (!map.contains(name))
                            map[name] = value;
                    continue;
                }
                if (map.contains(key)) {
                    error = fmt::format("yaml: unmarshal errors:\n  line {}: key \"{}\" already set in map",
                                        entry.first.Mark().line + 1, key);
                    return nullptr;
                }
                map[key] = convert(entry.second, depth + 1);
            }
            return map;
        }
        }
        return nullptr;
    }
};

/// The texts between lines of three dashes, as kubectl's reader splits a stream (apimachinery, util/yaml).
std::vector<std::string> documentsOf(std::string_view text)
{
    std::vector<std::string> parts(1);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        const std::size_t rest = line.rfind("---", 0) == 0 ? line.find_first_not_of(" \t\r\n", 3) : 0;
        if (rest == std::string_view::npos || (rest > 3 && line[rest] == '#'))
            parts.emplace_back();
        else
            parts.back() += line;
    }
    return parts;
}

struct NoHandler final : YAML::EventHandler {
    void OnDocumentStart(const YAML::Mark&) override { }
    void OnDocumentEnd() override { }
    void OnNull(const YAML::Mark&, YAML::anchor_t) override { }
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override { }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override { }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { }
    void OnSequenceEnd() override { }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override { }
    void OnMapEnd() override { }
};

/// Something follows the document that belongs to none. yaml-cpp's LoadAll reads on there for ever.
bool goesOn(const std::string& document)
{
    std::istringstream stream(document);
    YAML::Parser parser(stream);
    NoHandler handler;
    return parser.HandleNextDocument(handler) && parser;
}

} // namespace

json plainScalar(const std::string& text)
{
    if (kNull.count(text) > 0)
        return nullptr;
    if (kTrue.count(text) > 0)
        return true;
    if (kFalse.count(text) > 0)
        return false;
    if (const auto number = integer(text))
        return *number;
    if (const auto number = real(text))
        return *number;
    return text;
}

Result<std::vector<json>> parseYaml(std::string_view text)
{
    if (text.size() > kMaxBytes)
        return Error{"yaml: the document is larger than 16 MiB", {}};
    std::vector<json> documents;
    try {
        Converter converter;
        for (const std::string& part : documentsOf(text)) {
            if (goesOn(part))
                return Error{"yaml: did not find expected <document start>", {}};
            json document = converter.convert(YAML::Load(part), 0);
            if (!converter.error.empty())
                return Error{converter.error, {}};
            if (!document.is_null())
                documents.push_back(std::move(document));
        }
    } catch (const YAML::Exception& problem) {
        std::string words = problem.msg;
        if (words.find("illegal map value") != std::string::npos)
            words = "mapping values are not allowed in this context";
        // go-yaml names no line for what is wrong in the first.
        return Error{problem.mark.is_null() || problem.mark.line == 0 ? "yaml: " + words : fmt::format("yaml: line {}: {}", problem.mark.line + 1, words), {}};
    } catch (const std::exception& problem) {
        return Error{std::string("yaml: ") + problem.what(), {}};
    }
    return documents;
}

} // namespace sim::kube
