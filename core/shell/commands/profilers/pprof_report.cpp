// Reports of pprof (github.com/google/pprof, the version in Go 1.22). Layouts, orders and rounding were compared with what
// Go 1.19's pprof prints; the list's first line and the time's form with the releases between.
#include "core/shell/commands/profilers/pprof_report.h"

#include "core/shell/commands/profilers/target.h"
#include "core/shell/regular_expression.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace core::shell::profilers {

namespace {

using sim::programs::Frame;
using sim::programs::Profile;
using sim::programs::Sample;

/// Functions and calls below these shares of the whole are left out: nodefraction, edgefraction.
constexpr double kNodeFraction = 0.005, kEdgeFraction = 0.001;
/// Lines that `list` shows around those with samples.
constexpr std::int64_t kListMargin = 5;

struct Unit {
    const char* name;
    double factor;
};

const std::vector<Unit>& unitsOf(const std::string& unit)
{
    static const std::vector<Unit> kTime{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"hrs", 3.6e12}};
    static const std::vector<Unit> kMemory{{"B", 1}, {"kB", 1024}, {"MB", 1048576.0}, {"GB", 1073741824.0}, {"TB", 1099511627776.0}};
    static const std::vector<Unit> kNone{{"", 1}};
    return unit == "nanoseconds" ? kTime : unit == "bytes" ? kMemory : kNone;
}

const Unit& largestUnit(std::int64_t value, const std::string& unit)
{
    const std::vector<Unit>& units = unitsOf(unit);
    const Unit* best = &units.front();
    for (const Unit& one : units)
        if (std::abs(static_cast<double>(value)) >= one.factor)
            best = &one;
    return *best;
}

std::string scaled(std::int64_t value, const Unit& unit)
{
    std::string text = fmt::format("{:.2f}", static_cast<double>(value) / unit.factor);
    if (text.size() > 3 && text.compare(text.size() - 3, 3, ".00") == 0)
        text.resize(text.size() - 3);
    return text == "0" || text == "-0" ? "0" : text + unit.name;
}

std::string percent(std::int64_t value, std::int64_t total)
{
    const double ratio = total == 0 ? 0 : std::abs(static_cast<double>(value) / static_cast<double>(total)) * 100;
    if (ratio >= 99.95 && ratio <= 100.05)
        return "  100%";
    return ratio >= 1 ? fmt::format("{:5.2f}%", ratio) : fmt::format("{:5.2g}%", ratio);
}

std::string trimmed(std::string text)
{
    text.erase(0, text.find_first_not_of(' '));
    return text;
}

struct Node {
    std::string name;
    std::int64_t flat = 0;
    std::int64_t cum = 0;
    std::map<std::string, std::int64_t> callers;
    std::map<std::string, std::int64_t> callees;
};
using Graph = std::map<std::string, Node>;

/// Adds the samples of one profile. Functions outside `kept` are cut out of the stacks: who called them is then joined to
/// whom they called, and what they used themselves is nobody's.
void count(Graph& graph, const Report& report, const Profile& profile, std::int64_t sign, const std::set<std::string>* kept)
{
    for (const Sample& sample : profile.samples) {
        const std::int64_t weight = sign * sample.values[report.value];
        if (weight == 0 || !report.has(sample))
            continue;
        std::set<std::string> seen;
        std::set<std::pair<std::string, std::string>> edges;
        const std::string* caller = nullptr;
        bool leafKept = false;
        for (const Frame& frame : sample.stack) {
            const std::string& name = frame.function;
            leafKept = kept == nullptr || kept->count(name) > 0;
            if (!leafKept)
                continue;
            Node& node = graph[name];
            node.name = name;
            if (seen.insert(name).second)
                node.cum += weight;
            if (caller != nullptr && *caller != name && edges.insert({*caller, name}).second) {
                node.callers[*caller] += weight;
                graph[*caller].callees[name] += weight;
            }
            caller = &name;
        }
        if (leafKept && caller != nullptr)
            graph[*caller].flat += weight;
    }
}

