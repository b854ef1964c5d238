#include "core/endpoint/request_parser.h"
#include "sim/engine/assert.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/content.h"

#include "core/endpoint/api_door.h"
#include "core/session/session.h"

#include <boost/asio/buffer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace core::endpoint;

constexpr const char* kToken = "fuzz";
// What an input changes stays for the next ones, as on a server; a new world often enough that none grows without end.
constexpr int kInputsPerWorld = 2000;
constexpr std::chrono::seconds kDigest{2}; ///< for controllers and kubelets to meet what was written

struct Lab {
    std::unique_ptr<core::session::Session> session;
    int left = 0;
    std::vector<Credential> credentials{{{"kubernetes-admin", {"system:masters", "system:authenticated"}}, {}, kToken}};
    ApiDoor door{"127.0.0.1:6443"};

    core::session::Session& ready()
    {
        if (left-- == 0 || !session) {
            core::session::StartRequest request;
            request.seed = 1;
            auto started = core::session::Session::start(tests::library(), request);
            FL_ASSERT(started);
            session = std::move(*started);
            left = kInputsPerWorld;
        }
        return *session;
    }
};

void checkAnswer(const HttpAnswer& answer)
{
    FL_ASSERT(answer.status >= 200 && answer.status < 600);
    // A line break in a header would let a request write the answer's next lines.
    for (const auto& [name, value] : answer.headers)
        FL_ASSERT((name + value + answer.contentType).find_first_of("\r\n") == std::string::npos);
    if (answer.contentType == "application/json")
        FL_ASSERT(nlohmann::json::accept(answer.body));
}

/// The rest of the bytes are what comes through an upgraded connection: as they are, or as messages, each after its length.
void talk(core::session::Session& lab, const Upgrade& upgrade, std::string_view bytes)
{
    const std::unique_ptr<Tunnel> tunnel = openTunnel(upgrade, [&lab] { return &lab; });
    while (!bytes.empty() && !tunnel->finished()) {
        std::size_t length = bytes.size();
        if (upgrade.carrier != Upgrade::Carrier::Spdy) {
            length = std::min<std::size_t>(static_cast<unsigned char>(bytes.front()), bytes.size() - 1);
            bytes.remove_prefix(1);
        }
        tunnel->received(bytes.substr(0, length));
        bytes.remove_prefix(length);
        tunnel->tick();
    }
    lab.runFor(std::chrono::milliseconds(100));
    tunnel->tick();
    tunnel->takeOutgoing();
    tunnel->closed();
}

/// What the connection does with a request, without the connection. False: it ends.
bool answerOne(Lab& world, const RequestMessage& message, std::string_view rest)
{
    auto understood = understand(message, std::nullopt, world.credentials);
    if (const auto* refused = std::get_if<HttpAnswer>(&understood)) {
        checkAnswer(*refused);
        return message.keep_alive();
    }
    core::session::Session& lab = world.ready();
    const HttpRequest& request = std::get<HttpRequest>(understood);
    Reaction reaction = world.door.react(lab, request);
    if (const auto* answer = std::get_if<HttpAnswer>(&reaction)) {
        checkAnswer(*answer);
        if (request.method != "GET" && answer->status < 300)
            lab.runFor(kDigest);
        return message.keep_alive();
    }
    if (auto* stream = std::get_if<std::unique_ptr<TextStream>>(&reaction)) {
        (*stream)->take(lab);
        lab.runFor(kDigest);
        (*stream)->take(lab);
    } else if (const auto* upgrade = std::get_if<Upgrade>(&reaction)) {
        talk(lab, *upgrade, rest);
    }
    return false;
}

} // namespace

/// The bytes of one connection behind TLS, to the end of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static Lab lab;
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    bool more = true;
    while (more && !bytes.empty()) {
        RequestParser parser;
        setLimits(parser);
        parser.eager(true);
        boost::system::error_code problem;
        while (!problem && !parser.is_done() && !bytes.empty())
            bytes.remove_prefix(parser.put(boost::asio::buffer(bytes.data(), bytes.size()), problem));
        if (!problem && !parser.is_done())
            parser.put_eof(problem);
        if (problem || !parser.is_done()) {
            if (const auto refusal = refusalOf(problem))
                checkAnswer(*refusal);
            return 0;
        }
        more = answerOne(lab, parser.release(), bytes);
    }
    return 0;
}
