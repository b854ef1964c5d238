#include "core/golden/masking.h"

#include "core/shell/regular_expression.h"
#include "sim/engine/assert.h"
#include "sim/kube/client/objects.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace core::golden {

namespace {

using shell::RegularExpression;

struct Rule {
    RegularExpression pattern;
    std::string replacement; ///< stands after group 1
};

Rule rule(std::string_view pattern, std::string replacement)
{
    std::string error;
    auto compiled = RegularExpression::compile(pattern, RegularExpression::Syntax::Perl, {}, error);
    FL_ASSERT(compiled.has_value());
    return {std::move(*compiled), std::move(replacement)};
}

// rand.SafeEncodeString's letters are what generated names and hashes are made of.
#define FL_SAFE "[bcdfghjklmnpqrstvwxz2456789]"

/// In the order of use: what a later rule would take apart comes first.
const std::vector<Rule>& rules()
{
    static const std::vector<Rule> table = {
        rule("()[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
        rule("()\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z", "<time>"),
        rule("()(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d \\w{3} 2\\d{3} \\d\\d:\\d\\d:\\d\\d \\+0000", "<date>"),
        rule("((?:pod-template-hash|controller-revision-hash)\\\\?\"?[:=] ?\\\\?\"?)[0-9a-z-]+", "<hash>"),
        rule("(generateName\": \"[^\"]*-)" FL_SAFE "{6,10}(?=-\")", "<hash>"),
        rule("()\\.[0-9a-f]{16}\\b", ".<event>"),
        rule("()-2[89]\\d{6}\\b", "-<minute>"),
        rule("()-" FL_SAFE "{6,10}-" FL_SAFE "{5}(?![\\w-])", "-<hash>-<x>"),
        rule("()-(?=[a-z]*[0-9])" FL_SAFE "{6,10}(?![\\w-])", "-<hash>"),
        rule("()-" FL_SAFE "{5}(?![\\w-])", "-<x>"),
        rule("(resourceVersion\"?: ?\"?)\\d+", "<rv>"),
        rule("(Resource Version: +)\\d+", "<rv>"),
        rule("()\\b10\\.\\d+\\.\\d+\\.\\d+\\b", "<ip>"),
        rule("(containerd://)[0-9a-f]+", "<id>"),
        rule("(/tmp/(?:LIVE|MERGED)-)\\d+", "<n>"),
        rule("(\\()(?:\\d+[smhd])+(?= ago\\))", "<age>"),
        rule("(\\(x\\d+ over )(?:\\d+[smhd])+", "<age>"),
        rule("(^[EIW])\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d+ +\\d+ ", "<log> "),
    };
    return table;
}

#undef FL_SAFE

std::vector<std::string_view> splitLines(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// Where the columns of a table's heading begin; nothing when the line is no heading. Columns stand at least two
/// blanks apart.
std::vector<std::size_t> columnsOf(std::string_view line)
{
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] != ' ' && (i == 0 || (line[i - 1] == ' ' && (i == 1 || line[i - 2] == ' '))))
            columns.push_back(i);
    return columns;
}

bool isHeading(std::string_view line)
{
    const bool capitals = std::none_of(line.begin(), line.end(), [](unsigned char c) { return std::islower(c); });
    const bool letters = std::any_of(line.begin(), line.end(), [](unsigned char c) { return std::isupper(c); });
    return capitals && letters && line.find(':') == std::string_view::npos && columnsOf(line).size() > 1 && line.front() != ' ';
}

/// "  Type    Reason  Age  From  Message" of describe.
bool isEventHeading(std::string_view line)
{
    const std::size_t first = line.find_first_not_of(' ');
    return first != std::string_view::npos && line.compare(first, 6, "Type  ") == 0 && line.find(" Reason ") != std::string_view::npos
        && line.find(" Age ") != std::string_view::npos;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return text;
}

bool isAge(std::string_view column)
{
    static const std::set<std::string_view> kAges{"AGE", "LAST SEEN", "FIRST SEEN", "LAST SCHEDULE", "DURATION", "Age"};
    return kAges.count(column) > 0;
}

/// Inner runs of blanks become two; those at the end go.
std::string collapsed(std::string_view line)
{
    const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
    std::string out(line.substr(0, first));
    std::size_t blanks = 0;
    for (const char c : line.substr(first)) {
        if (c == ' ') {
            ++blanks;
            continue;
        }
        out.append(std::min<std::size_t>(blanks, 2), ' ');
        blanks = 0;
        out += c;
    }
    return out;
}

void dropManagedFields(nlohmann::json& value)
{
    if (value.is_object())
        value.erase("managedFields");
    if (value.is_structured())
        for (nlohmann::json& inner : value)
            dropManagedFields(inner);
}

/// Nodes that no plugin tells apart but by counting. Zones are as good as each other.
bool alike(const sim::kube::FakeNode& a, const sim::kube::FakeNode& b)
{
    const auto labels = [](const sim::kube::FakeNode& node) {
        sim::kube::StringMap all = node.labels;
        if (const auto zone = all.find(sim::kube::kLabelZone); zone != all.end())
            zone->second.clear();
        return all;
    };
    return a.capacity == b.capacity && labels(a) == labels(b) && a.taints == b.taints && a.unschedulable == b.unschedulable
        && a.ready == b.ready;
}

} // namespace

