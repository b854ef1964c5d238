#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// Regular expressions as grep, sed, awk and [[ =~ ]] understand them, run by PCRE2 on UTF-8.
class RegularExpression {
public:
    enum class Syntax { Basic, Extended, Perl, Fixed };
    struct Match {
        /// Byte ranges; group 0 is the whole. An unset group has start == npos.
        struct Group {
            std::size_t start = std::string::npos;
            std::size_t end = std::string::npos;
        };
        std::vector<Group> groups;
        std::size_t start() const { return groups[0].start; }
        std::size_t end() const { return groups[0].end; }
        std::string group(std::string_view subject, std::size_t index) const
        {
            if (index >= groups.size() || groups[index].start == std::string::npos)
                return {};
            return std::string(subject.substr(groups[index].start, groups[index].end - groups[index].start));
        }
    };
    struct Options {
        bool ignoreCase = false;
        bool wholeWord = false;
        bool wholeLine = false;
    };

    /// Nothing when the pattern is wrong; the reason then is in `error`.
    static std::optional<RegularExpression> compile(std::string_view pattern, Syntax syntax, Options options,
                                                    std::string& error);
    /// The first match at or after `from`. Gives up (no match) on catastrophic patterns.
    std::optional<Match> search(std::string_view subject, std::size_t from = 0) const;
    bool matches(std::string_view subject) const { return search(subject).has_value(); }
    std::size_t groupCount() const;

private:
    struct Code;
    std::shared_ptr<const Code> m_code;
};

} // namespace core::shell
