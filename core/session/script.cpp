#include "core/session/script.h"

#include <cstdlib>
#include <sstream>

namespace core::session {

namespace {

/// Whether the line was a directive, and what it said.
bool direct(Session& session, TerminalId terminal, const std::string& line)
{
    std::istringstream words(line);
    std::string hash;
    std::string verb;
    if (!(words >> hash >> verb) || hash != "#")
        return false;
    if (verb == "advance") {
        std::string amount;
        words >> amount;
        if (const auto duration = parseDuration(amount)) {
            session.runFor(*duration);
            return true;
        }
        return false;
    }
    if (verb == "rewind") {
        std::string amount;
        words >> amount;
        if (const auto duration = parseDuration(amount)) {
            session.rewind(session.now() - *duration);
            return true;
        }
        return false;
    }
    if (verb == "ack" || verb == "acknowledge")
        session.acknowledge();
    else if (verb == "hint")
        session.takeHint();
    else if (verb == "close")
        session.close();
    else if (verb == "interrupt")
        session.interrupt(terminal);
    else if (verb == "diagnose") {
        std::string cause;
        double confidence = 1;
        words >> cause;
        if (!(words >> confidence))
            confidence = 1;
        session.diagnose(cause, confidence, {});
    } else {
        return false;
    }
    return true;
}

/// The shell waits for the rest of a here-document, loop or quote: a # there is text.
bool unfinished(Session& session, TerminalId terminal)
{
    return session.terminal(terminal).idle() && session.terminal(terminal).prompt() == "> ";
}

} // namespace

bool isLabLine(const std::string& line)
{
    return line.size() > 1 && line[0] == ':' && line[1] >= 'a' && line[1] <= 'z';
}

std::optional<sim::Duration> parseDuration(const std::string& text)
{
    double seconds = 0;
    std::size_t at = 0;
    if (text.empty())
        return std::nullopt;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.'))
            ++at;
        if (at == begin)
            return std::nullopt;
        const double number = std::atof(text.substr(begin, at - begin).c_str());
        const std::size_t unitBegin = at;
        while (at < text.size() && text[at] >= 'a' && text[at] <= 'z')
            ++at;
        const std::string unit = text.substr(unitBegin, at - unitBegin);
        if (unit == "h") seconds += number * 3600;
        else if (unit == "m") seconds += number * 60;
        else if (unit == "s") seconds += number;
        else if (unit == "ms") seconds += number / 1e3;
        else if (unit == "us") seconds += number / 1e6;
        else if (unit == "ns") seconds += number / 1e9;
        else return std::nullopt;
    }
    if (seconds > 30 * 86400.0)
        return std::nullopt;
    return sim::fromSeconds(seconds);
}

std::vector<ScriptStep> runScript(Session& session, TerminalId terminal, const std::string& text,
                                  const std::function<void(const ScriptStep&)>& onStep, sim::Duration lineLimit,
                                  const std::function<std::string(const std::string&)>& fill, const LabWords& lab)
{
    std::vector<ScriptStep> steps;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (fill)
            line = fill(line);
        ScriptStep step;
        step.at = session.now();
        step.line = line;
        const bool fresh = !unfinished(session, terminal);
        if (fresh && line.find_first_not_of(" \t") == std::string::npos)
            continue;
        bool leave = false;
        if (fresh && line.rfind('#', 0) == 0) {
            direct(session, terminal, line);
        } else if (fresh && lab && isLabLine(line)) {
            LabOutcome answer = lab(line);
            step.outcome.output = std::move(answer.text);
            step.outcome.took = session.now() - step.at;
            leave = answer.leave;
        } else {
            step.outcome = session.runLine(terminal, line, lineLimit);
        }
        if (onStep)
            onStep(step);
        steps.push_back(std::move(step));
        if (leave)
            break;
    }
    return steps;
}

} // namespace core::session
