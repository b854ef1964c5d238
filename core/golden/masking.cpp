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
        rule("()\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)? \\+0000", "<time>"),
        rule("((?:pod-template-hash|controller-revision-hash|controller\\.kubernetes\\.io/hash)\\\\?\"?[:=] ?)\\\\?\"?[0-9a-z-]+\\\\?\"?", "<hash>"),
        rule("(generateName\"?: \"?[^\"]*-)" FL_SAFE "{6,10}(?=-\"?(?:$|,))", "<hash>"),
        rule("(nodePort\"?: )3[0-2]\\d{3}\\b", "<port>"),
        rule("(\\d:)3[0-2]\\d{3}(?=/(?:TCP|UDP|SCTP)\\b)", "<port>"),
        rule("(NodePort:.* )3[0-2]\\d{3}(?=/(?:TCP|UDP|SCTP)\\b)", "<port>"),
        rule("(\"continue\": \")[^\"]+", "<continue>"),
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

// Ages count from times in whole seconds, and nodes joined before second 0.
constexpr double kEarlier = 2;

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

std::size_t indentOf(std::string_view line)
{
    return std::min(line.find_first_not_of(' '), line.size());
}

/// What orders an item of a YAML list of objects: its masked name.
std::string nameInBlock(const std::vector<std::string>& block, std::size_t indent)
{
    const std::string head = std::string(indent + 4, ' ') + "name: ";
    const auto found = std::find_if(block.begin(), block.end(), [&](const std::string& line) { return line.starts_with(head); });
    return found == block.end() ? std::string() : *found;
}

/// Sorts neighbours that are called the same: which of them came first was decided by their random suffixes.
template <class Block, class Name>
void sortAlike(std::vector<Block>& blocks, const Name& nameOf)
{
    for (std::size_t begin = 0; begin < blocks.size();) {
        std::size_t end = begin + 1;
        while (end < blocks.size() && nameOf(blocks[end]) == nameOf(blocks[begin]))
            ++end;
        std::sort(blocks.begin() + static_cast<std::ptrdiff_t>(begin), blocks.begin() + static_cast<std::ptrdiff_t>(end));
        begin = end;
    }
}

/// Puts the blocks of the YAML list below `lines[head]` in order.
void sortYamlList(std::vector<std::string>& lines, std::size_t head, bool byName)
{
    const std::size_t indent = indentOf(lines[head]);
    const std::string dash = std::string(indent, ' ') + "- ";
    std::vector<std::vector<std::string>> blocks;
    std::size_t end = head + 1;
    for (; end < lines.size(); ++end) {
        if (lines[end].starts_with(dash))
            blocks.emplace_back();
        else if (blocks.empty() || (indentOf(lines[end]) <= indent && !lines[end].empty()))
            break;
        blocks.back().push_back(lines[end]);
    }
    if (byName)
        sortAlike(blocks, [&](const auto& block) { return nameInBlock(block, indent); });
    else
        std::sort(blocks.begin(), blocks.end());
    std::size_t at = head + 1;
    for (std::vector<std::string>& block : blocks)
        for (std::string& line : block)
            lines[at++] = std::move(line);
}

/// Lists whose order is chance, and how often a slice was written on the way.
void settleYaml(std::vector<std::string>& lines)
{
    for (std::size_t i = lines.size(); i-- > 0;) {
        const std::string_view text = std::string_view(lines[i]).substr(indentOf(lines[i]));
        if (text == "items:" || text == "endpoints:")
            sortYamlList(lines, i, text == "items:");
        if (text != "kind: EndpointSlice")
            continue;
        const std::size_t indent = indentOf(lines[i]);
        for (std::size_t j = i + 1; j < lines.size() && indentOf(lines[j]) >= indent && lines[j].find("- ") != indent - 2; ++j)
            if (lines[j].find("  generation: ") == indent)
                lines[j] = std::string(indent, ' ') + "  generation: <n>";
    }
}

/// Lines that real clients print in the order of a hash table or of whoever was first.
void settleDrain(std::vector<std::string>& lines)
{
    const bool drain = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with("evicting pod ") || line.starts_with("Warning: ") || line.find("unable to drain node") != std::string::npos;
    });
    if (!drain)
        return;
    const auto drainLine = [](const std::string& line) {
        return line.starts_with("evicting pod ") || line.starts_with("cannot delete ") || line.starts_with("pod/") || line.starts_with("error when evicting ");
    };
    for (std::size_t begin = 0; begin < lines.size();) {
        std::size_t end = begin;
        while (end < lines.size() && drainLine(lines[end]))
            ++end;
        std::sort(lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.begin() + static_cast<std::ptrdiff_t>(end));
        begin = std::max(end, begin + 1);
    }
    const auto sortParts = [](std::string& line, std::size_t begin, std::size_t end, std::string_view between) {
        std::vector<std::string> parts;
        std::string_view rest = std::string_view(line).substr(begin, end - begin);
        for (std::size_t cut = rest.find(between); cut != std::string_view::npos; cut = rest.find(between)) {
            parts.emplace_back(rest.substr(0, cut));
            rest.remove_prefix(cut + between.size());
        }
        parts.emplace_back(rest);
        std::sort(parts.begin(), parts.end());
        std::string sorted;
        for (const std::string& part : parts)
            sorted += (sorted.empty() ? "" : std::string(between)) + part;
        line.replace(begin, end - begin, sorted);
    };
    constexpr std::string_view kWarning = "Warning: ";
    constexpr std::string_view kDueTo = "due to error: [cannot ";
    for (std::string& line : lines) {
        if (line.starts_with(kWarning) && line.find("; ") != std::string::npos)
            sortParts(line, kWarning.size(), line.size(), "; ");
        const std::size_t due = line.find(kDueTo);
        const std::size_t close = line.rfind(']');
        if (due != std::string::npos && close != std::string::npos)
            sortParts(line, due + kDueTo.size(), close, ", cannot ");
    }
}

