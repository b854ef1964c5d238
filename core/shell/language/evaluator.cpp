#include "core/shell/language/evaluator.h"

#include "core/shell/language/arithmetic.h"
#include "core/shell/language/signals.h"
#include "core/shell/paths.h"
#include "core/shell/pattern.h"

#include <fmt/format.h>

namespace core::shell {

struct Evaluator::DepthGuard {
    explicit DepthGuard(Evaluator& e) : evaluator(e)
    {
        if (e.m_depth >= kMaxDepth)
            throw ExpansionError{"maximum nesting level exceeded"};
        ++e.m_depth;
    }
    ~DepthGuard() { --evaluator.m_depth; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;
    Evaluator& evaluator;
};

namespace {

/// While it lives a depth is one more: that of conditions, in which `set -e` does not apply, or of loops.
struct DepthScope {
    explicit DepthScope(int& d) : depth(d) { ++depth; }
    ~DepthScope() { --depth; }
    DepthScope(const DepthScope&) = delete;
    DepthScope& operator=(const DepthScope&) = delete;
    int& depth;
};

} // namespace

ShellState Evaluator::freshState(Runtime& runtime, const Place& place)
{
    ShellState state;
    state.place = place;
    const std::string home = runtime.system.homeDirectory(place);
    state.workingDirectory = place.container ? "/" : home;
    state.processId = runtime.nextProcessId++;
    const auto set = [&](const char* name, std::string value) {
        state.variables[name] = {std::move(value), true, false};
    };
    set("HOME", home);
    set("USER", place.user);
    set("LOGNAME", place.user);
    set("HOSTNAME", runtime.system.hostName(place));
    set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    set("PWD", state.workingDirectory);
    set("SHELL", "/bin/bash");
    set("TERM", "xterm-256color");
    set("LANG", "C.UTF-8");
    return state;
}

void Evaluator::error(Descriptors& descriptors, const std::string& text)
{
    descriptors.out[2]->write(state.name + ": " + text + "\n");
}

int Evaluator::runText(const std::string& text, Descriptors& descriptors, bool& exited)
{
    const ParseResult parsed = parseShell(text, state.aliases);
    if (parsed.status != ParseResult::Status::Complete) {
        error(descriptors, parsed.message);
        return state.lastStatus = 2;
    }
    return runTree(parsed.tree, parsed.source, descriptors, exited);
}

int Evaluator::runTree(const NodePtr& tree, const std::string& source, Descriptors& descriptors, bool& exited)
{
    exited = m_endedAtOnce = false;
    if (!tree)
        return state.lastStatus;
    const std::string outer = std::exchange(m_source, source);
    try {
        state.lastStatus = execute(tree, descriptors);
    } catch (const ExitControl& exit) {
        state.lastStatus = exit.status;
        exited = true;
        m_endedAtOnce = exit.atOnce;
    } catch (const ReturnControl& control) {
        state.lastStatus = control.status;
    } catch (const LoopControl&) {
        state.lastStatus = 0;
    } catch (const ExpansionError& failure) {
        error(descriptors, failure.message);
        state.lastStatus = 1;
    }
    m_source = outer;
    return state.lastStatus;
}

int Evaluator::runScript(const std::string& text, Descriptors& descriptors)
{
    try {
        bool exited = false;
        const int status = runText(text, descriptors, exited);
        return m_endedAtOnce ? status : runExitTrap(status, descriptors);
    } catch (const ExitControl& exit) {
        return exit.status;
    }
}

int Evaluator::runExitTrap(int status, Descriptors& descriptors)
{
    const auto trap = state.traps.find(0);
    if (trap == state.traps.end())
        return status;
    const std::string action = std::move(trap->second);
    state.traps.erase(trap); // it runs once, even when it exits itself
    state.lastStatus = status;
    bool exited = false;
    const int after = runText(action, descriptors, exited);
    return exited ? after : status;
}

void Evaluator::takeSignals(Descriptors& descriptors)
{
    while (!m_pendingSignals.empty()) {
        constexpr int kKill = 9;
        constexpr int kSignalled = 128;
        const int signal = m_pendingSignals.front();
        m_pendingSignals.erase(m_pendingSignals.begin());
        const auto trap = state.traps.find(signal);
        if (trap == state.traps.end() || signal == kKill) {
            // An interactive shell outlives what would end another.
            if (ignoredByDefault(signal) || (state.interactive && signal != kKill))
                continue;
            throw ExitControl{kSignalled + signal, true};
        }
        const int before = state.lastStatus;
        source(std::string(trap->second), descriptors);
        state.lastStatus = before;
    }
}

int Evaluator::source(const std::string& text, Descriptors& descriptors)
{
    const ParseResult parsed = parseShell(text, state.aliases);
    if (parsed.status != ParseResult::Status::Complete) {
        error(descriptors, parsed.message);
        return 2;
    }
    if (!parsed.tree)
        return 0;
    const std::string outer = std::exchange(m_source, parsed.source);
    const int status = execute(parsed.tree, descriptors);
    m_source = outer;
    return status;
}

struct NodeRunner {
    Evaluator& e;
    const Node& node;
    Descriptors& d;

