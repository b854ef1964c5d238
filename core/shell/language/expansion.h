#pragma once

#include "core/shell/language/tree.h"

#include <cstdint>
#include <string>
#include <vector>

namespace core::shell {

class Evaluator;

/// Ends the line with an error message: an unset variable under `set -u`, ${x:?}, 1/0.
struct ExpansionError {
    std::string message;
};

/// Turns words into strings in the order bash does: braces, tilde, parameters and substitutions, word
/// splitting, file names, quote removal.
class Expander {
public:
    explicit Expander(Evaluator& evaluator) : m_evaluator(evaluator) { }

    /// Words of a command: each may become none or many.
    std::vector<std::string> fields(const std::vector<Word>& words);
    /// One string: an assignment's value, the subject of case, a here-document.
    std::string single(const Word& word, bool assignment = false);
    /// One pattern, in which what was quoted is escaped.
    std::string pattern(const Word& word);
    std::int64_t arithmetic(const Word& word);
    /// A here-document or a here-string without field splitting.
    std::string document(const Word& word) { return single(word); }
    /// Regular expression of [[ =~ ]]: quoted parts are escaped.
    std::string regex(const Word& word);

private:
    struct Field {
        std::string text;
        std::string pattern;
        bool present = false; ///< something quoted was there: an empty field stays
    };

    void expand(const std::vector<WordPart>& parts, bool quoted, bool atWordStart, bool assignment);
    void parameter(const WordPart& part, bool quoted);
    void positional(bool joined, bool quoted);
    void addQuoted(std::string_view text);
    void addLiteral(std::string_view text);
    void addSplit(std::string_view text);
    void breakField();
    std::string tilde(const std::string& text, std::size_t& consumed) const;
    std::string operate(const WordPart& part, const std::string& value, bool isSet, bool quoted, bool& done);
    std::vector<std::string> fileNames(const std::string& pattern);
    void walk(const std::string& base, const std::string& prefix, const std::vector<std::string>& components,
              std::size_t index, std::vector<std::string>& result);

    Evaluator& m_evaluator;
    std::vector<Field> m_fields;
    bool m_splitting = false;
    bool m_inDefault = false; ///< in the word of ${x:-word}, whose blanks split it
};

/// {a,b}{1..3} applied to one word.
std::vector<Word> expandBraces(const Word& word);

} // namespace core::shell
