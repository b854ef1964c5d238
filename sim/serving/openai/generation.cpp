#include "sim/serving/openai/generation.h"

#include "sim/serving/openai/prompt.h"

#include "sim/engine/letters.h"
#include "sim/engine/text_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sim::serving::openai {

namespace {

// Minor versions in which words changed; the second and third are set, near the dates of reports.
constexpr int kPromptOrEmbeds = 10;
constexpr int kNamedParameters = 13;
constexpr int kAtLeastTokens = 16;
/// What a completion gives when it is not told how much.
constexpr std::int64_t kCompletionTokens = 16;
/// Choices of one request: our own bound, each has a prompt of its own.
constexpr std::size_t kMostChoices = 128;
/// Whole numbers beyond are as good as this one.
constexpr std::int64_t kMostWhole = 1'000'000'000'000'000;

std::uint64_t hashOf(std::string_view text) { return TextHash{}(text) | 1; }

/// The members of a body, checked as pydantic does in its lax mode. A null is as good as nothing.
class Body {
public:
    explicit Body(const Json& object) : m_object(&object) { }

    const Json* find(const char* key) const
    {
        const auto found = m_object->find(key);
        return found == m_object->end() || found->is_null() ? nullptr : &*found;
    }
    const Json& object() const { return *m_object; }
    Findings& findings() { return m_findings; }

    void valueError(const std::string& what)
    {
        m_findings.add("value_error", {}, "Value error, " + what, *m_object, fmt::format("{{'error': ValueError({})}}", pythonQuoted(what)));
    }

    std::optional<std::int64_t> whole(const char* key)
    {
        const Json* value = find(key);
        if (!value)
            return std::nullopt;
        const auto wrong = [&](std::string_view type, std::string_view what) {
            m_findings.add(type, {key}, what, *value);
            return std::nullopt;
        };
        if (value->is_boolean())
            return value->get<bool>() ? 1 : 0;
        if (value->is_number_unsigned())
            return static_cast<std::int64_t>(std::min<std::uint64_t>(value->get<std::uint64_t>(), kMostWhole));
        if (value->is_number_integer())
            return std::max(value->get<std::int64_t>(), -kMostWhole);
        if (value->is_number_float()) {
            const double number = value->get<double>();
            if (std::floor(number) != number || !std::isfinite(number))
                return wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part");
            return static_cast<std::int64_t>(std::clamp(number, -static_cast<double>(kMostWhole), static_cast<double>(kMostWhole)));
        }
        if (!value->is_string())
            return wrong("int_type", "Input should be a valid integer");
        const std::string& text = value->get_ref<const std::string&>();
        std::int64_t number = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || stop != text.data() + text.size())
            return wrong("int_parsing", "Input should be a valid integer, unable to parse string as an integer");
        return std::clamp(number, -kMostWhole, kMostWhole);
    }

    std::optional<double> number(const char* key)
    {
        const Json* value = find(key);
        if (!value)
            return std::nullopt;
        if (value->is_boolean())
            return value->get<bool>() ? 1 : 0;
        if (value->is_number())
            return value->get<double>();
        double number = 0;
        if (value->is_string()) {
            const std::string& text = value->get_ref<const std::string&>();
            const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error == std::errc() && stop == text.data() + text.size())
                return number;
            m_findings.add("float_parsing", {key}, "Input should be a valid number, unable to parse string as a number", *value);
        } else {
            m_findings.add("float_type", {key}, "Input should be a valid number", *value);
        }
        return std::nullopt;
    }

    bool flag(const char* key, bool otherwise)
    {
        const Json* value = find(key);
        if (!value)
            return otherwise;
        if (value->is_boolean())
            return value->get<bool>();
        std::string word;
        if (value->is_string())
            word = lowered(value->get_ref<const std::string&>());
        else if (value->is_number())
            word = value->dump();
        for (const char* yes : {"true", "t", "yes", "y", "on", "1", "1.0"})
            if (word == yes)
                return true;
        for (const char* no : {"false", "f", "no", "n", "off", "0", "0.0"})
            if (word == no)
                return false;
        if (word.empty() && !value->is_string())
            m_findings.add("bool_type", {key}, "Input should be a valid boolean", *value);
        else
            m_findings.add("bool_parsing", {key}, "Input should be a valid boolean, unable to interpret input", *value);
        return otherwise;
    }

    std::optional<std::string> text(const char* key)
    {
        const Json* value = find(key);
        if (!value)
            return std::nullopt;
        if (value->is_string())
            return value->get<std::string>();
        m_findings.add("string_type", {key}, "Input should be a valid string", *value);
        return std::nullopt;
    }

    /// One text or a list of them.
    std::vector<std::string> texts(const char* key)
    {
        const Json* value = find(key);
        std::vector<std::string> all;
        if (!value)
            return all;
        if (value->is_string()) {
            all.push_back(value->get<std::string>());
        } else if (value->is_array()) {
            for (std::size_t i = 0; i < value->size(); ++i)
                if ((*value)[i].is_string())
                    all.push_back((*value)[i].get<std::string>());
                else
                    m_findings.add("string_type", {key, "list[str]", std::to_string(i)}, "Input should be a valid string", (*value)[i]);
        } else {
            m_findings.add("string_type", {key, "str"}, "Input should be a valid string", *value);
            m_findings.add("list_type", {key, "list[str]"}, "Input should be a valid list", *value);
        }
        return all;
    }

