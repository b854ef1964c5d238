#include "sim/serving/load.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>

namespace sim::serving {

namespace {

using nlohmann::json;

/// What one kind of load asks. Lengths are log-normal: median and the deviation of the logarithm.
struct Shape {
    std::uint32_t system;  ///< tokens of the system prompt that all share
    double question, questionSpread;
    double answer, answerSpread;
    double turns; ///< of a conversation, on average
};

Shape shapeOf(LoadKind kind)
{
    switch (kind) {
    case LoadKind::Chat: return {0, 180, 1.1, 200, 0.8, 3.5};        // ShareGPT's turns
    case LoadKind::Agents: return {3500, 350, 0.8, 120, 0.7, 8};     // tools' descriptions, results, calls
    case LoadKind::Retrieval: return {400, 60, 0.6, 220, 0.6, 1};    // the documents come on top
    case LoadKind::Documents: return {0, 24000, 0.5, 300, 0.5, 1};
    case LoadKind::Batch: return {0, 895, 0.85, 160, 0.8, 1};       // Azure's conversations: mean 1,155 in, 211 out
    }
    return {};
}

Shape shapeOf(const LoadSettings& settings)
{
    Shape shape = shapeOf(settings.kind);
    if (settings.questionTokens > 0)
        shape.question = settings.questionTokens;
    if (settings.answerTokens > 0)
        shape.answer = settings.answerTokens;
    if (settings.sharedTokens > 0)
        shape.system = settings.sharedTokens;
    return shape;
}

constexpr std::uint64_t kSystemText = 0x73797374656dULL << 16;
constexpr std::uint64_t kDocumentText = 0x646f63ULL << 32;
constexpr std::uint64_t kDocuments = 400;        ///< of a retrieval index that are asked for
constexpr std::uint32_t kDocumentTokens = 512;   ///< of one passage
constexpr std::uint32_t kPassages = 5;
constexpr std::size_t kOpenConversations = 512;
constexpr double kFirstTurns = 0.35; ///< of chat requests begin a conversation, while some are open

std::optional<double> numberIn(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Seconds since 1970 of "2023-11-16 18:15:46.6805900", as Azure's traces tell UTC.
std::optional<double> dateAndTimeIn(std::string_view text)
{
    if (text.ends_with("+00:00"))
        text.remove_suffix(6);
    constexpr std::string_view kShape = "0000-00-00 00:00:00";
    if (text.size() < kShape.size())
        return std::nullopt;
    for (std::size_t i = 0; i < kShape.size(); ++i)
        if (kShape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != kShape[i])
            return std::nullopt;
    const auto part = [text](std::size_t at, std::size_t length) { return numberIn(text.substr(at, length)).value_or(0); };
    const auto second = numberIn(text.substr(17));
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(part(0, 4))), std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(part(8, 2)))};
    if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || !second || *second >= 61)
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count() * 86400.0 + part(11, 2) * 3600 + part(14, 2) * 60 + *second;
}

enum class Column : std::uint8_t { Arrival, Prompt, Answer, Session, Prefix, PrefixTokens, Priority, Other };

Column columnNamed(std::string_view name)
{
    const std::pair<std::string_view, Column> kNames[] = {
        {"arrival_time", Column::Arrival}, {"arrived_at", Column::Arrival}, {"timestamp", Column::Arrival},
        {"TIMESTAMP", Column::Arrival}, {"arrival", Column::Arrival},
        {"input_toks", Column::Prompt}, {"prompt_tokens", Column::Prompt}, {"num_prefill_tokens", Column::Prompt},
        {"ContextTokens", Column::Prompt}, {"request_tokens", Column::Prompt}, {"input_tokens", Column::Prompt}, {"input_length", Column::Prompt},
        {"output_toks", Column::Answer}, {"output_tokens", Column::Answer}, {"num_decode_tokens", Column::Answer},
        {"GeneratedTokens", Column::Answer}, {"response_tokens", Column::Answer}, {"output_length", Column::Answer},
        {"session", Column::Session}, {"session_id", Column::Session}, {"prefix", Column::Prefix},
        {"prefix_tokens", Column::PrefixTokens}, {"priority", Column::Priority}};
    for (const auto& [known, column] : kNames)
        if (known == name)
            return column;
    return Column::Other;
}

std::uint64_t textNamed(std::string_view name)
{
    Fingerprint f;
    f.add(name);
    return f.value();
}

/// One row of a trace, before it is checked.
struct Row {
    std::optional<double> arrival, prompt, answer;
    double priority = 0;
    double prefixTokens = 0;
    std::string prefix, session;
};