Masking::Masking(const std::vector<sim::kube::FakeNode>& nodes)
{
    for (const sim::kube::FakeNode& node : nodes) {
        const auto first = std::find_if(nodes.begin(), nodes.end(), [&](const auto& other) { return alike(other, node); });
        m_classes[node.name] = first->name;
    }
}

const std::string& Masking::nodeClass(const std::string& node) const
{
    const auto found = m_classes.find(node);
    return found == m_classes.end() ? node : found->second;
}

std::string Masking::withNodeClasses(std::string line) const
{
    const auto inName = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
        if (!inName(line[i])) {
            out += line[i++];
            continue;
        }
        std::size_t end = i;
        while (end < line.size() && inName(line[end]))
            ++end;
        const std::string_view word = std::string_view(line).substr(i, end - i);
        const auto found = m_classes.find(word);
        out += found == m_classes.end() ? word : std::string_view(found->second);
        i = end;
    }
    return out;
}

std::string Masking::masked(std::string_view text) const
{
    std::string line(text);
    for (const Rule& one : rules()) {
        std::string out;
        std::size_t from = 0;
        while (const auto match = one.pattern.search(line, from)) {
            out.append(line, from, match->start() - from);
            out += match->group(line, 1) + one.replacement;
            from = match->end();
        }
        if (from > 0)
            line = out + line.substr(from);
    }
    return withNodeClasses(std::move(line));
}

/// The table that begins with the heading at `next`, up to an empty line.
std::vector<std::string> Masking::tableRows(const std::vector<std::string_view>& lines, std::size_t& next) const
{
    const std::string_view heading = lines[next];
    const std::vector<std::size_t> starts = columnsOf(heading);
    const bool events = isEventHeading(heading) || (heading.find("LAST SEEN") != std::string_view::npos);
    const std::size_t indent = std::min(heading.find_first_not_of(' '), heading.size());
    std::vector<std::string> rows{collapsed(heading)};
    std::size_t sorted = 1;
    for (++next; next < lines.size() && !trimmed(lines[next]).empty(); ++next) {
        const std::string_view line = lines[next];
        if (std::min(line.find_first_not_of(' '), line.size()) < indent)
            break;
        std::string row(indent, ' ');
        for (std::size_t c = 0; c < starts.size(); ++c) {
            const bool last = c + 1 == starts.size();
            const std::size_t begin = std::min(starts[c], line.size());
            const std::size_t end = last ? line.size() : std::min(starts[c + 1], line.size());
            const std::string_view name = trimmed(heading.substr(starts[c], last ? std::string_view::npos : starts[c + 1] - starts[c]));
            const std::string_view cell = trimmed(line.substr(begin, end - begin));
            const bool age = isAge(name) && !cell.empty() && std::isdigit(static_cast<unsigned char>(cell.front()));
            const std::size_t count = cell.find(" (x");
            row += (c == 0 ? "" : "  ")
                + (age ? "<age>" + masked(count == std::string_view::npos ? std::string_view() : cell.substr(count)) : masked(cell));
        }
        rows.push_back(collapsed(row));
    }
    // What comes by chance: the order of names that end at random.
    const auto firstCell = [](const std::string& row) { return row.substr(0, row.find("  ", row.find_first_not_of(' '))); };
    if (events) {
        std::sort(rows.begin() + 1, rows.end());
        return rows;
    }
    while (sorted < rows.size()) {
        std::size_t end = sorted + 1;
        while (end < rows.size() && firstCell(rows[end]) == firstCell(rows[sorted]))
            ++end;
        std::sort(rows.begin() + static_cast<std::ptrdiff_t>(sorted), rows.begin() + static_cast<std::ptrdiff_t>(end));
        sorted = end;
    }
    return rows;
}

std::vector<std::string> Masking::lines(std::string_view text) const
{
    const std::vector<std::string_view> raw = splitLines(text);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < raw.size();) {
        if (isHeading(raw[i]) || isEventHeading(raw[i])) {
            for (std::string& row : tableRows(raw, i))
                out.push_back(std::move(row));
            continue;
        }
        out.push_back(collapsed(masked(raw[i++])));
    }
    return out;
}

std::vector<std::string> Masking::jsonLines(const nlohmann::json& object) const
{
    nlohmann::json copy = object;
    dropManagedFields(copy);
    std::vector<std::string> out;
    const std::string text = copy.dump(1);
    for (const std::string_view line : splitLines(text))
        out.push_back(masked(line));
    return out;
}

} // namespace core::golden