private:
    const Json* m_object;
    Findings m_findings;
};

/// What both kinds of generation have.
struct Sampling {
    std::optional<std::string> model;
    std::int64_t n = 1;
    std::optional<std::int64_t> maxTokens;
    std::int64_t minTokens = 0;
    std::optional<std::int64_t> seed;
    std::vector<std::string> stop;
    bool ignoreEnd = false;
    bool includeStop = false;
    bool stream = false;
    bool includeUsage = false;
    bool continuousUsage = false;
    std::int64_t priority = 0;
    std::uint64_t salt = 0;
    std::uint64_t session = 0;

    std::uint64_t seedNumber() const { return seed ? static_cast<std::uint64_t>(*seed) + 1 : 0; }
};

std::string shownNumber(double value) { return pythonRepr(Json(value)); }

/// SamplingParams' own checks, in their order.
std::string samplingFault(Body& body, const Sampling& sampling, const ServerArguments& arguments)
{
    const auto within = [](std::optional<double> value, double low, double high) { return !value || (*value >= low && *value <= high); };
    const auto presence = body.number("presence_penalty");
    const auto frequency = body.number("frequency_penalty");
    const auto repetition = body.number("repetition_penalty");
    const auto temperature = body.number("temperature");
    const auto topP = body.number("top_p");
    const auto topK = body.whole("top_k");
    const auto minP = body.number("min_p");
    if (sampling.n < 1)
        return fmt::format("n must be at least 1, got {}.", sampling.n);
    if (!within(presence, -2, 2))
        return fmt::format("presence_penalty must be in [-2, 2], got {}.", shownNumber(*presence));
    if (!within(frequency, -2, 2))
        return fmt::format("frequency_penalty must be in [-2, 2], got {}.", shownNumber(*frequency));
    if (repetition && !(*repetition > 0))
        return fmt::format("repetition_penalty must be greater than zero, got {}.", shownNumber(*repetition));
    if (temperature && !(*temperature >= 0))
        return fmt::format("temperature must be non-negative, got {}.", shownNumber(*temperature));
    if (topP && !(*topP > 0 && *topP <= 1))
        return fmt::format("top_p must be in (0, 1], got {}.", shownNumber(*topP));
    if (topK && *topK < -1)
        return fmt::format("top_k must be 0 (disable), or at least 1, got {}.", *topK);
    if (!within(minP, 0, 1))
        return fmt::format("min_p must be in [0, 1], got {}.", shownNumber(*minP));
    if (sampling.maxTokens && *sampling.maxTokens < 1)
        return fmt::format("max_tokens must be at least 1, got {}.", *sampling.maxTokens);
    if (sampling.minTokens < 0)
        return fmt::format("min_tokens must be greater than or equal to 0, got {}.", sampling.minTokens);
    if (sampling.maxTokens && sampling.minTokens > *sampling.maxTokens)
        return fmt::format("min_tokens must be less than or equal to max_tokens={}, got {}.", *sampling.maxTokens, sampling.minTokens);
    if (std::find(sampling.stop.begin(), sampling.stop.end(), "") != sampling.stop.end())
        return "stop cannot contain an empty string.";
    if (temperature && *temperature == 0 && sampling.n > 1)
        return fmt::format("n must be 1 when using greedy sampling, got {}.", sampling.n);
    if (sampling.n > static_cast<std::int64_t>(kMostChoices))
        return fmt::format("n must be at most {}, got {}.", kMostChoices, sampling.n);
    if (sampling.priority != 0 && arguments.settings.policy != SchedulingPolicy::Priority)
        return fmt::format("Got priority {} but Priority scheduling is not enabled.", sampling.priority);
    return "";
}

