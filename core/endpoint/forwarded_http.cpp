#include "core/endpoint/forwarded_http.h"

#include "core/endpoint/media_type.h"
#include "sim/engine/letters.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace core::endpoint {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kMaxRequest = 4u << 20;

std::string answerText(const sim::HttpAnswer& answer, bool headOnly)
{
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, answer.reason);
    for (const auto& [name, value] : answer.headers)
        if (sim::lowered(name) != "content-length")
            text += name + ": " + value + "\r\n";
    text += fmt::format("Content-Length: {}\r\n\r\n", answer.body.size());
    return headOnly ? text : text + answer.body;
}

} // namespace

std::string ForwardedHttp::received(std::string_view bytes, const sim::World& world)
{
    std::string out;
    m_pending += bytes;
    while (!m_pending.empty() && !m_ended && m_error.empty()) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(kMaxRequest);
        parser.eager(true);
        boost::beast::error_code problem;
        const std::size_t used = parser.put(boost::asio::buffer(m_pending), problem);
        if (problem == http::error::need_more && m_pending.size() < kMaxRequest)
            return out;
        if (problem && problem != http::error::need_more) {
            m_ended = true;
            return out + "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";
        }
        if (!parser.is_done()) {
            if (m_pending.size() >= kMaxRequest)
                m_ended = true;
            return out;
        }
        m_pending.erase(0, used);
        const auto& message = parser.get();
        sim::HttpQuestion question;
        const auto* container = world.containerOf(*m_target.pod, m_target.container);
        if (container == nullptr) {
            m_error = fmt::format("container {} is not running", m_target.container);
            return out;
        }
        question.from = container->stack;
        question.method = std::string(message.method_string());
        question.host = m_target.pod->status.podIP;
        question.port = m_port;
        question.path = std::string(message.target());
        for (const auto& field : message)
            question.headers[sim::lowered(std::string_view(field.name_string().data(), field.name_string().size()))] = std::string(field.value());
        question.body = message.body();
        const sim::HttpAnswer answer = world.http(question);
        if (answer.failure != sim::HttpAnswer::Failure::None) {
            const auto* sandbox = world.runtimes().find(container->sandboxId);
            m_error = fmt::format("error forwarding port {0} to pod {1}, uid : failed to execute portforward in network namespace: failed to connect to "
                                  "localhost:{0} inside namespace \"{1}\", IPv4: dial tcp4 127.0.0.1:{0}: connect: connection refused IPv6 dial tcp6 "
                                  "[::1]:{0}: connect: connection refused ",
                                  m_port, sandbox != nullptr ? sandbox->hexId : m_target.pod->metadata.name);
            return out;
        }
        out += answerText(answer, question.method == "HEAD");
        m_ended = !message.keep_alive();
    }
    return out;
}

} // namespace core::endpoint
