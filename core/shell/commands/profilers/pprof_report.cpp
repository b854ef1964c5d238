// Reports of pprof (github.com/google/pprof, the version in Go 1.22): layouts of internal/report.
#include "core/shell/commands/profilers/pprof_report.h"

#include "core/shell/commands/profilers/target.h"
#include "core/shell/regular_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace core::shell::profilers {

namespace {

using sim::programs::Frame;
using sim::programs::Profile;
using sim::programs::Sample;

/// Functions below this share of the whole are left out: nodefraction.
constexpr double kNodeFraction = 0.005;

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

void count(std::map<std::string, Node>& nodes, const Profile& profile, std::size_t value, std::int64_t sign)
{
    for (const Sample& sample : profile.samples) {
        const std::int64_t weight = sign * sample.values[value];
        std::set<std::string> seen;
        std::set<std::pair<std::string, std::string>> edges;
        for (std::size_t i = 0; i < sample.stack.size(); ++i) {
            const std::string& name = sample.stack[i].function;
            Node& node = nodes[name];
            node.name = name;
            if (i + 1 == sample.stack.size())
                node.flat += weight;
            if (seen.insert(name).second)
                node.cum += weight;
            if (i > 0 && edges.insert({sample.stack[i - 1].function, name}).second) {
                node.callers[sample.stack[i - 1].function] += weight;
                nodes[sample.stack[i - 1].function].callees[name] += weight;
            }
        }
    }
}

std::map<std::string, Node> nodesOf(const Report& report)
{
    std::map<std::string, Node> nodes;
    count(nodes, *report.profile, report.value, 1);
    if (report.baseline != nullptr && report.value < report.baseline->types.size())
        count(nodes, *report.baseline, report.value, -1);
    return nodes;
}

const std::string& unitOf(const Report& report)
{
    return report.profile->types[report.value].unit;
}

/// One unit for the whole table: the smallest figure's, unless the largest would get too long in it.
const Unit& tableUnit(const std::vector<Node>& nodes, const Report& report)
{
    std::int64_t least = 0, most = 0;
    for (const Node& node : nodes)
        for (const std::int64_t value : {std::abs(node.flat), std::abs(node.cum)}) {
            if (value > 0 && (least == 0 || value < least))
                least = value;
            most = std::max(most, value);
        }
    if (least == 0) // nothing is left to show
        return largestUnit(report.total(), unitOf(report));
    const Unit& small = largestUnit(least, unitOf(report));
    const Unit& large = largestUnit(most, unitOf(report));
    if (&small != &large && static_cast<double>(least) * 100 < static_cast<double>(most))
        return largestUnit(100 * least, unitOf(report));
    return small;
}

struct Table {
    std::vector<Node> nodes;
    std::size_t dropped = 0;
    std::size_t all = 0;
    std::int64_t cutoff = 0;
};

Table tableOf(const Report& report, std::size_t most, bool byCum)
{
    Table table;
    const std::int64_t total = report.total();
    table.cutoff = static_cast<std::int64_t>(static_cast<double>(std::abs(total)) * kNodeFraction);
    for (auto& [name, node] : nodesOf(report)) {
        if (std::abs(node.cum) < table.cutoff || (node.cum == 0 && node.flat == 0))
            ++table.dropped;
        else
            table.nodes.push_back(std::move(node));
    }
    std::stable_sort(table.nodes.begin(), table.nodes.end(), [&](const Node& a, const Node& b) {
        const auto key = [&](const Node& n) { return byCum ? std::pair(std::abs(n.cum), std::abs(n.flat)) : std::pair(std::abs(n.flat), std::abs(n.cum)); };
        return key(a) != key(b) ? key(a) > key(b) : a.name < b.name;
    });
    table.all = table.nodes.size();
    if (most > 0 && table.nodes.size() > most)
        table.nodes.resize(most);
    return table;
}

std::string accountText(const Report& report, const Table& table, const Unit& unit)
{
    std::int64_t flat = 0;
    for (const Node& node : table.nodes)
        flat += node.flat;
    const std::int64_t total = report.total();
    std::string text = fmt::format("Showing nodes accounting for {}, {} of {} total\n", scaled(flat, unit), trimmed(percent(flat, total)), scaled(total, unit));
    if (table.dropped > 0)
        text += fmt::format("Dropped {} node{} (cum <= {})\n", table.dropped, table.dropped == 1 ? "" : "s", scaled(table.cutoff, unit));
    if (table.nodes.size() < table.all)
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

} // namespace

std::int64_t Report::total() const
{
    std::int64_t sum = 0;
    for (const Sample& sample : profile->samples)
        sum += sample.values[value];
    // With -diff_base the shares are of the base profile's whole.
    if (baseline != nullptr && value < baseline->types.size()) {
        sum = 0;
        for (const Sample& sample : baseline->samples)
            sum += sample.values[value];
    }
    return sum;
}

std::string valueText(std::int64_t value, const std::string& unit)
{
    return scaled(value, largestUnit(value, unit));
}

std::string reportHead(const Report& report)
{
    const Profile& profile = *report.profile;
    std::string text = fmt::format("File: {}\nType: {}\nTime: {}\n", profile.file.substr(profile.file.rfind('/') + 1), profile.types[report.value].name,
                                   stampUtc(profile.at));
    if (profile.duration > sim::Duration{0}) {
        const std::int64_t total = report.total();
        text += fmt::format("Duration: {}, Total samples = {} ({})\n", valueText(profile.duration.count(), "nanoseconds"), valueText(total, unitOf(report)),
                            percent(total, profile.duration.count()));
    }
    return text;
}

std::string topText(const Report& report, std::size_t most, bool byCum)
{
    const Table table = tableOf(report, most, byCum);
    const Unit& unit = tableUnit(table.nodes, report);
    std::string text = accountText(report, table, unit);
    text += "      flat  flat%   sum%        cum   cum%\n";
    const std::int64_t total = report.total();
    std::int64_t sum = 0;
    for (const Node& node : table.nodes) {
        sum += node.flat;
        text += fmt::format("{:>10} {} {} {:>10} {}  {}\n", scaled(node.flat, unit), percent(node.flat, total), percent(sum, total), scaled(node.cum, unit),
                            percent(node.cum, total), node.name);
    }
    return text;
}

std::string peekText(const Report& report, const std::string& pattern)
{
    const Table table = tableOf(report, 0, !pattern.empty());
    const Unit& unit = tableUnit(table.nodes, report);
    const std::int64_t total = report.total();
    std::string error;
    const auto expression = RegularExpression::compile(pattern.empty() ? "." : pattern, RegularExpression::Syntax::Perl, {}, error);
    if (!expression)
        return "parsing argument regexp: " + error + "\n";
    std::string text = accountText(report, table, unit) + kPeekRule;
    text += "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";
    text += kPeekRule;
    std::int64_t sum = 0;
    for (const Node& node : table.nodes) {
        sum += node.flat;
        if (!expression->search(node.name))
            continue;
        for (const auto& [name, weight] : byWeight(node.callers))
            text += fmt::format("{:>49} {:>7} |   {}\n", scaled(weight, unit), percent(weight, node.cum), name);
        text += fmt::format("{:>10} {} {} {:>10} {}                | {}\n", scaled(node.flat, unit), percent(node.flat, total), percent(sum, total),
                            scaled(node.cum, unit), percent(node.cum, total), node.name);
        for (const auto& [name, weight] : byWeight(node.callees))
            text += fmt::format("{:>49} {:>7} |   {}\n", scaled(weight, unit), percent(weight, node.cum), name);
        text += kPeekRule;
    }
    return text;
}

std::string listText(const Report& report, const std::string& pattern)
{
    std::string error;
    const auto expression = RegularExpression::compile(pattern, RegularExpression::Syntax::Perl, {}, error);
    if (!expression)
        return "parsing argument regexp: " + error + "\n";
    struct Routine {
        std::string file;
        std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> lines; ///< flat, cum
        std::int64_t flat = 0, cum = 0;
    };
    std::map<std::string, Routine> routines;
    for (const Sample& sample : report.profile->samples) {
        std::set<std::string> counted;
        for (std::size_t i = 0; i < sample.stack.size(); ++i) {
            const Frame& frame = sample.stack[i];
            if (!expression->search(frame.function))
                continue;
            Routine& routine = routines[frame.function];
            routine.file = frame.file;
            const std::int64_t weight = sample.values[report.value];
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
    if (routines.empty())
        return "no matches found for regexp: " + pattern + "\n";
    const std::int64_t total = report.total();
    const std::string& unit = unitOf(report);
    const auto shown = [&](std::int64_t value) { return value == 0 ? std::string(".") : valueText(value, unit); };
    std::string text = fmt::format("Total: {}\n", valueText(total, unit));
    for (const auto& [name, routine] : routines) {
        text += fmt::format("ROUTINE ======================== {} in {}\n", name, routine.file.empty() ? "?" : "/src/" + routine.file);
        text += fmt::format("{:>10} {:>10} (flat, cum) {} of Total\n", shown(routine.flat), shown(routine.cum), trimmed(percent(routine.cum, total)));
        const auto source = report.sources.find(routine.file);
        if (source == report.sources.end()) {
            text += fmt::format(" Error: could not find file {} on path /src\n", routine.file.empty() ? "?" : routine.file);
            continue;
        }
        const std::int64_t first = source->second.first;
        for (std::size_t i = 0; i < source->second.lines.size(); ++i) {
            const std::int64_t number = first + static_cast<std::int64_t>(i);
            const auto found = routine.lines.find(number);
            const auto weights = found == routine.lines.end() ? std::pair<std::int64_t, std::int64_t>{} : found->second;
            text += fmt::format("{:>10} {:>10} {:>6}:{}\n", shown(weights.first), shown(weights.second), number, source->second.lines[i]);
        }
    }
    return text;
}

std::string tracesText(const Report& report)
{
    constexpr const char* kRule = "-----------+-------------------------------------------------------\n";
    std::vector<const Sample*> samples;
    for (const Sample& sample : report.profile->samples)
        if (sample.values[report.value] != 0)
            samples.push_back(&sample);
    std::stable_sort(samples.begin(), samples.end(), [&](const Sample* a, const Sample* b) { return a->values[report.value] > b->values[report.value]; });
    std::string text = kRule;
    for (const Sample* sample : samples) {
        std::string label = valueText(sample->values[report.value], unitOf(report));
        for (auto frame = sample->stack.rbegin(); frame != sample->stack.rend(); ++frame) {
            text += fmt::format("{:>10}   {}\n", label, frame->function);
            label.clear();
        }
        text += kRule;
    }
    return text;
}

} // namespace core::shell::profilers