Sampling samplingOf(Body& body)
{
    Sampling s;
    s.model = body.text("model");
    s.n = body.whole("n").value_or(1);
    s.maxTokens = body.whole("max_tokens");
    s.minTokens = body.whole("min_tokens").value_or(0);
    s.seed = body.whole("seed");
    s.stop = body.texts("stop");
    s.ignoreEnd = body.flag("ignore_eos", false);
    s.includeStop = body.flag("include_stop_str_in_output", false);
    s.stream = body.flag("stream", false);
    s.priority = body.whole("priority").value_or(0);
    if (const auto salt = body.text("cache_salt")) {
        if (salt->empty())
            body.valueError("Parameter 'cache_salt' must be a non-empty string if provided.");
        s.salt = hashOf(*salt);
    }
    if (const auto user = body.text("user"))
        s.session = hashOf(*user);
    if (const Json* options = body.find("stream_options")) {
        if (!options->is_object()) {
            body.findings().add("model_attributes_type", {"stream_options"},
                                "Input should be a valid dictionary or object to extract fields from", *options);
        } else {
            if (!s.stream)
                body.valueError("Stream options can only be defined when `stream=True`.");
            Body inner(*options);
            s.includeUsage = inner.flag("include_usage", false);
            s.continuousUsage = s.includeUsage && inner.flag("continuous_usage_stats", false);
        }
    }
    return s;
}

bool servesModel(const ServerArguments& arguments, const std::optional<std::string>& model)
{
    // TensorRT-LLM and SGLang answer under any name.
    const EngineKind kind = arguments.settings.kind;
    if (!model || model->empty() || kind == EngineKind::TensorRtLlm || kind == EngineKind::SgLang)
        return true;
    return std::find(arguments.servedNames.begin(), arguments.servedNames.end(), *model) != arguments.servedNames.end();
}

Page noSuchModel(const ServerArguments& arguments, const std::string& model)
{
    return errorPage(arguments, 404, "NotFoundError", fmt::format("The model `{}` does not exist.", model),
                     minorVersion(arguments) >= kNamedParameters ? "model" : "");
}

/// Why so long a prompt and so long an answer do not fit. Nothing: they do.
std::optional<Page> lengthFault(const ServerArguments& arguments, std::size_t prompt, std::optional<std::int64_t> maxTokens)
{
    const auto length = static_cast<std::int64_t>(arguments.settings.maxModelLen);
    const auto tokens = static_cast<std::int64_t>(prompt);
    const std::int64_t answer = maxTokens.value_or(0);
    if (tokens < length && tokens + answer <= length)
        return std::nullopt;
    switch (arguments.settings.kind) {
    case EngineKind::SgLang:
        if (tokens >= length)
            return badRequest(arguments, fmt::format("The input ({} tokens) is longer than the model's context length ({} tokens).", tokens, length));
        return badRequest(arguments,
                          fmt::format("Requested token count exceeds the model's maximum context length of {} tokens. You requested a total of {} tokens: {} "
                                      "tokens from the input messages and {} tokens for the completion. Please reduce the number of tokens in the input "
                                      "messages or the completion to fit within the limit.",
                                      length, tokens + answer, tokens, answer));
    case EngineKind::TensorRtLlm:
        return badRequest(arguments, fmt::format("The sum of prompt length ({}), query length (0) and max_tokens ({}) should not exceed max_seq_len ({})",
                                                 tokens, answer, length));
    default: break;
    }
    const int minor = minorVersion(arguments);
    if (minor >= kAtLeastTokens && answer > length)
        return badRequest(arguments,
                          fmt::format("max_tokens={0} cannot be greater than max_model_len=max_total_tokens={1}. Please request fewer output tokens. "
                                      "(parameter=max_tokens, value={0})",
                                      answer, length),
                          "max_tokens");
    if (minor >= kAtLeastTokens)
        // It counts one token further than fits, and no more.
        return badRequest(arguments,
                          fmt::format("This model's maximum context length is {0} tokens. However, you requested {1} output tokens and your prompt contains at "
                                      "least {2} input tokens, for a total of at least {3} tokens. Please reduce the length of the input prompt or the number "
                                      "of requested output tokens. (parameter=input_tokens, value={2})",
                                      length, answer, length - answer + 1, length + 1),
                          "input_tokens");
    const bool named = minor >= kNamedParameters;
    if (tokens >= length)
        return badRequest(arguments,
                          fmt::format("This model's maximum context length is {} tokens. However, your request has {} input tokens. Please reduce the length of "
                                      "the input messages.{}",
                                      length, tokens, named ? fmt::format(" (parameter=input_tokens, value={})", tokens) : ""),
                          named ? "input_tokens" : "");
    return badRequest(arguments,
                      fmt::format("'max_tokens' or 'max_completion_tokens' is too large: {0}. This model's maximum context length is {1} tokens and your request "
                                  "has {2} input tokens ({0} > {1} - {2}).{3}",
                                  answer, length, tokens, named ? fmt::format(" (parameter=max_tokens, value={})", answer) : ""),
                      named ? "max_tokens" : "");
}

