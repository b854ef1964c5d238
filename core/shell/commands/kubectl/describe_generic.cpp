#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/json_text.h"
#include "sim/engine/letters.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

bool isUpper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

/// Words of a camel-case name: "externalIPs" -> "external", "I", "Ps"; "x-y" -> "x", "-", "y" (fatih/camelcase).
std::vector<std::string> camelWords(const std::string& key)
{
    const auto classOf = [](char c) { return std::islower(static_cast<unsigned char>(c)) ? 1 : isUpper(c) ? 2 : 3; };
    std::vector<std::string> words;
    int last = 0;
    for (const char c : key) {
        if (classOf(c) == last)
            words.back() += c;
        else
            words.emplace_back(1, c);
        last = classOf(c);
    }
    // An upper-case letter before lower-case ones belongs to them.
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (isUpper(words[i].front()) && std::islower(static_cast<unsigned char>(words[i + 1].front()))) {
            words[i + 1].insert(words[i + 1].begin(), words[i].back());
            words[i].pop_back();
        }
    std::erase_if(words, [](const std::string& word) { return word.empty(); });
    return words;
}

/// "leaseDurationSeconds" -> "Lease Duration Seconds", "uid" -> "UID"; names with anything but letters and dashes stay.
std::string titleOf(const std::string& key)
{
    if (!std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalpha(c) || c == '-'; }))
        return key;
    std::string title;
    for (std::string word : camelWords(key)) {
        std::string upper = word;
        upper = sim::raised(upper);
        const bool acronym = upper == "API" || upper == "URL" || upper == "UID" || upper == "OSB" || upper == "GUID";
        word.front() = upper.front();
        title += (title.empty() ? "" : " ") + (acronym ? upper : word);
    }
    return title;
}

std::string valueText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() ? "<nil>" : value.dump();
}

void describeObject(TabText& out, int level, const Json& object)
{
    for (const auto& [key, value] : object.items()) {
        const std::string title = titleOf(key);
        if (value.is_object()) {
            out.line(level, title + ":");
            describeObject(out, level + 1, value);
        } else if (value.is_array()) {
            out.line(level, title + ":");
            for (const Json& item : value) {
                if (item.is_object())
                    describeObject(out, level + 1, item);
                else
                    out.line(level + 1, valueText(item));
            }
        } else {
            out.line(level, title + ":\t" + valueText(value));
        }
    }
}

sim::kube::StringMap stringMap(const Json& object)
{
    sim::kube::StringMap map;
    if (object.is_object()) {
        for (const auto& [key, value] : object.items())
            map[key] = valueText(value);
    }
    return map;
}

} // namespace

std::string describeGeneric(const Json& object, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + textAt(object, {"metadata", "name"}));
    out.line(0, "Namespace:\t" + textAt(object, {"metadata", "namespace"}));
    describeLabels(out, "Labels", stringMap(at(object, {"metadata", "labels"})));
    describeAnnotations(out, "Annotations", stringMap(at(object, {"metadata", "annotations"})));
    Json rest = object;
    if (rest.contains("metadata")) {
        for (const char* known : {"name", "namespace", "labels", "annotations", "managedFields"})
            rest["metadata"].erase(known);
    }
    describeObject(out, 0, rest);
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
