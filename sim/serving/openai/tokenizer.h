#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim::serving::openai {

using TokenId = std::uint32_t;

/// Tokens that stand for no text; numbered as Llama 3's.
enum class SpecialToken : TokenId {
    BeginOfText = 128000,
    EndOfText = 128001,
    StartHeader = 128006,
    EndHeader = 128007,
    EndOfTurn = 128009,
    ImStart = 128011, ///< ChatML's <|im_start|>; Llama's vocabulary keeps these numbers back
    ImEnd = 128012,
};
/// "<|eot_id|>". Empty: no such token.
std::string_view specialText(TokenId id);

/// One more than the largest id.
inline constexpr TokenId kVocabulary = 128256;

/// Our own vocabulary of word pieces, for every model: about 4 characters of English a token and 1.2 of Chinese, as byte-pair encodings
/// of 100,000 and more entries give. Ids are ours, so they differ from a real model's. Each byte has a token, so that any text, and what
/// is no UTF-8, comes back as it was: detokenize(tokenize(x)) == x. Tokens are taken from the left: the tokens of a text that is cut
/// behind a token are the first ones of the whole.
std::vector<TokenId> tokenize(std::string_view text);
std::size_t countTokens(std::string_view text);
/// Bytes of one token; of a special one its name. An id beyond the vocabulary has none.
std::string tokenText(TokenId id);
std::string detokenize(std::span<const TokenId> ids);

} // namespace sim::serving::openai