/// Where the first stop string is complete, and the answer with it.
void cutAtStop(Choice& choice, const AnswerText& text, const Sampling& sampling)
{
    const std::string_view bytes = std::string_view(text.bytes).substr(0, choice.textBytes);
    std::size_t end = std::string_view::npos;
    for (const std::string& stop : sampling.stop) {
        std::size_t at = bytes.find(stop);
        // Before min_tokens nothing stops it.
        while (at != std::string_view::npos && sampling.minTokens > 0
               && at + stop.size() <= text.ends[static_cast<std::size_t>(std::min<std::int64_t>(sampling.minTokens, choice.textTokens)) - 1])
            at = bytes.find(stop, at + 1);
        if (at == std::string_view::npos || at + stop.size() >= end)
            continue;
        end = at + stop.size();
        choice.stopString = stop;
        choice.textBytes = static_cast<std::uint32_t>(sampling.includeStop ? end : at);
    }
    if (end == std::string_view::npos)
        return;
    const auto token = std::lower_bound(text.ends.begin(), text.ends.end(), end) - text.ends.begin();
    choice.textTokens = static_cast<std::uint32_t>(token + 1);
    choice.request.answerTokens = choice.textTokens;
    choice.stops = true;
}

Choice choiceOf(const Prompt& prompt, AnswerId answer, const Sampling& sampling, std::int64_t room, std::int64_t otherwise)
{
    Choice choice;
    choice.answer = answer;
    const auto most = static_cast<std::uint32_t>(std::clamp<std::int64_t>(sampling.maxTokens.value_or(otherwise), 1, std::max<std::int64_t>(room, 1)));
    const auto least = static_cast<std::uint32_t>(std::clamp<std::int64_t>(sampling.minTokens, 0, most));
    const std::uint32_t natural = std::max(naturalTokens(answer) + 1, least);
    choice.stops = !sampling.ignoreEnd && natural <= most;
    choice.request.answerTokens = choice.stops ? natural : most;
    choice.textTokens = choice.request.answerTokens - (choice.stops ? 1 : 0);
    const AnswerText text = answerText(answer, choice.textTokens);
    choice.textBytes = choice.textTokens > 0 ? text.ends[choice.textTokens - 1] : 0;
    cutAtStop(choice, text, sampling);

    serving::Request& request = choice.request;
    request.prompt = prompt;
    request.maxTokens = most;
    request.answerText = answer;
    request.salt = sampling.salt;
    request.session = sampling.session;
    request.priority = static_cast<std::int32_t>(std::clamp<std::int64_t>(sampling.priority, -1'000'000'000, 1'000'000'000));
    return choice;
}

