#pragma once

#include "core/shell/language/lexer.h"
#include "core/shell/language/parser.h"

#include <initializer_list>

namespace core::shell {

/// Recursive descent over the shell language, behind parseShell(). Lists and compound commands are in
/// parser.cpp, simple commands, redirections and [[ ]] in simple_parser.cpp. Throws SyntaxError.
class TreeBuilder {
public:
    TreeBuilder(const std::string& source, const Aliases& aliases, int depth)
        : m_lexer(
            source, [this] { return substitution(); }, depth),
          m_aliases(aliases)
    { }

    NodePtr program();
    const std::string& source() const { return m_lexer.source(); }

private:
    // --- tokens -----------------------------------------------------------------------------------

    const Token& peek();
    Token take();
    void readDocuments();
    void skipNewlines();
    bool atReserved(std::string_view word) { return peek().plain() && peek().text == word; }

    bool acceptReserved(std::string_view word);
    void expectReserved(std::string_view word);
    void expectOperator(std::string_view op);
    [[noreturn]] void unexpected(const Token& token);
    NodePtr substitution();
    template <class T>
    NodePtr make(T value, std::size_t position, std::vector<Redirection> redirections = {})
    {
        auto node = std::make_shared<Node>();
        node->value = std::move(value);
        node->redirections = std::move(redirections);
        node->position = position;
        node->end = m_lastEnd;
        return node;
    }

    // --- lists ------------------------------------------------------------------------------------

    bool endsList(std::initializer_list<std::string_view> words, std::string_view closer);
    /// Null when empty.
    NodePtr list(std::initializer_list<std::string_view> endWords, std::string_view closer = {});
    NodePtr requiredList(std::initializer_list<std::string_view> endWords, std::string_view closer = {});
    NodePtr andOr();
    NodePtr pipeline();
    // --- commands ---------------------------------------------------------------------------------

    bool expandAlias();
    NodePtr command();
    template <class T>
    NodePtr finish(T value, std::size_t position)
    {
        std::vector<Redirection> redirections;
        while (atRedirection())
            redirection(redirections);
        return make(std::move(value), position, std::move(redirections));
    }

    NodePtr ifCommand();
    NodePtr doBody();
    NodePtr forCommand();
    void closeArithmetic();
    NodePtr arithmeticCommand(std::size_t position);
    NodePtr whileCommand();
    NodePtr caseCommand();
    // --- [[ ]] ------------------------------------------------------------------------------------

    NodePtr conditionCommand();
    static ConditionPtr combine(Condition::Kind kind, ConditionPtr left, ConditionPtr right);
    ConditionPtr conditionOr();
    ConditionPtr conditionAnd();
    Token conditionWord();
    ConditionPtr conditionTerm();
    // --- simple commands --------------------------------------------------------------------------

    bool atRedirection();
    void redirection(std::vector<Redirection>& redirections);
    void hereDocument(Redirection result, const Token& target, bool stripTabs, std::vector<Redirection>& out);
    NodePtr simpleCommand();
    static std::optional<Assignment> asAssignment(const Token& token);
    struct PendingDocument {
        std::string delimiter;
        bool quoted = false;
        bool stripTabs = false;
        std::shared_ptr<Word> target;
    };

    Lexer m_lexer;
    const Aliases& m_aliases;
    std::optional<Token> m_token;
    std::size_t m_lastEnd = 0;
    int m_caseDepth = 0;
    std::vector<PendingDocument> m_pendingDocuments;
    std::vector<std::pair<std::string, std::size_t>> m_aliasGuards;
};

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words);

} // namespace core::shell
