#include "sim/serving/content.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::serving {

namespace {

/// One word after another, each bit of which matters (splitmix64's finaliser).
std::uint64_t mixed(std::uint64_t state, std::uint64_t word)
{
    std::uint64_t z = state + word * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

} // namespace

std::uint64_t firstParent(std::uint64_t salt) { return mixed(0x6b762d6361636865ULL, salt); }

std::uint64_t PromptReader::next(std::uint64_t parent, std::uint32_t tokens)
{
    std::uint64_t hash = parent;
    m_read += tokens;
    while (tokens > 0) {
        const bool inPrompt = m_stretch < m_prompt->size();
        const std::uint64_t text = inPrompt ? (*m_prompt)[m_stretch].text : m_answer;
        const std::uint64_t left = inPrompt ? (*m_prompt)[m_stretch].tokens - m_offset : tokens;
        const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, tokens));
        if (taken > 0)
            hash = mixed(mixed(hash, text), m_offset << 20 | taken);
        m_offset += taken;
        tokens -= taken;
        if (inPrompt && m_offset == (*m_prompt)[m_stretch].tokens) {
            ++m_stretch;
            m_offset = 0;
        }
    }
    return hash;
}

void PromptReader::skipTo(std::uint64_t tokens)
{
    FL_ASSERT(tokens >= m_read);
    std::uint64_t left = tokens - m_read;
    m_read = tokens;
    while (m_stretch < m_prompt->size()) {
        const std::uint64_t rest = (*m_prompt)[m_stretch].tokens - m_offset;
        if (left < rest)
            break;
        left -= rest;
        ++m_stretch;
        m_offset = 0;
    }
    m_offset += left;
}

} // namespace sim::serving