Generation generationOf(const ServerArguments& arguments, const Question& question, const Sampling& sampling, std::uint64_t serial, bool chat)
{
    Generation generation;
    generation.chat = chat;
    generation.stream = sampling.stream;
    generation.includeUsage = sampling.includeUsage;
    generation.continuousUsage = sampling.continuousUsage;
    generation.cacheReport = arguments.cacheReport;
    generation.model = arguments.servedNames.front();
    if (sampling.model && !sampling.model->empty())
        generation.model = *sampling.model;
    generation.created = unixSeconds(question.at);
    const auto given = question.headers.find("x-request-id");
    const AnswerId first = answerId(serial, static_cast<std::uint64_t>(question.at.time_since_epoch().count()), 0, false);
    generation.id = (chat ? "chatcmpl-" : "cmpl-")
        + (given != question.headers.end() ? given->second : fmt::format("{:016x}{:016x}", first, answerId(first, serial, 1, true)));
    return generation;
}

/// A message's content: a text, or parts of which the texts are joined. Nothing: what was found is told.
std::optional<std::string> contentOf(Body& body, const Json& message, std::size_t index, bool& image)
{
    const auto content = message.find("content");
    if (content == message.end() || content->is_null())
        return std::string();
    const std::vector<std::string> where = {"messages", std::to_string(index), "CustomChatCompletionMessageParam", "content"};
    if (content->is_string())
        return content->get<std::string>();
    if (!content->is_array()) {
        body.findings().add("string_type", where, "Input should be a valid string", *content);
        return std::nullopt;
    }
    std::string all;
    for (const Json& part : *content) {
        std::string text;
        if (part.is_string()) {
            text = part.get<std::string>();
        } else if (part.is_object() && part.contains("text") && part.at("text").is_string()) {
            text = part.at("text").get<std::string>();
        } else if (part.is_object() && (part.contains("image_url") || part.contains("video_url") || part.contains("input_audio"))) {
            image = true;
        } else {
            body.findings().add("missing", where, "Field required", part);
            return std::nullopt;
        }
        all += (all.empty() || text.empty() ? "" : "\n") + text;
    }
    return all;
}

std::vector<ChatMessage> messagesOf(Body& body, bool& image)
{
    std::vector<ChatMessage> messages;
    const auto list = body.object().find("messages");
    if (list == body.object().end()) {
        body.findings().add("missing", {"messages"}, "Field required", body.object());
        return messages;
    }
    if (!list->is_array()) {
        body.findings().add("list_type", {"messages"}, "Input should be a valid list", *list);
        return messages;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& message = (*list)[i];
        if (!message.is_object()) {
            body.findings().add("dict_type", {"messages", std::to_string(i), "CustomChatCompletionMessageParam"}, "Input should be a valid dictionary", message);
            continue;
        }
        const auto role = message.find("role");
        if (role == message.end() || !role->is_string()) {
            const std::vector<std::string> where = {"messages", std::to_string(i), "CustomChatCompletionMessageParam", "role"};
            if (role == message.end())
                body.findings().add("missing", where, "Field required", message);
            else
                body.findings().add("string_type", where, "Input should be a valid string", *role);
            continue;
        }
        if (auto content = contentOf(body, message, i, image))
            messages.push_back({role->get<std::string>(), std::move(*content)});
    }
    return messages;
}

/// What a model could do and this one does not. Empty: nothing of the kind is asked.
std::string chatFault(Body& body, const ServerArguments& arguments, bool image)
{
    const Json* choice = body.find("tool_choice");
    const Json* tools = body.find("tools");
    if (tools && tools->is_array() && !tools->empty()) {
        if (!choice || *choice == "auto")
            return "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set";
        if (*choice != "none")
            return "tool_choice = \"required\" requires --tool-call-parser to be set";
    }
    if (image)
        return fmt::format("{} is not a multimodal model", arguments.servedNames.front());
    return "";
}

std::string grammarFault(Body& body)
{
    const Json* format = body.find("response_format");
    const bool text = !format || !format->is_object() || !format->contains("type") || format->at("type") == "text";
    return text ? "" : "response_format other than text needs a grammar backend, which this server does not have.";
}

struct CompletionPrompt {
    PromptText text;
    std::string echo;
    bool chinese = false;
};

CompletionPrompt promptOfText(const std::string& text, ChatTemplate form)
{
    CompletionPrompt prompt;
    if (form == ChatTemplate::Llama3)
        prompt.text.add(SpecialToken::BeginOfText);
    prompt.text.add(text);
    prompt.echo = text;
    prompt.chinese = isChinese(text);
    return prompt;
}

