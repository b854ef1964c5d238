#pragma once

#include "core/shell/regular_expression.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A small awk: the tree and its parser. The interpreter is in awk_interpreter.cpp.
namespace core::shell::awk {

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using StatementPtr = std::unique_ptr<Statement>;

struct Expression {
    enum class Kind {
        Number,
        String,
        Regex,
        Variable,
        Field,
        Element,
        Assign,
        Conditional,
        And,
        Or,
        Not,
        Negate,
        Plus,
        Binary,
        Match,
        Concatenate,
        In,
        PreIncrement,
        PostIncrement,
        Call,
        Group,
        Getline,
    };
    Kind kind = Kind::Number;
    double number = 0;
    std::string text; ///< name, string, operator, function; of getline "", "<" or "|": what operands[0] names
    std::vector<ExpressionPtr> operands;
    std::optional<RegularExpression> regex;
};

struct Statement {
    enum class Kind {
        Block,
        Expression,
        Print,
        Printf,
        If,
        While,
        DoWhile,
        For,
        ForIn,
        Next,
        Exit,
        Break,
        Continue,
        Delete,
        Return
    };
    Kind kind = Kind::Block;
    std::vector<StatementPtr> body;
    std::vector<ExpressionPtr> expressions;
    std::string name;        ///< for-in's variable; array of delete and for-in
    std::string redirection; ///< "", ">", ">>" or "|": the target is the last expression
    std::string array;
    StatementPtr start, step;
};

struct Rule {
    enum class Kind { Begin, End, Pattern, Range, Always };
    Kind kind = Kind::Always;
    ExpressionPtr first, second;
    StatementPtr action; ///< null: print $0
    bool active = false;
};

struct UserFunction {
    std::vector<std::string> parameters;
    StatementPtr body;
};

struct Program {
    std::vector<Rule> rules;
    std::vector<std::pair<std::string, UserFunction>> functions;
};

struct SyntaxError {
    std::string text;
};

/// Throws SyntaxError.
Program parse(const std::string& source);

} // namespace core::shell::awk