Graph graphOf(const Report& report, const std::set<std::string>* kept)
{
    Graph graph;
    count(graph, report, *report.profile, 1, kept);
    if (report.baseline != nullptr && report.value < report.baseline->types.size())
        count(graph, report, *report.baseline, -1, kept);
    std::erase_if(graph, [](const auto& entry) { return entry.second.flat == 0 && entry.second.cum == 0; });
    return graph;
}

const std::string& unitOf(const Report& report)
{
    return report.profile->types[report.value].unit;
}

struct Table {
    std::vector<Node> nodes;
    std::size_t dropped = 0;
    std::size_t all = 0;
    std::int64_t cutoff = 0;
};

void sortNodes(std::vector<Node>& nodes, bool byCum)
{
    std::sort(nodes.begin(), nodes.end(), [&](const Node& a, const Node& b) {
        const std::int64_t one = std::abs(byCum ? a.cum : a.flat), other = std::abs(byCum ? b.cum : b.flat);
        return one != other ? one > other : a.name < b.name;
    });
}

std::vector<Node> nodesOf(Graph graph, bool byCum)
{
    std::vector<Node> nodes;
    for (auto& [name, node] : graph)
        nodes.push_back(std::move(node));
    sortNodes(nodes, byCum);
    return nodes;
}

std::set<std::string> namesOf(const std::vector<Node>& nodes)
{
    std::set<std::string> names;
    for (const Node& node : nodes)
        names.insert(node.name);
    return names;
}

void dropEdges(std::vector<Node>& nodes, std::int64_t below)
{
    for (Node& node : nodes)
        for (auto* edges : {&node.callers, &node.callees})
            std::erase_if(*edges, [&](const auto& edge) { return std::abs(edge.second) < below; });
}

/// `most` 0: all. Without trimming (`peek`) small ones stay too.
Table tableOf(const Report& report, std::size_t most, bool byCum, bool trims)
{
    Table table;
    table.nodes = nodesOf(graphOf(report, nullptr), byCum);
    const std::int64_t total = report.total();
    if (trims) {
        table.cutoff = static_cast<std::int64_t>(static_cast<double>(std::abs(total)) * kNodeFraction);
        table.dropped = std::erase_if(table.nodes, [&](const Node& node) { return std::abs(node.cum) < table.cutoff; });
    }
    table.all = table.nodes.size();
    if (most > 0 && table.nodes.size() > most)
        table.nodes.resize(most);
    if (table.dropped > 0 || table.nodes.size() < table.all) {
        const std::set<std::string> kept = namesOf(table.nodes);
        table.nodes = nodesOf(graphOf(report, &kept), byCum);
    }
    if (trims)
        dropEdges(table.nodes, static_cast<std::int64_t>(static_cast<double>(std::abs(total)) * kEdgeFraction));
    return table;
}

/// One unit for a whole report: the smallest figure's, unless the whole would get too long in it. Nothing to show: none,
/// each figure has its own.
const Unit* reportUnit(const Table& table, const Report& report)
{
    if (table.nodes.empty())
        return nullptr;
    std::int64_t least = 0;
    const std::int64_t most = report.total();
    for (const Node& node : table.nodes) {
        const std::int64_t value = std::abs(node.flat != 0 ? node.flat : node.cum);
        if (value > 0 && (least == 0 || value < least))
            least = value;
    }
    if (least == 0)
        least = most;
    const Unit& small = largestUnit(least, unitOf(report));
    const Unit& large = largestUnit(most, unitOf(report));
    return &small != &large && least * 100 < most ? &largestUnit(100 * least, unitOf(report)) : &small;
}

/// Figures in the report's unit.
struct Figures {
    const Unit* unit = nullptr;
    std::string kind;
    std::string operator()(std::int64_t value) const { return scaled(value, unit == nullptr ? largestUnit(value, kind) : *unit); }
};

