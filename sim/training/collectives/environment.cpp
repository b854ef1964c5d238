#include "sim/training/collectives/environment.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

namespace sim::training::collectives {

namespace {

std::vector<std::string_view> piecesOf(std::string_view text, char separator)
{
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0)
            pieces.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pieces;
}

std::optional<std::int64_t> numberIn(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data())
        return std::nullopt;
    return value;
}

/// "PXB", or the older numbers: 0 is LOC, 1 PIX, 2 PXB, 3 and 4 PHB, from 5 on SYS.
std::optional<PathType> levelIn(std::string_view text)
{
    std::string upper;
    for (const char c : text)
        upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    using enum PathType;
    constexpr std::array<std::pair<std::string_view, PathType>, 10> kNames = {
        {{"LOC", Loc}, {"NVL", Nvl}, {"NVB", Nvb}, {"C2C", C2c}, {"PIX", Pix},
         {"PXB", Pxb}, {"P2C", P2c}, {"PXN", Pxn}, {"PHB", Phb}, {"SYS", Sys}}};
    for (const auto& [name, type] : kNames)
        if (upper == name)
            return type;
    constexpr std::array<PathType, 6> kOld = {Loc, Pix, Pxb, Phb, Phb, Sys};
    if (const auto old = numberIn(text); old && *old >= 0)
        return kOld[static_cast<std::size_t>(std::min<std::int64_t>(*old, 5))];
    return std::nullopt;
}

/// Names are compared whole, without regard to case, as NCCL does.
bool sameName(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

template <class Enum, std::size_t N>
std::optional<std::size_t> positionOf(std::string_view name)
{
    for (std::size_t i = 0; i < N; ++i)
        if (sameName(nameOf(static_cast<Enum>(i)), name))
            return i;
    return std::nullopt;
}

/// "ring,tree;broadcast:^tree": a list for all, then lists for single collectives.
template <class Enum, std::size_t N>
void readChoices(std::string_view text, Choices<N>& choices, std::optional<Failure>& failure)
{
    using Word = typename Choices<N>::Word;
    choices.asGiven = std::string(text);
    bool first = true;
    for (std::string_view entry : piecesOf(text, ';')) {
        std::optional<std::size_t> only;
        if (const std::size_t colon = entry.find(':'); colon != std::string_view::npos) {
            only = positionOf<Collective, kCollectives>(entry.substr(0, colon));
            if (!only) {
                failure = {kInvalidUsage, fmt::format("Unrecognized prefix token \"{}\" when parsing \"{}\"",
                                                      entry.substr(0, colon), text)};
                return;
            }
            entry.remove_prefix(colon + 1);
        } else if (!first) {
            failure = {kInvalidUsage, fmt::format("All entries except the first must have a prefix: \"{}\"", text)};
            return;
        }
        first = false;
        const bool inverted = entry.starts_with('^');
        if (inverted)
            entry.remove_prefix(1);
        std::array<Word, N> words;
        words.fill(inverted ? Word::Yes : Word::No);
        for (const std::string_view name : piecesOf(entry, ',')) {
            const auto at = positionOf<Enum, N>(name);
            if (!at) {
                failure = {kInvalidUsage,
                           fmt::format("Unrecognized element token \"{}\" when parsing \"{}\"", name, text)};
                return;
            }
            words[*at] = inverted ? Word::No : Word::Yes;
        }
        for (std::size_t c = 0; c < kCollectives; ++c)
            if (!only || *only == c)
                choices.words[c] = words;
    }
}

void readNumber(std::string_view text, int& value)
{
    if (const auto number = numberIn(text))
        value = static_cast<int>(std::clamp<std::int64_t>(*number, -1, 1 << 20));
}

void readVariable(std::string_view name, std::string_view value, Environment& environment)
{
    int number = -1;
    readNumber(value, number);
    const auto isOneOf = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (isOneOf({"NCCL_MIN_CTAS", "NCCL_MIN_NCHANNELS", "NCCL_MIN_NRINGS"}) && number >= 0)
        environment.minChannels = std::min(number, 64);
    else if (isOneOf({"NCCL_MAX_CTAS", "NCCL_MAX_NCHANNELS", "NCCL_MAX_NRINGS"}) && number >= 0)
        environment.maxChannels = std::clamp(number, 1, 64);
    else if (name == "NCCL_ALGO")
        readChoices<Algorithm>(value, environment.algorithms, environment.failure);
    else if (name == "NCCL_PROTO")
        readChoices<Protocol>(value, environment.protocols, environment.failure);
    else if (name == "NCCL_P2P_DISABLE" && number == 1)
        environment.p2pLevel = PathType::Loc;
    else if (name == "NCCL_P2P_LEVEL")
        environment.p2pLevel = levelIn(value);
    else if (name == "NCCL_SHM_DISABLE")
        environment.shmDisable = number == 1;
    else if (name == "NCCL_IB_DISABLE")
        environment.ibDisable = number == 1;
    else if (name == "NCCL_IB_HCA")
        environment.ibHca = std::string(value);
    else if (name == "NCCL_NET_GDR_LEVEL")
        environment.gdrLevel = levelIn(value);
    else if (name == "NCCL_NVLS_ENABLE" && number >= 0)
        environment.nvlsEnable = number;
    else if (name == "NCCL_CROSS_NIC" && number >= 0)
        environment.crossNic = std::min(number, 2);
    else if (name == "NCCL_PXN_DISABLE")
        environment.pxnDisable = number == 1;
    else if (name == "NCCL_BUFFSIZE" && number > 0)
        environment.bufferBytes = *numberIn(value);
    else if (name == "NCCL_NTHREADS" && number > 0)
        environment.threads = number;
    else if (name == "NCCL_LL128_NTHREADS" && number > 0)
        environment.ll128Threads = number;
    else if (name == "NCCL_NVLS_CHUNKSIZE" && number > 0)
        environment.nvlsChunkBytes = number;
    else if (name == "NCCL_CUMEM_ENABLE" && number >= 0)
        environment.cumem = number != 0;
}

} // namespace

Environment readEnvironment(const std::vector<std::pair<std::string, std::string>>& variables)
{
    Environment environment;
    for (const auto& [name, value] : variables)
        readVariable(name, value, environment);
    return environment;
}

bool listSelects(std::string_view list, std::string_view name, int port)
{
    if (list.empty())
        return true;
    bool exclude = false;
    bool exact = false;
    for (; !list.empty() && (list.front() == '^' || list.front() == '='); list.remove_prefix(1)) {
        exclude = exclude || list.front() == '^';
        exact = exact || list.front() == '=';
    }
    for (std::string_view entry : piecesOf(list, ',')) {
        if (const std::size_t colon = entry.find(':'); colon != std::string_view::npos) {
            if (numberIn(entry.substr(colon + 1)).value_or(port) != port)
                continue;
            entry = entry.substr(0, colon);
        }
        if (exact ? name == entry : name.starts_with(entry))
            return !exclude;
    }
    return exclude;
}

} // namespace sim::training::collectives
