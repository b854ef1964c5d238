#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// The shell language as a tree. Nodes are immutable and shared: a function outlives the line that
/// defined it. `position` is a byte offset into the source the node was parsed from.
namespace core::shell {

struct Node;
using NodePtr = std::shared_ptr<const Node>;
struct Word;

struct WordPart {
    enum class Kind {
        Literal,      ///< unquoted text: subject to globs, tilde and braces
        Quoted,       ///< '...', \x, $'...'
        DoubleQuoted, ///< parts inside "..."
        Parameter,    ///< $name, ${name...}
        Command,      ///< $(...), `...`
        Arithmetic,   ///< $((...)): the expression is argument[0]
    };
    Kind kind = Kind::Literal;
    std::string text; ///< literal text, or the parameter's name
    std::vector<WordPart> parts;
    std::string operation; ///< of a parameter: "", ":-", "-", ":=", "=", ":?", "?", ":+", "+", "#", "##",
                           ///< "%", "%%", "/", "//", "/#", "/%", ":", "^", "^^", ",", ",,"
    bool length = false;   ///< ${#name}
    bool indirect = false; ///< ${!name}
    std::vector<Word> arguments; ///< of the operation
    NodePtr command;
};

struct Word {
    std::vector<WordPart> parts;
    std::string source; ///< as typed, for messages
    std::size_t position = 0;
};

struct Redirection {
    enum class Kind {
        In,
        Out,
        Append,
        DuplicateOut,
        DuplicateIn,
        OutBoth,
        AppendBoth,
        HereDocument,
        HereString,
        Clobber, ///< >|
        InOut,   ///< <>
    };
    Kind kind = Kind::Out;
    int descriptor = -1; ///< -1: the kind's usual one
    Word target;
    std::shared_ptr<const Word> document; ///< the body of a here-document, which comes after the line
};

struct Assignment {
    std::string name;
    bool append = false;
    Word value;
};

struct SimpleCommand {
    std::vector<Assignment> assignments;
    std::vector<Word> words;
};
struct Pipeline {
    std::vector<NodePtr> stages;
    bool negated = false;
    bool timed = false;
};
struct AndOr {
    struct Item {
        NodePtr command;
        bool ifSucceeded = true; ///< && before it; || otherwise. Meaningless for the first.
    };
    std::vector<Item> items;
};
struct List {
    struct Item {
        NodePtr command;
        bool background = false;
    };
    std::vector<Item> items;
};
struct If {
    std::vector<std::pair<NodePtr, NodePtr>> branches;
    NodePtr otherwise;
};
struct For {
    std::string variable;
    std::optional<std::vector<Word>> words; ///< nothing: "$@"
    NodePtr body;
};
struct ArithmeticFor {
    Word start, condition, step;
    NodePtr body;
};
struct While {
    NodePtr condition;
    NodePtr body;
    bool until = false;
};
struct Case {
    struct Branch {
        std::vector<Word> patterns;
        NodePtr body;           ///< may be null
        std::string terminator; ///< ";;", ";&" or ";;&"
    };
    Word subject;
    std::vector<Branch> branches;
};
struct Group {
    NodePtr body;
};
struct Subshell {
    NodePtr body;
};
struct Function {
    std::string name;
    NodePtr body;
};
struct ArithmeticCommand {
    Word expression;
};
struct Condition;
using ConditionPtr = std::shared_ptr<const Condition>;
/// [[ ... ]]
struct Condition {
    enum class Kind { And, Or, Not, Unary, Binary, NonEmpty };
    Kind kind = Kind::NonEmpty;
    std::string operation; ///< "-f", "==", "=~", ...
    ConditionPtr left, right;
    Word first, second;
};
struct ConditionCommand {
    ConditionPtr root;
};

struct Node {
    std::variant<SimpleCommand, Pipeline, AndOr, List, If, For, ArithmeticFor, While, Case, Group, Subshell,
                 Function, ArithmeticCommand, ConditionCommand>
        value;
    std::vector<Redirection> redirections;
    std::size_t position = 0;
    std::size_t end = 0; ///< source[position, end) is the node as typed
};

} // namespace core::shell
