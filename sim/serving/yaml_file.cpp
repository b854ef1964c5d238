#include "sim/serving/yaml_file.h"

#include "sim/engine/letters.h"

#include <yaml-cpp/yaml.h>

#include <charconv>

namespace sim::serving {

namespace {

constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::size_t kMostValues = 20'000;

/// As PyYAML's safe loader types it.
nlohmann::json plain(const std::string& text)
{
    const std::string word = lowered(text);
    if (word.empty() || word == "null" || word == "~")
        return nullptr;
    if (word == "true" || word == "yes" || word == "on")
        return true;
    if (word == "false" || word == "no" || word == "off")
        return false;
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (const auto [stop, error] = std::from_chars(text.data(), end, whole); error == std::errc() && stop == end)
        return whole;
    double number = 0;
    const bool digits = text.find_first_of("0123456789") != std::string::npos;
    if (const auto [stop, error] = std::from_chars(text.data(), end, number); digits && error == std::errc() && stop == end)
        return number;
    return text;
}

/// False: more values than are left.
bool convert(const YAML::Node& node, std::size_t& left, nlohmann::json& out)
{
    if (left == 0)
        return false;
    --left;
    if (node.IsSequence()) {
        out = nlohmann::json::array();
        for (const YAML::Node& one : node)
            if (!convert(one, left, out.emplace_back()))
                return false;
    } else if (node.IsMap()) {
        out = nlohmann::json::object();
        for (const auto& pair : node)
            if (!convert(pair.second, left, out[pair.first.IsScalar() ? pair.first.Scalar() : std::string()]))
                return false;
    } else if (node.IsScalar()) {
        out = node.Tag() == "!" ? nlohmann::json(node.Scalar()) : plain(node.Scalar());
    }
    return true;
}

} // namespace

Result<nlohmann::json> readYamlFile(const std::string& text)
{
    if (text.size() > kMostBytes)
        return Error{"the file is larger than 256 KiB", ""};
    try {
        std::size_t left = kMostValues;
        nlohmann::json out;
        if (!convert(YAML::Load(text), left, out))
            return Error{"the file has more than 20,000 values", ""};
        return out;
    } catch (const YAML::Exception& problem) {
        return Error{problem.what(), ""};
    }
}

std::string wordOf(const nlohmann::json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace sim::serving
