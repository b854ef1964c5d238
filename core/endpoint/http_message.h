#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::endpoint {

/// Who asks, as the authenticators found out.
struct Identity {
    std::string user;
    std::vector<std::string> groups;
    bool operator==(const Identity&) const = default;
};

/// One HTTP request, read whole. Plain data: routing knows nothing of sockets.
struct HttpRequest {
    std::string method;                         ///< "GET"
    std::string target;                         ///< as sent: "/api/v1/pods?watch=1"
    std::string path;                           ///< percent-decoded, without the query
    std::multimap<std::string, std::string> query;
    std::map<std::string, std::string> headers; ///< lower-case names; repeated ones joined with ", "
    std::string body;
    Identity identity;

    std::string header(const std::string& name) const;
    /// The first value; nothing when the parameter is not there.
    std::optional<std::string> parameter(const std::string& name) const;
    std::vector<std::string> parameters(const std::string& name) const;
    /// As Go's strconv.ParseBool reads it; a parameter without a value is true.
    bool flag(const std::string& name) const;
};

struct HttpAnswer {
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Virtual time that the server worked on it, webhooks and a slow etcd included; the client waits as long.
    std::chrono::nanoseconds took{};
};

/// Splits a request's target into path and query. False when a percent escape is broken.
bool parseTarget(std::string_view target, HttpRequest& into);
/// "%2F" -> "/"; nothing when an escape is broken.
std::optional<std::string> percentDecoded(std::string_view text, bool plusIsBlank);

/// A Status object as answer: `reason` is the machine's word, "NotFound".
HttpAnswer statusAnswer(int code, const std::string& reason, const std::string& message);
/// What Go's http.NotFound writes.
HttpAnswer pageNotFound();
HttpAnswer plainText(int code, std::string text);

} // namespace core::endpoint
