#include "core/session/model_input.h"

#include <nlohmann/json.hpp>

namespace core::session {

using nlohmann::json;

std::string askText(const sim::command::AskModel& ask)
{
    const sim::serving::Request& request = ask.request;
    json prompt = json::array();
    for (const sim::serving::Stretch& stretch : request.prompt)
        prompt.push_back({stretch.text, stretch.tokens});
    return json{{"to", ask.to.value}, {"prompt", prompt}, {"answer", request.answerTokens}, {"max", request.maxTokens}, {"text", request.answerText},
                {"salt", request.salt}, {"session", request.session}, {"priority", request.priority}}
        .dump();
}

sim::Result<sim::command::AskModel> askOf(const std::string& text)
{
    const json from = json::parse(text, nullptr, false);
    try {
        sim::command::AskModel ask;
        ask.to = sim::ContainerId(from.at("to").get<std::uint32_t>());
        for (const json& stretch : from.at("prompt"))
            ask.request.prompt.push_back({stretch.at(0).get<std::uint64_t>(), stretch.at(1).get<std::uint32_t>()});
        ask.request.answerTokens = from.at("answer");
        ask.request.maxTokens = from.at("max");
        ask.request.answerText = from.at("text");
        ask.request.salt = from.at("salt");
        ask.request.session = from.at("session");
        ask.request.priority = from.at("priority");
        return ask;
    } catch (const json::exception&) {
        return sim::Error{"is no request to a model as replay files hold them", text.substr(0, 60)};
    }
}

std::string callText(const sim::command::HttpCall& call)
{
    return json{{"from", call.from.value}, {"method", call.method}, {"host", call.host}, {"port", call.port}, {"path", call.path},
                {"headers", call.headers}, {"body", call.body}}
        .dump(-1, ' ', false, json::error_handler_t::replace); // what clients sent may be no UTF-8
}

sim::Result<sim::command::HttpCall> callOf(const std::string& text)
{
    const json from = json::parse(text, nullptr, false);
    try {
        sim::command::HttpCall call;
        call.from = sim::StackId(from.at("from").get<std::uint32_t>());
        call.method = from.at("method");
        call.host = from.at("host");
        call.port = from.at("port");
        call.path = from.at("path");
        call.headers = from.at("headers").get<std::map<std::string, std::string>>();
        call.body = from.at("body");
        return call;
    } catch (const json::exception&) {
        return sim::Error{"is no HTTP request as replay files hold them", text.substr(0, 60)};
    }
}

} // namespace core::session
