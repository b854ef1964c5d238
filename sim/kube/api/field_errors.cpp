#include "sim/kube/api/field_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

// Words: apimachinery/pkg/util/validation/field/errors.go.
namespace sim::kube {

namespace {

std::string withDetail(std::string text, std::string_view why)
{
    if (!why.empty())
        text.append(": ").append(why);
    return text;
}

} // namespace

std::string goQuoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        default: out += static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
        }
    }
    return out + "\"";
}

void FieldErrors::required(std::string field, std::string_view why)
{
    add({"FieldValueRequired", std::move(field), withDetail("Required value", why)});
}

void FieldErrors::forbidden(std::string field, std::string_view why)
{
    add({"FieldValueForbidden", std::move(field), withDetail("Forbidden", why)});
}

void FieldErrors::invalid(std::string field, const std::string& value, std::string_view why)
{
    invalidDump(std::move(field), goQuoted(value), why);
}

void FieldErrors::invalid(std::string field, std::int64_t value, std::string_view why)
{
    invalidDump(std::move(field), std::to_string(value), why);
}

void FieldErrors::invalidDump(std::string field, std::string_view dump, std::string_view why)
{
    add({"FieldValueInvalid", std::move(field), withDetail(fmt::format("Invalid value: {}", dump), why)});
}

void FieldErrors::notSupported(std::string field, const std::string& value, const std::vector<std::string>& allowed)
{
    std::string list;
    for (const std::string& one : allowed)
        list += (list.empty() ? "" : ", ") + goQuoted(one);
    add({"FieldValueNotSupported", std::move(field), fmt::format("Unsupported value: {}: supported values: {}", goQuoted(value), list)});
}

void FieldErrors::duplicate(std::string field, const std::string& value)
{
    add({"FieldValueDuplicate", std::move(field), "Duplicate value: " + goQuoted(value)});
}

void FieldErrors::notFound(std::string field, const std::string& value)
{
    add({"FieldValueNotFound", std::move(field), "Not found: " + goQuoted(value)});
}

void FieldErrors::tooLong(std::string field, std::int64_t most)
{
    add({"FieldValueTooLong", std::move(field), fmt::format("Too long: may not be more than {} bytes", most)});
}

void FieldErrors::notNegative(const std::string& field, std::int64_t value)
{
    if (value < 0)
        invalid(field, value, "must be greater than or equal to 0");
}

void FieldErrors::oneOf(const std::string& field, const std::string& value, const std::vector<std::string>& allowed)
{
    if (value.empty())
        required(field);
    else if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
        notSupported(field, value, allowed);
}

void FieldErrors::each(const std::string& field, const std::string& value, const std::vector<std::string>& messages)
{
    for (const std::string& message : messages)
        invalid(field, value, message);
}

void FieldErrors::append(FieldErrors more)
{
    std::move(more.m_errors.begin(), more.m_errors.end(), std::back_inserter(m_errors));
}

std::string goDump(const StringMap& map)
{
    if (map.empty())
        return "map[string]string(nil)";
    std::string list;
    for (const auto& [key, value] : map)
        list += fmt::format("{}{}:{}", list.empty() ? "" : ", ", goQuoted(key), goQuoted(value));
    return "map[string]string{" + list + "}";
}

std::string goDump(const std::vector<std::string>& list)
{
    if (list.empty())
        return "[]string(nil)";
    std::string text;
    for (const std::string& one : list)
        text += (text.empty() ? "" : ", ") + goQuoted(one);
    return "[]string{" + text + "}";
}

std::string goDump(const LabelSelector& selector)
{
    std::string expressions = "[]v1.LabelSelectorRequirement(nil)";
    if (!selector.matchExpressions.empty()) {
        expressions.clear();
        for (const LabelSelectorRequirement& one : selector.matchExpressions)
            expressions += fmt::format("{}v1.LabelSelectorRequirement{{Key:{}, Operator:{}, Values:{}}}", expressions.empty() ? "" : ", ",
                                       goQuoted(one.key), goQuoted(one.operator_), goDump(one.values));
        expressions = "[]v1.LabelSelectorRequirement{" + expressions + "}";
    }
    return fmt::format("v1.LabelSelector{{MatchLabels:{}, MatchExpressions:{}}}", goDump(selector.matchLabels), expressions);
}

std::string goDump(const Quantity& quantity)
{
    // The mantissa and power of ten that the canonical text stands for.
    const std::string& text = quantity.text;
    const std::size_t digits = text.find_first_not_of("+-0123456789");
    const std::string number = text.substr(0, digits);
    const std::string suffix = digits == std::string::npos ? "" : text.substr(digits);
    const int scale = suffix == "n" ? -9 : suffix == "u" ? -6 : suffix == "m" ? -3 : suffix == "k" ? 3 : suffix == "M" ? 6
        : suffix == "G" ? 9 : suffix == "T" ? 12 : suffix == "P" ? 15 : suffix == "E" ? 18 : 0;
    const bool binary = suffix.size() == 2 && suffix[1] == 'i';
    return fmt::format("resource.Quantity{{i:resource.int64Amount{{value:{}, scale:{}}}, d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, "
                       "s:{}, Format:\"{}\"}}", binary ? std::to_string(quantity.value()) : number, scale, goQuoted(text),
                       binary ? "BinarySI" : "DecimalSI");
}

std::string goDump(const IntOrString& value)
{
    if (const auto* number = std::get_if<std::int64_t>(&value.value))
        return fmt::format("intstr.IntOrString{{Type:0, IntVal:{}, StrVal:\"\"}}", *number);
    return fmt::format("intstr.IntOrString{{Type:1, IntVal:0, StrVal:{}}}", goQuoted(std::get<std::string>(value.value)));
}

} // namespace sim::kube
