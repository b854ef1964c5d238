#include "core/shell/text/awk_interpreter.h"

#include "core/shell/printf.h"
#include "core/shell/text/input_files.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace core::shell::awk {

namespace {

class CaughtOutput final : public Output {
public:
    void write(std::string_view piece) override { text += piece; }
    bool isTerminal() const override { return false; }
    std::string text;
};

} // namespace

int Interpreter::run(const std::vector<std::string>& operands)
{
    m_operands = operands;
    try {
        runRules(Rule::Kind::Begin);
        bool reads = false;
        for (const Rule& rule : m_program.rules)
            reads |= rule.kind != Rule::Kind::Begin;
        if (reads)
            readInputs(operands);
    } catch (const ExitProgram&) { }
    if (!m_exitedInEnd) {
        try {
            m_exitedInEnd = true;
            runRules(Rule::Kind::End);
        } catch (const ExitProgram&) { }
    }
    flushFiles();
    for (const auto& [command, input] : std::exchange(m_pipes, {}))
        runPipe(command, input);
    return m_status;
}

void Interpreter::readInputs(const std::vector<std::string>& operands)
{
    std::vector<std::string> files;
    for (const std::string& operand : operands) {
        const std::size_t equals = operand.find('=');
        const bool assignment = equals != std::string::npos && equals > 0
            && operand.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
                == equals;
        if (assignment)
            set(operand.substr(0, equals), Value::input(operand.substr(equals + 1)));
        else
            files.push_back(operand);
    }
    if (m_early) {
        readRecords(*m_early, "");
        return;
    }
    if (!forEachInput(m_invocation, files, [&](Input& input, const std::string& name) { readRecords(input, name); }))
        m_status = 2;
}

void Interpreter::readRecords(Input& input, const std::string& name)
{
    if (!m_early) {
        set("FILENAME", Value::of(name == "-" ? std::string() : name));
        set("FNR", Value::of(0.0));
        m_main = {};
        m_main.input = &input;
    }
    while (const std::optional<std::string> record = readRecord(m_main)) {
        setRecord(*record);
        count();
        try {
            runRules(Rule::Kind::Pattern);
        } catch (const NextRecord&) { }
    }
    m_main.input = nullptr;
}

void Interpreter::count()
{
    set("NR", Value::of(number(m_variables["NR"]) + 1));
    set("FNR", Value::of(number(m_variables["FNR"]) + 1));
}

std::optional<std::string> Interpreter::readRecord(Source& source)
{
    const std::string separator = text(m_variables["RS"]);
    if (separator == "\n")
        return source.input->readLine();
    if (separator.empty()) { // paragraphs
        std::optional<std::string> line;
        do
            line = source.input->readLine();
        while (line && line->empty());
        if (!line)
            return {};
        std::string record = *line;
        while ((line = source.input->readLine()) && !line->empty())
            record += "\n" + *line;
        return record;
    }
    if (!source.rest) {
        source.rest = source.input->readAll();
        source.restPosition = 0;
    }
    if (source.restPosition >= source.rest->size()) {
        source.rest.reset();
        return {};
    }
    const std::size_t end = std::min(source.rest->find(separator[0], source.restPosition), source.rest->size());
    std::string record = source.rest->substr(source.restPosition, end - source.restPosition);
    source.restPosition = end + 1;
    if (source.restPosition >= source.rest->size() && !record.empty() && record.back() == '\n')
        record.pop_back();
    return record;
}

double Interpreter::getline(const Expression& e)
{
    Source* source = &m_main;
    if (!e.text.empty()) {
        source = openSource(e.text, text(evaluate(*e.operands[0])));
    } else if (!m_main.input && !m_early && !m_exitedInEnd) { // in BEGIN: the inputs, all in one
        std::string whole;
        forEachInput(m_invocation, m_operands, [&](Input& input, const std::string&) { whole += input.readAll(); });
        m_early = std::make_unique<TextInput>(whole);
        m_main.input = m_early.get();
    }
    if (source == nullptr)
        return -1;
    if (!source->input)
        return 0;
    std::optional<std::string> record = readRecord(*source);
    if (!record)
        return 0;
    if (e.text.empty())
        count();
    const std::size_t target = e.text.empty() ? 0 : 1;
    if (e.operands.size() > target)
        assign(*e.operands[target], Value::input(std::move(*record)));
    else
        setRecord(std::move(*record));
    return 1;
}

