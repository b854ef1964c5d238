#include "core/shell/commands/linux/model_answer.h"

#include "sim/world/world.h"

#include <algorithm>

namespace core::shell::node {

namespace openai = sim::serving::openai;

ModelAnswer::ModelAnswer(Door& door, const sim::HttpAnswer& answer) : m_door(door), m_generation(answer.generation), m_model(answer.model)
{
    for (const openai::Choice& choice : m_generation->choices)
        m_asks.push_back(m_door.apply(sim::Command{sim::command::AskModel{m_model, choice.request}}).id);
}

ModelAnswer::~ModelAnswer()
{
    if (!m_ended)
        hangUp();
}

void ModelAnswer::hangUp()
{
    for (const std::uint64_t ask : m_asks)
        m_door.apply(sim::Command{sim::command::LeaveModel{ask}});
}

std::string ModelAnswer::fail(sim::HttpAnswer& answer, const openai::Page& page)
{
    m_ended = true;
    hangUp(); // the other choices are of no use to anybody
    m_brokeOff = !m_before.empty();
    if (m_brokeOff) // the head is out
        return {};
    answer.status = page.status;
    answer.reason.clear();
    answer.headers = {{"Content-Type", page.contentType}};
    return page.body;
}

std::string ModelAnswer::take(sim::HttpAnswer& answer)
{
    std::vector<openai::Delivered> delivered;
    const sim::serving::Server* server = nullptr;
    for (const std::uint64_t number : m_asks) {
        const sim::serving::Ask* ask = m_door.world().serving().ask(number);
        server = ask == nullptr ? nullptr : m_door.world().serving().find(ask->server);
        if (ask == nullptr || ask->failed || (ask->ended && !ask->server.valid()) || server == nullptr) {
            if (server != nullptr)
                return fail(answer, openai::deadEnginePage(server->arguments));
            return fail(answer, {503, "application/json", R"({"error":{"message":"Service unavailable","type":"service_unavailable","code":503}})"});
        }
        if (ask->refusal != sim::serving::Refusal::None)
            return fail(answer, openai::refusalPage(server->arguments, *m_generation, ask->refusal));
        delivered.push_back({ask->delivered, ask->ended, ask->cachedTokens});
    }
    m_ended = std::all_of(delivered.begin(), delivered.end(), [](const openai::Delivered& one) { return one.finished; });
    if (!m_generation->stream) {
        if (!m_ended)
            return {};
        return openai::wholePage(server->arguments, *m_generation, delivered).body;
    }
    const bool news = m_before.empty() || delivered != m_before;
    if (!news || std::all_of(delivered.begin(), delivered.end(), [](const openai::Delivered& one) { return one.tokens == 0 && !one.finished; }))
        return {};
    const std::string bytes = openai::streamEvents(*m_generation, m_before, delivered);
    m_before = std::move(delivered);
    return bytes;
}

} // namespace core::shell::node