/// "Mar 2, 2026 at 9:05am (UTC)": pprof's form of a time until Go 1.23.
std::string timeText(sim::Instant at)
{
    return formatDate(at, "%b %-d, %Y at %-I:%M%P (UTC)");
}

std::string headText(const Report& report, const Figures& figures)
{
    const Profile& profile = *report.profile;
    std::string text = fmt::format("File: {}\nType: {}\nTime: {}\n", profile.file.substr(profile.file.rfind('/') + 1), profile.types[report.value].name,
                                   timeText(report.baseline == nullptr ? profile.at : std::min(profile.at, report.baseline->at)));
    sim::Duration duration = profile.duration;
    if (report.baseline != nullptr)
        duration += report.baseline->duration; // what a merge of two profiles makes of them
    if (duration > sim::Duration{0}) {
        const std::int64_t total = report.total();
        text += fmt::format("Duration: {}, Total samples = {} ({})\n", valueText(duration.count(), "nanoseconds"), figures(total), percent(total, duration.count()));
    }
    return text;
}

std::string accountText(const Report& report, const Table& table, const Figures& figures)
{
    std::string text;
    if (!report.focus.empty() || !report.ignore.empty())
        text += "Active filters:\n";
    if (!report.focus.empty())
        text += fmt::format("   focus={}\n", report.focus);
    if (!report.ignore.empty())
        text += fmt::format("   ignore={}\n", report.ignore);
    std::int64_t flat = 0;
    for (const Node& node : table.nodes)
        flat += node.flat;
    const std::int64_t total = report.total();
    text += fmt::format("Showing nodes accounting for {}, {} of {} total\n", figures(flat), trimmed(percent(flat, total)), figures(total));
    if (total != 0 && table.dropped > 0)
        text += fmt::format("Dropped {} node{} (cum <= {})\n", table.dropped, table.dropped == 1 ? "" : "s", figures(table.cutoff));
    if (total != 0 && !table.nodes.empty() && table.nodes.size() < table.all)
        text += fmt::format("Showing top {} nodes out of {}\n", table.nodes.size(), table.all);
    return text;
}

constexpr const char* kPeekRule = "----------------------------------------------------------+-------------\n";

