#include "tests/sim/serving/openai/served_model.h"

namespace sim::serving::openai {

namespace {

constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kComplete = "/v1/completions";

std::string messageOf(const Page& page)
{
    const Json body = Json::parse(page.body);
    const Json& error = body.contains("error") ? body.at("error") : body;
    return error.at("message").get<std::string>();
}

void expectError(const Page& page, int status, const std::string& type, const std::string& words)
{
    EXPECT_EQ(page.status, status) << page.body;
    EXPECT_NE(messageOf(page).find(words), std::string::npos) << page.body;
    EXPECT_EQ(Json::parse(page.body)["error"]["type"], type);
    EXPECT_EQ(Json::parse(page.body)["error"]["code"], status);
}

/// The JSON of each "data: " line but the last.
std::vector<Json> chunksOf(const std::string& events)
{
    std::vector<Json> chunks;
    for (const std::string& line : linesOf(events))
        if (line.starts_with("data: {"))
            chunks.push_back(Json::parse(line.substr(6)));
    return chunks;
}

} // namespace

TEST(Pages, OfTheServerItself)
{
    ServedModel server;
    EXPECT_EQ(server.get("/health").status, 200);
    EXPECT_EQ(server.get("/health").body, "");
    EXPECT_EQ(server.page(server.question("GET", "/health"), true).status, 503);
    EXPECT_EQ(server.get("/version").body, R"({"version":"0.19.1"})");
    EXPECT_EQ(server.get("/nothing").body, R"({"detail":"Not Found"})");
    EXPECT_EQ(server.get("/nothing").status, 404);
    const Page wrong = server.get(kChat);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.body, R"({"detail":"Method Not Allowed"})");
    EXPECT_EQ(wrong.headers.front(), (std::pair<std::string, std::string>("allow", "POST")));
    const Json models = Json::parse(server.get("/v1/models?x=1").body);
    EXPECT_EQ(models["data"][0]["id"], "meta-llama/Llama-3.1-8B-Instruct");
    EXPECT_EQ(models["data"][0]["max_model_len"], 8192);
    EXPECT_EQ(models["data"][0]["created"], 1'790'000'060);
    EXPECT_EQ(server.get("/load").body, R"({"server_load":0})");
    // Only in the developer's mode.
    EXPECT_EQ(server.page(server.question("POST", "/reset_prefix_cache")).status, 404);
    server.arguments().developer = true;
    EXPECT_TRUE(std::holds_alternative<ResetPrefixCache>(server.ask(server.question("POST", "/reset_prefix_cache"))));
    EXPECT_NE(server.get("/server_info").body.find("max_seq_len=8192"), std::string::npos);
}

TEST(Pages, AskForTheKey)
{
    ServedModel server;
    server.arguments().apiKey = "secret";
    EXPECT_EQ(server.get("/v1/models").status, 401);
    EXPECT_EQ(server.get("/v1/models").body, R"({"error":"Unauthorized"})");
    EXPECT_EQ(server.get("/health").status, 200);
    Question question = server.question("GET", "/v1/models");
    question.headers["authorization"] = "Bearer secret";
    EXPECT_EQ(server.page(question).status, 200);
}

TEST(Pages, TokensComeBack)
{
    ServedModel server;
    const Json tokens = Json::parse(server.post("/tokenize", R"({"prompt": "What is a KV cache? 什么是缓存", "return_token_strs": true})").body);
    EXPECT_EQ(tokens["count"], tokens["tokens"].size());
    EXPECT_EQ(tokens["max_model_len"], 8192);
    EXPECT_EQ(tokens["token_strs"][0], "<|begin_of_text|>");
    const Json text = Json::parse(server.post("/detokenize", Json{{"tokens", tokens["tokens"]}}.dump()).body);
    EXPECT_EQ(text["prompt"], "<|begin_of_text|>What is a KV cache? 什么是缓存");
    const Json chat = Json::parse(server.post("/tokenize", R"({"messages": [{"role": "user", "content": "Hi"}]})").body);
    EXPECT_EQ(chat["count"], server.generation(kChat, R"({"messages": [{"role": "user", "content": "Hi"}]})").promptTokens);
    expectError(server.post("/detokenize", R"({"tokens": [1, "x", -1]})"), 400, "Bad Request", "'loc': ('body', 'tokens', 2), 'msg': 'Input should be greater");
}

TEST(ChatCompletions, AnswerInOnePiece)
{
    ServedModel server;
    const Json answer = server.whole(kChat, R"({"model": "meta-llama/Llama-3.1-8B-Instruct", "max_tokens": 20,
                                               "messages": [{"role": "user", "content": "Why is the first token late?"}]})");
    EXPECT_EQ(answer["object"], "chat.completion");
    EXPECT_TRUE(answer["id"].get<std::string>().starts_with("chatcmpl-"));
    EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(answer["choices"][0]["message"]["role"], "assistant");
    EXPECT_EQ(countTokens(answer["choices"][0]["message"]["content"].get<std::string>()), 20U);
    EXPECT_EQ(answer["usage"]["completion_tokens"], 20);
    EXPECT_EQ(answer["usage"]["total_tokens"], answer["usage"]["prompt_tokens"].get<int>() + 20);
    EXPECT_EQ(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
    EXPECT_EQ(answer["created"], 1'790'000'060);
    // The same question has the same answer, another seed another one; Chinese is answered in Chinese.
    const auto content = [&](const std::string& more, const std::string& text) {
        return server.whole(kChat, R"({"messages": [{"role": "user", "content": ")" + text + "\"}]" + more + "}")["choices"][0]["message"]["content"].get<std::string>();
    };
    EXPECT_EQ(content("", "Why?"), content("", "Why?"));
    EXPECT_NE(content("", "Why?"), content(R"(, "seed": 4)", "Why?"));
    EXPECT_TRUE(isChinese(content("", "为什么首个词元这么慢？")));
}

TEST(ChatCompletions, AConversationThatComesBackIsCached)
{
    ServedModel server;
    Json messages = Json::array({{{"role", "system"}, {"content", "You run a data centre."}}, {{"role", "user"}, {"content", "Why is it slow?"}}});
    const Json first = server.whole(kChat, Json{{"messages", messages}}.dump());
    EXPECT_EQ(first["choices"][0]["finish_reason"], "stop");
    messages.push_back({{"role", "assistant"}, {"content", first["choices"][0]["message"]["content"]}});
    messages.push_back({{"role", "user"}, {"content", "And what then?"}});
    const Json second = server.whole(kChat, Json{{"messages", messages}, {"max_tokens", 5}}.dump());
    const int computed = first["usage"]["total_tokens"].get<int>() - 1;
    EXPECT_EQ(second["usage"]["prompt_tokens_details"]["cached_tokens"], computed / 16 * 16);
    // Under another salt nothing is.
    const Json salted = server.whole(kChat, Json{{"messages", messages}, {"max_tokens", 5}, {"cache_salt", "tenant"}}.dump());
    EXPECT_EQ(salted["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
}

TEST(ChatCompletions, StreamTokenByToken)
{
    ServedModel server;
    const std::string body = R"({"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 12, "n": 2, "stream": true,
                                "stream_options": {"include_usage": true}})";
    const Generation asked = server.generation(kChat, body);
    EXPECT_TRUE(asked.stream);
    std::string events;
    const std::vector<Delivered> all = server.run(asked, &events);
    EXPECT_TRUE(events.ends_with("\n\ndata: [DONE]\n\n"));
    std::vector<Json> chunks = chunksOf(events);
    ASSERT_EQ(chunks.size(), 2U + 24 + 1);
    EXPECT_EQ(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    EXPECT_EQ(chunks.back()["usage"]["completion_tokens"], 24);
    EXPECT_TRUE(chunks.back()["choices"].empty());
    const Json whole = Json::parse(wholePage(server.arguments(), asked, all).body);
    for (int choice = 0; choice < 2; ++choice) {
        std::string text;
        std::string reason;
        for (const Json& chunk : chunks)
            if (!chunk["choices"].empty() && chunk["choices"][0]["index"] == choice) {
                text += chunk["choices"][0]["delta"].value("content", "");
                if (!chunk["choices"][0]["finish_reason"].is_null())
                    reason = chunk["choices"][0]["finish_reason"].get<std::string>();
            }
        EXPECT_EQ(text, whole["choices"][choice]["message"]["content"].get<std::string>());
        EXPECT_EQ(reason, "length");
    }
    // In any pieces it is the same.
    EXPECT_EQ(streamEvents(asked, {}, {{3, false, 0}, {0, false, 0}}) + streamEvents(asked, {{3, false, 0}, {0, false, 0}}, all),
              streamEvents(asked, {}, {{3, false, 0}, {0, false, 0}}) + streamEvents(asked, {{3, false, 0}, {0, false, 0}}, all));
    EXPECT_EQ(chunksOf(streamEvents(asked, {}, all)).size(), chunks.size());
}

TEST(ChatCompletions, StopStringsCutTheAnswer)
{
    ServedModel server;
    const std::string ask = R"({"messages": [{"role": "user", "content": "Why is it slow?"}], "max_tokens": 200)";
    const std::string all = server.whole(kChat, ask + "}")["choices"][0]["message"]["content"].get<std::string>();
    const std::string stop = all.substr(60, 7);
    const Json cut = server.whole(kChat, ask + ", \"stop\": " + Json(stop).dump() + "}")["choices"][0];
    EXPECT_EQ(cut["message"]["content"], all.substr(0, all.find(stop)));
    EXPECT_EQ(cut["finish_reason"], "stop");
    EXPECT_EQ(cut["stop_reason"], stop);
    const Json kept = server.whole(kChat, ask + ", \"include_stop_str_in_output\": true, \"stop\": [\"zzz\", " + Json(stop).dump() + "]}")["choices"][0];
    EXPECT_EQ(kept["message"]["content"], all.substr(0, all.find(stop) + stop.size()));
    const Json forced = server.whole(kChat, R"({"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 700, "ignore_eos": true})");
    EXPECT_EQ(forced["usage"]["completion_tokens"], 700);
    EXPECT_EQ(forced["choices"][0]["finish_reason"], "length");
}

TEST(Completions, TakeTextsAndIds)
{
    ServedModel server;
    const Json one = server.whole(kComplete, R"({"model": "meta-llama/Llama-3.1-8B-Instruct", "prompt": "Once"})");
    EXPECT_EQ(one["object"], "text_completion");
    EXPECT_EQ(one["usage"]["completion_tokens"], 16);
    const Json two = server.whole(kComplete, R"({"prompt": ["Once upon", "In the"], "n": 2, "max_tokens": 4, "echo": true})");
    ASSERT_EQ(two["choices"].size(), 4U);
    EXPECT_TRUE(two["choices"][2]["text"].get<std::string>().starts_with("In the"));
    EXPECT_EQ(server.whole(kComplete, R"({"prompt": [300, 301, 302]})")["usage"]["prompt_tokens"], 3);
    EXPECT_EQ(server.whole(kComplete, R"({"prompt": [[300, 301], [5]]})")["choices"].size(), 2U);
    expectError(server.post(kComplete, R"({"prompt": [999999]})"), 400, "BadRequestError", "Token id 999999 is out of vocabulary");
    expectError(server.post(kComplete, R"({"prompt": "a", "suffix": "b"})"), 400, "BadRequestError", "suffix is not currently supported");
    expectError(server.post(kComplete, R"({"model": null})"), 400, "Bad Request", "Either prompt or prompt_embeds must be provided and non-empty.");
    expectError(server.post(kComplete, R"({"prompt": []})"), 400, "BadRequestError", "please provide at least one prompt");
}

TEST(Refusals, AreWordedAsTheRealServers)
{
    ServedModel server;
    expectError(server.post(kChat, R"({"model": "gpt-4", "messages": []})"), 404, "NotFoundError", "The model `gpt-4` does not exist.");
    expectError(server.post(kChat, R"({"model": "gpt-4"})"), 400, "Bad Request",
                "1 validation error:\n  {'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', 'input': {'model': 'gpt-4'}}");
    expectError(server.post(kChat, R"({"messages": "hello", "temperature": "hot"})"), 400, "Bad Request", "2 validation errors:\n  {'type': 'list_type'");
    expectError(server.post(kChat, "{'messages': []}"), 400, "Bad Request",
                "{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error', 'input': {}, 'ctx': {'error': 'Expecting property name enclosed in "
                "double quotes'}}");
    expectError(server.post(kChat, ""), 400, "Bad Request", "{'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}");
    expectError(server.post(kChat, "[]"), 400, "Bad Request", "model_attributes_type");
    expectError(server.post(kChat, R"({"messages": [{"content": "x"}]})"), 400, "Bad Request", "'role'), 'msg': 'Field required'");
    expectError(server.post(kChat, R"({"messages": [], "max_tokens": 1.5})"), 400, "Bad Request", "got a number with a fractional part");
    expectError(server.post(kChat, R"({"messages": [], "stream_options": {}})"), 400, "Bad Request", "Stream options can only be defined when `stream=True`.");
    expectError(server.post(kChat, R"({"messages": [], "temperature": -1})"), 400, "BadRequestError", "temperature must be non-negative, got -1.0.");
    expectError(server.post(kChat, R"({"messages": [], "n": 0})"), 400, "BadRequestError", "n must be at least 1, got 0.");
    expectError(server.post(kChat, R"({"messages": [], "priority": 3})"), 400, "BadRequestError", "Got priority 3 but Priority scheduling is not enabled.");
    expectError(server.post(kChat, R"({"messages": [], "tools": [{"type": "function"}]})"), 400, "BadRequestError",
                "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set");
    expectError(server.post(kChat, R"({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 8190})"), 400, "BadRequestError",
                "This model's maximum context length is 8192 tokens. However, you requested 8190 output tokens and your prompt contains at least 3 input tokens, "
                "for a total of at least 8193 tokens.");
    Question plain = server.question("POST", kChat, "{}");
    plain.headers["content-type"] = "application/x-www-form-urlencoded";
    expectError(server.page(plain), 400, "Bad Request", "Unsupported Media Type: Only 'application/json' is allowed");
    const Page dead = server.page(server.question("POST", kChat, R"({"messages": [{"role": "user", "content": "Hi"}]})"), true);
    expectError(dead, 500, "InternalServerError", "EngineCore encountered an issue.");
    expectError(refusalPage(server.arguments(), {}, Refusal::QueueFull), 503, "ServiceUnavailableError", "in flight");

    ServedModel old("vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len 8192", "0.9.1");
    const Page flat = old.post(kChat, R"({"model": "x", "messages": []})");
    EXPECT_EQ(flat.body, R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404})");
    EXPECT_EQ(messageOf(old.post(kChat, "{}")), "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', 'input': {}}]");
    EXPECT_NE(messageOf(old.post(kChat, R"({"messages": [], "max_tokens": 9000})")).find("'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's"),
              std::string::npos);
}

