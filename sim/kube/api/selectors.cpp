#include "sim/kube/api/selectors.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

std::string trimmed(const std::string& text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Splits at commas that are not inside parentheses.
std::vector<std::string> requirements(const std::string& text)
{
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    for (const char c : text) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
            parts.push_back(trimmed(part));
            part.clear();
        } else {
            part += c;
        }
    }
    parts.push_back(trimmed(part));
    return parts;
}

bool keyLike(const std::string& key)
{
    return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '/';
    });
}

std::vector<std::string> valueList(const std::string& text)
{
    std::vector<std::string> values;
    std::string value;
    for (const char c : text) {
        if (c == '(' || c == ')' || c == ',') {
            if (!trimmed(value).empty())
                values.push_back(trimmed(value));
            value.clear();
        } else {
            value += c;
        }
    }
    return values;
}

} // namespace

ParsedSelector parseLabelSelector(const std::string& text)
{
    ParsedSelector parsed;
    if (trimmed(text).empty())
        return parsed;
    for (const std::string& one : requirements(text)) {
        LabelSelectorRequirement requirement;
        const auto in = one.find(" in ");
        const auto notIn = one.find(" notin ");
        if (notIn != std::string::npos || in != std::string::npos) {
            const bool negative = notIn != std::string::npos;
            requirement.key = trimmed(one.substr(0, negative ? notIn : in));
            requirement.operator_ = negative ? "NotIn" : "In";
            requirement.values = valueList(one.substr(negative ? notIn + 7 : in + 4));
        } else if (const auto differs = one.find("!="); differs != std::string::npos) {
            requirement.key = trimmed(one.substr(0, differs));
            requirement.operator_ = "NotIn";
            requirement.values = {trimmed(one.substr(differs + 2))};
        } else if (const auto equals = one.find('='); equals != std::string::npos) {
            requirement.key = trimmed(one.substr(0, equals));
            requirement.operator_ = "In";
            requirement.values = {trimmed(one.substr(one.find_first_not_of('=', equals) == std::string::npos
                                                         ? one.size() : one.find_first_not_of('=', equals)))};
        } else if (!one.empty() && one.front() == '!') {
            requirement.key = trimmed(one.substr(1));
            requirement.operator_ = "DoesNotExist";
        } else {
            requirement.key = one;
            requirement.operator_ = "Exists";
        }
        if (!keyLike(requirement.key)) {
            parsed.error = fmt::format("unable to parse requirement: found '{}', expected: identifier", one);
            return parsed;
        }
        parsed.selector.matchExpressions.push_back(std::move(requirement));
    }
    return parsed;
}

ParsedFields parseFieldSelector(const std::string& text)
{
    ParsedFields parsed;
    if (trimmed(text).empty())
        return parsed;
    for (const std::string& one : requirements(text)) {
        FieldRequirement requirement;
        const auto differs = one.find("!=");
        const auto equals = one.find('=');
        if (equals == std::string::npos) {
            parsed.error = fmt::format("invalid selector: '{}'; can't understand '{}'", text, one);
            return parsed;
        }
        requirement.equal = differs == std::string::npos;
        requirement.field = trimmed(one.substr(0, requirement.equal ? equals : differs));
        const auto value = one.find_first_not_of('=', equals);
        requirement.value = value == std::string::npos ? std::string() : trimmed(one.substr(value));
        parsed.requirements.push_back(std::move(requirement));
    }
    return parsed;
}

std::optional<std::string> selectableField(KindId kind, const void* object, const std::string& field)
{
    std::optional<std::string> value;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (kindIdOf<T> != kind)
            return;
        const T& typed = *static_cast<const T*>(object);
        if (field == "metadata.name")
            value = typed.metadata.name;
        else if (field == "metadata.namespace")
            value = typed.metadata.namespace_;
        if constexpr (std::is_same_v<T, Pod>) {
            if (field == "spec.nodeName") value = typed.spec.nodeName;
            else if (field == "status.phase") value = typed.status.phase;
            else if (field == "status.podIP") value = typed.status.podIP;
            else if (field == "spec.restartPolicy") value = typed.spec.restartPolicy;
            else if (field == "spec.schedulerName") value = typed.spec.schedulerName;
            else if (field == "spec.serviceAccountName") value = typed.spec.serviceAccountName;
        } else if constexpr (std::is_same_v<T, Node>) {
            if (field == "spec.unschedulable") value = typed.spec.unschedulable ? "true" : "false";
        } else if constexpr (std::is_same_v<T, Namespace>) {
            if (field == "status.phase") value = typed.status.phase;
        } else if constexpr (std::is_same_v<T, Secret>) {
            if (field == "type") value = typed.type;
        } else if constexpr (std::is_same_v<T, ReplicaSet>) {
            if (field == "status.replicas") value = std::to_string(typed.status.replicas.value);
        } else if constexpr (std::is_same_v<T, KubeEvent>) {
            if (field == "involvedObject.kind") value = typed.involvedObject.kind;
            else if (field == "involvedObject.name") value = typed.involvedObject.name;
            else if (field == "involvedObject.namespace") value = typed.involvedObject.namespace_;
            else if (field == "involvedObject.uid") value = typed.involvedObject.uid;
            else if (field == "involvedObject.fieldPath") value = typed.involvedObject.fieldPath;
            else if (field == "reason") value = typed.reason;
            else if (field == "type") value = typed.type;
            else if (field == "source" || field == "reportingComponent") value = typed.source.component;
        }
    });
    return value;
}

} // namespace sim::kube
