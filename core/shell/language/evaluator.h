#pragma once

#include "core/shell/language/expansion.h"
#include "core/shell/language/state.h"
#include "core/shell/language/terminal.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace core::shell {

/// What all shells of one terminal share.
struct Runtime {
    System& system;
    Door& door;
    const CommandTable& commands;
    Fibers& fibers;
    Terminal& terminal;
    /// Opens an interactive shell in this terminal and waits until it is left.
    std::function<int(const Place&)> openShell;
    std::vector<std::string>* history = nullptr;
    long nextProcessId = 4200;
    long nextSubshellId = 90'000; ///< apart, because most subshells are never seen
    std::vector<Evaluator*> shells; ///< all that live, outermost first: where signals go
    std::uint32_t randomState = 1; ///< $RANDOM, the same in every run
};

/// A command line in the background.
struct BackgroundJob {
    int number = 0;
    int job = 0;
    long processId = 0;
    std::string commandLine;
    std::shared_ptr<std::optional<int>> status; ///< set when it ended
    bool announced = false;
};

// Control flow of the language, caught by the construct that owns it.
struct LoopControl {
    int levels = 1;
    bool isBreak = false;
};
struct ReturnControl {
    int status = 0;
};
struct ExitControl {
    int status = 0;
    bool atOnce = false; ///< killed, or replaced by exec: no EXIT trap
};

/// Runs trees on behalf of one shell process.
class Evaluator {
public:
    /// Every pipeline but a line's first costs this, so that endless loops yield.
    static constexpr sim::Duration kCommandCost = std::chrono::milliseconds(2);
    /// Tree nodes being run inside each other: a few per function call, substitution or subshell.
    static constexpr int kMaxDepth = 1200;

    Evaluator(Runtime& runtime, ShellState initial, int depth)
        : state(std::move(initial)), m_runtime(runtime), m_depth(depth)
    {
        m_runtime.shells.push_back(this);
    }
    ~Evaluator() { std::erase(m_runtime.shells, this); }
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    /// A fresh login environment at a place.
    static ShellState freshState(Runtime& runtime, const Place& place);

    /// A new line of an interactive shell: its first pipeline is free again.
    void beginLine() { m_charged = false; }
    /// Runs a whole text (a line, a script) and returns its status. `exit` ends it.
    int runText(const std::string& text, Descriptors& descriptors, bool& exited);
    /// The same for a whole shell process: its EXIT trap ends it.
    int runScript(const std::string& text, Descriptors& descriptors);
    /// Runs the EXIT trap, if there is one, and returns the status the shell ends with.
    int runExitTrap(int status, Descriptors& descriptors);
    /// The shell got a signal: remembers it until the command being run is over.
    void raise(int signal) { m_pendingSignals.push_back(signal); }
    bool signalPending() const { return !m_pendingSignals.empty(); }
    /// Runs the traps of the signals that came; throws ExitControl at one that kills.
    void takeSignals(Descriptors& descriptors);
    /// Runs a parsed line; the same.
    int runTree(const NodePtr& tree, const std::string& source, Descriptors& descriptors, bool& exited);
    /// Runs a tree in the current context: status, or a control exception.
    int execute(const NodePtr& node, Descriptors& descriptors);
    /// Runs already expanded words; `functions`: whether a function may be meant (command, env and xargs
    /// skip those).
    int runCommand(const std::vector<std::string>& words, Descriptors& descriptors, bool functions);
    /// Runs a command of the table, or a file.
    int runInstalled(const std::vector<std::string>& words, Descriptors& descriptors);
    /// $(...) without its trailing newlines.
    std::string capture(const NodePtr& node);
    int source(const std::string& text, Descriptors& descriptors);
    int loopDepth() const { return m_loopDepth; }
    /// Moves ended jobs that were told of out of the list; their status stays for `wait`.
    void forgetAnnouncedJobs();

    std::optional<std::string> parameter(std::string_view name) const;
    void assign(const std::string& name, std::string value);
    std::string absolutePath(const std::string& path) const;
    int evaluateCondition(const Condition& condition);
    std::int64_t calculate(const std::string& expression);
    /// A command of this name exists here, in whatever form.
    bool knows(const std::string& name) const;
    /// Where a command without a slash is found on the PATH; empty when nowhere.
    std::string onPath(const std::string& name) const;
    /// Of a shell process that this one starts: what the environment hands on.
    ShellState childState() const;
    void error(Descriptors& descriptors, const std::string& text);

    Runtime& runtime() { return m_runtime; }
    const Runtime& runtime() const { return m_runtime; }
    int depth() const { return m_depth; }
    Descriptors& streams() { return *m_streams; }

    ShellState state;
    std::shared_ptr<std::vector<BackgroundJob>> jobs = std::make_shared<std::vector<BackgroundJob>>();
    std::map<long, int> endedJobs; ///< statuses by process id
    /// Variables shadowed by `local`, innermost function last.
    std::vector<std::map<std::string, std::optional<Variable>>> locals;

private:
    friend struct NodeRunner;
    friend class CommandInvocation;
    struct DepthGuard;

    int executeList(const List& list, Descriptors& descriptors);
    int executeAndOr(const AndOr& node, Descriptors& descriptors);
    int executePipeline(const Node& node, const Pipeline& pipeline, Descriptors& descriptors);
    int executeStages(const Pipeline& pipeline, Descriptors& descriptors);
    int executeIf(const If& node, Descriptors& descriptors);
    int executeFor(const For& node, Descriptors& descriptors);
    int executeArithmeticFor(const ArithmeticFor& node, Descriptors& descriptors);
    int executeWhile(const While& node, Descriptors& descriptors);
    int executeCase(const Case& node, Descriptors& descriptors);
    int executeSimple(const SimpleCommand& node, Descriptors& descriptors,
                      const std::vector<Redirection>& redirections);
    int executeSubshell(const NodePtr& body, Descriptors& descriptors);
    /// Takes over what a fork keeps of the parent's course.
    void inherit(const Evaluator& parent);
    int runExec(const std::vector<std::string>& words, Descriptors& redirected, Descriptors& own);
    void writeTrace(const std::string& text, Descriptors& descriptors);
    void startBackground(const NodePtr& node, Descriptors& descriptors);
    /// Runs a loop body; false: leave the loop.
    bool loopBody(const NodePtr& body, Descriptors& descriptors, int& status);
    int callFunction(const NodePtr& body, const std::vector<std::string>& words, Descriptors& descriptors);
    int runFile(const std::string& path, const std::vector<std::string>& words, Descriptors& descriptors);
    int notFound(const std::string& name, Descriptors& descriptors);
    void charge();
    /// The descriptors after redirections; nothing after an error message.
    std::optional<Descriptors> redirect(const std::vector<Redirection>& redirections, Descriptors& from);
    bool redirectOne(const Redirection& redirection, Descriptors& result);
    bool redirectNumber(const std::string& number, int descriptor, bool output, Descriptors& result);
    std::shared_ptr<Stream> openForWriting(const std::string& path, Redirection::Kind kind, Descriptors& descriptors);

    Runtime& m_runtime;
    int m_depth = 0;
    Descriptors* m_streams = nullptr;
    std::string m_source;     ///< of the tree being run, for job names and `set -x`
    bool m_charged = false;   ///< the first pipeline of a line is free
    int m_captureStatus = 0;  ///< of the last $(...)
    int m_conditionDepth = 0; ///< inside if/while/&&: set -e does not apply
    int m_loopDepth = 0;
    std::vector<int> m_pendingSignals;
    bool m_endedAtOnce = false; ///< the last text ended by a signal or exec
};

} // namespace core::shell
