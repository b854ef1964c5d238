#include "core/session/session_state.h"

#include <algorithm>

namespace core::session {

namespace {

using nlohmann::json;

constexpr std::size_t kMarkLabelBytes = 60;

} // namespace

std::vector<Mark> Session::Impl::marks() const
{
    std::vector<Mark> marks;
    const sim::Instant now = world->now();
    for (const auto& change : world->telemetry().history())
        if (change.state == sim::telemetry::Alert::State::Firing)
            marks.push_back({change.at, Mark::Kind::Alert, change.rule});
    for (const Input& input : timeline.inputs) {
        if (input.at > now && !lookingBack)
            break;
        switch (input.kind) {
        case Input::Kind::Line:
            marks.push_back({input.at, Mark::Kind::You, input.text.substr(0, kMarkLabelBytes)});
            break;
        case Input::Kind::Acknowledge: marks.push_back({input.at, Mark::Kind::You, "acknowledge"}); break;
        case Input::Kind::Hint: marks.push_back({input.at, Mark::Kind::Hint, "hint"}); break;
        case Input::Kind::Diagnose: marks.push_back({input.at, Mark::Kind::Diagnosis, input.text}); break;
        case Input::Kind::Close: marks.push_back({input.at, Mark::Kind::You, "close"}); break;
        case Input::Kind::OpenTerminal:
        case Input::Kind::CloseTerminal:
        case Input::Kind::Key:
        case Input::Kind::Interrupt:
        case Input::Kind::EndOfInput:
        case Input::Kind::Observe:
        case Input::Kind::ApiCall:
        case Input::Kind::ModelAsk:
        case Input::Kind::ModelLeave:
        case Input::Kind::HttpCall: break;
        }
    }
    if (timeline.parent >= 0)
        marks.push_back({timeline.forkedAt, Mark::Kind::Branch, timeline.name});
    // The moment of injection is the debrief's.
    if (run && run->closed())
        for (const auto& injection : world->injections())
            marks.push_back({injection.at, Mark::Kind::Injection, injection.parameters.value("variant", "")});
    std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
    return marks;
}

std::vector<BranchView> Session::Impl::branches() const
{
    std::vector<BranchView> views;
    const auto add = [&](const Timeline& one, const std::vector<float>& success, bool current) {
        BranchView view;
        view.id = one.id;
        view.name = one.name;
        view.parent = one.parent;
        view.forkedAt = one.forkedAt;
        view.end = one.end;
        view.success = std::make_shared<const std::vector<float>>(success);
        view.step = sim::telemetry::Telemetry::kStep;
        view.current = current;
        views.push_back(std::move(view));
    };
    add(timeline, lookingBack ? endSuccess : world->telemetry().series("sli.success"), true);
    for (const auto& [id, other] : others)
        add(other, other.success, false);
    std::sort(views.begin(), views.end(), [](const BranchView& a, const BranchView& b) { return a.id < b.id; });
    return views;
}

GradeView Session::Impl::grade() const
{
    if (!*idle)
        idle->emplace(timeline);
    return run->grade((*idle)->lostBy(*run->record().closed));
}

Frame Session::frame() const
{
    const Impl& d = *m_impl;
    Frame frame;
    auto world = std::make_shared<sim::Frame>(d.world->frame());
    for (const Input& input : d.timeline.inputs) // what the learner did belongs in the event log too
        if (input.kind == Input::Kind::Line && input.at <= d.world->now())
            world->events.push_back({input.at, sim::Health::Unknown, "you", input.text, {}, {}, 1});
    std::stable_sort(world->events.begin(), world->events.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    frame.world = std::move(world);
    frame.hasStorage = d.world->ceph().exists();
    frame.hasServing = !d.world->serving().empty();
    frame.opened = d.opened;
    frame.timelineEnd = d.timeline.end;
    frame.marks = d.marks();
    frame.branches = d.branches();
    if (d.run) {
        frame.incident = d.run->view();
        if (d.run->closed())
            frame.incident->grade = d.grade();
    }
    return frame;
}

std::string plainText(const std::string& screen)
{
    std::string out;
    for (std::size_t i = 0; i < screen.size(); ++i) {
        if (screen[i] == '\r')
            continue;
        if (screen[i] != '\x1b') {
            out += screen[i];
            continue;
        }
        if (i + 1 < screen.size() && screen[i + 1] == ']') { // OSC: up to BEL
            while (i < screen.size() && screen[i] != '\a')
                ++i;
            continue;
        }
        if (i + 1 < screen.size() && screen[i + 1] == '[') { // CSI: up to its final byte
            i += 2;
            while (i < screen.size() && (screen[i] < '@' || screen[i] > '~'))
                ++i;
            continue;
        }
        ++i; // two-byte escapes
    }
    return out;
}

std::string requestText(const sim::kube::Request& request)
{
    json out{{"verb", static_cast<int>(request.verb)}, {"resource", request.resource}, {"namespace", request.namespace_},
             {"name", request.name}, {"subresource", request.subresource}, {"body", request.body},
             {"patch", static_cast<int>(request.patchType)}, {"labels", request.labelSelector}, {"fields", request.fieldSelector},
             {"user", request.user}, {"manager", request.fieldManager}, {"validation", request.fieldValidation},
             {"propagation", request.propagationPolicy}, {"dryRun", request.dryRun}, {"groups", request.groups}, {"userUid", request.userUid},
             {"force", request.force}, {"limit", request.limit}, {"continue", request.continue_}, {"uid", request.preconditionUid},
             {"version", request.preconditionResourceVersion}};
    if (request.gracePeriodSeconds)
        out["grace"] = *request.gracePeriodSeconds;
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

sim::Result<sim::kube::Request> requestOf(const std::string& text)
{
    try {
        const json from = json::parse(text);
        sim::kube::Request request;
        request.verb = static_cast<sim::kube::Verb>(std::clamp(from.at("verb").get<int>(), 0, 6));
        request.resource = from.at("resource");
        request.namespace_ = from.value("namespace", "");
        request.name = from.value("name", "");
        request.subresource = from.value("subresource", "");
        request.body = from.value("body", json());
        request.patchType = static_cast<sim::kube::PatchType>(std::clamp(from.value("patch", 0), 0, 3));
        request.labelSelector = from.value("labels", "");
        request.fieldSelector = from.value("fields", "");
        request.user = from.value("user", request.user);
        request.fieldManager = from.value("manager", "");
        request.fieldValidation = from.value("validation", request.fieldValidation);
        request.propagationPolicy = from.value("propagation", "");
        request.dryRun = from.value("dryRun", false);
        request.groups = from.value("groups", request.groups);
        request.userUid = from.value("userUid", "");
        request.force = from.value("force", false);
        request.limit = from.value("limit", std::int64_t{0});
        request.continue_ = from.value("continue", "");
        request.preconditionUid = from.value("uid", "");
        request.preconditionResourceVersion = from.value("version", "");
        if (from.contains("grace"))
            request.gracePeriodSeconds = from.at("grace").get<std::int64_t>();
        return request;
    } catch (const json::exception& problem) {
        return sim::Error{std::string("an API request in the log cannot be read: ") + problem.what(), {}};
    }
}

} // namespace core::session
