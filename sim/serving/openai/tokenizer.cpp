#include "sim/serving/openai/tokenizer.h"

#include "sim/serving/openai/vocabulary.h"

#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sim::serving::openai {

namespace {

// The layout of ids, from 0 on.
constexpr TokenId kLetters = 26;
constexpr TokenId kPieces = kLetters + kLetters * kLetters + kLetters * kLetters * kLetters; ///< one to three lower-case letters
constexpr TokenId kVariants = 4; ///< plain, behind a space, capitalised, both
constexpr TokenId kFirstPiece = 256;
constexpr TokenId kFirstCapitals = kFirstPiece + kPieces * kVariants; ///< two capitals, plain and behind a space
constexpr TokenId kFirstDigits = kFirstCapitals + kLetters * kLetters * 2;
constexpr TokenId kDigits = 10 + 100 + 1000;
constexpr TokenId kFirstSpacedMark = kFirstDigits + kDigits; ///< " (": ASCII's 33 to 126
constexpr TokenId kMarks = 127 - 33;
constexpr TokenId kFirstSpaces = kFirstSpacedMark + kMarks; ///< runs of 2 to 16
constexpr TokenId kMostSpaces = 16;
constexpr TokenId kFirstBreaks = kFirstSpaces + kMostSpaces - 1; ///< runs of 2 to 4
constexpr TokenId kMostBreaks = 4;
constexpr TokenId kFirstCharacter = kFirstBreaks + kMostBreaks - 1;
/// Characters with a token each.
constexpr auto kRanges = std::to_array<std::pair<char32_t, char32_t>>(
    {{0xA0, 0x17F}, {0x370, 0x4FF}, {0x2000, 0x22FF}, {0x3000, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFF00, 0xFFEF}});
constexpr TokenId characterCount()
{
    TokenId count = 0;
    for (const auto& [first, last] : kRanges)
        count += static_cast<TokenId>(last - first + 1);
    return count;
}
constexpr TokenId kFirstWord = kFirstCharacter + characterCount();
constexpr std::size_t kShortestWord = 4;

/// Both lists are sorted.
struct Words {
    std::vector<std::string> words = split(frequentWords(), ' ');
    std::vector<std::string> pairs = split(frequentPairs(), ' ');

    TokenId firstPair() const { return kFirstWord + static_cast<TokenId>(words.size()) * kVariants; }

    /// The longest word that a text begins with.
    std::optional<TokenId> longestAt(std::string_view text) const
    {
        while (text.size() >= kShortestWord) {
            const auto after = std::upper_bound(words.begin(), words.end(), text);
            if (after == words.begin())
                return std::nullopt;
            const std::string& word = *std::prev(after);
            const auto differs = std::mismatch(word.begin(), word.end(), text.begin(), text.end()).first;
            if (differs == word.end())
                return static_cast<TokenId>(std::prev(after) - words.begin());
            // Words that the text begins with stand at or before this one, so it begins with them too.
            text = text.substr(0, static_cast<std::size_t>(differs - word.begin()));
        }
        return std::nullopt;
    }

    std::optional<TokenId> pairAt(std::string_view text) const
    {
        constexpr std::size_t kPairBytes = 6;
        const std::string_view pair = text.substr(0, kPairBytes);
        const auto found = std::lower_bound(pairs.begin(), pairs.end(), pair);
        return found != pairs.end() && *found == pair ? std::optional(static_cast<TokenId>(found - pairs.begin())) : std::nullopt;
    }
};

const Words& dictionary()
{
    static const Words kWords;
    return kWords;
}

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLetter(char c) { return isLower(c) || isUpper(c); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isMark(char c) { return c > ' ' && c < 127 && !isLetter(c) && !isDigit(c); }

/// One to three lower-case letters as a number below kPieces.
TokenId pieceNumber(std::string_view letters)
{
    TokenId number = 0;
    TokenId before = 0; // shorter ones come first
    for (std::size_t i = 0; i < letters.size(); ++i) {
        number = number * kLetters + static_cast<TokenId>(letters[i] - 'a');
        if (i > 0)
            before = before * kLetters + kLetters;
    }
    return before + number;
}

std::string pieceText(TokenId number)
{
    std::size_t length = 1;
    for (TokenId count = kLetters; number >= count && length < 3; count *= kLetters, ++length)
        number -= count;
    std::string text(length, 'a');
    for (std::size_t i = length; i-- > 0; number /= kLetters)
        text[i] = static_cast<char>('a' + number % kLetters);
    return text;
}

/// The character at the front; its length in bytes. 0: no UTF-8.
std::pair<char32_t, std::size_t> characterAt(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : (first >> 5) == 6 ? 2 : (first >> 4) == 14 ? 3 : 0;
    if (length == 0 || length > text.size())
        return {0, 0};
    char32_t character = length == 1 ? first : first & (length == 2 ? 0x1FU : 0x0FU);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) >> 6) != 2)
            return {0, 0};
        character = character << 6 | (byte(i) & 0x3F);
    }
    const bool overlong = (length == 2 && character < 0x80) || (length == 3 && character < 0x800);
    return overlong ? std::pair<char32_t, std::size_t>{0, 0} : std::pair{character, length};
}

