#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/json_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

bool isUpper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

/// "leaseDurationSeconds" -> "Lease Duration Seconds", "uid" -> "UID".
std::string titleOf(const std::string& key)
{
    for (const std::string_view acronym : {"api", "ip", "uid", "url", "id", "tls", "cidr", "dns"}) {
        if (key == acronym) {
            std::string upper = key;
            std::transform(upper.begin(), upper.end(), upper.begin(),
                           [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
            return upper;
        }
    }
    std::string title;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i == 0)
            title += static_cast<char>(std::toupper(static_cast<unsigned char>(key[i])));
        else if (isUpper(key[i]) && !isUpper(key[i - 1]))
            title += std::string(" ") + key[i];
        else
            title += key[i];
    }
    return title;
}

std::string valueText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() ? "<nil>" : value.dump();
}

void describeObject(TabText& out, int level, const Json& object, bool top)
{
    for (const auto& [key, value] : object.items()) {
        if (top && (key == "apiVersion" || key == "kind"))
            continue;
        const std::string title = titleOf(key);
        if (value.is_object()) {
            out.line(level, title + ":");
            describeObject(out, level + 1, value, false);
        } else if (value.is_array()) {
            out.line(level, title + ":");
            for (const Json& item : value) {
                if (item.is_object())
                    describeObject(out, level + 1, item, false);
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
    out.line(0, "API Version:\t" + textAt(object, {"apiVersion"}));
    out.line(0, "Kind:\t" + textAt(object, {"kind"}));
    Json rest = object;
    if (rest.contains("metadata")) {
        for (const char* known : {"name", "namespace", "labels", "annotations", "managedFields"})
            rest["metadata"].erase(known);
    }
    describeObject(out, 0, rest, true);
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
