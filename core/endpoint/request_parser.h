#pragma once

#include "core/endpoint/authentication.h"
#include "core/endpoint/http_message.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace core::endpoint {

// From bytes to a request. What a socket is plays no part, so a fuzzer can hand in bytes as well.
using RequestMessage = boost::beast::http::request<boost::beast::http::string_body>;
using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

// The real server takes bodies of 3 MiB and, as Go does, headers of 1 MiB; ours have no reason to be that long.
inline constexpr std::uint64_t kMaxBody = 3u << 20;
inline constexpr std::uint32_t kMaxHeader = 64u << 10;

/// To be called before the parser reads.
void setLimits(RequestParser& parser);
/// What is said to bytes that are no request before their connection ends. Nothing: no word is said.
std::optional<HttpAnswer> refusalOf(const boost::system::error_code& problem);
/// The request and who sends it, or the answer to one that cannot be understood or may not ask.
std::variant<HttpRequest, HttpAnswer> understand(const RequestMessage& message, const std::optional<Identity>& certificate,
                                                 const std::vector<Credential>& credentials);

} // namespace core::endpoint