/// Token ids. Nothing: one of them is none.
std::optional<CompletionPrompt> promptOfIds(const Json& ids, std::string& fault)
{
    CompletionPrompt prompt;
    for (const Json& id : ids) {
        const bool known = id.is_number_integer() && id.get<std::int64_t>() >= 0 && id.get<std::int64_t>() < kVocabulary;
        if (!known) {
            fault = fmt::format("Token id {} is out of vocabulary", pythonRepr(id));
            return std::nullopt;
        }
        const auto token = id.get<TokenId>();
        prompt.text.add(token);
        prompt.echo += token < static_cast<TokenId>(SpecialToken::BeginOfText) ? tokenText(token) : "";
    }
    prompt.chinese = isChinese(prompt.echo);
    return prompt;
}

} // namespace

std::variant<Json, Page> bodyObject(const ServerArguments& arguments, const Question& question)
{
    const auto type = question.headers.find("content-type");
    const std::string media = type == question.headers.end() ? "" : lowered(type->second.substr(0, type->second.find(';')));
    if (media != "application/json")
        return errorPage(arguments, 400, "Bad Request", "[\"Unsupported Media Type: Only 'application/json' is allowed\"]");
    Findings findings;
    if (question.body.empty()) {
        findings.add("missing", {}, "Field required", Json());
        return findings.page(arguments);
    }
    if (const auto fault = jsonFault(question.body)) {
        findings.add("json_invalid", {std::to_string(fault->at)}, "JSON decode error", Json::object(),
                     fmt::format("{{'error': {}}}", pythonQuoted(fault->message)));
        return findings.page(arguments);
    }
    Json body = Json::parse(question.body, nullptr, false);
    if (body.is_discarded()) // no UTF-8
        return errorPage(arguments, 400, "Bad Request", "There was an error parsing the body");
    if (!body.is_object()) {
        findings.add("model_attributes_type", {}, "Input should be a valid dictionary or object to extract fields from", body);
        return findings.page(arguments);
    }
    return body;
}

Reply chatGeneration(const ServerArguments& arguments, const Question& question, std::uint64_t serial)
{
    auto read = bodyObject(arguments, question);
    if (auto* page = std::get_if<Page>(&read))
        return *page;
    Body body(std::get<Json>(read));
    bool image = false;
    const std::vector<ChatMessage> messages = messagesOf(body, image);
    Sampling sampling = samplingOf(body);
    if (const auto most = body.whole("max_completion_tokens"))
        sampling.maxTokens = most;
    const bool logprobs = body.flag("logprobs", false);
    if (body.whole("top_logprobs").value_or(0) > 0 && !logprobs)
        body.valueError("when using `top_logprobs`, `logprobs` must be set to true.");
    const bool generationPrompt = body.flag("add_generation_prompt", true);
    const std::string parameters = samplingFault(body, sampling, arguments);
    if (!body.findings().empty())
        return body.findings().page(arguments);
    if (!servesModel(arguments, sampling.model))
        return noSuchModel(arguments, *sampling.model);
    for (const std::string& fault : {chatFault(body, arguments, image), grammarFault(body)})
        if (!fault.empty())
            return badRequest(arguments, fault);

    ChatPrompt prompt = chatPrompt(messages, templateOf(arguments.settings.deployment.model.name), sampling.seedNumber(), generationPrompt);
    if (auto page = lengthFault(arguments, prompt.text.tokens(), sampling.maxTokens))
        return *page;
    if (!parameters.empty())
        return badRequest(arguments, parameters);
    if (logprobs)
        return badRequest(arguments, "logprobs are not available on this server.");

    Generation generation = generationOf(arguments, question, sampling, serial, true);
    generation.promptTokens = static_cast<std::uint32_t>(prompt.text.tokens());
    const std::int64_t room = static_cast<std::int64_t>(arguments.settings.maxModelLen) - generation.promptTokens;
    for (std::int64_t i = 0; i < sampling.n; ++i) {
        const AnswerId answer = answerId(prompt.text.hash(), sampling.seedNumber(), static_cast<std::uint32_t>(i), prompt.chinese);
        generation.choices.push_back(choiceOf(prompt.text.stretches(), answer, sampling, room, room));
    }
    return generation;
}

