// `go tool pprof` and `go version`, Go 1.22: fetches a profile over HTTP or reads a saved one, and reports on it, once or at
// its prompt.
#include "core/shell/commands/linux/http_client.h"
#include "core/shell/commands/profilers/pprof_report.h"
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace core::shell::profilers {

namespace {

using sim::programs::Profile;

constexpr std::size_t kTopAtPrompt = 10;

/// What was asked on the command line.
struct Asked {
    std::string report; ///< "top", "text", "tree", "raw", "list", "peek", "traces"; empty: the prompt
    std::string pattern;
    std::string sampleIndex;
    std::string seconds;
    std::string baseline;
    std::string source;
    std::size_t most = 0;
    bool byCum = false;
};

std::string withoutDash(const std::string& word)
{
    return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

/// The profiles of a program are served under its own name: shows the sources that the lab has for it.
std::map<std::string, sim::programs::SourceText> sourcesOf(Invocation& inv, const Profile& profile)
{
    for (const auto& [name, code] : inv.door().world().programs().catalogue())
        if (profile.file.rfind(code->folder() + "/", 0) == 0)
            return code->sources;
    return {};
}

std::optional<Profile> fetch(Invocation& inv, const std::string& source, const std::string& seconds, bool quiet)
{
    const auto refuse = [&](const std::string& why) {
        inv.err().write(fmt::format("{}: {}\nfailed to fetch any source profiles\n", source, why));
        return std::nullopt;
    };
    if (source.find("://") == std::string::npos && source.find(':') == std::string::npos) {
        const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(source));
        if (file.error != Errno::None)
            return refuse(fmt::format("open {}: {}", source, file.error == Errno::NoEntry ? "no such file or directory" : "permission denied"));
        inv.noteRead("file/" + node::placeName(inv) + inv.absolutePath(source));
        if (auto profile = sim::programs::readRaw(file.text))
            return profile;
        return refuse("parsing profile: unrecognized profile format");
    }
    auto url = node::Url::parse(source.find("://") == std::string::npos ? "http://" + source : source);
    if (!url)
        return refuse("parse error");
    if (url->path == "/")
        url->path = "/debug/pprof/profile";
    if (!seconds.empty())
        url->path += (url->path.find('?') == std::string::npos ? "?seconds=" : "&seconds=") + seconds;
    const bool cpu = url->path.find("/profile") != std::string::npos;
    if (cpu && url->path.find("seconds=") == std::string::npos)
        url->path += (url->path.find('?') == std::string::npos ? "?seconds=" : "&seconds=") + std::string("30");
    if (!quiet)
        inv.err().write(fmt::format("Fetching profile over HTTP from {}\n", url->text()));
    inv.noteRead(fmt::format("http/{}:{}{}", url->host, url->port, url->path));
    inv.noteRead("from/" + node::placeName(inv));
    node::HttpRequest request;
    request.url = *url;
    const node::Exchange done = node::exchange(inv, request, {});
    using End = node::Exchange::End;
    if (done.end == End::BadName)
        return refuse(fmt::format("Get \"{}\": dial tcp: lookup {}: no such host", url->text(), url->host));
    if (done.end != End::Answered)
        return refuse(fmt::format("Get \"{}\": dial tcp {}:{}: connect: {}", url->text(), done.name.address.text(), url->port,
                                  done.end == End::KernelTimeout ? "connection timed out" : "connection refused"));
    if (done.answer.status != 200)
        return refuse(fmt::format("server response: {} {}", done.answer.status, done.answer.reason));
    auto profile = sim::programs::readRaw(done.answer.body);
    if (!profile)
        return refuse("parsing profile: unrecognized profile format");
    if (!quiet) {
        const std::string folder = inv.system().homeDirectory(inv.place()) + "/pprof";
        if (!inv.system().stat(inv.place(), folder))
            inv.system().makeDirectory(inv.place(), folder);
        std::string kinds;
        for (const auto& type : profile->types)
            kinds += type.name + ".";
        const std::string stem = fmt::format("{}/pprof.{}.{}", folder, profile->file.substr(profile->file.rfind('/') + 1), kinds);
        for (int n = 1; n < 1000; ++n) {
            const std::string path = fmt::format("{}{:03}.pb.gz", stem, n);
            if (inv.system().stat(inv.place(), path))
                continue;
            if (inv.system().writeFile(inv.place(), path, done.answer.body, false) == Errno::None)
                inv.err().write(fmt::format("Saved profile in {}\n", path));
            break;
        }
    }
    return profile;
}

/// Index of a kind of value by name or number; nothing when there is none.
std::optional<std::size_t> valueIndex(const Profile& profile, const std::string& asked)
{
    if (asked.empty())
        return profile.defaultType;
    for (std::size_t i = 0; i < profile.types.size(); ++i)
        if (profile.types[i].name == asked || std::to_string(i) == asked)
            return i;
    return std::nullopt;
}

std::string reportText(const Report& report, const Asked& asked)
{
    if (asked.report == "raw")
        return sim::programs::rawText(*report.profile);
    if (asked.report == "list")
        return listText(report, asked.pattern);
    std::string text = reportHead(report);
    if (asked.report == "peek")
        return text + peekText(report, asked.pattern);
    if (asked.report == "tree")
        return text + peekText(report, "");
    if (asked.report == "traces")
        return text + tracesText(report);
    return text + topText(report, asked.most, asked.byCum);
}

constexpr const char* kHelp = "  Commands:\n"
                              "    list             Output annotated source for functions matching regexp\n"
                              "    peek             Output callers/callees of functions matching regexp\n"
                              "    raw              Outputs a text representation of the raw profile\n"
                              "    text             Outputs top entries in text form\n"
                              "    top              Outputs top entries in text form\n"
                              "    traces           Outputs all profile samples in text form\n"
                              "    tree             Outputs a text rendering of call graph\n"
                              "    web              Visualize graph through web browser\n"
                              "    quit/exit/^D     Exit pprof\n\n"
                              "  Options:\n"
                              "    sample_index     Sample value to report (0-based index or name)\n";

/// One line at the prompt. False: leave.
bool obey(Invocation& inv, Report& report, Asked& settings, const std::string& line)
{
    const std::vector<std::string> words = node::splitWords(line);
    if (words.empty())
        return true;
    std::string verb = words[0];
    if (verb == "quit" || verb == "exit" || verb == "q")
        return false;
    if (const std::size_t equals = line.find('='); equals != std::string::npos) {
        const std::string name = node::splitWords(line.substr(0, equals)).empty() ? "" : node::splitWords(line.substr(0, equals))[0];
        const auto value = node::splitWords(line.substr(equals + 1));
        if (name == "sample_index" && !value.empty()) {
            if (const auto index = valueIndex(*report.profile, value[0]))
                report.value = *index;
            else
                inv.err().write(fmt::format("sample_index \"{}\" must be one of the profile's values\n", value[0]));
            return true;
        }
        inv.err().write(fmt::format("unrecognized command: \"{}\"\n", line));
        return true;
    }
    if (std::any_of(report.profile->types.begin(), report.profile->types.end(), [&](const auto& type) { return type.name == verb; })) {
        report.value = *valueIndex(*report.profile, verb); // the values' names are commands
        return true;
    }
    if (verb == "help") {
        inv.print(kHelp);
        return true;
    }
    if (verb == "o" || verb == "options") {
        inv.print(fmt::format("  nodecount                 = {}\n  nodefraction              = 0.005\n  sample_index              = {}\n  sort                      = {}\n",
                              settings.most == 0 ? -1 : static_cast<int>(settings.most), report.profile->types[report.value].name, settings.byCum ? "cum" : "flat"));
        return true;
    }
    if (verb == "web" || verb == "svg" || verb == "png" || verb == "weblist" || verb == "gv") {
        inv.err().write("failed to execute dot. Is Graphviz installed? Error: exec: \"dot\": executable file not found in $PATH\n");
        return true;
    }
    Asked asked = settings;
    asked.most = kTopAtPrompt;
    if (verb.rfind("top", 0) == 0 && verb.size() > 3) {
        asked.most = static_cast<std::size_t>(node::parseNumber(verb.substr(3)).value_or(kTopAtPrompt));
        verb = "top";
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "-cum" || words[i] == "--cum")
            asked.byCum = true;
        else if (const auto number = node::parseNumber(words[i]))
            asked.most = static_cast<std::size_t>(*number);
        else if (words[i] == ">")
            break;
        else
            asked.pattern = words[i];
    }
    static const std::vector<std::string> kReports{"top", "text", "tree", "raw", "list", "peek", "traces"};
    if (std::find(kReports.begin(), kReports.end(), verb) == kReports.end()) {
        inv.err().write(fmt::format("unrecognized command: \"{}\"\n", verb));
        return true;
    }
    if ((verb == "list" || verb == "peek") && asked.pattern.empty()) {
        inv.err().write(fmt::format("command {} requires an argument\n", verb));
        return true;
    }
    if (verb == "top") // the head was shown when the prompt opened
        inv.print(topText(report, asked.most, asked.byCum));
    else if (verb == "peek")
        inv.print(peekText(report, asked.pattern));
    else if (verb == "traces")
        inv.print(reportHead(report) + tracesText(report));
    else {
        asked.report = verb;
        asked.most = 0;
        inv.print(verb == "text" ? topText(report, 0, asked.byCum) : verb == "tree" ? peekText(report, "") : reportText(report, asked));
    }
    return true;
}

int pprof(Invocation& inv, const std::vector<std::string>& words)
{
    Asked asked;
    std::vector<std::string> sources;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].empty() || words[i][0] != '-') {
            sources.push_back(words[i]);
            continue;
        }
        std::string name = withoutDash(words[i]);
        std::string value;
        bool attached = false;
        if (const std::size_t equals = name.find('='); equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
            attached = true;
        }
        const auto argument = [&] { return attached ? value : i + 1 < words.size() ? words[++i] : std::string(); };
        if (name == "http" || name == "web" || name == "svg" || name == "png") {
            inv.err().write(name == "http" ? "http: no browser in this terminal; use -top, -list or the prompt\n"
                                           : "failed to execute dot. Is Graphviz installed? Error: exec: \"dot\": executable file not found in $PATH\n");
            return 2;
        }
        if (name == "top" || name == "text" || name == "tree" || name == "raw" || name == "traces") {
            asked.report = name;
        } else if (name == "list" || name == "peek") {
            asked.report = name;
            asked.pattern = argument();
        } else if (name == "cum") {
            asked.byCum = true;
        } else if (name == "seconds") {
            asked.seconds = argument();
        } else if (name == "sample_index" || name == "si") {
            asked.sampleIndex = argument();
        } else if (name == "nodecount") {
            asked.most = static_cast<std::size_t>(node::parseNumber(argument()).value_or(0));
        } else if (name == "diff_base" || name == "base") {
            asked.baseline = argument();
        } else if (name == "inuse_space" || name == "inuse_objects" || name == "alloc_space" || name == "alloc_objects") {
            asked.sampleIndex = name;
        } else {
            inv.err().write(fmt::format("flag provided but not defined: -{}\nusage:\n\nProduce output in the specified format.\n\n   pprof <format> [options] [binary] <source> ...\n", name));
            return 2;
        }
    }
    if (sources.empty()) {
        inv.err().write("no profile source specified\n");
        return 2;
    }
    // Before the source a binary may be named; it is not needed, symbols come with the profile.
    const auto profile = fetch(inv, sources.back(), asked.seconds, false);
    if (!profile)
        return 2;
    std::optional<Profile> baseline;
    if (!asked.baseline.empty()) {
        baseline = fetch(inv, asked.baseline, {}, true);
        if (!baseline)
            return 2;
    }
    const auto index = valueIndex(*profile, asked.sampleIndex);
    if (!index) {
        std::string known;
        for (const auto& type : profile->types)
            known += (known.empty() ? "" : ", ") + type.name;
        inv.err().write(fmt::format("sample_index \"{}\" must be one of: [{}]\n", asked.sampleIndex, known));
        return 2;
    }
    Report report{&*profile, *index, baseline ? &*baseline : nullptr, sourcesOf(inv, *profile)};
    if (!asked.report.empty()) {
        inv.print(reportText(report, asked));
        return 0;
    }
    inv.print(reportHead(report) + "Entering interactive mode (type \"help\" for commands, \"o\" for options)\n");
    for (;;) {
        inv.print("(pprof) ");
        const auto line = inv.in().readLine();
        if (!line || !obey(inv, report, asked, *line)) {
            if (!line)
                inv.print("\n");
            return 0;
        }
    }
}

int runGo(Invocation& inv)
{
    const std::vector<std::string>& words = inv.arguments;
    if (!words.empty() && words[0] == "version") {
        inv.print("go version go1.22.10 linux/amd64\n");
        return 0;
    }
    if (words.size() >= 2 && words[0] == "tool" && words[1] == "pprof")
        return pprof(inv, wordsAfter(words, 2));
    if (words.size() >= 2 && words[0] == "tool") {
        inv.err().write(fmt::format("go: no such tool \"{}\"\n", words[1]));
        return 2;
    }
    inv.err().write(words.empty() ? "Go is a tool for managing Go source code.\n\nUsage:\n\n\tgo <command> [arguments]\n"
                                  : fmt::format("go {}: unknown command\nRun 'go help' for usage.\n", words[0]));
    return 2;
}

} // namespace

void addGoTool(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "go";
    spec.summary = "tool for managing Go source code";
    spec.usage = "go tool pprof [options] [binary] <source> ...";
    spec.parseOptions = false;
    spec.run = runGo;
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
