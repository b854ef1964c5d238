#include "core/shell/language/tree_builder.h"

#include <algorithm>

namespace core::shell {

void TreeBuilder::readDocuments()
{
    // Taken out first: the body's own parse must not see them again.
    std::vector<PendingDocument> documents = std::move(m_pendingDocuments);
    m_pendingDocuments.clear();
    for (const PendingDocument& document : documents) {
        const std::string body = m_lexer.hereDocumentBody(document.delimiter, document.stripTabs);
        document.target->source = body;
        if (document.quoted) {
            WordPart part;
            part.kind = WordPart::Kind::Quoted;
            part.text = body;
            document.target->parts = {std::move(part)};
        } else {
            TreeBuilder inner(body, m_aliases, m_lexer.depth());
            document.target->parts = inner.m_lexer.hereDocumentWord().parts;
        }
    }
}

NodePtr TreeBuilder::conditionCommand()
{
    const std::size_t position = take().position;
    ConditionCommand result{conditionOr()};
    expectReserved("]]");
    return finish(std::move(result), position);
}

ConditionPtr TreeBuilder::combine(Condition::Kind kind, ConditionPtr left, ConditionPtr right)
{
    auto condition = std::make_shared<Condition>();
    condition->kind = kind;
    condition->left = std::move(left);
    condition->right = std::move(right);
    return condition;
}

ConditionPtr TreeBuilder::conditionOr()
{
    const Lexer::DepthGuard guard(m_lexer);
    ConditionPtr left = conditionAnd();
    while (peek().isOperator("||")) {
        take();
        left = combine(Condition::Kind::Or, left, conditionAnd());
    }
    return left;
}

ConditionPtr TreeBuilder::conditionAnd()
{
    ConditionPtr left = conditionTerm();
    while (peek().isOperator("&&")) {
        take();
        left = combine(Condition::Kind::And, left, conditionTerm());
    }
    return left;
}

Token TreeBuilder::conditionWord()
{
    skipNewlines();
    if (peek().kind != Token::Kind::Word || atReserved("]]"))
        unexpected(peek());
    return take();
}

ConditionPtr TreeBuilder::conditionTerm()
{
    const Lexer::DepthGuard guard(m_lexer);
    skipNewlines();
    if (peek().isOperator("(")) {
        take();
        ConditionPtr inner = conditionOr();
        expectOperator(")");
        return inner;
    }
    if (acceptReserved("!"))
        return combine(Condition::Kind::Not, conditionTerm(), nullptr);
    auto condition = std::make_shared<Condition>();
    const Token first = conditionWord();
    const bool unary = first.plain() && first.text.size() == 2 && first.text[0] == '-'
        && std::string_view("abcdefghnoprstuvwxzGLNOS").find(first.text[1]) != std::string_view::npos;
    if (unary && peek().kind == Token::Kind::Word && !atReserved("]]")) {
        condition->kind = Condition::Kind::Unary;
        condition->operation = first.text;
        condition->first = conditionWord().word;
        return condition;
    }
    condition->first = first.word;
    const Token& next = peek();
    if (next.isOperator("<") || next.isOperator(">")) {
        condition->operation = take().text;
    } else if (next.plain()
               && isOneOf(
                   next.text,
                   {"=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"})) {
        condition->operation = take().text;
        if (condition->operation == "=~") {
            m_token = m_lexer.nextRegexWord();
        }
    } else {
        return condition;
    }
    condition->kind = Condition::Kind::Binary;
    condition->second = conditionWord().word;
    return condition;
}

bool TreeBuilder::atRedirection()
{
    const Token& token = peek();
    return token.kind == Token::Kind::Operator
        && isOneOf(token.text, {"<", ">", ">>", ">|", "<<", "<<-", "<<<", "<&", ">&", "&>", "&>>", "<>"});
}

void TreeBuilder::redirection(std::vector<Redirection>& redirections)
{
    const Token op = take();
    const Token target = take();
    if (target.kind != Token::Kind::Word)
        unexpected(target);
    Redirection result;
    result.descriptor = op.descriptor;
    result.target = target.word;
    if (op.text == "<")
        result.kind = Redirection::Kind::In;
    else if (op.text == "<>")
        result.kind = Redirection::Kind::InOut;
    else if (op.text == ">|")
        result.kind = Redirection::Kind::Clobber;
    else if (op.text == ">>")
        result.kind = Redirection::Kind::Append;
    else if (op.text == "<&")
        result.kind = Redirection::Kind::DuplicateIn;
    else if (op.text == ">&")
        result.kind = Redirection::Kind::DuplicateOut;
    else if (op.text == "&>")
        result.kind = Redirection::Kind::OutBoth;
    else if (op.text == "&>>")
        result.kind = Redirection::Kind::AppendBoth;
    else if (op.text == "<<<")
        result.kind = Redirection::Kind::HereString;
    else if (op.text == "<<" || op.text == "<<-") {
        result.kind = Redirection::Kind::HereDocument;
        hereDocument(std::move(result), target, op.text == "<<-", redirections);
        return;
    }
    redirections.push_back(std::move(result));
}

void TreeBuilder::hereDocument(Redirection result, const Token& target, bool stripTabs,
                               std::vector<Redirection>& out)
{
    PendingDocument pending;
    pending.stripTabs = stripTabs;
    for (const WordPart& part : target.word.parts) {
        pending.quoted |= part.kind != WordPart::Kind::Literal;
        pending.delimiter += part.text;
        for (const WordPart& inner : part.parts)
            pending.delimiter += inner.text;
    }
    pending.target = std::make_shared<Word>();
    result.document = pending.target;
    m_pendingDocuments.push_back(std::move(pending));
    out.push_back(std::move(result));
}

NodePtr TreeBuilder::simpleCommand()
{
    const std::size_t position = peek().position;
    SimpleCommand result;
    std::vector<Redirection> redirections;
    for (;;) {
        if (atRedirection()) {
            redirection(redirections);
            continue;
        }
        if (peek().kind != Token::Kind::Word)
            break;
        if (result.words.empty()) {
            // After assignments the next word is a command again, so it may be an alias.
            if (!result.assignments.empty() && expandAlias())
                continue;
            if (std::optional<Assignment> assignment = asAssignment(peek())) {
                take();
                result.assignments.push_back(std::move(*assignment));
                continue;
            }
        }
        const Token word = take();
        if (result.words.empty() && word.plain() && peek().isOperator("(") && result.assignments.empty()
            && redirections.empty()) {
            take();
            expectOperator(")");
            skipNewlines();
            return make(Function{word.text, command()}, position);
        }
        result.words.push_back(word.word);
    }
    if (result.words.empty() && result.assignments.empty() && redirections.empty())
        unexpected(peek());
    return make(std::move(result), position, std::move(redirections));
}

std::optional<Assignment> TreeBuilder::asAssignment(const Token& token)
{
    if (token.word.parts.empty() || token.word.parts[0].kind != WordPart::Kind::Literal)
        return {};
    const std::string& text = token.word.parts[0].text;
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return {};
    Assignment result;
    result.append = text[equals - 1] == '+';
    result.name = text.substr(0, equals - (result.append ? 1 : 0));
    if (!isName(result.name))
        return {};
    result.value = token.word;
    result.value.parts[0].text = text.substr(equals + 1);
    if (result.value.parts[0].text.empty())
        result.value.parts.erase(result.value.parts.begin());
    return result;
}

} // namespace core::shell