    int operator()(const SimpleCommand& n) const { return e.executeSimple(n, d, node.redirections); }
    int operator()(const Pipeline& n) const { return e.executePipeline(node, n, d); }
    int operator()(const AndOr& n) const { return e.executeAndOr(n, d); }
    int operator()(const List& n) const { return e.executeList(n, d); }
    int operator()(const If& n) const { return e.executeIf(n, d); }
    int operator()(const For& n) const { return e.executeFor(n, d); }
    int operator()(const ArithmeticFor& n) const { return e.executeArithmeticFor(n, d); }
    int operator()(const While& n) const { return e.executeWhile(n, d); }
    int operator()(const Case& n) const { return e.executeCase(n, d); }
    int operator()(const Group& n) const { return e.execute(n.body, d); }
    int operator()(const Subshell& n) const { return e.executeSubshell(n.body, d); }
    int operator()(const Function& n) const
    {
        e.state.functions[n.name] = n.body;
        return 0;
    }
    int operator()(const ArithmeticCommand& n) const
    {
        return Expander(e).arithmetic(n.expression) == 0 ? 1 : 0;
    }
    int operator()(const ConditionCommand& n) const { return e.evaluateCondition(*n.root); }
};

int Evaluator::execute(const NodePtr& node, Descriptors& descriptors)
{
    if (!node)
        return 0;
    const DepthGuard guard(*this);
    struct StreamsGuard {
        Descriptors*& slot;
        Descriptors* outer;
        ~StreamsGuard() { slot = outer; }
    } streams{m_streams, m_streams};
    m_streams = &descriptors;
    if (node->redirections.empty() || std::holds_alternative<SimpleCommand>(node->value))
        return std::visit(NodeRunner{*this, *node, descriptors}, node->value);
    std::optional<Descriptors> redirected = redirect(node->redirections, descriptors);
    if (!redirected)
        return 1;
    m_streams = &*redirected;
    return std::visit(NodeRunner{*this, *node, *redirected}, node->value);
}

int Evaluator::executeList(const List& list, Descriptors& descriptors)
{
    int status = 0;
    for (const List::Item& item : list.items) {
        if (state.noExecute && !state.interactive)
            return status;
        if (item.background) {
            startBackground(item.command, descriptors);
            status = 0;
        } else {
            status = execute(item.command, descriptors);
        }
        state.lastStatus = status;
        if (!m_pendingSignals.empty())
            takeSignals(descriptors);
    }
    return status;
}

int Evaluator::executeAndOr(const AndOr& node, Descriptors& descriptors)
{
    int status = 0;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const AndOr::Item& item = node.items[i];
        if (i > 0 && item.ifSucceeded != (status == 0))
            continue;
        const bool last = i + 1 == node.items.size();
        if (last) {
            status = execute(item.command, descriptors);
            const auto* pipeline = std::get_if<Pipeline>(&item.command->value);
            if (status != 0 && state.stopAtError && m_conditionDepth == 0 && !(pipeline && pipeline->negated))
                throw ExitControl{status};
        } else {
            const DepthScope condition(m_conditionDepth);
            status = execute(item.command, descriptors);
        }
        state.lastStatus = status;
    }
    return status;
}

void Evaluator::charge()
{
    if (m_charged)
        m_runtime.fibers.sleepFor(kCommandCost);
    m_charged = true;
}

int Evaluator::executePipeline(const Node&, const Pipeline& pipeline, Descriptors& descriptors)
{
    charge();
    const ReadScopeGuard scope(m_runtime.terminal, m_runtime.fibers);
    const sim::Instant start = m_runtime.system.now();
    int status = pipeline.stages.empty() ? 0
        : pipeline.stages.size() == 1    ? execute(pipeline.stages[0], descriptors)
                                         : executeStages(pipeline, descriptors);
    if (pipeline.negated)
        status = status == 0 ? 1 : 0;
    if (pipeline.timed) {
        const double seconds = sim::toSeconds(m_runtime.system.now() - start);
        const int minutes = static_cast<int>(seconds / 60);
        descriptors.out[2]->write(fmt::format("\nreal\t{}m{:.3f}s\nuser\t0m0.002s\nsys\t0m0.001s\n", minutes,
                                              seconds - 60 * minutes));
    }
    state.lastStatus = status;
    m_runtime.terminal.currentJob().status = status;
    return status;
}

namespace {

/// Runs something in a shell process of its own: nothing but its status comes out.
template <class F>
int untilItsEnd(Evaluator& evaluator, Descriptors& descriptors, bool& atOnce, F&& body)
{
    try {
        return body();
    } catch (const ExitControl& exit) {
        atOnce = exit.atOnce;
        return exit.status;
    } catch (const ReturnControl& control) {
        return control.status;
    } catch (const LoopControl&) {
        return 0;
    } catch (const ExpansionError& failure) {
        evaluator.error(descriptors, failure.message);
        return 1;
    }
}

/// The same with the EXIT trap that such a process may have set.
template <class F>
int isolated(Evaluator& evaluator, Descriptors& descriptors, F&& body)
{
    bool atOnce = false;
    const int status = untilItsEnd(evaluator, descriptors, atOnce, body);
    return atOnce ? status : evaluator.runExitTrap(status, descriptors);
}

/// The fibers of a pipeline's stages; killed if the pipeline is unwound before they end.
struct Stages {
    explicit Stages(Fibers& f) : fibers(f) { }
    ~Stages()
    {
        for (Fiber* fiber : running)
            fiber->interrupt(130);
        for (Fiber* fiber : running) {
            fibers.joinQuietly(fiber);
            fibers.release(fiber);
        }
    }
    Stages(const Stages&) = delete;
    Stages& operator=(const Stages&) = delete;
    Fibers& fibers;
    std::vector<Fiber*> running;
};

} // namespace

int Evaluator::executeStages(const Pipeline& pipeline, Descriptors& descriptors)
{
    constexpr std::size_t kMaxFibers = 200;
    const std::size_t count = pipeline.stages.size();
    if (m_runtime.fibers.count() + count > kMaxFibers) {
        error(descriptors, "fork: retry: Resource temporarily unavailable");
        return 254;
    }
    const auto statuses = std::make_shared<std::vector<int>>(count, 0);
    Stages stages(m_runtime.fibers);
    std::shared_ptr<Input> input = descriptors.in;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        auto [writer, reader] = Pipe::make(m_runtime.fibers);
        auto streams = std::make_shared<Descriptors>(descriptors);
        streams->in = std::move(input);
        streams->out[1] = std::move(writer);
        input = std::move(reader);
        auto shell = std::make_shared<Evaluator>(m_runtime, state, m_depth);
        shell->inherit(*this);
        shell->m_charged = true;
        stages.running.push_back(m_runtime.fibers.spawn(
            m_runtime.fibers.current()->job(), [shell, streams, statuses, i, node = pipeline.stages[i]] {
                Descriptors own = std::move(*streams);
                try {
                    (*statuses)[i] = isolated(*shell, own, [&] { return shell->execute(node, own); });
                } catch (const Interrupted& interrupted) {
                    (*statuses)[i] = interrupted.exitStatus;
                }
            }));
    }
    {
        Descriptors own = descriptors;
        own.in = std::move(input);
        Evaluator shell(m_runtime, state, m_depth);
        shell.inherit(*this);
        shell.m_charged = true;
        statuses->back() = isolated(shell, own, [&] { return shell.execute(pipeline.stages.back(), own); });
    }
    for (Fiber* fiber : stages.running)
        m_runtime.fibers.join(fiber);
    if (state.pipeFail) {
        for (auto it = statuses->rbegin(); it != statuses->rend(); ++it)
            if (*it != 0)
                return *it;
    }
    return statuses->back();
}