std::vector<std::pair<std::string, std::int64_t>> byWeight(const std::map<std::string, std::int64_t>& edges)
{
    std::vector<std::pair<std::string, std::int64_t>> sorted(edges.begin(), edges.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
    return sorted;
}

/// Each function between its callers and those that it calls. With an expression only the functions that match.
std::string contextText(const Report& report, const Table& table, const Figures& figures, const RegularExpression* only)
{
    const std::int64_t total = report.total();
    std::string text = std::string(kPeekRule) + "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";
    std::int64_t sum = 0;
    const auto edgesText = [&](const std::map<std::string, std::int64_t>& edges, const Node& node) {
        std::string lines;
        for (const auto& [name, weight] : byWeight(edges))
            lines += fmt::format("{:>50} {} |   {}\n", figures(weight), percent(weight, node.cum), name);
        return lines;
    };
    for (const Node& node : table.nodes) {
        if (only != nullptr && !only->search(node.name))
            continue;
        sum += node.flat;
        text += kPeekRule + edgesText(node.callers, node);
        text += fmt::format("{:>10} {} {} {:>10} {}                | {}\n", figures(node.flat), percent(node.flat, total), percent(sum, total), figures(node.cum),
                            percent(node.cum, total), node.name);
        text += edgesText(node.callees, node);
    }
    return text + (table.nodes.empty() ? "" : kPeekRule);
}

std::optional<RegularExpression> expressionOf(const std::string& pattern, std::string& error)
{
    std::string why;
    auto expression = RegularExpression::compile(pattern, RegularExpression::Syntax::Perl, {}, why);
    if (!expression)
        error = fmt::format("parsing argument regexp {}: {}\n", pattern, why);
    return expression;
}

/// One function in `list`: its lines with what they used themselves and with those they called.
struct Routine {
    std::string file;
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> lines; ///< flat, cum
    std::int64_t flat = 0, cum = 0;
};

std::map<std::string, Routine> routinesOf(const Report& report, const RegularExpression& wanted)
{
    std::map<std::string, Routine> routines;
    for (const Sample& sample : report.profile->samples) {
        const std::int64_t weight = sample.values[report.value];
        if (weight == 0 || !report.has(sample))
            continue;
        std::set<std::string> counted;
        for (std::size_t i = 0; i < sample.stack.size(); ++i) {
            const Frame& frame = sample.stack[i];
            if (!wanted.search(frame.function))
                continue;
            Routine& routine = routines[frame.function];
            routine.file = frame.file;
            auto& line = routine.lines[frame.line];
            if (i + 1 == sample.stack.size()) {
                line.first += weight;
                routine.flat += weight;
            }
            if (counted.insert(frame.function).second) {
                line.second += weight;
                routine.cum += weight;
            }
        }
    }
    return routines;
}

/// The line of the "func" that a line belongs to, which Go has written into profiles since 1.20; 0: not in the source.
std::int64_t startLineOf(const sim::programs::SourceText& source, std::int64_t line)
{
    for (std::int64_t at = std::min(line - source.first, static_cast<std::int64_t>(source.lines.size()) - 1); at >= 0; --at)
        if (source.lines[static_cast<std::size_t>(at)].rfind("func ", 0) == 0)
            return source.first + at;
    return 0;
}

std::string sourceLines(const Routine& routine, const sim::programs::SourceText& source, const std::string& unit)
{
    const auto shown = [&](std::int64_t value) { return value == 0 ? std::string(".") : valueText(value, unit); };
    const std::int64_t least = routine.lines.begin()->first, last = routine.lines.rbegin()->first;
    const std::int64_t start = startLineOf(source, least);
    const std::int64_t from = std::max(source.first, start > 0 ? start : least - kListMargin);
    const std::int64_t to = std::min(source.first + static_cast<std::int64_t>(source.lines.size()) - 1, last + kListMargin);
    std::string text;
    for (std::int64_t number = from; number <= to; ++number) {
        const auto found = routine.lines.find(number);
        const auto weights = found == routine.lines.end() ? std::pair<std::int64_t, std::int64_t>{} : found->second;
        text += fmt::format("{:>10} {:>10} {:>6}:{}\n", shown(weights.first), shown(weights.second), number, source.lines[static_cast<std::size_t>(number - source.first)]);
    }
    return text;
}

} // namespace

bool Report::has(const Sample& sample) const
{
    if (focus.empty() && ignore.empty())
        return true;
    std::string ignored;
    const auto through = [&](const std::string& pattern) {
        const auto expression = expressionOf(pattern, ignored);
        return expression && std::any_of(sample.stack.begin(), sample.stack.end(), [&](const Frame& frame) {
            return expression->search(frame.function) || expression->search(frame.file);
        });
    };
    return (focus.empty() || through(focus)) && (ignore.empty() || !through(ignore));
}

std::int64_t Report::total() const
{
    const bool differs = baseline != nullptr && value < baseline->types.size();
    std::int64_t sum = 0;
    if (differs && against == Against::Base) {
        for (const Sample& sample : baseline->samples)
            sum += sample.values[value];
        return sum;
    }
    std::map<sim::programs::Stack, std::int64_t> left; // a merge adds up equal stacks
    for (const Sample& sample : profile->samples)
        left[sample.stack] += sample.values[value];
    if (differs)
        for (const Sample& sample : baseline->samples)
            left[sample.stack] -= sample.values[value];
    for (const auto& [stack, weight] : left)
        sum += std::abs(weight);
    return sum;
}

std::string valueText(std::int64_t value, const std::string& unit)
{
    return scaled(value, largestUnit(value, unit));
}