void set(Row& row, Column column, std::string_view text, std::optional<double> number)
{
    switch (column) {
    case Column::Arrival: row.arrival = number ? number : dateAndTimeIn(text); break;
    case Column::Prompt: row.prompt = number; break;
    case Column::Answer: row.answer = number; break;
    case Column::PrefixTokens: row.prefixTokens = number.value_or(0); break;
    case Column::Priority: row.priority = number.value_or(0); break;
    case Column::Prefix: row.prefix = text; break;
    case Column::Session: row.session = text; break;
    case Column::Other: break;
    }
}

std::vector<std::string_view> cellsOf(std::string_view line)
{
    std::vector<std::string_view> cells;
    while (true) {
        const std::size_t comma = line.find(',');
        std::string_view cell = line.substr(0, comma);
        while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"'))
            cell.remove_prefix(1);
        while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"' || cell.back() == '\r'))
            cell.remove_suffix(1);
        cells.push_back(cell);
        if (comma == std::string_view::npos)
            return cells;
        line.remove_prefix(comma + 1);
    }
}

constexpr double kMostTokens = 10'000'000;
constexpr double kLatestArrival = 4e9; ///< seconds: also those since 1970, and what an Instant holds

} // namespace

LoadGenerator::LoadGenerator(const LoadSettings& settings, std::uint64_t seed, Instant start)
    : m_settings(settings), m_random(seed, "serving/load"), m_start(start), m_at(start)
{
}

Duration LoadGenerator::gap()
{
    const double mean = 1 / m_settings.requestsPerSecond;
    switch (m_settings.arrivals) {
    case ArrivalKind::AtOnce: return Duration{0};
    case ArrivalKind::Poisson: return fromSeconds(m_random.exponential(mean));
    case ArrivalKind::Bursty: {
        const double shape = 1 / (m_settings.burstiness * m_settings.burstiness);
        return fromSeconds(m_random.gamma(shape) * mean / shape);
    }
    case ArrivalKind::Diurnal: break;
    }
    // Thinning: candidates at the highest rate, kept with the chance of the rate at their instant.
    const double highest = 1 + m_settings.swing;
    double after = 0;
    while (true) {
        after += m_random.exponential(mean / highest);
        const double phase = (toSeconds(m_at - m_start) + after) / m_settings.daySeconds;
        const double rate = 1 - m_settings.swing * std::cos(2 * std::numbers::pi * phase);
        if (m_random.unit() * highest < rate)
            return fromSeconds(after);
    }
}

std::uint32_t LoadGenerator::lengthNear(double median, double spread, std::uint32_t least, std::uint32_t most)
{
    const double length = median * std::exp(m_random.normal(0, spread));
    return static_cast<std::uint32_t>(std::clamp<double>(length, least, most));
}

/// A turn of a conversation: what was said, and a new question. Its answer is said from then on.
Request LoadGenerator::chat(bool agents)
{
    const Shape shape = shapeOf(m_settings);
    const bool opens = m_settings.conversations > 0
        ? m_conversations.size() < m_settings.conversations
        : m_conversations.empty() || (m_conversations.size() < kOpenConversations && m_random.unit() < (agents ? 1 / shape.turns : kFirstTurns));
    std::size_t index = m_conversations.size();
    if (opens) {
        Conversation fresh;
        fresh.session = ++m_texts;
        fresh.turns = 1 + static_cast<std::uint32_t>(m_random.exponential(shape.turns - 1));
        if (const std::uint32_t system = shape.system; system > 0) {
            fresh.said.push_back({kSystemText, system});
            fresh.tokens = system;
        }
        m_conversations.push_back(std::move(fresh));
    } else {
        index = m_random.below(m_conversations.size());
    }
    Conversation& talk = m_conversations[index];
    Request request;
    request.session = talk.session;
    request.prompt = talk.said;
    request.prompt.push_back({++m_texts, lengthNear(shape.question, shape.questionSpread, 4, 4096)});
    request.answerTokens = lengthNear(shape.answer, shape.answerSpread, 2, 2048);
    request.answerText = ++m_texts;
    talk.said = request.prompt;
    talk.said.push_back({request.answerText, request.answerTokens});
    talk.tokens += request.prompt.back().tokens + request.answerTokens;
    const bool full = m_settings.maxTokens > 0 && talk.tokens > m_settings.maxTokens / 2;
    if (--talk.turns == 0 || full)
        m_conversations.erase(m_conversations.begin() + static_cast<std::ptrdiff_t>(index));
    return request;
}

