#include "core/shell/commands/linux/http_client.h"
#include "core/shell/commands/linux/model_answer.h"
#include "sim/engine/letters.h"

#include <algorithm>

namespace core::shell::node {

namespace {

/// How long a client that sets no limit waits for an answer that never comes: the learner presses Ctrl-C
/// first.
constexpr sim::Duration kForever = std::chrono::hours(24);
/// A full TLS 1.3 handshake costs one round trip and some milliseconds of cryptography on both sides.
constexpr sim::Duration kTlsWork = std::chrono::milliseconds(6);

/// Bytes on the wire beside bodies: request and answer heads, and what a server sends in a TLS 1.3 handshake with a
/// chain of two certificates.
constexpr std::int64_t kRequestHead = 90;
constexpr std::int64_t kAnswerHead = 180;
constexpr std::int64_t kTlsFlight = 2800;
/// An answer that never gets through.
constexpr std::int64_t kLostAnswer = 8192;

bool writes(const std::string& method)
{
    return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

} // namespace

std::string Url::hostPort() const
{
    return port == (tls() ? 443 : 80) ? host : host + ":" + std::to_string(port);
}

std::string Url::text() const
{
    return scheme + "://" + hostPort() + path;
}

std::optional<Url> Url::parse(const std::string& text)
{
    Url url;
    std::string rest = text;
    if (const std::size_t scheme = rest.find("://"); scheme != std::string::npos) {
        url.scheme = sim::lowered(rest.substr(0, scheme));
        rest.erase(0, scheme + 3);
    }
    const std::size_t slash = rest.find_first_of("/?#");
    std::string authority = rest.substr(0, slash);
    url.path = slash == std::string::npos ? "/" : rest.substr(slash);
    if (const std::size_t hash = url.path.find('#'); hash != std::string::npos)
        url.path.erase(hash);
    if (url.path.empty() || url.path[0] != '/')
        url.path.insert(0, "/");
    if (const std::size_t at = authority.rfind('@'); at != std::string::npos) {
        url.userInfo = authority.substr(0, at);
        authority.erase(0, at + 1);
    }
    url.port = url.tls() ? 443 : 80;
    if (const std::size_t colon = authority.rfind(':'); colon != std::string::npos) {
        const auto port = parseNumber(authority.substr(colon + 1));
        if (!port || *port < 0 || *port > 65535)
            return std::nullopt;
        url.port = *port;
        authority.erase(colon);
    }
    url.host = authority;
    return url.host.empty() ? std::nullopt : std::optional(url);
}

bool bypassesProxy(const std::string& list, const std::string& host)
{
    std::size_t start = 0;
    while (start <= list.size()) {
        std::size_t end = list.find_first_of(", ", start);
        end = end == std::string::npos ? list.size() : end;
        std::string entry = list.substr(start, end - start);
        start = end + 1;
        if (entry == "*")
            return true;
        if (!entry.empty() && entry[0] == '.')
            entry.erase(0, 1);
        if (entry.empty())
            continue;
        const bool suffix = host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.'
            && host.compare(host.size() - entry.size(), entry.size(), entry) == 0;
        if (host == entry || suffix)
            return true;
        const auto network = entry.find('/') == std::string::npos ? std::nullopt
                                                                  : sim::net::Prefix::parse(entry);
        const auto address = sim::net::Ipv4::parse(host);
        if (network && address && network->contains(*address)) // since curl 7.86
            return true;
    }
    return false;
}

std::string proxyFor(Invocation& inv, const Url& url)
{
    const auto variable = [&](const char* name) {
        return inv.variable(name).value_or("");
    };
    std::string proxy = variable(url.tls() ? "https_proxy" : "http_proxy");
    if (proxy.empty() && url.tls())
        proxy = variable("HTTPS_PROXY"); // curl ignores HTTP_PROXY in capitals on purpose
    if (proxy.empty())
        proxy = variable("all_proxy").empty() ? variable("ALL_PROXY") : variable("all_proxy");
    const std::string bypass = variable("no_proxy").empty() ? variable("NO_PROXY") : variable("no_proxy");
    return proxy.empty() || bypassesProxy(bypass, url.host) ? std::string() : proxy;
}

Exchange exchange(Invocation& inv, const HttpRequest& request, const Limits& limits)
{
    Exchange result;
    result.peer = request.url.host;
    result.peerPort = request.url.port;
    if (!request.proxy.empty()) {
        const auto proxy = Url::parse(request.proxy);
        if (proxy) {
            result.peer = proxy->host;
            // Without a port curl takes 1080, whatever the proxy speaks.
            result.peerPort = request.proxy.find(':', request.proxy.find("://") == std::string::npos ? 0 : 8)
                    == std::string::npos
                ? 1080
                : proxy->port;
        }
    }
    const sim::Instant start = inv.now();
    HeldConnection* holding = nullptr;
    const auto spend = [&](sim::Duration time, Exchange::End ifOver) {
        const sim::Duration spent = inv.now() - start;
        if (limits.total && spent + time > *limits.total) {
            const sim::Duration rest = std::max(sim::Duration{0}, *limits.total - spent);
            holding != nullptr ? holding->sleep(rest) : inv.sleep(rest);
            result.end = ifOver;
            result.totalTime = inv.now() - start;
            return false;
        }
        holding != nullptr ? holding->sleep(time) : inv.sleep(time);
        result.totalTime = inv.now() - start;
        return true;
    };
    if (request.resolved) {
        result.name.status = sim::NameAnswer::Status::Found;
        result.name.address = *request.resolved;
    } else {
        result.name = lookUp(inv, result.peer);
    }
    if (!spend(result.name.took, Exchange::End::TotalLimit))
        return result;
    result.nameTime = result.totalTime;
    if (result.name.status != sim::NameAnswer::Status::Found) {
        result.end = request.proxy.empty() ? Exchange::End::BadName : Exchange::End::BadProxyName;
        return result;
    }
    std::optional<sim::Duration> connectLimit = limits.connect;
    if (limits.total)
        connectLimit = std::min(connectLimit.value_or(*limits.total), *limits.total - (inv.now() - start));
    result.connection = tryConnect(inv, result.name.address, result.peerPort, connectLimit);
    HeldConnection held(inv, result.name.address, result.peerPort);
    held.sleep(std::max(sim::Duration{0}, result.connection.took));
    result.connectTime = result.totalTime = inv.now() - start;
    if (!result.connection.connected) {
        held.close();
        result.end = result.connection.limitHit                             ? Exchange::End::ConnectLimit
            : result.connection.path.verdict == sim::net::Verdict::TimedOut ? Exchange::End::KernelTimeout
                                                                            : Exchange::End::NotConnected;
        return result;
    }
    holding = &held;
    sim::HttpQuestion question{stackIdOf(inv),   request.method,   request.url.tls(),
                               request.url.host, request.url.port, request.url.path,
                               request.headers,  request.body,     request.proxy};
    question.headers.emplace("host", request.url.host);
    if (request.resolved)
        question.host = request.resolved->text();
    result.answer = inv.door().world().http(question);
    if (result.answer.generation != nullptr && result.answer.failure == sim::HttpAnswer::Failure::None) {
        held.sends(kRequestHead + static_cast<std::int64_t>(request.url.path.size() + request.body.size()));
        if (!spend(result.answer.took, Exchange::End::TotalLimit))
            return result;
        const bool streams = result.answer.generation->stream;
        ModelAnswer model(inv.door(), result.answer);
        while (true) {
            const std::string bytes = model.take(result.answer);
            held.receives(static_cast<std::int64_t>(bytes.size()));
            // A refusal is no stream, whatever was asked for.
            if (!bytes.empty() && request.onBytes && streams && result.answer.status == 200) {
                result.streamedBytes += bytes.size();
                request.onBytes(result.answer, bytes);
            } else {
                result.answer.body += bytes;
            }
            if (model.ended())
                break;
            if (!spend(ModelAnswer::kLookEvery, Exchange::End::TotalLimit))
                return result;
        }
        held.close();
        return result;
    }
    if (writes(request.method) && result.answer.failure == sim::HttpAnswer::Failure::None) {
        const sim::CommandResult done = inv.door().apply(
            sim::Command{sim::command::HttpCall{question.from, request.method, question.host, question.port,
                                                question.path, question.headers, question.body}});
        if (done.response.code != 0) {
            result.answer.status = done.response.code;
            result.answer.body = done.text;
        }
    }
    using Failure = sim::HttpAnswer::Failure;
    held.sends(kRequestHead + static_cast<std::int64_t>(request.url.path.size() + request.body.size()));
    if (result.answer.failure == Failure::Timeout) {
        if (!result.connection.path.largeAnswerPasses)
            held.receives(kLostAnswer);
        spend(kForever, Exchange::End::TotalLimit);
        held.close();
        result.end = Exchange::End::TotalLimit;
        return result;
    }
    const sim::Duration answerTime = std::max<sim::Duration>(result.answer.took - result.connection.path.rtt,
                                                             std::chrono::microseconds(300))
        + (request.url.tls() ? kTlsWork : sim::Duration{0});
    held.receives((request.url.tls() ? kTlsFlight : 0) + kAnswerHead + static_cast<std::int64_t>(result.answer.body.size()));
    const bool inTime = spend(answerTime, Exchange::End::TotalLimit);
    held.close();
    if (!inTime)
        return result;
    if (result.answer.failure == Failure::Tls)
        result.end = Exchange::End::TlsFailed;
    else if (result.answer.failure == Failure::Connect)
        result.end = Exchange::End::NotConnected;
    else if (result.answer.failure == Failure::Name)
        result.end = Exchange::End::BadName;
    return result;
}

} // namespace core::shell::node
