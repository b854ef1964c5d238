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
/// pprof ends with 2, but `go tool` makes 1 of whatever its tool ends with.
constexpr int kFailed = 1;
constexpr const char* kNoGraphviz = "failed to execute dot. Is Graphviz installed? Error: exec: \"dot\": executable file not found in $PATH\n";
constexpr const char* kPprofUsage = "usage:\n\nProduce output in the specified format.\n\n   pprof <format> [options] [binary] <source> ...\n";

/// What was asked on the command line.
struct Asked {
    std::string report; ///< "top", "text", "tree", "raw", "list", "peek", "traces"; empty: the prompt
    std::string pattern;
    std::string sampleIndex;
    std::string seconds;
    std::string baseline;
    Report::Against against = Report::Against::Whole;
    std::string focus, ignore;
    std::optional<std::size_t> most; ///< -nodecount
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

/// A fetched profile is kept under ~/pprof, with the first number that is free.
void keep(Invocation& inv, const Profile& profile, const std::string& body)
{
    const std::string folder = inv.system().homeDirectory(inv.place()) + "/pprof";
    if (!inv.system().stat(inv.place(), folder))
        inv.system().makeDirectory(inv.place(), folder);
    std::string kinds;
    for (const auto& type : profile.types)
        kinds += type.name + ".";
    const std::string stem = fmt::format("{}/pprof.{}.{}", folder, profile.file.substr(profile.file.rfind('/') + 1), kinds);
    for (int n = 1; n < 1000; ++n) {
        const std::string path = fmt::format("{}{:03}.pb.gz", stem, n);
        if (inv.system().stat(inv.place(), path))
            continue;
        if (inv.system().writeFile(inv.place(), path, body, false) == Errno::None)
            inv.err().write(fmt::format("Saved profile in {}\n", path));
        return;
    }
}

/// What /debug/pprof says about a profile that it does not have goes behind the status; other servers' answers do not.
std::string refusalText(const sim::HttpAnswer& answer, const std::string& path)
{
    std::string text = fmt::format("server response: {} {}", answer.status, answer.reason);
    if (path.rfind("/debug/pprof/", 0) == 0)
        text += " - " + answer.body.substr(0, answer.body.find('\n'));
    return text;
}

std::optional<Profile> fetch(Invocation& inv, const std::string& source, const std::string& seconds)
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
    if (url->path == "/" || url->path.rfind("/?", 0) == 0)
        url->path = "/debug/pprof/profile" + url->path.substr(1);
    if (!seconds.empty())
        url->path += (url->path.find('?') == std::string::npos ? "?seconds=" : "&seconds=") + seconds;
    inv.err().write(fmt::format("Fetching profile over HTTP from {}\n", url->text()));
    if (!seconds.empty())
        inv.err().write(fmt::format("Please wait... ({}s)\n", seconds));
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
        return refuse(refusalText(done.answer, url->path));
    auto profile = sim::programs::readRaw(done.answer.body);
    if (!profile)
        return refuse("parsing profile: unrecognized profile format");
    keep(inv, *profile, done.answer.body);
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

/// "sample_index ... must be one of: [samples cpu]".
std::string noSuchValue(const Profile& profile, const std::string& asked)
{
    std::string known;
    for (const auto& type : profile.types)
        known += (known.empty() ? "" : " ") + type.name;
    return fmt::format("sample_index \"{}\" must be one of: [{}]\n", asked, known);
}

ReportText reportText(const Report& report, const Asked& asked, bool head)
{
    if (asked.report == "raw")
        return {sim::programs::rawText(*report.profile), {}};
    if (asked.report == "list")
        return listText(report, asked.pattern);
    if (asked.report == "peek")
        return peekText(report, asked.pattern, asked.byCum, head);
    if (asked.report == "tree")
        return treeText(report, asked.most.value_or(kTreeNodes), asked.byCum, head);
    if (asked.report == "traces")
        return {tracesText(report), {}};
    return topText(report, asked.most.value_or(0), asked.byCum, head);
}

/// Prints the report, or why there is none. False: there is none.
bool show(Invocation& inv, const Report& report, const Asked& asked, bool head)
{
    const auto& samples = report.profile->samples;
    for (const auto& [pattern, name] : {std::pair(report.focus, "Focus"), std::pair(report.ignore, "Ignore")}) {
        Report only = report;
        only.focus = pattern;
        only.ignore.clear();
        if (!pattern.empty() && std::none_of(samples.begin(), samples.end(), [&](const auto& sample) { return only.has(sample); }))
            inv.err().write(fmt::format("{} expression matched no samples\n", name));
    }
    const ReportText text = reportText(report, asked, head);
    inv.print(text.text);
    inv.err().write(text.error);
    return text.error.empty();
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

/// "NAME=VALUE" at the prompt. False: no setting of that name.
bool assign(Invocation& inv, Report& report, Asked& settings, const std::string& name, const std::string& value)
{
    if (name == "sample_index") {
        if (const auto index = valueIndex(*report.profile, value))
            report.value = *index;
        else
            inv.err().write(noSuchValue(*report.profile, value));
    } else if (name == "nodecount") {
        const auto count = parseNumber(value);
        settings.most = count && *count >= 0 ? std::optional(static_cast<std::size_t>(*count)) : std::nullopt;
    } else if (name == "focus") {
        report.focus = value;
    } else if (name == "ignore") {
        report.ignore = value;
    } else if (name == "sort") {
        settings.byCum = value == "cum";
    } else {
        return false;
    }
    return true;
}

std::string optionsText(const Report& report, const Asked& settings)
{
    std::string kinds;
    for (const auto& type : report.profile->types)
        kinds += (kinds.empty() ? "" : " | ") + type.name;
    std::string text;
    const auto row = [&](const char* name, const std::string& value, const std::string& comment) {
        text += fmt::format("  {:<25} = {:<20} {}\n", name, value, comment.empty() ? "" : "//: " + comment);
    };
    row("focus", '"' + report.focus + '"', "");
    row("ignore", '"' + report.ignore + '"', "");
    row("nodecount", settings.most ? std::to_string(*settings.most) : "-1", settings.most ? "" : "default");
    row("nodefraction", "0.005", "");
    row("sample_index", report.profile->types[report.value].name, "[" + kinds + "]");
    row("sort", settings.byCum ? "cum" : "flat", "[cum | flat]");
    return text;
}

/// A report with its words: "top10 -cum REGEX -REGEX", "list REGEX".
void reportAtPrompt(Invocation& inv, Report report, Asked asked, std::string verb, const std::vector<std::string>& words)
{
    if (verb.rfind("top", 0) == 0 && verb.size() > 3) {
        const auto count = parseNumber(verb.substr(3));
        if (count) {
            asked.most = static_cast<std::size_t>(*count);
            verb = "top";
        }
    }
    static const std::vector<std::string> kReports{"top", "text", "tree", "raw", "list", "peek", "traces"};
    if (std::find(kReports.begin(), kReports.end(), verb) == kReports.end()) {
        inv.err().write(fmt::format("unrecognized command: \"{}\"\n", verb));
        return;
    }
    asked.report = verb;
    for (std::size_t i = 1; i < words.size() && words[i] != ">"; ++i) {
        if (words[i] == "-cum" || words[i] == "--cum")
            asked.byCum = true;
        else if (const auto number = parseNumber(words[i]))
            asked.most = static_cast<std::size_t>(*number);
        else if (words[i][0] == '-')
            report.ignore += (report.ignore.empty() ? "" : "|") + words[i].substr(1);
        else if ((verb == "list" || verb == "peek") && asked.pattern.empty())
            asked.pattern = words[i];
        else
            report.focus += (report.focus.empty() ? "" : "|") + words[i];
    }
    if ((verb == "list" || verb == "peek") && asked.pattern.empty()) {
        inv.err().write(fmt::format("command {} requires an argument\n", verb));
        return;
    }
    if (!asked.most && (verb == "top" || verb == "text"))
        asked.most = kTopAtPrompt;
    show(inv, report, asked, false); // the head was shown when the prompt opened
}

/// One line at the prompt. False: leave.
bool obey(Invocation& inv, Report& report, Asked& settings, const std::string& line)
{
    const std::vector<std::string> words = node::splitWords(line);
    if (words.empty())
        return true;
    const std::string& verb = words[0];
    if (verb == "quit" || verb == "exit" || verb == "q")
        return false;
    if (const std::size_t equals = line.find('='); equals != std::string::npos) {
        const auto name = node::splitWords(line.substr(0, equals));
        const auto value = node::splitWords(line.substr(equals + 1));
        if (name.empty() || !assign(inv, report, settings, name[0], value.empty() ? "" : value[0]))
            inv.err().write(fmt::format("unrecognized command: \"{}\"\n", verb));
    } else if (verb == ":") {
        report.focus.clear();
        report.ignore.clear();
    } else if (verb == "cum" || verb == "flat") {
        settings.byCum = verb == "cum";
    } else if (std::any_of(report.profile->types.begin(), report.profile->types.end(), [&](const auto& type) { return type.name == verb; })) {
        report.value = *valueIndex(*report.profile, verb); // the values' names are commands
    } else if (verb == "help") {
        inv.err().write(kHelp);
    } else if (verb == "o" || verb == "options") {
        inv.err().write(optionsText(report, settings));
    } else if (verb == "web" || verb == "svg" || verb == "png" || verb == "weblist" || verb == "gv") {
        inv.err().write(kNoGraphviz);
    } else {
        reportAtPrompt(inv, report, settings, verb, words);
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
            inv.err().write(name == "http" ? "http: no browser in this terminal; use -top, -list or the prompt\n" : kNoGraphviz);
            return kFailed;
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
        } else if (name == "focus") {
            asked.focus = argument();
        } else if (name == "ignore") {
            asked.ignore = argument();
        } else if (name == "nodecount") {
            asked.most = static_cast<std::size_t>(parseNumber(argument()).value_or(0));
        } else if (name == "diff_base" || name == "base") {
            asked.against = name == "base" ? Report::Against::Whole : Report::Against::Base;
            asked.baseline = argument();
        } else if (name == "inuse_space" || name == "inuse_objects" || name == "alloc_space" || name == "alloc_objects") {
            asked.sampleIndex = name;
        } else if (name == "contentions" || name == "mean_delay" || name == "total_delay") {
            asked.sampleIndex = name == "contentions" ? name : "delay";
        } else {
            inv.err().write(fmt::format("flag provided but not defined: -{}\n{}", name, kPprofUsage));
            return kFailed;
        }
    }
    if (sources.empty()) {
        inv.err().write(kPprofUsage);
        return kFailed;
    }
    // Before the source a binary may be named; it is not needed, symbols come with the profile.
    const auto profile = fetch(inv, sources.back(), asked.seconds);
    if (!profile)
        return kFailed;
    std::optional<Profile> baseline;
    if (!asked.baseline.empty()) {
        baseline = fetch(inv, asked.baseline, {});
        if (!baseline)
            return kFailed;
    }
    const auto index = valueIndex(*profile, asked.sampleIndex);
    if (!index) {
        inv.err().write(noSuchValue(*profile, asked.sampleIndex));
        return kFailed;
    }
    Report report{&*profile, *index, baseline ? &*baseline : nullptr, asked.against, sourcesOf(inv, *profile), asked.focus, asked.ignore};
    if (!asked.report.empty())
        return show(inv, report, asked, true) ? 0 : kFailed;
    inv.err().write(reportHead(report) + "Entering interactive mode (type \"help\" for commands, \"o\" for options)\n");
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
    table.addRaw("go", "tool for managing Go source code", "go tool pprof [options] [binary] <source> ...", runGo);
}

} // namespace core::shell::profilers