int Evaluator::executeSubshell(const NodePtr& body, Descriptors& descriptors)
{
    Evaluator shell(m_runtime, state, m_depth);
    shell.inherit(*this);
    Descriptors own = descriptors; // what exec redirects in there stays in there
    return isolated(shell, own, [&] { return shell.execute(body, own); });
}

void Evaluator::inherit(const Evaluator& parent)
{
    m_charged = parent.m_charged;
    m_source = parent.m_source;
    m_conditionDepth = parent.m_conditionDepth;
    m_loopDepth = parent.m_loopDepth;
    locals = parent.locals;
    state.interactive = false;
    state.ownId = m_runtime.nextSubshellId++;
    // Traps that ignore stay; the others belong to the parent.
    std::erase_if(state.traps, [](const auto& trap) { return trap.first == 0 || !trap.second.empty(); });
}

void Evaluator::forgetAnnouncedJobs()
{
    for (const BackgroundJob& job : *jobs)
        if (job.announced)
            endedJobs[job.processId] = job.status->value_or(0);
    std::erase_if(*jobs, [](const BackgroundJob& job) { return job.announced; });
}

std::string Evaluator::capture(const NodePtr& node)
{
    const DepthGuard guard(*this);
    const auto output = std::make_shared<CaptureOutput>();
    Descriptors streams = *m_streams;
    streams.out[1] = output;
    m_captureStatus = executeSubshell(node, streams);
    std::string text = output->take();
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    // A string of a real shell ends at a NUL byte; bash drops them.
    std::erase(text, '\0');
    return text;
}

