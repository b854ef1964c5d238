#include "sim/engine/assert.h"
#include "sim/serving/openai/pages.h"
#include "tests/fuzz/fuzz_target.h"

#include <array>
#include <string>

namespace {

using namespace sim;
using namespace sim::serving;
using namespace sim::serving::openai;

/// One server of each kind, of versions whose words differ.
struct Servers {
    struct One {
        ServerArguments arguments;
        LlmEngine engine;
    };
    std::vector<One> all;
    ServerProcess process;

    Servers()
    {
        for (const auto& [model, version] : {std::pair("Qwen/Qwen3-8B", "0.9.0"), std::pair("meta-llama/Llama-3.1-8B-Instruct", "0.15.0"),
                                             std::pair("Qwen/Qwen3-8B", "0.32.0")})
            add({"vllm", "serve", model, "--served-model-name", "m", "--max-model-len", "4096"}, version);
        add({"trtllm-serve", "Qwen/Qwen3-8B", "--max_seq_len", "4096"}, "1.0.0");
        add({"sglang", "serve", "--model-path", "Qwen/Qwen3-8B", "--context-length", "4096"}, "0.5.3");
    }

    void add(const std::vector<std::string>& words, const char* version)
    {
        auto arguments = serverArguments({words, {}, {}}, version, *deviceNamed("H100"), 1);
        FL_ASSERT(std::holds_alternative<ServerArguments>(arguments));
        const ServerArguments& given = std::get<ServerArguments>(arguments);
        all.push_back({given, LlmEngine(given.settings)});
    }
};

void checkPage(const Page& page)
{
    FL_ASSERT(page.status >= 200 && page.status < 600);
    for (const auto& [name, value] : page.headers)
        FL_ASSERT((name + value).find_first_of("\r\n") == std::string::npos);
    if (page.contentType != "application/json")
        return;
    const Json body = Json::parse(page.body, nullptr, false);
    FL_ASSERT(!body.is_discarded());
    // Whatever is wrong is told as OpenAI's clients, FastAPI's or the key's guard expect it.
    if (page.status >= 400)
        FL_ASSERT(body.is_object() && (body.contains("error") || body.contains("detail") || body.value("object", "") == "error"));
}

/// As the world would, but at once: the answer must come out whole, in one piece and as a stream.
void checkGeneration(const ServerArguments& arguments, const Generation& generation)
{
    FL_ASSERT(!generation.choices.empty() && generation.promptTokens > 0);
    std::vector<Delivered> none(generation.choices.size());
    std::vector<Delivered> some = none;
    std::vector<Delivered> all = none;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Choice& choice = generation.choices[i];
        FL_ASSERT(choice.request.answerTokens > 0 && choice.request.promptTokens() > 0 && choice.request.maxTokens >= choice.request.answerTokens);
        FL_ASSERT(choice.request.mostTokens() <= arguments.settings.maxModelLen);
        some[i].tokens = choice.request.answerTokens / 2;
        all[i] = {choice.request.answerTokens, true, 0};
    }
    checkPage(wholePage(arguments, generation, all));
    const std::string first = streamEvents(generation, {}, some);
    FL_ASSERT(first.find("[DONE]") == std::string::npos);
    FL_ASSERT(streamEvents(generation, some, all).ends_with("data: [DONE]\n\n"));
    checkPage(refusalPage(arguments, generation, Refusal::TooLong));
}

} // namespace

/// The first byte chooses the path, the rest is the body a client sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Servers kServers;
    constexpr auto kPaths = std::to_array<const char*>({"/v1/chat/completions", "/v1/completions", "/tokenize", "/detokenize", "/v1/models", "/load", "/ping"});
    if (size == 0)
        return 0;
    const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    Question question{"POST", data[0] < kPaths.size() ? kPaths[data[0]] : body, {{"content-type", "application/json"}}, body, Instant{}};
    for (const Servers::One& one : kServers.all) {
        const Served served = serve({one.arguments, one.engine, kServers.process}, question, 1);
        if (const auto* page = std::get_if<Page>(&served))
            checkPage(*page);
        else if (const auto* generation = std::get_if<Generation>(&served))
            checkGeneration(one.arguments, *generation);
    }
    return 0;
}