Request LoadGenerator::next()
{
    m_at += gap();
    const Shape shape = shapeOf(m_settings);
    Request request;
    if (m_settings.kind == LoadKind::Chat || m_settings.kind == LoadKind::Agents) {
        request = chat(m_settings.kind == LoadKind::Agents);
    } else {
        request.session = ++m_texts;
        if (const std::uint32_t system = shape.system; system > 0)
            request.prompt.push_back({kSystemText, system});
        if (m_settings.kind == LoadKind::Retrieval)
            for (std::uint32_t i = 0; i < kPassages; ++i) {
                // Few documents are asked for often: a power law.
                const double u = m_random.unit();
                request.prompt.push_back({kDocumentText + static_cast<std::uint64_t>(static_cast<double>(kDocuments) * u * u * u), kDocumentTokens});
            }
        request.prompt.push_back({++m_texts, lengthNear(shape.question, shape.questionSpread, 4, 120'000)});
        request.answerTokens = lengthNear(shape.answer, shape.answerSpread, 2, 4096);
    }
    if (m_settings.maxTokens > 0) {
        request.answerTokens = std::min(request.answerTokens, m_settings.maxTokens / 2);
        std::uint32_t room = m_settings.maxTokens - request.answerTokens;
        for (Stretch& stretch : request.prompt) {
            stretch.tokens = std::min(stretch.tokens, room);
            room -= stretch.tokens;
        }
        std::erase_if(request.prompt, [](const Stretch& s) { return s.tokens == 0; });
    }
    request.tenant = m_settings.tenants > 1 ? static_cast<std::uint32_t>(m_random.below(m_settings.tenants)) : 0;
    request.arrival = m_at;
    return request;
}

void LoadGenerator::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_settings);
    sim::addTo(f, m_random);
    sim::addTo(f, m_start);
    sim::addTo(f, m_at);
    f.add(m_texts);
    sim::addTo(f, m_conversations);
}

Result<std::vector<Request>> readTrace(std::string_view text, const std::string& name, Instant start)
{
    std::vector<std::pair<double, Request>> rows;
    std::vector<Column> columns;
    int number = 0;
    std::uint64_t texts = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::string where = fmt::format("{}:{}", name, ++number);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        Row row;
        if (line.front() == '{') {
            const json object = json::parse(line, nullptr, false);
            if (!object.is_object())
                return Error{"is no JSON object", where};
            for (const auto& [key, value] : object.items())
                set(row, columnNamed(key), value.is_string() ? value.get<std::string>() : value.dump(),
                    value.is_number() ? std::optional(value.get<double>()) : std::nullopt);
        } else if (columns.empty()) {
            for (const std::string_view cell : cellsOf(line))
                columns.push_back(columnNamed(cell));
            continue;
        } else {
            const auto cells = cellsOf(line);
            if (cells.size() > columns.size())
                return Error{fmt::format("{} cells under {} columns", cells.size(), columns.size()), where};
            for (std::size_t i = 0; i < cells.size(); ++i)
                set(row, columns[i], cells[i], numberIn(cells[i]));
        }
        for (const auto& [what, value, least] : {std::tuple("an arrival (seconds)", row.arrival, 0.0), std::tuple("tokens of the prompt", row.prompt, 1.0),
                                                 std::tuple("tokens of the answer", row.answer, 1.0)})
            if (!value || !(*value >= least))
                return Error{fmt::format("needs {}, a number from {} on", what, least), where};
        if (*row.prompt > kMostTokens || *row.answer > kMostTokens)
            return Error{"asks for more than 10 million tokens", where};
        if (*row.arrival > kLatestArrival)
            return Error{"arrives after 4,000,000,000 s; write arrivals in seconds", where};
        Request request;
        const auto prompt = static_cast<std::uint32_t>(*row.prompt);
        const auto shared = static_cast<std::uint32_t>(std::clamp<double>(row.prefixTokens, 0, prompt));
        if (!row.prefix.empty() && shared > 0)
            request.prompt.push_back({textNamed(row.prefix), shared});
        else if (shared > 0)
            return Error{"has prefix_tokens without a prefix", where};
        if (prompt > shared)
            request.prompt.push_back({++texts, prompt - shared});
        request.answerTokens = static_cast<std::uint32_t>(*row.answer);
        request.session = row.session.empty() ? 0 : textNamed(row.session);
        request.priority = static_cast<std::int32_t>(std::clamp<double>(row.priority, -1'000'000, 1'000'000));
        rows.emplace_back(*row.arrival, std::move(request));
    }
    if (rows.empty())
        return Error{"holds no requests", name};
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Request> requests;
    for (auto& [arrival, request] : rows) {
        request.arrival = start + fromSeconds(arrival - rows.front().first);
        requests.push_back(std::move(request));
    }
    return requests;
}

} // namespace sim::serving