void Evaluator::startBackground(const NodePtr& node, Descriptors& descriptors)
{
    constexpr std::size_t kMaxJobs = 60;
    if (m_runtime.fibers.count() > kMaxJobs) {
        error(descriptors, "fork: retry: Resource temporarily unavailable");
        return;
    }
    auto streams = std::make_shared<Descriptors>(descriptors);
    streams->in = std::make_shared<TextInput>("");
    auto shell = std::make_shared<Evaluator>(m_runtime, state, m_depth);
    shell->inherit(*this);
    shell->m_charged = true;
    BackgroundJob background;
    background.commandLine = m_source.substr(node->position, node->end - node->position);
    const int job = m_runtime.terminal.startJob(background.commandLine).id;
    background.number = jobs->empty() ? 1 : jobs->back().number + 1;
    background.job = job;
    background.processId = state.lastBackground = m_runtime.nextProcessId++;
    background.status = std::make_shared<std::optional<int>>();
    Fiber* fiber = m_runtime.fibers.spawn(job, [shell, streams, node, job, status = background.status] {
        Descriptors own = std::move(*streams);
        try {
            *status = isolated(*shell, own, [&] { return shell->execute(node, own); });
        } catch (const Interrupted& interrupted) {
            *status = interrupted.exitStatus;
        }
        own.flush();
        shell->runtime().terminal.currentJob().status = **status;
        shell->runtime().terminal.endJob(job);
    });
    fiber->scope = nullptr; // it outlives this pipeline
    fiber->detached = true;
    if (m_runtime.terminal.interactive)
        m_runtime.terminal.echo(fmt::format("[{}] {}\n", background.number, background.processId));
    jobs->push_back(std::move(background));
}

