#pragma once

#include "sim/engine/fingerprint.h"

#include <vector>

namespace sim::serving {

/// A stretch of tokens by what it is, not by its words: tokens are the same exactly when they stand at the same offset of the
/// same text. A system prompt shared by many requests is one text; so is each answer, which a later turn may begin with.
struct Stretch {
    std::uint64_t text = 0;
    std::uint32_t tokens = 0;
    bool operator==(const Stretch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Stretch, (), (text, tokens))

using Prompt = std::vector<Stretch>;

/// Walks a prompt token by token, a block at a time.
class PromptReader {
public:
    /// What follows the prompt is the text `answer`.
    PromptReader(const Prompt& prompt, std::uint64_t answer) : m_prompt(&prompt), m_answer(answer) { }
    /// The chained hash of the next `tokens` after what `parent` stands for.
    std::uint64_t next(std::uint64_t parent, std::uint32_t tokens);
    /// Requires: no token was read yet, or tokens >= those read.
    void skipTo(std::uint64_t tokens);

private:
    const Prompt* m_prompt;
    std::uint64_t m_answer;
    std::size_t m_stretch = 0;
    std::uint64_t m_offset = 0; ///< in that stretch, or in the answer
    std::uint64_t m_read = 0;
};

/// The parent of a first block. Requests with different salts never share a block.
std::uint64_t firstParent(std::uint64_t salt);

} // namespace sim::serving