std::string reportHead(const Report& report)
{
    return headText(report, {nullptr, unitOf(report)});
}

ReportText topText(const Report& report, std::size_t most, bool byCum, bool head)
{
    const Table table = tableOf(report, most, byCum, true);
    const Figures figures{reportUnit(table, report), unitOf(report)};
    std::string text = (head ? headText(report, figures) : "") + accountText(report, table, figures);
    text += "      flat  flat%   sum%        cum   cum%\n";
    const std::int64_t total = report.total();
    std::int64_t sum = 0;
    for (const Node& node : table.nodes) {
        sum += node.flat;
        text += fmt::format("{:>10} {} {} {:>10} {}  {}\n", figures(node.flat), percent(node.flat, total), percent(sum, total), figures(node.cum),
                            percent(node.cum, total), node.name);
    }
    return {std::move(text), {}};
}

ReportText treeText(const Report& report, std::size_t most, bool byCum, bool head)
{
    const Table table = tableOf(report, most, byCum, true);
    const Figures figures{reportUnit(table, report), unitOf(report)};
    return {(head ? headText(report, figures) : "") + accountText(report, table, figures) + contextText(report, table, figures, nullptr), {}};
}

ReportText peekText(const Report& report, const std::string& pattern, bool byCum, bool head)
{
    std::string error;
    const auto expression = expressionOf(pattern, error);
    if (!expression)
        return {{}, error};
    const Table table = tableOf(report, 0, byCum, false);
    if (std::none_of(table.nodes.begin(), table.nodes.end(), [&](const Node& node) { return expression->search(node.name); }))
        return {{}, fmt::format("no matches found for regexp: {}\n", pattern)};
    const Figures figures{reportUnit(table, report), unitOf(report)};
    return {(head ? headText(report, figures) : "") + accountText(report, table, figures) + contextText(report, table, figures, &*expression), {}};
}

ReportText listText(const Report& report, const std::string& pattern)
{
    std::string error;
    const auto expression = expressionOf(pattern, error);
    if (!expression)
        return {{}, error};
    const auto routines = routinesOf(report, *expression);
    if (routines.empty())
        return {{}, fmt::format("no matches found for regexp: {}\n", pattern)};
    const std::int64_t total = report.total();
    const std::string& unit = unitOf(report);
    std::string text = fmt::format("Total: {}\n", valueText(total, unit));
    for (const auto& [name, routine] : routines) {
        text += fmt::format("ROUTINE ======================== {} in {}\n", name, routine.file.empty() ? "?" : "/src/" + routine.file);
        text += fmt::format("{:>10} {:>10} (flat, cum) {} of Total\n", valueText(routine.flat, unit), valueText(routine.cum, unit), percent(routine.cum, total));
        const auto source = report.sources.find(routine.file);
        if (source == report.sources.end())
            text += fmt::format(" Error: could not find file {} on path /src\n", routine.file.empty() ? "?" : routine.file);
        else
            text += sourceLines(routine, source->second, unit);
    }
    return {std::move(text), {}};
}

std::string tracesText(const Report& report)
{
    constexpr const char* kRule = "-----------+-------------------------------------------------------\n";
    const bool heap = report.profile->types.size() == 4; // samples of a heap carry the size of one object
    std::string text = reportHead(report) + kRule;
    for (const Sample& sample : report.profile->samples) {
        if (!report.has(sample))
            continue;
        if (heap && sample.values[0] > 0)
            text += fmt::format("{:>10}:  {}\n", "bytes", valueText(sample.values[1] / sample.values[0], "bytes"));
        std::string label = valueText(sample.values[report.value], unitOf(report));
        for (auto frame = sample.stack.rbegin(); frame != sample.stack.rend(); ++frame) {
            text += fmt::format("{:>10}   {}\n", label, frame->function);
            label.clear();
        }
        text += kRule;
    }
    return text;
}

} // namespace core::shell::profilers
