#include "core/session/session.h"

#include "core/session/model_input.h"
#include "core/session/session_state.h"
#include "sim/engine/assert.h"

#include <algorithm>
#include <limits>

namespace core::session {

namespace {

constexpr const char* kProgramVersion = "0.1.0";
constexpr const char* kAttached = "/attached"; // at the end of a terminal's place: its shell is the container's own process

} // namespace

Session::Session()
    : m_impl(std::make_unique<Impl>())
{
}

Session::~Session() = default;

const sim::World& Session::world() const { return *m_impl->world; }
sim::Instant Session::now() const { return m_impl->world->now(); }
std::uint64_t Session::fingerprint() const { return m_impl->world->fingerprint(); }
const incident::IncidentRun* Session::run() const { return m_impl->run ? &*m_impl->run : nullptr; }
const StartRequest& Session::request() const { return m_impl->request; }

void Session::Impl::runUntil(sim::Instant to)
{
    FL_ASSERT(to >= world->now());
    forkIfLookingBack();
    to = std::max(to, world->now()); // the fork may lie ahead
    for (;;) {
        sim::Instant next = std::min(to, nextTick);
        for (const auto& [id, terminal] : terminals)
            if (const auto wake = terminal->wakeAt())
                next = std::min(next, std::max(*wake, world->now()));
        world->runUntil(next);
        if (next == nextTick) {
            if (run)
                run->tick(*world);
            nextTick += kSessionTick;
            keepFrame();
        }
        resumeJobs(next);
        timeline.end = std::max(timeline.end, next);
        const bool jobsDue = std::any_of(terminals.begin(), terminals.end(), [&](const auto& entry) {
            const auto wake = entry.second->wakeAt();
            return wake && *wake <= next;
        });
        if (next == to && !jobsDue)
            return;
    }
}

void Session::Impl::resumeJobs(sim::Instant at)
{
    for (const auto& [id, terminal] : terminals) {
        const auto wake = terminal->wakeAt();
        if (!wake || *wake > at)
            continue;
        terminal->resume();
        gather(*terminal);
    }
}

void Session::Impl::gather(shell::Shell& terminal)
{
    for (shell::Shown& shown : terminal.takeShown()) {
        Told told;
        told.kind = Told::Kind::Shown;
        told.shown = std::move(shown);
        record(std::move(told));
    }
}

void Session::Impl::record(Told told)
{
    world->runUntil(world->now()); // as in apply()
    tell(run, timeline.seed, world->now(), told, *world);
    timeline.records.push_back({world->now(), std::move(told)});
}

sim::CommandResult Session::Impl::apply(const sim::Command& command)
{
    // Work that earlier commands left for this same instant comes first: rewinding does the same.
    world->runUntil(world->now());
    timeline.records.push_back({world->now(), Applied{command, currentLine, currentInput}});
    sim::CommandResult result = world->apply(command);
    if (run)
        run->commandApplied(world->now(), command, result, currentLine, currentInput);
    return result;
}

void Session::Impl::input(Input::Kind kind, TerminalId terminal, std::string text, double number, std::string note,
                          std::vector<std::string> reads)
{
    forkIfLookingBack();
    timeline.inputs.push_back({world->now(), kind, terminal, std::move(text), number, std::move(note), std::move(reads)});
}

void Session::Impl::keepFrame()
{
    if (!timeline.keyframes.empty() && world->now() - timeline.keyframes.back()->at < kKeyframeEvery)
        return;
    timeline.keyframes.push_back(
        std::make_shared<const Keyframe>(Keyframe{world->now(), *world, run, timeline.records.size()}));
    thinKeyframes();
}

/// Caches of model servers make copies large. Past the budget goes the keyframe that is missed least: one whose neighbours are close to
/// each other for how long ago they are.
void Session::Impl::thinKeyframes()
{
    auto& frames = timeline.keyframes;
    const std::size_t affordable = std::max(kFewestKeyframes, kKeyframeBytes / std::max<std::size_t>(1, world->serving().copiedBytes()));
    while (frames.size() > affordable) {
        std::size_t least = 1;
        double cost = std::numeric_limits<double>::max();
        for (std::size_t i = 1; i + 1 < frames.size(); ++i) {
            const double gap = sim::toSeconds(frames[i + 1]->at - frames[i - 1]->at);
            const double missed = gap / (sim::toSeconds(world->now() - frames[i]->at) + 60);
            if (missed < cost) {
                cost = missed;
                least = i;
            }
        }
        frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(least));
    }
}

