#pragma once

#include "sim/engine/result.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core::content {

/// Values for "{name}" in globs, patterns, predicates and scripts. Several values mean "any of these" where
/// something is matched, and the first one where a text is filled in.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Fills a text (script line, hint). Names without a value stay as they are: `awk '{print}'` is no placeholder.
std::string fillText(std::string_view text, const Placeholders& values);

/// Fills a regular expression; values are taken literally. A name without a value matches nothing.
/// A name is a lower-case letter and then letters, digits and "_", so quantifiers {2,3} are left alone.
std::string fillPattern(std::string_view pattern, const Placeholders& values);

/// "*" is any run of characters, "/" included; "?" is one character.
bool globMatches(std::string_view glob, std::string_view text);

/// The glob with every combination of its placeholders' values; empty when a name has none.
std::vector<std::string> expandGlob(std::string_view glob, const Placeholders& values);

/// Any of the globs, placeholders filled, matches the text.
bool anyGlobMatches(const std::vector<std::string>& globs, std::string_view text, const Placeholders& values);

/// FactMatcher::reads against an observation's reads. A clause about "from/..." must hold for every
/// "from/" read: an output mixed from two machines proves nothing about one.
bool readsMatch(std::string_view expression, const std::vector<std::string>& reads, const Placeholders& values);

/// A compiled PCRE2 expression, multi-line, safe on invalid UTF-8. Matching gives up (no match) at a fixed
/// amount of work, so that no pattern of a user's pack can hang the lab.
class Regex {
public:
    static sim::Result<Regex> compile(const std::string& pattern);
    bool matches(std::string_view text) const;

private:
    struct Code;
    explicit Regex(std::shared_ptr<const Code> code);
    std::shared_ptr<const Code> m_code;
};

/// True when the filled pattern matches. A pattern that does not compile matches nothing.
bool patternMatches(const std::string& pattern, std::string_view text, const Placeholders& values);

/// The text as a reader sees it: without VT escape sequences and carriage returns.
std::string plainText(std::string_view shown);

} // namespace core::content
