#include "core/shell/language/parser.h"

#include "core/shell/language/tree_builder.h"

#include <algorithm>
#include <array>

namespace core::shell {

namespace {

constexpr std::array<std::string_view, 17> kReserved = {"if",   "then",  "elif",  "else", "fi",      "for",
                                                        "in",   "while", "until", "do",   "done",    "case",
                                                        "esac", "{",     "}",     "!",    "function"};

} // namespace

bool isReservedWord(std::string_view word)
{
    return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end() || word == "[["
        || word == "time";
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

NodePtr TreeBuilder::program()
{
    NodePtr tree = list({});
    if (peek().kind != Token::Kind::End)
        unexpected(peek());
    if (!m_pendingDocuments.empty())
        throw SyntaxError{"here-document delimited by end-of-file", true};
    return tree;
}

const Token& TreeBuilder::peek()
{
    if (!m_token)
        m_token = m_lexer.next();
    return *m_token;
}

Token TreeBuilder::take()
{
    Token token = peek();
    m_token.reset();
    m_lastEnd = token.end;
    if (token.kind == Token::Kind::Newline)
        readDocuments();
    return token;
}

void TreeBuilder::skipNewlines()
{
    while (peek().kind == Token::Kind::Newline)
        take();
}

bool TreeBuilder::acceptReserved(std::string_view word)
{
    if (!atReserved(word))
        return false;
    take();
    return true;
}

void TreeBuilder::expectReserved(std::string_view word)
{
    if (!acceptReserved(word))
        unexpected(peek());
}

void TreeBuilder::expectOperator(std::string_view op)
{
    if (!peek().isOperator(op))
        unexpected(peek());
    take();
}

void TreeBuilder::unexpected(const Token& token)
{
    if (token.kind == Token::Kind::End)
        throw SyntaxError{"syntax error: unexpected end of file", true};
    const std::string text = token.kind == Token::Kind::Newline ? "newline" : token.text;
    throw SyntaxError{"syntax error near unexpected token `" + text + "'"};
}

NodePtr TreeBuilder::substitution()
{
    // Called while a token is being read, so no token is held back.
    m_token.reset();
    NodePtr body = list({}, ")");
    if (!peek().isOperator(")"))
        unexpected(peek());
    m_lexer.setPosition(peek().end);
    m_token.reset();
    return body;
}

bool TreeBuilder::endsList(std::initializer_list<std::string_view> words, std::string_view closer)
{
    const Token& token = peek();
    if (token.kind == Token::Kind::End)
        return true;
    if (!closer.empty() && token.isOperator(closer))
        return true;
    if (token.isOperator(";;") || token.isOperator(";&") || token.isOperator(";;&"))
        return m_caseDepth > 0;
    return token.plain() && isOneOf(token.text, words);
}

NodePtr TreeBuilder::list(std::initializer_list<std::string_view> endWords, std::string_view closer)
{
    const Lexer::DepthGuard guard(m_lexer);
    List result;
    skipNewlines();
    const std::size_t position = peek().position;
    while (!endsList(endWords, closer)) {
        List::Item item;
        item.command = andOr();
        const Token& token = peek();
        const bool separator = token.isOperator(";") || token.isOperator("&");
        item.background = token.isOperator("&");
        const bool more = separator || token.kind == Token::Kind::Newline;
        result.items.push_back(std::move(item));
        if (separator)
            take();
        if (more)
            skipNewlines();
        else if (!endsList(endWords, closer))
            unexpected(peek());
        else
            break;
    }
    return result.items.empty() ? nullptr : make(std::move(result), position);
}

NodePtr TreeBuilder::requiredList(std::initializer_list<std::string_view> endWords, std::string_view closer)
{
    NodePtr body = list(endWords, closer);
    if (!body)
        unexpected(peek());
    return body;
}

NodePtr TreeBuilder::andOr()
{
    AndOr result;
    const std::size_t position = peek().position;
    result.items.push_back({pipeline(), true});
    while (peek().isOperator("&&") || peek().isOperator("||")) {
        const bool ifSucceeded = take().text == "&&";
        skipNewlines();
        result.items.push_back({pipeline(), ifSucceeded});
    }
    return make(std::move(result), position);
}

NodePtr TreeBuilder::pipeline()
{
    Pipeline result;
    const std::size_t position = peek().position;
    while (atReserved("!") || atReserved("time")) {
        if (take().text == "!")
            result.negated = !result.negated;
        else {
            result.timed = true;
            if (atReserved("-p"))
                take();
        }
    }
    if (result.timed && (peek().kind != Token::Kind::Word && !peek().isOperator("(")))
        return make(std::move(result), position);
    result.stages.push_back(command());
    while (peek().isOperator("|") || peek().isOperator("|&")) {
        const bool both = take().text == "|&";
        if (both) {
            auto node = std::make_shared<Node>(*result.stages.back());
            Redirection redirection;
            redirection.kind = Redirection::Kind::DuplicateOut;
            redirection.descriptor = 2;
            WordPart one;
            one.text = redirection.target.source = "1";
            redirection.target.parts.push_back(std::move(one));
            node->redirections.push_back(std::move(redirection));
            result.stages.back() = std::move(node);
        }
        skipNewlines();
        result.stages.push_back(command());
    }
    return make(std::move(result), position);
}

bool TreeBuilder::expandAlias()
{
    const Token& token = peek();
    if (!token.plain())
        return false;
    const auto alias = m_aliases.find(token.text);
    if (alias == m_aliases.end())
        return false;
    // An alias is not expanded inside its own text: everything before `tail` bytes from the end.
    const std::size_t size = m_lexer.source().size();
    for (const auto& [name, tail] : m_aliasGuards)
        if (name == alias->first && token.position < size - std::min(tail, size))
            return false;
    m_aliasGuards.emplace_back(alias->first, size - token.end);
    m_lexer.splice(token.position, token.end - token.position, alias->second);
    m_token.reset();
    return true;
}

NodePtr TreeBuilder::command()
{
    const Lexer::DepthGuard guard(m_lexer);
    while (expandAlias()) { }
    const Token& token = peek();
    const std::size_t position = token.position;
    if (token.isOperator("(")) {
        take();
        if (peek().isOperator("(") && peek().position == m_lastEnd)
            return arithmeticCommand(position);
        Subshell result{requiredList({}, ")")};
        expectOperator(")");
        return finish(std::move(result), position);
    }
    if (token.plain()) {
        const std::string word = token.text;
        if (word == "if")
            return ifCommand();
        if (word == "for")
            return forCommand();
        if (word == "while" || word == "until")
            return whileCommand();
        if (word == "case")
            return caseCommand();
        if (word == "{") {
            take();
            Group result{requiredList({"}"})};
            expectReserved("}");
            return finish(std::move(result), position);
        }
        if (word == "[[")
            return conditionCommand();
        if (word == "function") {
            take();
            const Token name = take();
            if (name.kind != Token::Kind::Word)
                unexpected(name);
            if (peek().isOperator("(")) {
                take();
                expectOperator(")");
            }
            skipNewlines();
            return make(Function{name.text, command()}, position);
        }
        if (std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end() && word != "in")
            unexpected(token);
    }
    return simpleCommand();
}

NodePtr TreeBuilder::ifCommand()
{
    const std::size_t position = take().position;
    If result;
    for (;;) {
        NodePtr condition = requiredList({"then"});
        expectReserved("then");
        NodePtr body = requiredList({"elif", "else", "fi"});
        result.branches.emplace_back(std::move(condition), std::move(body));
        if (!acceptReserved("elif"))
            break;
    }
    if (acceptReserved("else"))
        result.otherwise = requiredList({"fi"});
    expectReserved("fi");
    return finish(std::move(result), position);
}

NodePtr TreeBuilder::doBody()
{
    if (peek().isOperator(";"))
        take();
    skipNewlines();
    expectReserved("do");
    NodePtr body = requiredList({"done"});
    expectReserved("done");
    return body;
}

NodePtr TreeBuilder::forCommand()
{
    const std::size_t position = take().position;
    if (peek().isOperator("(") && m_lexer.source().compare(peek().position, 2, "((") == 0) {
        m_lexer.setPosition(peek().position + 2);
        m_token.reset();
        ArithmeticFor result;
        for (Word* word : {&result.start, &result.condition, &result.step}) {
            *word = m_lexer.arithmeticUntil(";");
            if (word != &result.step) {
                if (!m_lexer.source().compare(m_lexer.position(), 1, ";"))
                    m_lexer.setPosition(m_lexer.position() + 1);
                else
                    unexpected(peek());
            }
        }
        closeArithmetic();
        result.body = doBody();
        return finish(std::move(result), position);
    }
    For result;
    const Token name = take();
    if (!name.plain() || !isName(name.text)) {
        if (name.kind != Token::Kind::Word)
            unexpected(name);
        throw SyntaxError{"`" + name.text + "': not a valid identifier"};
    }
    result.variable = name.text;
    skipNewlines();
    if (acceptReserved("in")) {
        result.words.emplace();
        while (peek().kind == Token::Kind::Word)
            result.words->push_back(take().word);
        if (!peek().isOperator(";") && peek().kind != Token::Kind::Newline)
            unexpected(peek());
    }
    result.body = doBody();
    return finish(std::move(result), position);
}

void TreeBuilder::closeArithmetic()
{
    if (m_lexer.source().compare(m_lexer.position(), 2, "))") != 0)
        throw SyntaxError{"unexpected EOF while looking for matching `)'",
                          m_lexer.position() >= m_lexer.source().size()};
    m_lexer.setPosition(m_lexer.position() + 2);
    m_lastEnd = m_lexer.position();
}

NodePtr TreeBuilder::arithmeticCommand(std::size_t position)
{
    m_lexer.setPosition(peek().end);
    m_token.reset();
    ArithmeticCommand result{m_lexer.arithmeticUntil({})};
    closeArithmetic();
    return finish(std::move(result), position);
}

NodePtr TreeBuilder::whileCommand()
{
    const Token word = take();
    While result;
    result.until = word.text == "until";
    result.condition = requiredList({"do"});
    result.body = doBody();
    return finish(std::move(result), word.position);
}

NodePtr TreeBuilder::caseCommand()
{
    const std::size_t position = take().position;
    Case result;
    const Token subject = take();
    if (subject.kind != Token::Kind::Word)
        unexpected(subject);
    result.subject = subject.word;
    skipNewlines();
    expectReserved("in");
    skipNewlines();
    ++m_caseDepth;
    while (!atReserved("esac")) {
        Case::Branch branch;
        if (peek().isOperator("("))
            take();
        for (;;) {
            const Token pattern = take();
            if (pattern.kind != Token::Kind::Word)
                unexpected(pattern);
            branch.patterns.push_back(pattern.word);
            if (!peek().isOperator("|"))
                break;
            take();
        }
        expectOperator(")");
        branch.body = list({"esac"});
        branch.terminator = ";;";
        if (peek().kind == Token::Kind::Operator && isOneOf(peek().text, {";;", ";&", ";;&"}))
            branch.terminator = take().text;
        else if (!atReserved("esac"))
            unexpected(peek());
        result.branches.push_back(std::move(branch));
        skipNewlines();
    }
    --m_caseDepth;
    expectReserved("esac");
    return finish(std::move(result), position);
}

ParseResult parseShell(const std::string& source, const Aliases& aliases)
{
    return parseShellNested(source, aliases, 0);
}

ParseResult parseShellNested(const std::string& source, const Aliases& aliases, int depth)
{
    ParseResult result;
    constexpr std::size_t kMaxSource = 1 << 20;
    if (source.size() > kMaxSource) {
        result.status = ParseResult::Status::Error;
        result.message = "syntax error: the line is too long";
        return result;
    }
    try {
        TreeBuilder parser(source, aliases, depth);
        result.tree = parser.program();
        result.source = parser.source();
    } catch (const SyntaxError& error) {
        result.status = error.incomplete ? ParseResult::Status::Incomplete : ParseResult::Status::Error;
        result.message = error.message;
    }
    return result;
}

} // namespace core::shell