void appendCharacter(std::string& out, char32_t character)
{
    if (character < 0x800) {
        out += static_cast<char>(0xC0 | character >> 6);
    } else {
        out += static_cast<char>(0xE0 | character >> 12);
        out += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    }
    out += static_cast<char>(0x80 | (character & 0x3F));
}

/// The token of a character that has one. kVocabulary: it has none.
TokenId characterToken(char32_t character)
{
    TokenId id = kFirstCharacter;
    for (const auto& [first, last] : kRanges) {
        if (character >= first && character <= last)
            return id + static_cast<TokenId>(character - first);
        id += static_cast<TokenId>(last - first + 1);
    }
    return kVocabulary;
}

/// Goes through a text from the left and gives each token to `take`.
template <class Take>
class Splitter {
public:
    Splitter(std::string_view text, Take take) : m_text(text), m_take(take) { }

    void run()
    {
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == ' ')
                spaces();
            else if (c == '\n')
                breaks();
            else if (isLetter(c))
                letters(0);
            else if (isDigit(c))
                digits();
            else
                other();
        }
    }

private:
    std::size_t runOf(char c, std::size_t most) const
    {
        std::size_t length = 0;
        while (length < most && m_at + length < m_text.size() && m_text[m_at + length] == c)
            ++length;
        return length;
    }

    /// The last space of a run belongs to the word or mark behind it.
    void spaces()
    {
        const std::size_t length = runOf(' ', m_text.size());
        const char next = m_at + length < m_text.size() ? m_text[m_at + length] : ' ';
        const bool joins = isLetter(next) || isMark(next);
        for (std::size_t left = length - (joins ? 1 : 0); left > 0;) {
            const std::size_t taken = std::min<std::size_t>(left, kMostSpaces);
            m_take(taken == 1 ? static_cast<TokenId>(' ') : kFirstSpaces + static_cast<TokenId>(taken - 2));
            left -= taken;
        }
        m_at += length;
        if (!joins)
            return;
        if (isLetter(next)) {
            letters(1);
        } else {
            m_take(kFirstSpacedMark + static_cast<TokenId>(next - 33));
            ++m_at;
        }
    }

    void breaks()
    {
        const std::size_t length = runOf('\n', kMostBreaks);
        m_take(length == 1 ? static_cast<TokenId>('\n') : kFirstBreaks + static_cast<TokenId>(length - 2));
        m_at += length;
    }

    void digits()
    {
        TokenId number = 0;
        TokenId base = 0;
        std::size_t length = 0;
        for (TokenId count = 10; length < 3 && m_at + length < m_text.size() && isDigit(m_text[m_at + length]); ++length) {
            number = number * 10 + static_cast<TokenId>(m_text[m_at + length] - '0');
            if (length > 0) {
                base += count;
                count *= 10;
            }
        }
        m_take(kFirstDigits + base + number);
        m_at += length;
    }

    /// A word up to where its case changes: "scheduler", "Scheduler", "GPU".
    void letters(TokenId space)
    {
        std::size_t end = m_at;
        while (end < m_text.size() && isUpper(m_text[end]))
            ++end;
        const std::size_t capitals = end - m_at;
        if (capitals > 1) {
            // "HTTPServer": the last one begins the next word.
            const std::size_t all = end < m_text.size() && isLower(m_text[end]) ? capitals - 1 : capitals;
            for (std::size_t i = 0; i + 1 < all; i += 2) {
                const auto pair = static_cast<TokenId>(m_text[m_at] - 'A') * kLetters + static_cast<TokenId>(m_text[m_at + 1] - 'A');
                m_take(kFirstCapitals + pair * 2 + space);
                m_at += 2;
                space = 0;
            }
            if (all % 2 == 1)
                word(1, space, true);
            return;
        }
        while (end < m_text.size() && isLower(m_text[end]))
            ++end;
        word(end - m_at, space, capitals == 1);
    }

    void word(std::size_t length, TokenId space, bool capitalised)
    {
        std::string lower = lowered(m_text.substr(m_at, length));
        const Words& known = dictionary();
        m_at += length;
        for (std::string_view rest = lower; !rest.empty();) {
            const TokenId variant = space + (capitalised ? 2 : 0);
            std::size_t taken = std::min<std::size_t>(rest.size(), 3);
            if (const auto number = known.longestAt(rest)) {
                taken = known.words[*number].size();
                m_take(kFirstWord + *number * kVariants + variant);
            } else {
                m_take(kFirstPiece + pieceNumber(rest.substr(0, taken)) * kVariants + variant);
            }
            rest.remove_prefix(taken);
            space = 0;
            capitalised = false;
        }
    }

    void other()
    {
        const std::string_view rest = m_text.substr(m_at);
        if (const auto pair = dictionary().pairAt(rest)) {
            m_take(dictionary().firstPair() + *pair);
            m_at += dictionary().pairs[*pair].size();
            return;
        }
        const auto [character, length] = characterAt(rest);
        const TokenId id = length > 1 ? characterToken(character) : kVocabulary;
        m_take(id == kVocabulary ? static_cast<TokenId>(static_cast<unsigned char>(rest.front())) : id);
        m_at += id == kVocabulary ? 1 : length;
    }

    std::string_view m_text;
    Take m_take;
    std::size_t m_at = 0;
};