Reply completionGeneration(const ServerArguments& arguments, const Question& question, std::uint64_t serial)
{
    auto read = bodyObject(arguments, question);
    if (auto* page = std::get_if<Page>(&read))
        return *page;
    Body body(std::get<Json>(read));
    const Sampling sampling = samplingOf(body);
    const bool echo = body.flag("echo", false);
    const auto suffix = body.text("suffix");
    const auto logprobs = body.whole("logprobs");
    const std::string parameters = samplingFault(body, sampling, arguments);
    const Json* given = body.find("prompt");
    if (!given) {
        if (minorVersion(arguments) >= kPromptOrEmbeds)
            body.valueError("Either prompt or prompt_embeds must be provided and non-empty.");
        else
            body.findings().add("missing", {"prompt"}, "Field required", body.object());
    } else if (!given->is_string() && !given->is_array()) {
        body.findings().add("list_type", {"prompt", "list[int]"}, "Input should be a valid list", *given);
        body.findings().add("list_type", {"prompt", "list[list[int]]"}, "Input should be a valid list", *given);
        body.findings().add("string_type", {"prompt", "str"}, "Input should be a valid string", *given);
        body.findings().add("list_type", {"prompt", "list[str]"}, "Input should be a valid list", *given);
    }
    if (!body.findings().empty())
        return body.findings().page(arguments);
    if (!servesModel(arguments, sampling.model))
        return noSuchModel(arguments, *sampling.model);
    if (suffix && !suffix->empty())
        return badRequest(arguments, "suffix is not currently supported");
    if (const std::string fault = grammarFault(body); !fault.empty())
        return badRequest(arguments, fault);

    const ChatTemplate form = templateOf(arguments.settings.deployment.model.name);
    std::vector<CompletionPrompt> prompts;
    std::string fault;
    if (given->is_string()) {
        prompts.push_back(promptOfText(given->get<std::string>(), form));
    } else if (given->empty()) {
        fault = "please provide at least one prompt";
    } else if (given->front().is_number()) {
        if (auto prompt = promptOfIds(*given, fault))
            prompts.push_back(std::move(*prompt));
    } else if (given->size() > kMostChoices) {
        fault = fmt::format("a request may have at most {} prompts, got {}.", kMostChoices, given->size());
    } else {
        for (const Json& one : *given) {
            if (one.is_string()) {
                prompts.push_back(promptOfText(one.get<std::string>(), form));
            } else if (one.is_array()) {
                if (auto prompt = promptOfIds(one, fault))
                    prompts.push_back(std::move(*prompt));
            } else {
                fault = "prompt must be a string, array of strings, array of tokens, or array of token arrays";
            }
            if (!fault.empty())
                break;
        }
    }
    if (!fault.empty())
        return badRequest(arguments, fault);
    if (!parameters.empty())
        return badRequest(arguments, parameters);
    if (logprobs)
        return badRequest(arguments, "logprobs are not available on this server.");
    if (prompts.size() * static_cast<std::size_t>(sampling.n) > kMostChoices)
        return badRequest(arguments, fmt::format("n must be at most {}, got {}.", kMostChoices / prompts.size(), sampling.n));

    Generation generation = generationOf(arguments, question, sampling, serial, false);
    for (const CompletionPrompt& prompt : prompts) {
        if (prompt.text.tokens() == 0)
            return badRequest(arguments, "The decoder prompt cannot be empty");
        if (auto page = lengthFault(arguments, prompt.text.tokens(), sampling.maxTokens))
            return *page;
        const auto tokens = static_cast<std::uint32_t>(prompt.text.tokens());
        generation.promptTokens += tokens;
        const std::int64_t room = static_cast<std::int64_t>(arguments.settings.maxModelLen) - tokens;
        for (std::int64_t i = 0; i < sampling.n; ++i) {
            const AnswerId answer = answerId(prompt.text.hash(), sampling.seedNumber(), static_cast<std::uint32_t>(i), prompt.chinese);
            generation.choices.push_back(choiceOf(prompt.text.stretches(), answer, sampling, room, kCompletionTokens));
            generation.choices.back().echo = echo ? prompt.echo : "";
        }
    }
    return generation;
}