void Session::Impl::forkIfLookingBack()
{
    if (!lookingBack)
        return;
    lookingBack = false;
    if (world->now() < begun) { // one may look at what was before, but not go on from there
        Keyframe state = timeline.restore(begun);
        *world = std::move(state.world);
        run = std::move(state.run);
        nextTick = tickAfter(*world, begun);
    }
    Timeline past = timeline.prefix(world->now());
    past.id = nextBranch++;
    past.name = std::string(1, static_cast<char>('A' + past.id % 26));
    past.parent = timeline.id;
    past.forkedAt = world->now();
    archive();
    timeline = std::move(past);
    resetTerminals();
}

void Session::Impl::archive()
{
    timeline.success = endSuccess;
    others[timeline.id] = timeline;
}

void Session::Impl::resetTerminals()
{
    // A job that was running has no past to go back to. Closing and opening afresh, on the record, makes the
    // replay do the same.
    std::vector<std::pair<TerminalId, std::string>> open(terminalHosts.begin(), terminalHosts.end());
    for (const auto& [id, host] : open) {
        const auto history = terminals.at(id)->history();
        timeline.inputs.push_back({world->now(), Input::Kind::CloseTerminal, id, {}, 0, {}, {}});
        timeline.inputs.push_back({world->now(), Input::Kind::OpenTerminal, id, host, 0, {}, {}});
        makeTerminal(id, host);
        terminals.at(id)->setHistory(history);
    }
}

std::string podPlace(const std::string& namespace_, const std::string& pod, const std::string& container, bool tty, bool attached)
{
    return (tty ? "pod/" : "pipe/") + namespace_ + "/" + pod + "/" + container + (attached ? kAttached : "");
}

