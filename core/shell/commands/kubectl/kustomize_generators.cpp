#include "core/shell/commands/kubectl/kustomize_generators.h"

#include "core/shell/paths.h"
#include "sim/engine/base64.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace core::shell::kubectl {

namespace {

using Entries = std::map<std::string, std::string>;

std::vector<std::string> textsOf(const Json& entry, const char* field)
{
    std::vector<std::string> texts;
    for (const Json& one : at(entry, {field}))
        if (one.is_string())
            texts.push_back(one);
    return texts;
}

std::string withoutQuotes(const std::string& text)
{
    const bool quoted = text.size() > 1 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::vector<std::pair<std::string, std::string>> environmentLines(const std::string& text)
{
    std::vector<std::pair<std::string, std::string>> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.empty() || line.front() == '#')
            continue;
        const std::size_t equals = line.find('=');
        found.emplace_back(line.substr(0, equals), equals == std::string::npos ? std::string() : line.substr(equals + 1));
    }
    return found;
}

class DataReader {
public:
    DataReader(const Json& entry, const KustomizeFile& read) : m_entry(entry), m_read(read) { }

    /// What went wrong; empty when nothing.
    std::string collect(Entries& entries)
    {
        std::vector<std::string> envs = textsOf(m_entry, "envs");
        if (const std::string one = textAt(m_entry, {"env"}); !one.empty())
            envs.push_back(one);
        for (const std::string& path : envs) {
            std::string text;
            if (const std::string problem = m_read(path, text); !problem.empty())
                return fmt::format("loading KV pairs: env source files: [{}]: {}", join(envs), problem);
            for (const auto& [key, value] : environmentLines(text))
                add(entries, key, value);
        }
        for (const std::string& literal : textsOf(m_entry, "literals")) {
            const std::size_t equals = literal.find('=');
            if (equals == 0 || equals == std::string::npos)
                return fmt::format("loading KV pairs: literal sources [{}]: invalid literal source {}, expected key=value",
                                   join(textsOf(m_entry, "literals")), literal);
            add(entries, literal.substr(0, equals), withoutQuotes(literal.substr(equals + 1)));
        }
        const std::vector<std::string> files = textsOf(m_entry, "files");
        for (const std::string& source : files) {
            const std::size_t equals = source.find('=');
            const std::string path = equals == std::string::npos ? source : source.substr(equals + 1);
            std::string text;
            if (const std::string problem = m_read(path, text); !problem.empty())
                return fmt::format("loading KV pairs: file sources: [{}]: {}", join(files), problem);
            add(entries, equals == std::string::npos ? std::string(fileNameOf(path)) : source.substr(0, equals), text);
        }
        return m_repeated.empty() ? std::string()
                                  : fmt::format("configmap {} illegally repeats the key `{}`", textAt(m_entry, {"name"}), m_repeated);
    }

private:
    static std::string join(const std::vector<std::string>& texts)
    {
        std::string all;
        for (const std::string& text : texts)
            all += (all.empty() ? "" : " ") + text;
        return all;
    }
    void add(Entries& entries, const std::string& key, const std::string& value)
    {
        if (!entries.emplace(key, value).second && m_repeated.empty())
            m_repeated = key;
    }

    const Json& m_entry;
    const KustomizeFile& m_read;
    std::string m_repeated;
};

/// Base64 as kustomize writes it: long ones in lines of 70.
std::string foldedBase64(const std::string& bytes)
{
    constexpr std::size_t kLine = 70;
    const std::string encoded = sim::encodeBase64(bytes);
    if (encoded.size() <= kLine)
        return encoded;
    std::string folded;
    for (std::size_t from = 0; from < encoded.size(); from += kLine)
        folded += encoded.substr(from, kLine) + "\n";
    return folded;
}

void overlay(Json& into, const Json& from)
{
    if (!into.is_object())
        into = Json::object();
    if (from.is_object())
        into.update(from);
}

Json generatedObject(const Json& entry, const Json& options, const Entries& entries, bool secret)
{
    Json object{{"apiVersion", "v1"}, {"kind", secret ? "Secret" : "ConfigMap"}, {"metadata", {{"name", textAt(entry, {"name"})}}}};
    if (const std::string space = textAt(entry, {"namespace"}); !space.empty())
        object["metadata"]["namespace"] = space;
    for (const auto& [key, bytes] : entries)
        if (secret)
            object["data"][key] = foldedBase64(bytes);
        else if (isText(bytes))
            object["data"][key] = bytes;
        else
            object["binaryData"][key] = foldedBase64(bytes);
    if (secret) {
        const std::string type = textAt(entry, {"type"});
        object["type"] = type.empty() ? "Opaque" : type;
    }
    for (const char* part : {"labels", "annotations"})
        if (!at(options, {part}).empty())
            object["metadata"][part] = at(options, {part});
    if (at(options, {"immutable"}) == Json(true))
        object["immutable"] = true;
    return object;
}

} // namespace

std::optional<std::string> generate(std::vector<KustomizedResource>& resources, const Json& entry, const Json& common, bool secret,
                                    const KustomizeFile& read)
{
    Entries entries;
    if (std::string problem = DataReader(entry, read).collect(entries); !problem.empty())
        return problem;
    Json options = common.is_object() ? common : Json::object();
    for (const auto& [key, value] : at(entry, {"options"}).items()) // its own go over the common ones
        if (value.is_object())
            overlay(options[key], value);
        else
            options[key] = value;
    KustomizedResource made{generatedObject(entry, options, entries, secret), {}, at(options, {"disableNameSuffixHash"}) != Json(true)};
    const std::string behavior = textAt(entry, {"behavior"});
    const auto known = std::find_if(resources.begin(), resources.end(), [&](const KustomizedResource& one) {
        return one.kind() == made.kind() && one.isCalled(made.name()) && (made.nameSpace().empty() || one.nameSpace() == made.nameSpace());
    });
    if (behavior == "merge" || behavior == "replace") {
        if (known == resources.end())
            return fmt::format("merging from generator: id {} does not exist; cannot merge or replace", made.id());
        Json& object = known->object;
        if (behavior == "replace")
            for (const char* part : {"data", "binaryData"})
                object.erase(part);
        for (const char* part : {"data", "binaryData"})
            if (made.object.contains(part))
                overlay(object[part], made.object[part]);
        for (const char* part : {"labels", "annotations"})
            if (made.object["metadata"].contains(part))
                overlay(object["metadata"][part], made.object["metadata"][part]);
        return std::nullopt;
    }
    if (known != resources.end())
        return fmt::format("merging from generator: id resid.ResId{{{}}} exists; behavior must be merge or replace", made.id());
    resources.push_back(std::move(made));
    return std::nullopt;
}

} // namespace core::shell::kubectl