Page tokenizePage(const ServerArguments& arguments, const Question& question)
{
    auto read = bodyObject(arguments, question);
    if (auto* page = std::get_if<Page>(&read))
        return *page;
    Body body(std::get<Json>(read));
    const auto model = body.text("model");
    const ChatTemplate form = templateOf(arguments.settings.deployment.model.name);
    std::vector<TokenId> ids;
    if (body.object().contains("messages")) {
        bool image = false;
        const std::vector<ChatMessage> messages = messagesOf(body, image);
        ids = chatPrompt(messages, form, 0, body.flag("add_generation_prompt", true)).text.ids();
    } else if (const auto prompt = body.text("prompt")) {
        ids = tokenize(*prompt);
        if (body.flag("add_special_tokens", true) && form == ChatTemplate::Llama3)
            ids.insert(ids.begin(), static_cast<TokenId>(SpecialToken::BeginOfText));
    } else if (body.findings().empty()) {
        // Neither of the two kinds of request.
        body.findings().add("missing", {"TokenizeCompletionRequest", "prompt"}, "Field required", body.object());
        body.findings().add("missing", {"TokenizeChatRequest", "messages"}, "Field required", body.object());
    }
    const bool strings = body.flag("return_token_strs", false);
    if (!body.findings().empty())
        return body.findings().page(arguments);
    if (!servesModel(arguments, model))
        return noSuchModel(arguments, *model);
    Json texts;
    if (strings)
        for (const TokenId id : ids)
            texts.push_back(tokenText(id));
    return jsonPage({{"count", ids.size()}, {"max_model_len", arguments.settings.maxModelLen}, {"tokens", ids}, {"token_strs", texts}});
}

Page detokenizePage(const ServerArguments& arguments, const Question& question)
{
    auto read = bodyObject(arguments, question);
    if (auto* page = std::get_if<Page>(&read))
        return *page;
    Body body(std::get<Json>(read));
    const auto model = body.text("model");
    std::vector<TokenId> ids;
    const auto tokens = body.object().find("tokens");
    if (tokens == body.object().end()) {
        body.findings().add("missing", {"tokens"}, "Field required", body.object());
    } else if (!tokens->is_array()) {
        body.findings().add("list_type", {"tokens"}, "Input should be a valid list", *tokens);
    } else {
        for (std::size_t i = 0; i < tokens->size(); ++i) {
            const Json& id = (*tokens)[i];
            if (!id.is_number_integer())
                body.findings().add("int_type", {"tokens", std::to_string(i)}, "Input should be a valid integer", id);
            else if (id.get<std::int64_t>() < 0)
                body.findings().add("greater_than_equal", {"tokens", std::to_string(i)}, "Input should be greater than or equal to 0", id, "{'ge': 0}");
            else
                ids.push_back(static_cast<TokenId>(std::min<std::int64_t>(id.get<std::int64_t>(), kVocabulary)));
        }
    }
    if (!body.findings().empty())
        return body.findings().page(arguments);
    if (!servesModel(arguments, model))
        return noSuchModel(arguments, *model);
    return jsonPage({{"prompt", detokenize(ids)}});
}

Page refusalPage(const ServerArguments& arguments, const Generation& generation, Refusal refusal)
{
    switch (refusal) {
    case Refusal::QueueFull:
        if (arguments.settings.kind == EngineKind::SgLang)
            return errorPage(arguments, 503, "Service Unavailable", "The request queue is full.");
        return errorPage(arguments, 503, "ServiceUnavailableError",
                         fmt::format("The server is overloaded: {} requests are in flight (max_num_queued_reqs). Please retry later.",
                                     arguments.settings.maxQueuedRequests));
    case Refusal::Empty: return badRequest(arguments, "The decoder prompt cannot be empty");
    default: break;
    }
    std::uint32_t most = 0;
    for (const Choice& choice : generation.choices)
        most = std::max(most, choice.request.mostTokens());
    return badRequest(arguments, fmt::format("The request may grow to {} tokens, more than the engine has room for.", most));
}

Page deadEnginePage(const ServerArguments& arguments)
{
    return errorPage(arguments, 500, "InternalServerError", "EngineCore encountered an issue. See stack trace (above) for the root cause.");
}

} // namespace sim::serving::openai