std::optional<shell::Shell::Settings> Session::Impl::podSettings(const std::string& place) const
{
    std::vector<std::string> parts{""};
    for (const char c : place) {
        if (c == '/')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    if (parts.size() < 4 || (parts[0] != "pod" && parts[0] != "pipe"))
        return std::nullopt;
    const auto pod = world->cluster().store().get<sim::kube::Pod>({parts[1], parts[2]});
    const auto* container = pod ? world->containerOf(*pod, parts[3]) : nullptr;
    if (container == nullptr)
        return std::nullopt;
    shell::Shell::Settings settings;
    settings.place = {container->host, container->id, container->program.user.empty() ? "root" : container->program.user};
    settings.interactive = parts[0] == "pod";
    settings.separateErrors = !settings.interactive;
    return settings;
}

/// A shell that was attached to is its container's process: it ends with the terminal.
void Session::Impl::endAttached(TerminalId id)
{
    const std::string& place = terminalHosts[id];
    if (!place.ends_with(kAttached))
        return;
    using Action = sim::command::ContainerAction;
    const auto settings = podSettings(place);
    if (settings && settings->place.container)
        apply(sim::Command{Action{*settings->place.container, Action::Verb::Exit, {}, terminals.at(id)->lastStatus()}});
}

void Session::Impl::makeTerminal(TerminalId id, const std::string& host)
{
    if (const auto inPod = podSettings(host)) {
        terminals.erase(id);
        terminals.emplace(id, std::make_unique<shell::Shell>(*system, *door, commands, *inPod));
        terminalHosts[id] = host;
        return;
    }
    const sim::host::Machine* machine = world->machine(host.empty() ? "bastion" : host);
    if (machine == nullptr)
        machine = &world->hosts().all().front();
    shell::Shell::Settings settings;
    settings.place.host = machine->id;
    settings.place.user = machine->role == "bastion" ? "ops" : "root";
    terminals.erase(id);
    terminals.emplace(id, std::make_unique<shell::Shell>(*system, *door, commands, settings));
    terminalHosts[id] = host;
}

void Session::runFor(sim::Duration duration) { runUntil(now() + duration); }
void Session::runUntil(sim::Instant to) { m_impl->runUntil(to); }

TerminalId Session::openTerminal(const std::string& host)
{
    const TerminalId id = m_impl->nextTerminal++;
    m_impl->input(Input::Kind::OpenTerminal, id, host);
    m_impl->makeTerminal(id, host);
    return id;
}

void Session::closeTerminal(TerminalId id)
{
    if (m_impl->terminals.count(id) == 0)
        return;
    m_impl->input(Input::Kind::CloseTerminal, id);
    m_impl->endAttached(id);
    m_impl->terminals.erase(id);
    m_impl->terminalHosts.erase(id);
}

shell::Shell& Session::terminal(TerminalId id)
{
    const auto it = m_impl->terminals.find(id);
    FL_ASSERT(it != m_impl->terminals.end());
    return *it->second;
}

bool Session::hasTerminal(TerminalId id) const
{
    return m_impl->terminals.count(id) > 0;
}

void Session::submitLine(TerminalId id, const std::string& line)
{
    m_impl->input(Input::Kind::Line, id, line);
    shell::Shell& shell = terminal(id);
    m_impl->currentLine = line;
    m_impl->currentInput = m_impl->timeline.inputs.size();
    shell.submit(line);
    m_impl->gather(shell);
}

void Session::sendKey(TerminalId id, const std::string& bytes)
{
    m_impl->input(Input::Kind::Key, id, bytes);
    shell::Shell& shell = terminal(id);
    shell.sendKey(bytes);
    m_impl->gather(shell);
}

void Session::interrupt(TerminalId id)
{
    m_impl->input(Input::Kind::Interrupt, id);
    shell::Shell& shell = terminal(id);
    shell.interrupt();
    m_impl->gather(shell);
}

void Session::endOfInput(TerminalId id)
{
    m_impl->input(Input::Kind::EndOfInput, id);
    shell::Shell& shell = terminal(id);
    shell.endOfInput();
    m_impl->gather(shell);
}

LineOutcome Session::runLine(TerminalId id, const std::string& line, sim::Duration limit)
{
    LineOutcome outcome;
    const sim::Instant begun = now();
    submitLine(id, line);
    while (!terminal(id).idle()) {
        const auto wake = terminal(id).wakeAt();
        if (!wake || *wake - begun > limit) {
            outcome.timedOut = true;
            interrupt(id);
            break;
        }
        runUntil(std::max(*wake, now()));
    }
    outcome.output = plainText(terminal(id).takeOutput());
    outcome.status = terminal(id).lastStatus();
    outcome.took = now() - begun;
    return outcome;
}

void Session::acknowledge()
{
    m_impl->input(Input::Kind::Acknowledge, 0);
    Told told;
    told.kind = Told::Kind::Acknowledge;
    m_impl->record(std::move(told));
}

void Session::takeHint()
{
    m_impl->input(Input::Kind::Hint, 0);
    Told told;
    told.kind = Told::Kind::Hint;
    m_impl->record(std::move(told));
}

void Session::diagnose(const std::string& cause, double confidence, const std::string& note)
{
    m_impl->input(Input::Kind::Diagnose, 0, cause, confidence, note);
    Told told;
    told.kind = Told::Kind::Diagnose;
    told.cause = cause;
    told.confidence = confidence;
    told.note = note;
    m_impl->record(std::move(told));
}

void Session::close()
{
    m_impl->input(Input::Kind::Close, 0);
    Told told;
    told.kind = Told::Kind::Close;
    m_impl->record(std::move(told));
}

void Session::observe(const std::string& what, const std::string& text, std::vector<std::string> reads)
{
    m_impl->input(Input::Kind::Observe, 0, text, 0, what, reads);
    Told told;
    told.kind = Told::Kind::Shown;
    told.shown = {now(), what, text, std::move(reads), 0, true};
    m_impl->record(std::move(told));
}

sim::CommandResult Session::apply(const sim::Command& command)
{
    // What comes from outside a shell (endpoints, buttons) the log keeps as JSON.
    if (const auto* call = std::get_if<sim::command::ApiCall>(&command.body))
        m_impl->input(Input::Kind::ApiCall, 0, requestText(call->request));
    else if (const auto* ask = std::get_if<sim::command::AskModel>(&command.body))
        m_impl->input(Input::Kind::ModelAsk, 0, askText(*ask));
    else if (const auto* leave = std::get_if<sim::command::LeaveModel>(&command.body))
        m_impl->input(Input::Kind::ModelLeave, 0, std::to_string(leave->ask));
    else if (const auto* http = std::get_if<sim::command::HttpCall>(&command.body))
        m_impl->input(Input::Kind::HttpCall, 0, callText(*http));
    m_impl->currentLine.clear();
    m_impl->currentInput = 0;
    return m_impl->apply(command);
}

void Session::rewind(sim::Instant to)
{
    Impl& d = *m_impl;
    const sim::Instant first = d.timeline.keyframes.front()->at;
    const sim::Instant target = std::clamp(to, first, d.timeline.end);
    if (!d.lookingBack)
        d.endSuccess = d.world->telemetry().series("sli.success");
    Keyframe state = d.timeline.restore(target);
    *d.world = std::move(state.world);
    d.run = std::move(state.run);
    d.nextTick = tickAfter(*d.world, target);
    d.lookingBack = target < d.timeline.end;
}

int Session::branch()
{
    Impl& d = *m_impl;
    if (d.lookingBack) {
        d.forkIfLookingBack();
        return d.timeline.id;
    }
    d.endSuccess = d.world->telemetry().series("sli.success");
    d.archive();
    const int parent = d.timeline.id;
    d.timeline.id = d.nextBranch++;
    d.timeline.name = std::string(1, static_cast<char>('A' + d.timeline.id % 26));
    d.timeline.parent = parent;
    d.timeline.forkedAt = d.world->now();
    d.resetTerminals();
    return d.timeline.id;
}

void Session::switchBranch(int id)
{
    Impl& d = *m_impl;
    const auto it = d.others.find(id);
    if (it == d.others.end())
        return;
    if (!d.lookingBack)
        d.endSuccess = d.world->telemetry().series("sli.success");
    d.archive();
    Timeline wanted = it->second;
    d.others.erase(it);
    d.timeline = std::move(wanted);
    Keyframe state = d.timeline.restore(d.timeline.end);
    *d.world = std::move(state.world);
    d.run = std::move(state.run);
    d.nextTick = tickAfter(*d.world, d.world->now());
    d.lookingBack = false;
    d.resetTerminals();
}

ReplayFile Session::saveReplay() const
{
    const Impl& d = *m_impl;
    ReplayFile file;
    file.start = d.request;
    file.programVersion = kProgramVersion;
    file.contentHash = d.library->hash;
    file.inputs = d.timeline.prefix(d.world->now()).inputs;
    file.end = d.world->now();
    file.fingerprint = d.world->fingerprint();
    return file;
}

sim::Result<std::unique_ptr<Session>> Session::replay(std::shared_ptr<const content::Library> library, const ReplayFile& file,
                                                      std::optional<sim::Instant> until)
{
    auto started = start(std::move(library), file.start);
    if (!started)
        return started;
    Session& session = **started;
    const sim::Instant end = until ? std::min(*until, file.end) : file.end;
    for (const Input& input : file.inputs) {
        if (input.at > end)
            break;
        if (input.at < session.now())
            return sim::Error{"an input lies before the incident's start; the replay belongs to other content", file.start.incident};
        session.runUntil(input.at);
        if (auto done = session.m_impl->redo(session, input); !done)
            return done.error();
    }
    if (end > session.now())
        session.runUntil(end);
    return started;
}

sim::Result<sim::Done> Session::Impl::redo(Session& session, const Input& input)
{
    const bool known = session.hasTerminal(input.terminal);
    switch (input.kind) {
    case Input::Kind::OpenTerminal:
        this->input(input.kind, input.terminal, input.text);
        makeTerminal(input.terminal, input.text);
        nextTerminal = std::max(nextTerminal, input.terminal + 1);
        return sim::Done{};
    case Input::Kind::CloseTerminal: session.closeTerminal(input.terminal); return sim::Done{};
    case Input::Kind::Acknowledge: session.acknowledge(); return sim::Done{};
    case Input::Kind::Hint: session.takeHint(); return sim::Done{};
    case Input::Kind::Diagnose: session.diagnose(input.text, input.number, input.note); return sim::Done{};
    case Input::Kind::Close: session.close(); return sim::Done{};
    case Input::Kind::Observe: session.observe(input.note, input.text, input.reads); return sim::Done{};
    case Input::Kind::ApiCall: {
        const auto asked = requestOf(input.text);
        if (!asked)
            return asked.error();
        session.apply(sim::Command{sim::command::ApiCall{*asked}});
        return sim::Done{};
    }
    case Input::Kind::ModelAsk: {
        const auto ask = askOf(input.text);
        if (!ask)
            return ask.error();
        session.apply(sim::Command{*ask});
        return sim::Done{};
    }
    case Input::Kind::ModelLeave:
        session.apply(sim::Command{sim::command::LeaveModel{std::strtoull(input.text.c_str(), nullptr, 10)}});
        return sim::Done{};
    case Input::Kind::HttpCall: {
        const auto call = callOf(input.text);
        if (!call)
            return call.error();
        session.apply(sim::Command{*call});
        return sim::Done{};
    }
    case Input::Kind::Line:
        if (known && session.terminal(input.terminal).idle()) {
            session.submitLine(input.terminal, input.text);
            return sim::Done{};
        }
        break;
    case Input::Kind::Key:
        if (known) {
            session.sendKey(input.terminal, input.text);
            return sim::Done{};
        }
        break;
    case Input::Kind::Interrupt:
        if (known) {
            session.interrupt(input.terminal);
            return sim::Done{};
        }
        break;
    case Input::Kind::EndOfInput:
        if (known) {
            session.endOfInput(input.terminal);
            return sim::Done{};
        }
        break;
    }
    return sim::Error{"an input meets a terminal that is not open or still busy; the replay is damaged or from another version",
                      "terminal " + std::to_string(input.terminal)};
}

} // namespace core::session