TEST(PythonText, FindsWhatPythonFinds)
{
    const std::tuple<const char*, const char*, std::size_t> kRows[] = {
        {"", "Expecting value", 0},          {"{\"a\" 1}", "Expecting ':' delimiter", 5}, {"[1 2]", "Expecting ',' delimiter", 3},
        {"\"abc", "Unterminated string starting at", 0}, {"{} x", "Extra data", 3},       {"\"\\q\"", "Invalid \\escape", 1},
        {"{\"a\": tru}", "Expecting value", 6}, {"\"a\nb\"", "Invalid control character at", 2}};
    for (const auto& [text, message, at] : kRows) {
        const auto fault = jsonFault(text);
        ASSERT_TRUE(fault) << text;
        EXPECT_EQ(fault->message, message) << text;
        EXPECT_EQ(fault->at, at) << text;
    }
    for (const char* text : {"{}", " [1, -2.5e3, \"\\u00e9\", null, true] ", "0"})
        EXPECT_FALSE(jsonFault(text)) << text;
    EXPECT_TRUE(jsonFault(std::string(100000, '[')));
    EXPECT_EQ(pythonRepr(Json::parse(R"({"b": [1, 2.0, true, null], "a": "it's"})")), R"({'b': [1, 2.0, True, None], 'a': "it's"})");
}

} // namespace sim::serving::openai
