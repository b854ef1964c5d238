#include "core/shell/commands/docker/docker.h"

#include "core/shell/commands/docker/client.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell {

namespace docker {

void addTrivy(CommandTable& table);
void addRuntimeTools(CommandTable& table);

namespace {

int runDocker(Invocation& inv)
{
    std::vector<std::string> words = inv.arguments;
    while (!words.empty() && words.front().rfind("-", 0) == 0) { // global options
        const std::string option = words.front();
        if (option == "--version" || option == "-v") {
            inv.print("Docker version 27.5.1, build 9f9e405\n");
            return 0;
        }
        if (option == "--help" || option == "-h") {
            inv.print(generalHelp());
            return 0;
        }
        const bool takesValue = option == "-H" || option == "--host" || option == "--context" || option == "-c" || option == "-l" || option == "--log-level" || option == "--config";
        words.erase(words.begin(), words.begin() + (takesValue && words.size() > 1 ? 2 : 1));
    }
    if (words.empty() || words[0] == "help") {
        inv.print(generalHelp());
        return 0;
    }
    std::size_t used = 0;
    const Verb* verb = findVerb(words, used);
    if (verb == nullptr) {
        const std::string group = helpOfGroup(words[0]);
        if (group.empty() || (words.size() > 1 && words[1] != "--help")) {
            inv.err().write(group.empty() ? fmt::format("docker: '{}' is not a docker command.\nSee 'docker --help'\n", words[0])
                                          : fmt::format("\n{}\n", group));
            return 1;
        }
        inv.print("\n" + group + "\n");
        return 0;
    }
    Call call;
    call.shownAs = "docker";
    for (std::size_t i = 0; i < used; ++i)
        call.shownAs += " " + words[i];
    bool help = false;
    const std::string wrong = parseCall(*verb, {words.begin() + static_cast<std::ptrdiff_t>(used), words.end()}, call, help);
    if (help) {
        inv.print("\n" + helpOf(*verb) + "\n");
        return 0;
    }
    constexpr int kUsage = 125;
    if (!wrong.empty()) {
        inv.err().write(fmt::format("{}\nSee '{} --help'.\n", wrong, call.shownAs));
        return kUsage;
    }
    if (call.operands.size() < verb->least || call.operands.size() > verb->most) {
        const bool exact = verb->least == verb->most;
        const std::size_t bound = call.operands.size() < verb->least ? verb->least : verb->most;
        const std::string amount = exact && bound == 0 ? "accepts no arguments"
            : fmt::format("requires {} {} argument{}", exact ? "exactly" : call.operands.size() < verb->least ? "at least" : "at most", bound, bound == 1 ? "" : "s");
        inv.err().write(fmt::format("\"{0}\" {1}.\nSee '{0} --help'.\n\nUsage:  {0} {2}\n\n{3}\n", call.shownAs, amount, verb->usage, verb->summary));
        return 1;
    }
    Client client(inv);
    return verb->run(client, call);
}

std::vector<Completion> completions(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> found;
    const auto offer = [&](const std::string& text, const std::string& note) {
        if (text.rfind(request.word, 0) == 0 && std::none_of(found.begin(), found.end(), [&](const Completion& c) { return c.text == text; }))
            found.push_back({text, note});
    };
    const std::vector<std::string> words(request.words.begin() + 1, request.words.end());
    std::size_t used = 0;
    const Verb* verb = findVerb(words, used);
    if (verb == nullptr) {
        for (const Verb& one : verbs()) {
            const auto blank = one.path.find(' ');
            if (words.empty()) {
                offer(one.alias.empty() ? one.path.substr(0, blank) : one.alias, one.summary);
                if (blank != std::string::npos)
                    offer(one.path.substr(0, blank), "");
            } else if (words.size() == 1 && blank != std::string::npos && one.path.substr(0, blank) == words[0]) {
                offer(one.path.substr(blank + 1), one.summary);
            }
        }
        return found;
    }
    if (!request.word.empty() && request.word.front() == '-') {
        for (const OptionSpec& option : verb->options)
            offer("--" + option.name, option.help);
        return found;
    }
    const auto* known = door.world().dockers().find(request.place.host);
    if (known == nullptr)
        return found;
    switch (verb->names) {
    case Verb::Names::None: break;
    case Verb::Names::Running:
    case Verb::Names::Containers:
        for (const auto& [id, container] : known->containers)
            if (verb->names == Verb::Names::Containers || container.runs())
                offer(container.name, container.settings.image);
        break;
    case Verb::Names::Images:
        for (const auto& [id, image] : known->images)
            for (const std::string& reference : image.references)
                offer(sim::container::docker::familiar(reference), "");
        break;
    case Verb::Names::Networks:
        for (const auto& [id, network] : known->networks)
            offer(network.name, network.driver);
        break;
    case Verb::Names::Volumes:
        for (const auto& [name, volume] : known->volumes)
            offer(name, "");
        break;
    }
    return found;
}

} // namespace

} // namespace docker

void addDocker(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "docker";
    spec.summary = "a self-sufficient runtime for containers";
    spec.usage = "docker [OPTIONS] COMMAND";
    spec.parseOptions = false;
    spec.run = docker::runDocker;
    spec.complete = docker::completions;
    table.add(std::move(spec));
    docker::addTrivy(table);
    docker::addRuntimeTools(table);
}

} // namespace core::shell