Interpreter::Source* Interpreter::openSource(const std::string& kind, const std::string& name)
{
    const auto found = m_sources.find(kind + name);
    if (found != m_sources.end())
        return &found->second;
    flushFiles();
    std::string content;
    if (kind == "|") {
        CaughtOutput out;
        m_invocation.run({"sh", "-c", name}, nullptr, &out);
        content = std::move(out.text);
    } else if (name == "-" || name == "/dev/stdin") {
        content = m_invocation.in().readAll();
    } else {
        const std::string path = m_invocation.absolutePath(name);
        ReadFile file = m_invocation.system().readFile(m_invocation.place(), path);
        if (file.error != Errno::None)
            return nullptr;
        noteFile(m_invocation, path);
        content = std::move(file.text);
    }
    Source& source = m_sources[kind + name];
    source.own = std::make_unique<TextInput>(std::move(content));
    source.input = source.own.get();
    return &source;
}

void Interpreter::flushFiles()
{
    for (auto& [path, file] : m_files)
        if (!file.empty())
            m_invocation.system().writeFile(m_invocation.place(), path, std::exchange(file, {}), true);
}

int Interpreter::runPipe(const std::string& command, const std::string& input)
{
    TextInput in(input);
    return m_invocation.run({"sh", "-c", command}, &in);
}

double Interpreter::close(const std::string& name)
{
    double result = m_sources.erase("<" + name) + m_sources.erase("|" + name) > 0 ? 0 : -1;
    if (const auto pipe = m_pipes.find(name); pipe != m_pipes.end()) {
        const std::string input = std::move(pipe->second);
        m_pipes.erase(pipe);
        result = runPipe(name, input);
    }
    flushFiles();
    if (m_files.erase(m_invocation.absolutePath(name)) > 0)
        result = 0;
    return result;
}

void Interpreter::setRecord(std::string record)
{
    m_fields.assign(1, Value::input(std::move(record)));
    for (std::string& piece : split(m_fields[0].text, text(m_variables["FS"])))
        m_fields.push_back(Value::input(std::move(piece)));
    m_variables["NF"] = Value::of(static_cast<double>(m_fields.size() - 1));
}

const RegularExpression& Interpreter::compiled(const std::string& pattern)
{
    const auto it = m_patterns.find(pattern);
    if (it != m_patterns.end())
        return it->second;
    std::string error;
    auto regex = RegularExpression::compile(pattern, RegularExpression::Syntax::Extended, {}, error);
    if (!regex)
        throw RunError{"regular expression compile failed (" + error + ")\n" + pattern};
    return m_patterns.emplace(pattern, std::move(*regex)).first->second;
}

std::vector<std::string> Interpreter::split(const std::string& subject, const std::string& separator)
{
    std::vector<std::string> pieces;
    if (separator == " ") {
        for (std::size_t i = 0;;) {
            i = subject.find_first_not_of(" \t\n", i);
            if (i == std::string::npos)
                return pieces;
            const std::size_t end = std::min(subject.find_first_of(" \t\n", i), subject.size());
            pieces.push_back(subject.substr(i, end - i));
            i = end;
        }
    }
    if (subject.empty())
        return pieces;
    if (separator.empty()) {
        for (const char c : subject)
            pieces.emplace_back(1, c);
        return pieces;
    }
    std::size_t start = 0;
    if (separator.size() == 1 && separator != "\\") {
        for (;;) {
            const std::size_t end = subject.find(separator[0], start);
            pieces.push_back(subject.substr(start, end - start));
            if (end == std::string::npos)
                return pieces;
            start = end + 1;
        }
    }
    const RegularExpression& regex = compiled(separator);
    for (std::size_t from = 0;;) {
        const auto match = regex.search(subject, from);
        if (!match)
            break;
        if (match->end() == match->start()) {
            if (++from > subject.size())
                break;
            continue;
        }
        pieces.push_back(subject.substr(start, match->start() - start));
        start = from = match->end();
    }
    pieces.push_back(subject.substr(start));
    return pieces;
}

void Interpreter::runRules(Rule::Kind kind)
{
    for (Rule& rule : m_program.rules) {
        const bool special = rule.kind == Rule::Kind::Begin || rule.kind == Rule::Kind::End;
        if (special ? rule.kind != kind : kind != Rule::Kind::Pattern)
            continue;
        bool runs = true;
        if (rule.kind == Rule::Kind::Pattern) {
            runs = truth(evaluate(*rule.first));
        } else if (rule.kind == Rule::Kind::Range) {
            runs = rule.active || truth(evaluate(*rule.first));
            if (runs)
                rule.active = !truth(evaluate(*rule.second));
        }
        if (!runs)
            continue;
        if (rule.action)
            execute(*rule.action);
        else
            m_invocation.print(text(field(0)) + text(m_variables["ORS"]));
    }
}

void Interpreter::step()
{
    constexpr int kStepsPerMillisecond = 100'000;
    if (++m_steps >= kStepsPerMillisecond) {
        m_steps = 0;
        m_invocation.sleep(std::chrono::milliseconds(1));
    }
}

