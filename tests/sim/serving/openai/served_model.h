#pragma once

#include "sim/serving/openai/pages.h"

#include "sim/engine/split.h"

#include <gtest/gtest.h>

namespace sim::serving::openai {

/// A server with its engine, which answers at once.
class ServedModel {
public:
    explicit ServedModel(const std::string& words = "vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len 8192 --enable-prompt-tokens-details",
                         const std::string& version = "0.19.1")
        : m_arguments(std::get<ServerArguments>(serverArguments({split(words, ' '), {}, {}}, version, *deviceNamed("H100"), 1))),
          m_engine(withSteps(m_arguments.settings))
    {
        m_process.started = kStart;
        m_process.residentBytes = 5.5e9;
        m_process.handled = {{"/v1/chat/completions", "POST", 200, 3}, {"/v1/chat/completions", "POST", 201, 1}, {"/health", "GET", 200, 9}};
    }

    ServerArguments& arguments() { return m_arguments; }
    LlmEngine& engine() { return m_engine; }
    const ServerProcess& process() const { return m_process; }

    Question question(const std::string& method, const std::string& path, const std::string& body = "")
    {
        return {method, path, {{"content-type", "application/json"}}, body, m_now};
    }
    Served ask(const Question& question, bool dead = false) { return serve({m_arguments, m_engine, m_process, dead}, question, ++m_serial); }
    Page page(const Question& question, bool dead = false)
    {
        const Served served = ask(question, dead);
        if (const auto* page = std::get_if<Page>(&served))
            return *page;
        ADD_FAILURE() << question.path << " is answered later";
        return {};
    }
    Page get(const std::string& path) { return page(question("GET", path)); }
    Page post(const std::string& path, const std::string& body) { return page(question("POST", path, body)); }
    Generation generation(const std::string& path, const std::string& body)
    {
        const Served served = ask(question("POST", path, body));
        if (const auto* page = std::get_if<Page>(&served))
            ADD_FAILURE() << page->body;
        return std::holds_alternative<Generation>(served) ? std::get<Generation>(served) : Generation{};
    }

    /// All of it through the engine. `events`: what a stream shows meanwhile.
    std::vector<Delivered> run(const Generation& generation, std::string* events = nullptr)
    {
        std::vector<RequestId> ids;
        for (const Choice& choice : generation.choices) {
            ids.push_back(m_engine.nextId());
            EXPECT_EQ(m_engine.submit(choice.request, m_now), Refusal::None);
        }
        std::vector<Delivered> before;
        std::vector<Delivered> now(ids.size());
        while (const auto due = m_engine.nextDue()) {
            m_now = *due;
            m_engine.advance(m_now);
            for (const LlmEngine::Progress& progress : m_engine.live())
                for (std::size_t i = 0; i < ids.size(); ++i)
                    if (ids[i] == progress.id)
                        now[i].tokens = progress.delivered;
            for (const Completion& completion : m_engine.takeCompletions())
                for (std::size_t i = 0; i < ids.size(); ++i)
                    if (ids[i] == completion.id)
                        now[i] = {completion.answerTokens, true, completion.cachedTokens};
            if (events)
                *events += streamEvents(generation, before, now);
            before = now;
        }
        return now;
    }

    Json whole(const std::string& path, const std::string& body)
    {
        const Generation asked = generation(path, body);
        return Json::parse(wholePage(m_arguments, asked, run(asked)).body);
    }

    static constexpr Instant kStart{std::chrono::seconds(1'790'000'000)};

private:
    static EngineSettings withSteps(EngineSettings settings)
    {
        settings.recordedSteps = 50;
        return settings;
    }

    ServerArguments m_arguments;
    LlmEngine m_engine;
    ServerProcess m_process;
    Instant m_now = kStart + std::chrono::seconds(60);
    std::uint64_t m_serial = 0;
};

} // namespace sim::serving::openai
