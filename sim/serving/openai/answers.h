#pragma once

#include "sim/serving/openai/tokenizer.h"

namespace sim::serving::openai {

/// Names an answer's text; odd ones are Chinese. No model writes here: answers are prose about running machines, made of an id by a small
/// grammar, so that token k of an answer is a pure function of its id. Sentences of one answer differ.
using AnswerId = std::uint64_t;

AnswerId answerId(std::uint64_t promptHash, std::uint64_t seed, std::uint32_t index, bool chinese);

/// The beginning of an answer, of at least `tokens` tokens unless `whole`: as many sentences as it takes.
struct AnswerText {
    std::string bytes;
    std::vector<std::uint32_t> ends; ///< bytes up to and including each token
};
AnswerText answerText(AnswerId id, std::uint32_t tokens);

/// Tokens until the model ends the answer by itself, at the end of a sentence: about log-normal as chat's are, 180 in the middle, one in
/// six below 75 and one in six above 440.
std::uint32_t naturalTokens(AnswerId id);

/// Whether a text asks for a Chinese answer: more than a fifth of its letters are.
bool isChinese(std::string_view text);

} // namespace sim::serving::openai
