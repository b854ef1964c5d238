#pragma once

#include "core/shell/invocation.h"
#include "core/shell/numbers.h"
#include "core/shell/text/awk.h"
#include "core/shell/text_input.h"

#include <cmath>
#include <map>
#include <memory>

namespace core::shell::awk {

/// A value that is a number, a string, or a string from input that may look like a number.
struct Value {
    enum class Kind { Unset, Number, String, Numeric };
    Kind kind = Kind::Unset;
    double number = 0;
    std::string text;

    static Value of(double n) { return {Kind::Number, n, {}}; }
    static Value of(std::string s) { return {Kind::String, 0, std::move(s)}; }
    /// From input: a number if it looks like one all through.
    static Value input(std::string s)
    {
        std::size_t used = 0;
        const double n = parseDouble(s, used);
        std::size_t end = used;
        while (end < s.size() && (s[end] == ' ' || s[end] == '\t' || s[end] == '\n'))
            ++end;
        const bool numeric = used > 0 && end == s.size() && std::isfinite(n);
        return {numeric ? Kind::Numeric : Kind::String, n, std::move(s)};
    }
};

struct NextRecord { };
struct ExitProgram { };
struct BreakLoop { };
struct ContinueLoop { };
struct ReturnValue {
    Value value;
};
struct RunError {
    std::string text;
};

using Array = std::map<std::string, Value>;

/// Runs a program. Rules, statements and records are in awk_interpreter.cpp, expressions and functions in
/// awk_evaluation.cpp.
class Interpreter {
public:
    Interpreter(Invocation& invocation, Program& program) : m_invocation(invocation), m_program(program)
    {
        set("FS", Value::of(std::string(" ")));
        set("OFS", Value::of(std::string(" ")));
        set("ORS", Value::of(std::string("\n")));
        set("RS", Value::of(std::string("\n")));
        set("SUBSEP", Value::of(std::string("\x1c")));
        set("CONVFMT", Value::of(std::string("%.6g")));
        set("OFMT", Value::of(std::string("%.6g")));
        set("NR", Value::of(0.0));
        set("FNR", Value::of(0.0));
        set("NF", Value::of(0.0));
        set("RSTART", Value::of(0.0));
        set("RLENGTH", Value::of(-1.0));
        set("FILENAME", Value::of(std::string()));
        for (const auto& [name, function] : program.functions)
            m_functions[name] = &function;
        for (const char* name : {"HOME", "USER", "HOSTNAME", "PATH", "PWD"})
            if (const auto value = invocation.variable(name))
                m_arrays["ENVIRON"][name] = Value::input(*value);
    }

    void set(const std::string& name, Value value) { m_variables[name] = std::move(value); }

    int run(const std::vector<std::string>& operands);

private:
    // --- input ----------------------------------------------------------------------------------------

    /// Where records come from, with what is left of it when records are not lines.
    struct Source {
        Input* input = nullptr;
        std::unique_ptr<TextInput> own; ///< of a file or command that getline opened
        std::optional<std::string> rest;
        std::size_t restPosition = 0;
    };

    void readInputs(const std::vector<std::string>& operands);
    void readRecords(Input& input, const std::string& name);
    void count();
    std::optional<std::string> readRecord(Source& source);
    /// getline in all its forms: 1, 0 at the end, -1 when it cannot be opened.
    double getline(const Expression& e);
    Source* openSource(const std::string& kind, const std::string& name);
    /// What print wrote to files goes there.
    void flushFiles();
    /// Runs a command of print's pipe on what was written to it; its exit status.
    int runPipe(const std::string& command, const std::string& input);
    double close(const std::string& name);
    void setRecord(std::string record);
    const RegularExpression& compiled(const std::string& pattern);
    std::vector<std::string> split(const std::string& subject, const std::string& separator);
    // --- values ---------------------------------------------------------------------------------------

    static double number(const Value& value);
    std::string numberText(double n, const char* format);
    std::string text(const Value& value);
    static bool truth(const Value& value);
    int compare(const Value& a, const Value& b);
    // --- rules ----------------------------------------------------------------------------------------

    void runRules(Rule::Kind kind);
    /// Loops cost time now and then, so that an endless one can be interrupted.
    void step();
    void execute(const Statement& statement);
    bool loopBody(const Statement& body);
    void print(const Statement& statement);
    /// printf with awk's own values, so that a number that came as text stays one.
    std::string formatWith(const std::string& format, const std::vector<Value>& values);
    // --- expressions ----------------------------------------------------------------------------------

    struct Frame {
        std::map<std::string, Value> values;
        std::map<std::string, std::string> arrays; ///< parameter -> the caller's array
        std::map<std::string, Array> ownArrays;
    };

    Value& variable(const std::string& name);
    Array& array(const std::string& name);
    Value field(std::size_t index);
    std::size_t fieldIndex(const Expression& expression);
    void rebuildRecord();
    std::string subscript(const std::vector<ExpressionPtr>& expressions);
    void assign(const Expression& target, const Value& value);
    bool matches(const Value& subject, const Expression& pattern);
    double calculate(const std::string& op, double a, double b);
    Value evaluate(const Expression& e);
    // --- functions ------------------------------------------------------------------------------------

    Value argument(const Expression& e, std::size_t index)
    {
        return index < e.operands.size() ? evaluate(*e.operands[index]) : Value{};
    }

    void need(const Expression& e, std::size_t count);
    Value call(const Expression& e);
    Value substitute(const Expression& e);
    Value callUser(const Expression& e, const UserFunction& function);
    Invocation& m_invocation;
    Program& m_program;
    std::map<std::string, Value> m_variables;
    std::map<std::string, Array> m_arrays;
    std::map<std::string, const UserFunction*> m_functions;
    std::map<std::string, RegularExpression> m_patterns;
    std::map<std::string, std::string> m_files;
    std::vector<Frame> m_frames;
    std::vector<Value> m_fields;
    std::map<std::string, std::string> m_pipes; ///< command of print's pipe -> what was written
    Source m_main;
    std::map<std::string, Source> m_sources; ///< of getline, by "<FILE" or "|COMMAND"
    std::vector<std::string> m_operands;
    std::unique_ptr<TextInput> m_early; ///< the main input, when BEGIN has begun to read it
    std::uint64_t m_random = 0;
    int m_steps = 0;
    int m_status = 0;
    bool m_exitedInEnd = false;

    friend int run(Invocation& invocation);
};

} // namespace core::shell::awk
