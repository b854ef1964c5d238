#include "sim/kube/api/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sim::kube::names {

namespace {

constexpr const char* kLabel = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
                               "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                               "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                                   "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                                   "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kDns1035 = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                                 "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
                                 "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kQualified = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                                   "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                                   "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValue = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                                    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
                                    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr const char* kConfigKey = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                                   "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
constexpr const char* kWildcard = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
                                  "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "
                                  "'*.example.com', regex used for validation is "
                                  "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

bool alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool lowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool isLabel(std::string_view text)
{
    return !text.empty() && lowerOrDigit(text.front()) && lowerOrDigit(text.back())
        && std::all_of(text.begin(), text.end(), [](char c) { return lowerOrDigit(c) || c == '-'; });
}

bool isSubdomain(std::string_view text)
{
    for (;;) {
        const std::size_t dot = text.find('.');
        if (!isLabel(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

/// Letters, digits and -_. between two alphanumerics.
bool isPlainName(std::string_view text)
{
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back())
        && std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string noMore(std::size_t most) { return fmt::format("must be no more than {} characters", most); }

} // namespace

Messages dns1123Label(const std::string& text)
{
    Messages messages;
    if (text.size() > 63)
        messages.push_back(noMore(63));
    if (!isLabel(text))
        messages.emplace_back(kLabel);
    return messages;
}

Messages dns1123Subdomain(const std::string& text)
{
    Messages messages;
    if (text.size() > 253)
        messages.push_back(noMore(253));
    if (!isSubdomain(text))
        messages.emplace_back(kSubdomain);
    return messages;
}

Messages dns1035Label(const std::string& text)
{
    Messages messages;
    if (text.size() > 63)
        messages.push_back(noMore(63));
    if (!isLabel(text) || (text.front() >= '0' && text.front() <= '9'))
        messages.emplace_back(kDns1035);
    return messages;
}

Messages pathSegment(const std::string& text)
{
    if (text == "." || text == "..")
        return {fmt::format("may not be '{}'", text)};
    Messages messages;
    for (const char* part : {"/", "%"})
        if (text.find(part) != std::string::npos)
            messages.push_back(fmt::format("may not contain '{}'", part));
    return messages;
}

Messages qualifiedName(const std::string& text)
{
    Messages messages;
    std::string name = text;
    const std::size_t slash = text.find('/');
    if (slash != std::string::npos) {
        const std::string prefix = text.substr(0, slash);
        name = text.substr(slash + 1);
        if (name.find('/') != std::string::npos)
            return {fmt::format("a qualified name {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')", kQualified)};
        if (prefix.empty())
            messages.emplace_back("prefix part must be non-empty");
        else
            for (const std::string& message : dns1123Subdomain(prefix))
                messages.push_back("prefix part " + message);
    }
    if (name.empty())
        messages.emplace_back("name part must be non-empty");
    else if (name.size() > 63)
        messages.push_back("name part " + noMore(63));
    if (!isPlainName(name))
        messages.push_back(std::string("name part ") + kQualified);
    return messages;
}

Messages labelValue(const std::string& text)
{
    Messages messages;
    if (text.size() > 63)
        messages.push_back(noMore(63));
    if (!text.empty() && !isPlainName(text))
        messages.emplace_back(kLabelValue);
    return messages;
}

Messages configMapKey(const std::string& text)
{
    Messages messages;
    if (text.size() > 253)
        messages.push_back(noMore(253));
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; }))
        messages.emplace_back(kConfigKey);
    if (text == "." || text == "..")
        messages.push_back(fmt::format("must not be '{}'", text));
    else if (text.starts_with(".."))
        messages.emplace_back("must not start with '..'");
    return messages;
}

Messages environmentName(const std::string& text)
{
    if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; }))
        return {};
    return {"a valid environment variable name must consist only of printable ASCII characters other than '='"};
}

Messages portName(const std::string& text)
{
    Messages messages;
    if (text.size() > 15)
        messages.push_back(noMore(15));
    if (!std::all_of(text.begin(), text.end(), [](char c) { return lowerOrDigit(c) || c == '-'; }))
        messages.emplace_back("must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)");
    if (std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
        messages.emplace_back("must contain at least one letter (a-z)");
    if (text.find("--") != std::string::npos)
        messages.emplace_back("must not contain consecutive hyphens");
    if (!text.empty() && (text.front() == '-' || text.back() == '-'))
        messages.emplace_back("must not begin or end with a hyphen");
    return messages;
}

Messages portNumber(std::int64_t port)
{
    if (port >= 1 && port <= 65535)
        return {};
    return {"must be between 1 and 65535, inclusive"};
}

Messages wildcardSubdomain(const std::string& text)
{
    Messages messages;
    if (text.size() > 253)
        messages.push_back(noMore(253));
    if (!text.starts_with("*.") || !isSubdomain(std::string_view(text).substr(2)))
        messages.emplace_back(kWildcard);
    return messages;
}

} // namespace sim::kube::names