void Interpreter::execute(const Statement& statement)
{
    step();
    switch (statement.kind) {
    case Statement::Kind::Block:
        for (const StatementPtr& inner : statement.body)
            execute(*inner);
        break;
    case Statement::Kind::Expression: evaluate(*statement.expressions[0]); break;
    case Statement::Kind::Print:
    case Statement::Kind::Printf: print(statement); break;
    case Statement::Kind::If:
        if (truth(evaluate(*statement.expressions[0])))
            execute(*statement.body[0]);
        else if (statement.body.size() > 1)
            execute(*statement.body[1]);
        break;
    case Statement::Kind::While:
        while (truth(evaluate(*statement.expressions[0])))
            if (!loopBody(*statement.body[0]))
                break;
        break;
    case Statement::Kind::DoWhile:
        do {
            if (!loopBody(*statement.body[0]))
                break;
        } while (truth(evaluate(*statement.expressions[0])));
        break;
    case Statement::Kind::For:
        if (statement.start)
            execute(*statement.start);
        while (!statement.expressions[0] || truth(evaluate(*statement.expressions[0]))) {
            if (!loopBody(*statement.body[0]))
                break;
            if (statement.step)
                execute(*statement.step);
        }
        break;
    case Statement::Kind::ForIn: {
        std::vector<std::string> keys;
        for (const auto& [key, value] : array(statement.array))
            keys.push_back(key);
        // Numbers in their order: the order of a real awk is arbitrary, this one at least reads well.
        std::stable_sort(keys.begin(), keys.end(), [](const std::string& a, const std::string& b) {
            const Value x = Value::input(a);
            const Value y = Value::input(b);
            if (x.kind == Value::Kind::Numeric && y.kind == Value::Kind::Numeric)
                return x.number < y.number;
            return x.kind == Value::Kind::Numeric && y.kind != Value::Kind::Numeric;
        });
        for (const std::string& key : keys) {
            variable(statement.name) = Value::input(key);
            if (!loopBody(*statement.body[0]))
                break;
        }
        break;
    }
    case Statement::Kind::Next: throw NextRecord{};
    case Statement::Kind::Exit:
        if (!statement.expressions.empty())
            m_status = static_cast<int>(number(evaluate(*statement.expressions[0])));
        throw ExitProgram{};
    case Statement::Kind::Break: throw BreakLoop{};
    case Statement::Kind::Continue: throw ContinueLoop{};
    case Statement::Kind::Return:
        throw ReturnValue{statement.expressions.empty() ? Value{} : evaluate(*statement.expressions[0])};
    case Statement::Kind::Delete:
        if (statement.expressions.empty())
            array(statement.array).clear();
        else
            array(statement.array).erase(subscript(statement.expressions));
        break;
    }
}

bool Interpreter::loopBody(const Statement& body)
{
    step();
    try {
        execute(body);
    } catch (const BreakLoop&) {
        return false;
    } catch (const ContinueLoop&) { }
    return true;
}

void Interpreter::print(const Statement& statement)
{
    std::size_t count = statement.expressions.size();
    std::string target;
    if (!statement.redirection.empty())
        target = text(evaluate(*statement.expressions[--count]));
    std::string out;
    if (statement.kind == Statement::Kind::Printf) {
        if (count == 0)
            throw RunError{"no format for printf"};
        std::vector<Value> values;
        for (std::size_t i = 1; i < count; ++i)
            values.push_back(evaluate(*statement.expressions[i]));
        out = formatWith(text(evaluate(*statement.expressions[0])), values);
    } else if (count == 0) {
        out = text(field(0)) + text(m_variables["ORS"]);
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const Value value = evaluate(*statement.expressions[i]);
            out += (i > 0 ? text(m_variables["OFS"]) : "")
                + (value.kind == Value::Kind::Number ? numberText(value.number, "OFMT") : value.text);
        }
        out += text(m_variables["ORS"]);
    }
    if (statement.redirection.empty() || target == "/dev/stdout" ) {
        m_invocation.print(out);
    } else if (statement.redirection == "|") {
        m_pipes[target] += out;
    } else if (target == "/dev/stderr") {
        m_invocation.err().write(out);
    } else if (target != "/dev/null") {
        const std::string path = m_invocation.absolutePath(target);
        if (!m_files.count(path)) {
            const Errno error = m_invocation.system().writeFile(m_invocation.place(), path, {},
                                                                statement.redirection == ">>");
            if (error != Errno::None)
                throw RunError{"can't redirect to " + target + " (" + std::string(describe(error)) + ")"};
        }
        m_files[path] += out;
    }
}

} // namespace core::shell::awk