int Evaluator::executeIf(const If& node, Descriptors& descriptors)
{
    for (const auto& [condition, body] : node.branches) {
        int status = 0;
        {
            const DepthScope scope(m_conditionDepth);
            status = execute(condition, descriptors);
        }
        if (status == 0)
            return execute(body, descriptors);
    }
    return execute(node.otherwise, descriptors);
}

bool Evaluator::loopBody(const NodePtr& body, Descriptors& descriptors, int& status)
{
    const DepthScope loop(m_loopDepth);
    try {
        status = execute(body, descriptors);
        return true;
    } catch (LoopControl& control) {
        status = 0;
        if (--control.levels > 0)
            throw;
        return !control.isBreak;
    }
}

int Evaluator::executeFor(const For& node, Descriptors& descriptors)
{
    const std::vector<std::string> values = node.words ? Expander(*this).fields(*node.words)
                                                       : state.positional;
    int status = 0;
    for (const std::string& value : values) {
        assign(node.variable, value);
        if (!loopBody(node.body, descriptors, status))
            break;
    }
    return status;
}

int Evaluator::executeArithmeticFor(const ArithmeticFor& node, Descriptors& descriptors)
{
    const auto calculated = [&](const Word& word, std::int64_t whenEmpty) {
        return word.source.find_first_not_of(" \t") == std::string::npos ? whenEmpty
                                                                         : Expander(*this).arithmetic(word);
    };
    int status = 0;
    for (calculated(node.start, 0); calculated(node.condition, 1) != 0; calculated(node.step, 0))
        if (!loopBody(node.body, descriptors, status))
            break;
    return status;
}

int Evaluator::executeWhile(const While& node, Descriptors& descriptors)
{
    int status = 0;
    for (;;) {
        int condition = 0;
        {
            const DepthScope scope(m_conditionDepth);
            condition = execute(node.condition, descriptors);
        }
        if ((condition == 0) == node.until)
            return status;
        if (!loopBody(node.body, descriptors, status))
            return status;
    }
}

int Evaluator::executeCase(const Case& node, Descriptors& descriptors)
{
    const std::string subject = Expander(*this).single(node.subject);
    int status = 0;
    bool fallThrough = false;
    for (const Case::Branch& branch : node.branches) {
        bool matches = fallThrough;
        for (std::size_t i = 0; i < branch.patterns.size() && !matches; ++i)
            matches = matchPattern(Expander(*this).pattern(branch.patterns[i]), subject);
        if (!matches)
            continue;
        status = execute(branch.body, descriptors);
        if (branch.terminator == ";;")
            return status;
        fallThrough = branch.terminator == ";&";
    }
    return status;
}

std::int64_t Evaluator::calculate(const std::string& expression)
{
    ArithmeticVariables variables;
    variables.get = [&](const std::string& name) {
        return parameter(name).value_or("");
    };
    variables.set = [&](const std::string& name, std::int64_t value) {
        assign(name, std::to_string(value));
    };
    const ArithmeticResult result = evaluateArithmetic(expression, variables);
    if (!result.error.empty())
        throw ExpansionError{result.error};
    return result.value;
}

std::string Evaluator::absolutePath(const std::string& path) const
{
    if (path == "~" || path.compare(0, 2, "~/") == 0)
        return joinPath(state.variable("HOME"), path.size() > 2 ? path.substr(2) : ".");
    return joinPath(state.workingDirectory, path);
}

} // namespace core::shell
