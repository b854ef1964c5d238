#pragma once

#include "core/shell/language/tree.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// Internal control flow of the parser; never leaves parseShell().
struct SyntaxError {
    std::string message;
    bool incomplete = false;
};

struct Token {
    enum class Kind { Word, Operator, Newline, End };
    Kind kind = Kind::End;
    std::string text; ///< the operator, or the word as typed
    Word word;
    std::size_t position = 0;
    std::size_t end = 0;
    int descriptor = -1; ///< "2" of "2>": the number before a redirection

    bool isOperator(std::string_view op) const { return kind == Kind::Operator && text == op; }
    /// A word made of one unquoted literal: only such can be reserved words, names and aliases.
    bool plain() const
    {
        return kind == Kind::Word && word.parts.size() == 1 && word.parts[0].kind == WordPart::Kind::Literal;
    }
};

/// Cuts the source into tokens on demand and words into parts. Command substitutions are parsed by the
/// callback, which gets the lexer positioned behind "$(" and must leave it behind the matching ")".
class Lexer {
public:
    static constexpr int kMaxDepth = 80;

    Lexer(std::string source, std::function<NodePtr()> parseSubstitution, int depth)
        : m_source(std::move(source)), m_parseSubstitution(std::move(parseSubstitution)), m_depth(depth)
    { }

    Token next();
    /// Inside [[ =~ ]]: parentheses and bars belong to the word.
    Token nextRegexWord();
    /// The text up to the matching "))" as a word, for ((...)) and for ((;;)); `stop` may end it earlier.
    Word arithmeticUntil(std::string_view stop);
    Word hereDocumentWord();
    /// Reads a here-document body that starts at the current line.
    std::string hereDocumentBody(const std::string& delimiter, bool stripTabs);

    const std::string& source() const { return m_source; }
    std::size_t position() const { return m_position; }
    void setPosition(std::size_t position) { m_position = position; }
    /// Replaces the text of a token (an alias) and continues at its start.
    void splice(std::size_t from, std::size_t length, const std::string& text);
    int depth() const { return m_depth; }
    void enter();
    void leave() { --m_depth; }

    struct DepthGuard {
        explicit DepthGuard(Lexer& l) : lexer(l) { lexer.enter(); }
        ~DepthGuard() { lexer.leave(); }
        DepthGuard(const DepthGuard&) = delete;
        DepthGuard& operator=(const DepthGuard&) = delete;
        Lexer& lexer;
    };

private:
    enum class Mode { Plain, DoubleQuoted, Brace, BraceQuoted, Arithmetic, HereDocument, Regex };

    bool atEnd() const { return m_position >= m_source.size(); }
    char peekChar(std::size_t ahead = 0) const
    {
        return m_position + ahead < m_source.size() ? m_source[m_position + ahead] : '\0';
    }
    void skipBlanks();
    Token wordToken(Mode mode);
    std::vector<WordPart> parts(Mode mode, std::string_view stop);
    bool stopsAt(Mode mode, std::string_view stop, int parentheses) const;
    WordPart dollar(bool quoted);
    WordPart braced(bool quoted);
    WordPart backquoted(bool quoted);
    WordPart ansiQuoted();
    std::string parameterName();
    Word argument(Mode mode, std::string_view stop);
    [[noreturn]] void unfinished(const std::string& what);

    std::string m_source;
    std::size_t m_position = 0;
    std::function<NodePtr()> m_parseSubstitution;
    int m_depth = 0;
};

bool isName(std::string_view text);

} // namespace core::shell
