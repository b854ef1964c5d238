#include "core/endpoint/request_parser.h"

#include <boost/beast/http/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace core::endpoint {

namespace http = boost::beast::http;

void setLimits(RequestParser& parser)
{
    parser.body_limit(kMaxBody);
    parser.header_limit(kMaxHeader);
}

std::optional<HttpAnswer> refusalOf(const boost::system::error_code& problem)
{
    if (problem == http::error::body_limit)
        return statusAnswer(413, "RequestEntityTooLarge", fmt::format("Request entity too large: limit is {}", kMaxBody));
    if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
        return plainText(431, "431 Request Header Fields Too Large");
    const bool ofTheText = problem.category() == make_error_code(http::error::bad_method).category();
    if (ofTheText && problem != http::error::end_of_stream && problem != http::error::partial_message)
        return plainText(400, "400 Bad Request");
    return std::nullopt;
}

std::variant<HttpRequest, HttpAnswer> understand(const RequestMessage& message, const std::optional<Identity>& certificate,
                                                 const std::vector<Credential>& credentials)
{
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.body = message.body();
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        std::string& value = request.headers[name];
        value += (value.empty() ? "" : ", ") + std::string(field.value());
    }
    if (!parseTarget(std::string_view(message.target().data(), message.target().size()), request))
        return plainText(400, "400 Bad Request");
    auto identity = authenticate(request, certificate, credentials);
    if (auto* refused = std::get_if<HttpAnswer>(&identity))
        return std::move(*refused);
    request.identity = std::move(std::get<Identity>(identity));
    return request;
}

} // namespace core::endpoint
