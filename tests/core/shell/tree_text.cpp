#include "tests/core/shell/tree_text.h"

namespace test {

namespace {

using namespace core::shell;

std::string text(const Word& word);

std::string text(const std::vector<WordPart>& parts)
{
    std::string result;
    for (const WordPart& part : parts) {
        result += "<" + std::to_string(static_cast<int>(part.kind)) + " " + part.text + " " + part.operation
            + (part.length ? " length" : "") + (part.indirect ? " indirect" : "") + text(part.parts);
        for (const Word& argument : part.arguments)
            result += text(argument);
        result += treeText(part.command) + ">";
    }
    return result;
}

std::string text(const Word& word)
{
    return "[" + text(word.parts) + "]";
}

std::string text(const std::vector<Word>& words)
{
    std::string result;
    for (const Word& word : words)
        result += text(word);
    return result;
}

struct Describe {
    std::string operator()(const SimpleCommand& n) const
    {
        std::string result = "simple";
        for (const Assignment& a : n.assignments)
            result += " " + a.name + (a.append ? "+=" : "=") + text(a.value);
        return result + " " + text(n.words);
    }
    std::string operator()(const Pipeline& n) const
    {
        std::string result = std::string("pipeline") + (n.negated ? "!" : "") + (n.timed ? " timed" : "");
        for (const NodePtr& stage : n.stages)
            result += treeText(stage);
        return result;
    }
    std::string operator()(const AndOr& n) const
    {
        std::string result = "andor";
        for (std::size_t i = 0; i < n.items.size(); ++i)
            result += (i && !n.items[i].ifSucceeded ? "||" : "&&") + treeText(n.items[i].command);
        return result;
    }
    std::string operator()(const List& n) const
    {
        std::string result = "list";
        for (const List::Item& item : n.items)
            result += treeText(item.command) + (item.background ? "&" : ";");
        return result;
    }
    std::string operator()(const If& n) const
    {
        std::string result = "if";
        for (const auto& [condition, body] : n.branches)
            result += treeText(condition) + treeText(body);
        return result + "else" + treeText(n.otherwise);
    }
    std::string operator()(const For& n) const
    {
        return "for " + n.variable + (n.words ? text(*n.words) : "positional") + treeText(n.body);
    }
    std::string operator()(const ArithmeticFor& n) const
    {
        return "for((" + text(n.start) + text(n.condition) + text(n.step) + treeText(n.body);
    }
    std::string operator()(const While& n) const
    {
        return (n.until ? "until" : "while") + treeText(n.condition) + treeText(n.body);
    }
    std::string operator()(const Case& n) const
    {
        std::string result = "case" + text(n.subject);
        for (const Case::Branch& branch : n.branches)
            result += text(branch.patterns) + treeText(branch.body) + branch.terminator;
        return result;
    }
    std::string operator()(const Group& n) const { return "group" + treeText(n.body); }
    std::string operator()(const Subshell& n) const { return "subshell" + treeText(n.body); }
    std::string operator()(const Function& n) const { return "function " + n.name + treeText(n.body); }
    std::string operator()(const ArithmeticCommand& n) const { return "((" + text(n.expression); }
    std::string operator()(const ConditionCommand& n) const { return "[[" + describe(*n.root); }

    static std::string describe(const Condition& c)
    {
        std::string result = "{" + std::to_string(static_cast<int>(c.kind)) + c.operation + text(c.first) + text(c.second);
        for (const ConditionPtr& side : {c.left, c.right})
            result += side ? describe(*side) : std::string();
        return result + "}";
    }
};

} // namespace

std::string treeText(const NodePtr& node)
{
    if (!node)
        return "()";
    std::string result = "(" + std::visit(Describe{}, node->value);
    for (const Redirection& redirection : node->redirections)
        result += " redirect " + std::to_string(static_cast<int>(redirection.kind)) + " "
            + std::to_string(redirection.descriptor) + text(redirection.target)
            + (redirection.document ? text(*redirection.document) : std::string());
    return result + ")";
}

} // namespace test
