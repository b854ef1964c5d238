#include "core/endpoint/http_message.h"

#include <nlohmann/json.hpp>

namespace core::endpoint {

namespace {

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::string HttpRequest::header(const std::string& name) const
{
    const auto it = headers.find(name);
    return it == headers.end() ? std::string() : it->second;
}

std::optional<std::string> HttpRequest::parameter(const std::string& name) const
{
    const auto it = query.lower_bound(name);
    return it == query.end() || it->first != name ? std::nullopt : std::optional(it->second);
}

std::vector<std::string> HttpRequest::parameters(const std::string& name) const
{
    std::vector<std::string> values;
    const auto [begin, end] = query.equal_range(name);
    for (auto it = begin; it != end; ++it)
        values.push_back(it->second);
    return values;
}

bool HttpRequest::flag(const std::string& name) const
{
    const auto value = parameter(name);
    return value && *value != "0" && *value != "false" && *value != "False" && *value != "f" && *value != "F";
}

std::optional<std::string> percentDecoded(std::string_view text, bool plusIsBlank)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plusIsBlank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size() || hexDigit(text[i + 1]) < 0 || hexDigit(text[i + 2]) < 0)
                return std::nullopt;
            out += static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2]));
            i += 2;
        }
    }
    return out;
}

bool parseTarget(std::string_view target, HttpRequest& into)
{
    into.target = target;
    // A proxy's absolute form names the host as well.
    if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && target.front() != '/') {
        const std::size_t slash = target.find('/', scheme + 3);
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    const std::size_t mark = target.find('?');
    const auto path = percentDecoded(target.substr(0, mark), false);
    if (!path || path->empty() || path->front() != '/')
        return false;
    into.path = *path;
    into.query.clear();
    if (mark == std::string_view::npos)
        return true;
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view part = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (part.empty())
            continue;
        const std::size_t equals = part.find('=');
        const auto name = percentDecoded(part.substr(0, equals), true);
        const auto value = percentDecoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
        if (name && value) // Go drops a broken pair and goes on
            into.query.emplace(*name, *value);
    }
    return true;
}

HttpAnswer statusAnswer(int code, const std::string& reason, const std::string& message)
{
    const nlohmann::json status{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", nlohmann::json::object()},
                                {"status", "Failure"}, {"message", message}, {"reason", reason}, {"code", code}};
    HttpAnswer answer;
    answer.status = code;
    answer.body = status.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return answer;
}

HttpAnswer pageNotFound()
{
    HttpAnswer answer = plainText(404, "404 page not found\n");
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return answer;
}

HttpAnswer plainText(int code, std::string text)
{
    HttpAnswer answer;
    answer.status = code;
    answer.contentType = "text/plain; charset=utf-8";
    answer.body = std::move(text);
    return answer;
}

} // namespace core::endpoint