std::string variantOf(std::string text, TokenId variant)
{
    if (variant >= 2)
        text[0] = raised(text[0]);
    return variant % 2 == 1 ? " " + text : text;
}

std::string digitsText(TokenId number)
{
    std::size_t length = 1;
    for (TokenId count = 10; number >= count && length < 3; count *= 10, ++length)
        number -= count;
    std::string text = std::to_string(number);
    return std::string(length - text.size(), '0') + text;
}

} // namespace

std::string_view specialText(TokenId id)
{
    switch (static_cast<SpecialToken>(id)) {
    case SpecialToken::BeginOfText: return "<|begin_of_text|>";
    case SpecialToken::EndOfText: return "<|end_of_text|>";
    case SpecialToken::StartHeader: return "<|start_header_id|>";
    case SpecialToken::EndHeader: return "<|end_header_id|>";
    case SpecialToken::EndOfTurn: return "<|eot_id|>";
    case SpecialToken::ImStart: return "<|im_start|>";
    case SpecialToken::ImEnd: return "<|im_end|>";
    }
    return "";
}

std::vector<TokenId> tokenize(std::string_view text)
{
    std::vector<TokenId> ids;
    ids.reserve(text.size() / 3 + 1);
    Splitter(text, [&ids](TokenId id) { ids.push_back(id); }).run();
    return ids;
}

std::size_t countTokens(std::string_view text)
{
    std::size_t count = 0;
    Splitter(text, [&count](TokenId) { ++count; }).run();
    return count;
}

std::string tokenText(TokenId id)
{
    if (id < kFirstPiece)
        return {static_cast<char>(id)};
    if (id < kFirstCapitals)
        return variantOf(pieceText((id - kFirstPiece) / kVariants), (id - kFirstPiece) % kVariants);
    if (id < kFirstDigits) {
        const TokenId pair = (id - kFirstCapitals) / 2;
        const std::string text = {static_cast<char>('A' + pair / kLetters), static_cast<char>('A' + pair % kLetters)};
        return (id - kFirstCapitals) % 2 == 1 ? " " + text : text;
    }
    if (id < kFirstSpacedMark)
        return digitsText(id - kFirstDigits);
    if (id < kFirstSpaces)
        return {' ', static_cast<char>(33 + id - kFirstSpacedMark)};
    if (id < kFirstBreaks)
        return std::string(id - kFirstSpaces + 2, ' ');
    if (id < kFirstCharacter)
        return std::string(id - kFirstBreaks + 2, '\n');
    if (id < kFirstWord) {
        TokenId left = id - kFirstCharacter;
        for (const auto& [first, last] : kRanges) {
            const auto count = static_cast<TokenId>(last - first + 1);
            if (left < count) {
                std::string text;
                appendCharacter(text, first + left);
                return text;
            }
            left -= count;
        }
    }
    const Words& known = dictionary();
    if (id < known.firstPair())
        return variantOf(known.words[(id - kFirstWord) / kVariants], (id - kFirstWord) % kVariants);
    if (id - known.firstPair() < known.pairs.size())
        return known.pairs[id - known.firstPair()];
    return std::string(specialText(id));
}

std::string detokenize(std::span<const TokenId> ids)
{
    std::string text;
    for (const TokenId id : ids)
        text += tokenText(id);
    return text;
}

} // namespace sim::serving::openai
