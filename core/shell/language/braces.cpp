#include "core/shell/language/expansion.h"

#include <charconv>
#include <cstdlib>

namespace core::shell {

namespace {

constexpr std::size_t kMaxWords = 10'000;

/// A word as a row of unquoted characters and opaque parts.
struct Atom {
    char character = 0;
    const WordPart* part = nullptr;
    bool is(char c) const { return !part && character == c; }
};
using Atoms = std::vector<Atom>;

std::optional<long> toNumber(const std::string& text)
{
    long value = 0;
    const char* first = text.data() + (text.size() > 1 && text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || std::labs(value) > 1'000'000'000)
        return {};
    return value;
}

Atoms textAtoms(const std::string& text)
{
    Atoms atoms;
    for (const char c : text)
        atoms.push_back({c, nullptr});
    return atoms;
}

/// {1..5}, {01..10..2}, {a..e}; empty when it is no sequence.
std::vector<Atoms> sequence(const Atoms& inner)
{
    std::string text;
    for (const Atom& atom : inner) {
        if (atom.part)
            return {};
        text += atom.character;
    }
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos)
        return {};
    const std::string from = text.substr(0, dots);
    std::string to = text.substr(dots + 2);
    long step = 1;
    if (const std::size_t again = to.find(".."); again != std::string::npos) {
        const auto parsed = toNumber(to.substr(again + 2));
        if (!parsed)
            return {};
        step = std::labs(*parsed);
        to.resize(again);
    }
    step = std::max(step, 1L);
    std::vector<Atoms> result;
    const auto first = toNumber(from);
    const auto last = toNumber(to);
    if (first && last) {
        const auto digits = [](const std::string& s) {
            return s.size() - (s[0] == '-' ? 1 : 0);
        };
        const auto padded = [&](const std::string& s) {
            return digits(s) > 1 && s[s[0] == '-' ? 1 : 0] == '0';
        };
        const std::size_t width = padded(from) || padded(to) ? std::max(from.size(), to.size()) : 0;
        const long direction = *first <= *last ? step : -step;
        for (long i = *first; direction > 0 ? i <= *last : i >= *last; i += direction) {
            std::string number = std::to_string(std::labs(i));
            const std::size_t sign = i < 0 ? 1 : 0;
            if (number.size() + sign < width)
                number.insert(0, width - number.size() - sign, '0');
            result.push_back(textAtoms((i < 0 ? "-" : "") + number));
            if (result.size() >= kMaxWords)
                break;
        }
        return result;
    }
    if (from.size() == 1 && to.size() == 1 && !first && !last) {
        const int a = static_cast<unsigned char>(from[0]);
        const int b = static_cast<unsigned char>(to[0]);
        const int direction = a <= b ? static_cast<int>(std::min(step, 300L))
                                     : -static_cast<int>(std::min(step, 300L));
        for (int i = a; direction > 0 ? i <= b : i >= b; i += direction)
            result.push_back({{static_cast<char>(i), nullptr}});
    }
    return result;
}

/// Expands the first brace expression and, by recursion, the others.
void expand(const Atoms& atoms, std::vector<Atoms>& result, int depth)
{
    constexpr int kMaxDepth = 40;
    if (result.size() >= kMaxWords)
        return;
    for (std::size_t open = 0; depth < kMaxDepth && open < atoms.size(); ++open) {
        if (!atoms[open].is('{'))
            continue;
        int level = 0;
        std::vector<std::size_t> cuts{open};
        std::size_t close = open;
        for (std::size_t i = open; i < atoms.size(); ++i) {
            if (atoms[i].is('{'))
                ++level;
            else if (atoms[i].is(',') && level == 1)
                cuts.push_back(i);
            else if (atoms[i].is('}') && --level == 0) {
                close = i;
                break;
            }
        }
        if (close == open)
            continue;
        cuts.push_back(close);
        const auto slice = [&](std::size_t from, std::size_t to) {
            return Atoms(atoms.begin() + static_cast<std::ptrdiff_t>(from),
                         atoms.begin() + static_cast<std::ptrdiff_t>(to));
        };
        std::vector<Atoms> choices;
        if (cuts.size() > 2) {
            for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
                expand(slice(cuts[i] + 1, cuts[i + 1]), choices, depth + 1);
        } else {
            choices = sequence(slice(open + 1, close));
            if (choices.empty())
                continue;
        }
        std::vector<Atoms> tails;
        expand(slice(close + 1, atoms.size()), tails, depth + 1);
        for (const Atoms& choice : choices) {
            for (const Atoms& tail : tails) {
                if (result.size() >= kMaxWords)
                    return;
                Atoms joined = slice(0, open);
                joined.insert(joined.end(), choice.begin(), choice.end());
                joined.insert(joined.end(), tail.begin(), tail.end());
                result.push_back(std::move(joined));
            }
        }
        return;
    }
    result.push_back(atoms);
}

} // namespace

std::vector<Word> expandBraces(const Word& word)
{
    bool candidate = false;
    for (const WordPart& part : word.parts)
        candidate |= part.kind == WordPart::Kind::Literal && part.text.find('{') != std::string::npos;
    if (!candidate)
        return {word};
    Atoms atoms;
    for (const WordPart& part : word.parts) {
        if (part.kind == WordPart::Kind::Literal)
            for (const char c : part.text)
                atoms.push_back({c, nullptr});
        else
            atoms.push_back({0, &part});
    }
    std::vector<Atoms> expanded;
    expand(atoms, expanded, 0);
    std::vector<Word> result;
    for (const Atoms& row : expanded) {
        Word next;
        next.source = word.source;
        next.position = word.position;
        for (const Atom& atom : row) {
            if (atom.part) {
                next.parts.push_back(*atom.part);
            } else {
                if (next.parts.empty() || next.parts.back().kind != WordPart::Kind::Literal)
                    next.parts.emplace_back();
                next.parts.back().text += atom.character;
            }
        }
        if (!next.parts.empty())
            result.push_back(std::move(next));
    }
    return result;
}

} // namespace core::shell
