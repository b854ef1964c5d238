#include "core/shell/regular_expression.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace core::shell {

struct RegularExpression::Code {
    pcre2_code* code = nullptr;
    Code() = default;
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

namespace {

/// A POSIX bracket expression at pattern[i] == '[' in PCRE's words: inside it a backslash is an ordinary
/// character (but awk and people write \t, \n, \], \/ there, so those keep their meaning).
std::string bracket(std::string_view pattern, std::size_t& i, bool escapes)
{
    std::string result = "[";
    std::size_t k = i + 1;
    if (k < pattern.size() && pattern[k] == '^')
        result += pattern[k++];
    for (bool first = true; k < pattern.size() && (first || pattern[k] != ']'); first = false) {
        const char c = pattern[k];
        if (c == '[' && k + 1 < pattern.size()
            && std::string_view(":.=").find(pattern[k + 1]) != std::string_view::npos) {
            const std::string close = std::string(1, pattern[k + 1]) + "]";
            const std::size_t end = pattern.find(close, k + 2);
            if (end != std::string_view::npos) {
                result += pattern.substr(k, end + 2 - k);
                k = end + 2;
                continue;
            }
        }
        if (c == '\\' && k + 1 < pattern.size()
            && (std::string_view("ntr").find(pattern[k + 1]) != std::string_view::npos
                || (escapes
                    && std::string_view("\\/]\"wsd.-").find(pattern[k + 1]) != std::string_view::npos))) {
            result += pattern.substr(k, 2);
            k += 2;
            continue;
        }
        if (c == '\\' || c == '[' || (c == ']' && first))
            result += '\\';
        result += c;
        ++k;
    }
    i = k < pattern.size() ? k + 1 : k;
    return k < pattern.size() ? result + "]" : result;
}

std::string translated(std::string_view pattern, bool basic)
{
    std::string result;
    bool atStart = true; // where ^ anchors and * is an ordinary character in a basic expression
    for (std::size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        bool startsNow = false;
        if (c == '[') {
            result += bracket(pattern, i, !basic);
        } else if (c == '\\' && i + 1 < pattern.size()) {
            const char e = pattern[i + 1];
            i += 2;
            if (e == '<')
                result += "\\b(?=\\w)";
            else if (e == '>')
                result += "\\b(?<=\\w)";
            else if (e == '`')
                result += "\\A";
            else if (e == '\'')
                result += "\\z";
            else if (basic && std::string_view("(){}|+?").find(e) != std::string_view::npos) {
                result += e;
                startsNow = e == '(' || e == '|';
            } else if (std::string_view("wWsSbBntr").find(e) != std::string_view::npos
                       || (e >= '1' && e <= '9'))
                result += std::string("\\") + e;
            else if ((e >= 'a' && e <= 'z') || (e >= 'A' && e <= 'Z') || e == '0')
                result += e; // POSIX knows no \d: it is a d
            else
                result += std::string("\\") + e;
        } else {
            ++i;
            if (basic && std::string_view("(){}|+?").find(c) != std::string_view::npos) {
                result += std::string("\\") + c;
            } else if (c == '*' && atStart) {
                result += "\\*";
            } else if (basic && c == '^' && !atStart) {
                result += "\\^";
            } else if (basic && c == '$' && i < pattern.size() && pattern.compare(i, 2, "\\)") != 0
                       && pattern.compare(i, 2, "\\|") != 0) {
                result += "\\$";
            } else {
                result += c;
            }
            startsNow = (basic && c == '^' && atStart) || (!basic && (c == '(' || c == '|' || c == '^'));
        }
        atStart = startsNow;
    }
    return result;
}

} // namespace

std::optional<RegularExpression> RegularExpression::compile(std::string_view pattern, Syntax syntax,
                                                            Options options, std::string& error)
{
    std::string text;
    if (syntax == Syntax::Fixed) {
        for (const char c : pattern) {
            if (std::string_view("\\^$.[]|()?*+{}#-").find(c) != std::string_view::npos)
                text += '\\';
            text += c;
        }
    } else {
        text = syntax == Syntax::Perl ? std::string(pattern) : translated(pattern, syntax == Syntax::Basic);
    }
    if (options.wholeWord)
        text = "(?<!\\w)(?:" + text + ")(?!\\w)";
    if (options.wholeLine)
        text = "^(?:" + text + ")$";
    std::uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY
        | PCRE2_NEVER_BACKSLASH_C;
    if (syntax != Syntax::Perl)
        flags |= PCRE2_DOTALL;
    if (options.ignoreCase)
        flags |= PCRE2_CASELESS;
    int code = 0;
    PCRE2_SIZE offset = 0;
    const auto compiled = std::make_shared<Code>();
    compiled->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), flags, &code,
                                   &offset, nullptr);
    if (!compiled->code) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(code, message, sizeof message);
        // The words glibc's regcomp has for the mistakes people make; others keep PCRE's.
        switch (code) {
        case PCRE2_ERROR_MISSING_SQUARE_BRACKET: error = "Invalid regular expression"; break;
        case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS: error = "Unmatched ( or \\("; break;
        case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS: error = "Unmatched ) or \\)"; break;
        case PCRE2_ERROR_QUANTIFIER_INVALID: error = "Invalid preceding regular expression"; break;
        case PCRE2_ERROR_UNKNOWN_POSIX_CLASS: error = "Invalid character class name"; break;
        case PCRE2_ERROR_CLASS_RANGE_ORDER: error = "Invalid range end"; break;
        default: error = reinterpret_cast<const char*>(message); break;
        }
        return {};
    }
    RegularExpression result;
    result.m_code = compiled;
    return result;
}

std::optional<RegularExpression::Match> RegularExpression::search(std::string_view subject,
                                                                  std::size_t from) const
{
    if (from > subject.size())
        return {};
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create_from_pattern(m_code->code, nullptr), &pcre2_match_data_free);
    const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(
        pcre2_match_context_create(nullptr), &pcre2_match_context_free);
    constexpr std::uint32_t kMatchLimit = 1'000'000;
    pcre2_set_match_limit(context.get(), kMatchLimit);
    const int count = pcre2_match(m_code->code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                                  from, 0, data.get(), context.get());
    if (count < 0)
        return {};
    const PCRE2_SIZE* vector = pcre2_get_ovector_pointer(data.get());
    Match match;
    match.groups.resize(groupCount() + 1);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        if (vector[2 * i] == PCRE2_UNSET)
            continue;
        match.groups[i] = {vector[2 * i], vector[2 * i + 1]};
    }
    // \K may put the start behind the end.
    match.groups[0].end = std::max(match.groups[0].start, match.groups[0].end);
    return match;
}

std::size_t RegularExpression::groupCount() const
{
    std::uint32_t count = 0;
    pcre2_pattern_info(m_code->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return count;
}

} // namespace core::shell
