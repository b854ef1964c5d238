#include "core/content/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace core::content {

namespace {

// Enough for any honest pattern over a screenful of text, and stopped in well under 100 ms.
constexpr std::uint32_t kMatchLimit = 500'000;
constexpr std::uint32_t kHeapLimitKib = 20'000;

bool startsName(char c) { return c >= 'a' && c <= 'z'; }
bool continuesName(char c) { return startsName(c) || (c >= '0' && c <= '9') || c == '_'; }

/// The name of a placeholder that begins at text[at], or nothing.
std::optional<std::string_view> nameAt(std::string_view text, std::size_t at)
{
    if (text[at] != '{' || at + 2 >= text.size() || !startsName(text[at + 1]))
        return std::nullopt;
    std::size_t end = at + 2;
    while (end < text.size() && continuesName(text[end]))
        ++end;
    if (end == text.size() || text[end] != '}')
        return std::nullopt;
    return text.substr(at + 1, end - at - 1);
}

std::string escaped(std::string_view literal)
{
    std::string out;
    for (const char c : literal) {
        if (std::string_view("\\^$.[]|()?*+{}-#/ ").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            return parts;
        begin = end + 1;
    }
}

} // namespace

std::string fillText(std::string_view text, const Placeholders& values)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (const auto name = nameAt(text, at)) {
            const auto it = values.find(*name);
            if (it != values.end() && !it->second.empty()) {
                out += it->second.front();
                at += name->size() + 2;
                continue;
            }
        }
        out += text[at++];
    }
    return out;
}

std::string fillPattern(std::string_view pattern, const Placeholders& values)
{
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) { // "\{" and "\p{greek}" are the expression's own
            const char kind = pattern[at + 1];
            out += pattern[at];
            out += kind;
            at += 2;
            if (std::string_view("pPxkg").find(kind) != std::string_view::npos && at < pattern.size() && pattern[at] == '{')
                while (at < pattern.size() && out.back() != '}')
                    out += pattern[at++];
            continue;
        }
        const auto name = nameAt(pattern, at);
        if (!name) {
            out += pattern[at++];
            continue;
        }
        at += name->size() + 2;
        const auto it = values.find(*name);
        if (it == values.end() || it->second.empty()) {
            out += "(?!)";
            continue;
        }
        out += "(?:";
        for (const std::string& value : it->second)
            out += (&value == &it->second.front() ? "" : "|") + escaped(value);
        out += ')';
    }
    return out;
}

bool globMatches(std::string_view glob, std::string_view text)
{
    std::size_t g = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t starText = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            starText = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++starText;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

std::vector<std::string> expandGlob(std::string_view glob, const Placeholders& values)
{
    std::vector<std::string> out{{}};
    for (std::size_t at = 0; at < glob.size();) {
        const auto name = nameAt(glob, at);
        if (!name) {
            for (std::string& text : out)
                text += glob[at];
            ++at;
            continue;
        }
        at += name->size() + 2;
        const auto it = values.find(*name);
        std::vector<std::string> longer;
        if (it != values.end())
            for (const std::string& text : out)
                for (const std::string& value : it->second)
                    longer.push_back(text + value);
        out = std::move(longer);
    }
    return out;
}

bool anyGlobMatches(const std::vector<std::string>& globs, std::string_view text, const Placeholders& values)
{
    for (const std::string& glob : globs)
        for (const std::string& filled : expandGlob(glob, values))
            if (globMatches(filled, text))
                return true;
    return false;
}

bool readsMatch(std::string_view expression, const std::vector<std::string>& reads, const Placeholders& values)
{
    constexpr std::string_view kFrom = "from/";
    if (expression.empty())
        return true;
    for (const std::string_view clause : split(expression, '&')) {
        std::vector<std::string> globs;
        for (const std::string_view alternative : split(clause, '|'))
            for (std::string& filled : expandGlob(alternative, values))
                globs.push_back(std::move(filled));
        const auto matches = [&](const std::string& read) {
            return std::any_of(globs.begin(), globs.end(), [&](const std::string& g) { return globMatches(g, read); });
        };
        if (std::none_of(reads.begin(), reads.end(), matches))
            return false;
        if (clause.substr(0, kFrom.size()) == kFrom)
            for (const std::string& read : reads)
                if (read.compare(0, kFrom.size(), kFrom) == 0 && !matches(read))
                    return false;
    }
    return true;
}

struct Regex::Code {
    pcre2_code* code = nullptr;
    Code() = default;
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

Regex::Regex(std::shared_ptr<const Code> code) : m_code(std::move(code)) { }

sim::Result<Regex> Regex::compile(const std::string& pattern)
{
    int number = 0;
    PCRE2_SIZE offset = 0;
    auto code = std::make_shared<Code>();
    code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                               PCRE2_MULTILINE | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &number, &offset, nullptr);
    if (code->code == nullptr) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(number, text, sizeof text);
        return sim::Error{std::string(reinterpret_cast<const char*>(text)) + " at character " + std::to_string(offset)
                              + " of \"" + pattern.substr(0, 200) + "\"", {}};
    }
    pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE); // where it cannot, patterns are interpreted
    return Regex(std::move(code));
}

bool Regex::matches(std::string_view text) const
{
    std::unique_ptr<pcre2_match_context, void (*)(pcre2_match_context*)> context(pcre2_match_context_create(nullptr),
                                                                                pcre2_match_context_free);
    std::unique_ptr<pcre2_match_data, void (*)(pcre2_match_data*)> data(pcre2_match_data_create(1, nullptr),
                                                                       pcre2_match_data_free);
    pcre2_set_match_limit(context.get(), kMatchLimit);
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
    const auto match = [&](std::uint32_t options) {
        return pcre2_match(m_code->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, options, data.get(), context.get());
    };
    int result = match(0);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) // compiled code has little room of its own
        result = match(PCRE2_NO_JIT);
    return result >= 0;
}

bool patternMatches(const std::string& pattern, std::string_view text, const Placeholders& values)
{
    // A session asks the same few hundred patterns of every piece of output.
    constexpr std::size_t kMostKept = 4096;
    thread_local std::unordered_map<std::string, sim::Result<Regex>> known;
    if (known.size() > kMostKept)
        known.clear();
    const std::string filled = fillPattern(pattern, values);
    auto found = known.find(filled);
    if (found == known.end())
        found = known.emplace(filled, Regex::compile(filled)).first;
    return found->second && found->second->matches(text);
}

std::string plainText(std::string_view shown)
{
    std::string out;
    out.reserve(shown.size());
    for (std::size_t at = 0; at < shown.size(); ++at) {
        if (shown[at] == '\r')
            continue;
        if (shown[at] != '\x1b') {
            out += shown[at];
            continue;
        }
        if (at + 1 < shown.size() && shown[at + 1] == '[') { // CSI: up to its final byte
            at += 2;
            while (at < shown.size() && !(shown[at] >= '@' && shown[at] <= '~'))
                ++at;
        } else if (at + 1 < shown.size() && shown[at + 1] == ']') { // OSC: up to BEL or ST
            at += 2;
            while (at < shown.size() && shown[at] != '\a' && shown[at] != '\x1b')
                ++at;
            if (at + 1 < shown.size() && shown[at] == '\x1b')
                ++at;
        } else {
            ++at;
        }
    }
    return out;
}

} // namespace core::content