/// The same for JSON.
void settleJson(nlohmann::json& value, const Masking& masking)
{
    if (!value.is_structured())
        return;
    for (nlohmann::json& inner : value)
        settleJson(inner, masking);
    if (!value.is_object())
        return;
    if (value.value("kind", nlohmann::json()) == "EndpointSlice" || value.contains("addressType"))
        if (value.contains("metadata") && value["metadata"].contains("generation"))
            value["metadata"]["generation"] = "<n>";
    const auto settle = [&](const char* key, bool byName) {
        const auto list = value.find(key);
        if (list == value.end() || !list->is_array())
            return;
        struct Item {
            std::string name;
            std::string text;
            nlohmann::json object;
            bool operator<(const Item& other) const { return text < other.text; }
        };
        std::vector<Item> items;
        for (nlohmann::json& one : *list) {
            const auto meta = byName && one.is_object() ? one.find("metadata") : one.end();
            std::string name = meta != one.end() && meta->is_object() ? masking.masked(meta->value("name", "")) : std::string();
            items.push_back({std::move(name), masking.masked(one.dump()), std::move(one)});
        }
        sortAlike(items, [](const Item& item) { return item.name; });
        *list = nlohmann::json::array();
        for (Item& item : items)
            list->push_back(std::move(item.object));
    };
    settle("items", true);
    settle("endpoints", false);
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

double secondsOfAge(std::string_view age)
{
    double seconds = 0;
    double number = 0;
    for (const char c : age) {
        if (std::isdigit(static_cast<unsigned char>(c))) {
            number = number * 10 + (c - '0');
            continue;
        }
        seconds += number * (c == 'd' ? 86400 : c == 'h' ? 3600 : c == 'm' ? 60 : c == 's' ? 1 : 0);
        number = 0;
        if (c == ' ')
            break;
    }
    return seconds;
}

Masking::Masking(const Recording& recording)
    : m_namespaces(recording.namespaces())
{
    const std::vector<sim::kube::FakeNode>& nodes = recording.nodes;
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

/// The recordings' namespaces are called after their cases: c54, p40, s70.
bool Masking::ofAnotherCase(std::string_view cell) const
{
    return cell.size() == 3 && (cell[0] == 'c' || cell[0] == 'p' || cell[0] == 's') && std::isdigit(static_cast<unsigned char>(cell[1]))
        && std::isdigit(static_cast<unsigned char>(cell[2])) && std::find(m_namespaces.begin(), m_namespaces.end(), cell) == m_namespaces.end();
}

/// The table that begins with the heading at `next`, up to an empty line.
std::vector<std::string> Masking::tableRows(const std::vector<std::string_view>& lines, std::size_t& next, double at) const
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
        bool earlier = false;
        std::string row(indent, ' ');
        for (std::size_t c = 0; c < starts.size(); ++c) {
            const bool last = c + 1 == starts.size();
            const std::size_t begin = std::min(starts[c], line.size());
            const std::size_t end = last ? line.size() : std::min(starts[c + 1], line.size());
            const std::string_view name = trimmed(heading.substr(starts[c], last ? std::string_view::npos : starts[c + 1] - starts[c]));
            const std::string_view cell = trimmed(line.substr(begin, end - begin));
            earlier = earlier || (c == 0 && ofAnotherCase(cell))
                || (events && name == "LAST SEEN" && !cell.empty() && std::isdigit(static_cast<unsigned char>(cell.front()))
                    && secondsOfAge(cell) > at + kEarlier);
            const bool age = isAge(name) && !cell.empty() && std::isdigit(static_cast<unsigned char>(cell.front()));
            const std::size_t count = cell.find(" (x");
            row += (c == 0 ? "" : "  ")
                + (age ? "<age>" + masked(count == std::string_view::npos ? std::string_view() : cell.substr(count)) : masked(cell));
        }
        if (!earlier)
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

std::vector<std::string> Masking::lines(std::string_view text, double at) const
{
    const std::vector<std::string_view> raw = splitLines(text);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < raw.size();) {
        if (isHeading(raw[i]) || isEventHeading(raw[i])) {
            for (std::string& row : tableRows(raw, i, at))
                out.push_back(std::move(row));
            continue;
        }
        out.push_back(collapsed(masked(raw[i++])));
    }
    settleYaml(out);
    settleDrain(out);
    return out;
}

std::vector<std::string> Masking::jsonLines(const nlohmann::json& object) const
{
    nlohmann::json copy = object;
    dropManagedFields(copy);
    settleJson(copy, *this);
    std::vector<std::string> out;
    const std::string text = copy.dump(1);
    for (const std::string_view line : splitLines(text))
        out.push_back(masked(line));
    return out;
}

} // namespace core::golden
