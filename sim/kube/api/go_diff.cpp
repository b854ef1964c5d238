#include "sim/kube/api/go_diff.h"

#include "sim/engine/split.h"
#include "sim/kube/api/field_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>

// After github.com/google/go-cmp v0.7: what it finds different, how much of the rest it shows, and how it breaks lines.
namespace sim::kube::differing {

namespace {

using Kind = GoValue::Kind;

constexpr std::size_t kContext = 2;
constexpr std::size_t kColumns = 80;
constexpr std::size_t kLongText = 32;   // longer texts are told apart piece by piece
constexpr std::size_t kPiece = 64;
// By chance of its build a server writes the margin with these or with plain spaces.
constexpr const char* kBlank = "\u00a0";

// ---- What differs -------------------------------------------------------------------------------------------------

struct Node {
    const GoValue* x = nullptr; ///< null: only in the other
    const GoValue* y = nullptr;
    std::string key;
    std::size_t same = 0;
    std::size_t different = 0;
    std::size_t below = 0; ///< nodes
    std::size_t depth = 0;
    std::vector<Node> records;

    const GoValue& any() const { return x != nullptr ? *x : *y; }
    bool equal() const { return different == 0; }
    /// Nothing below but one after the other: both sides are written out.
    bool isChain() const { return below == depth; }
};

Node compared(const GoValue* x, const GoValue* y, std::string key = {});

void take(Node& parent, Node child)
{
    parent.same += child.same;
    parent.different += child.different;
    parent.below += child.below + 1;
    parent.depth = std::max(parent.depth, child.depth + 1);
    parent.records.push_back(std::move(child));
}

enum class Edit : std::uint8_t { Same, Modified, Removed, Inserted };

/// Elements that are equal stay in line (longest common subsequence); between them similar ones are paired.
std::vector<Edit> edits(std::size_t sizeX, std::size_t sizeY, const std::function<bool(std::size_t, std::size_t)>& equal,
                        const std::function<bool(std::size_t, std::size_t)>& similar)
{
    std::vector<std::vector<std::uint32_t>> common(sizeX + 1, std::vector<std::uint32_t>(sizeY + 1));
    for (std::size_t i = sizeX; i-- > 0;)
        for (std::size_t j = sizeY; j-- > 0;)
            common[i][j] = equal(i, j) ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    std::vector<Edit> script;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < sizeX || j < sizeY) {
        if (i < sizeX && j < sizeY && equal(i, j)) {
            script.push_back(Edit::Same);
            ++i, ++j;
            continue;
        }
        if (i < sizeX && j < sizeY && common[i][j] == common[i + 1][j + 1] && similar(i, j)) {
            script.push_back(Edit::Modified);
            ++i, ++j;
            continue;
        }
        const bool removes = i < sizeX && (j == sizeY || common[i + 1][j] >= common[i][j + 1]);
        script.push_back(removes ? Edit::Removed : Edit::Inserted);
        ++(removes ? i : j);
    }
    return script;
}

void compareLists(Node& node)
{
    const auto& x = node.x->items;
    const auto& y = node.y->items;
    const auto script = edits(
        x.size(), y.size(), [&](std::size_t i, std::size_t j) { return x[i].second == y[j].second; },
        [&](std::size_t i, std::size_t j) {
            const Node pair = compared(&x[i].second, &y[j].second);
            return pair.same + 1 >= pair.different;
        });
    std::size_t i = 0;
    std::size_t j = 0;
    for (const Edit edit : script) {
        const GoValue* left = edit == Edit::Inserted ? nullptr : &x[i++].second;
        const GoValue* right = edit == Edit::Removed ? nullptr : &y[j++].second;
        take(node, compared(left, right));
    }
}

void compareMaps(Node& node)
{
    auto x = node.x->items.begin();
    auto y = node.y->items.begin();
    while (x != node.x->items.end() || y != node.y->items.end()) { // both by key
        const bool left = y == node.y->items.end() || (x != node.x->items.end() && x->first <= y->first);
        const bool right = x == node.x->items.end() || (y != node.y->items.end() && y->first <= x->first);
        const std::string key = left ? x->first : y->first;
        take(node, compared(left ? &x->second : nullptr, right ? &y->second : nullptr, key));
        x += left ? 1 : 0;
        y += right ? 1 : 0;
    }
}

Node compared(const GoValue* x, const GoValue* y, std::string key)
{
    Node node;
    node.x = x;
    node.y = y;
    node.key = std::move(key);
    const bool both = x != nullptr && y != nullptr;
    if (!both || x->kind == Kind::Nil || y->kind == Kind::Nil || x->kind == Kind::Scalar || x->whole) {
        (both && *x == *y ? node.same : node.different) = 1;
        return node;
    }
    switch (x->kind) {
    case Kind::List: compareLists(node); break;
    case Kind::Map: compareMaps(node); break;
    default:
        for (std::size_t i = 0; i < x->items.size(); ++i)
            take(node, compared(&x->items[i].second, &y->items[i].second, x->items[i].first));
    }
    if (node.records.empty()) // two empty lists
        node.same = 1;
    return node;
}

// ---- The text, before it is laid out ------------------------------------------------------------------------------

struct Text;
struct Record {
    char mark = 0; ///< - + or none
    std::string key;
    std::deque<Text> value; ///< one; a deque, for a Text holds Records
    bool comma = true;
    std::string comment;
};

struct Text {
    enum class Shape : std::uint8_t { Line, Wrap, List };
    Shape shape = Shape::Line;
    std::string line;         ///< of lines
    std::string prefix;       ///< of wraps
    std::string suffix;
    std::deque<Text> inner;   ///< of wraps: one
    std::vector<Record> list; ///< of lists
    bool isLine() const { return shape == Shape::Line; }
};

Text lineOf(std::string text)
{
    Text line;
    line.line = std::move(text);
    return line;
}

Text wrap(std::string prefix, Text inner, std::string suffix)
{
    Text text;
    text.shape = Text::Shape::Wrap;
    text.prefix = std::move(prefix);
    text.inner.push_back(std::move(inner));
    text.suffix = std::move(suffix);
    return text;
}

Text listOf(std::vector<Record> records)
{
    Text text;
    text.shape = Text::Shape::List;
    text.list = std::move(records);
    return text;
}

Record record(char mark, std::string key, Text value)
{
    Record one;
    one.mark = mark;
    one.key = std::move(key);
    one.value.push_back(std::move(value));
    return one;
}

Record ellipsis(std::string comment = {})
{
    Record one = record(0, {}, lineOf("..."));
    one.comma = false;
    one.comment = std::move(comment);
    return one;
}

/// A wrap or list that fits on a line becomes one, from the inside out.
void compact(Text& text, char mark)
{
    if (text.shape == Text::Shape::Wrap) {
        compact(text.inner.front(), mark);
        if (text.inner.front().isLine())
            text = lineOf(text.prefix + text.inner.front().line + text.suffix);
        return;
    }
    if (text.isLine())
        return;
    bool spread = false;
    std::string line;
    for (Record& one : text.list) {
        compact(one.value.front(), one.mark != 0 ? one.mark : mark);
        spread = spread || one.mark != 0 || !one.value.front().isLine() || !one.comment.empty();
        if (!line.empty())
            line += ", ";
        line += (one.key.empty() ? "" : one.key + ": ") + one.value.front().line;
    }
    if (!spread && !(mark != 0 && line.size() > kColumns))
        text = lineOf(std::move(line));
}

std::string margin(char mark, std::size_t depth)
{
    const std::string first = mark == 0 ? kBlank : std::string(1, mark);
    return first + kBlank + std::string(depth, '\t');
}

std::size_t runes(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Blanks behind each record that bring the ones of a block to the same width; `width` says 0 where a block ends.
std::vector<std::size_t> padding(const std::vector<Record>& list, const std::function<std::size_t(const Record&)>& width)
{
    std::vector<std::size_t> pads(list.size());
    for (std::size_t begin = 0; begin < list.size();) {
        std::size_t end = begin;
        std::size_t widest = 0;
        for (; end < list.size() && width(list[end]) != 0; ++end)
            widest = std::max(widest, width(list[end]));
        for (std::size_t i = begin; i < end; ++i)
            pads[i] = widest - width(list[i]);
        begin = end + 1;
    }
    return pads;
}

void expand(std::string& out, const Text& text, char mark, std::size_t depth);

/// Several values without names share lines.
void expandSimple(std::string& out, const std::vector<Record>& list, char mark, std::size_t depth)
{
    std::string batch;
    const auto flush = [&] {
        if (batch.empty())
            return;
        batch.pop_back(); // the blank behind the last comma
        out += "\n" + margin(mark, depth + 1) + batch;
        batch.clear();
    };
    for (const Record& one : list) {
        const std::string& line = one.value.front().line;
        if (batch.size() + line.size() + 2 > kColumns)
            flush();
        batch += line + ", ";
    }
    flush();
}

void expandList(std::string& out, const std::vector<Record>& list, char mark, std::size_t depth)
{
    const bool simple = std::all_of(list.begin(), list.end(), [](const Record& one) {
        return one.mark == 0 && one.key.empty() && one.value.front().isLine() && one.comment.empty();
    });
    if (simple) {
        expandSimple(out, list, mark, depth);
    } else {
        const auto keys = padding(list, [](const Record& one) { return one.value.front().isLine() ? runes(one.key) : 0; });
        const auto values = padding(list, [](const Record& one) {
            const Text& value = one.value.front();
            return !value.isLine() || value.line == "..." || one.comment.empty() ? 0 : runes(value.line);
        });
        for (std::size_t i = 0; i < list.size(); ++i) {
            const Record& one = list[i];
            const char own = one.mark != 0 ? one.mark : mark;
            out += "\n" + margin(own, depth + 1);
            if (!one.key.empty())
                out += one.key + ": " + std::string(keys[i], ' ');
            expand(out, one.value.front(), own, depth + 1);
            out += one.comma ? "," : "";
            out += std::string(values[i], ' ');
            if (!one.comment.empty())
                out += " // " + one.comment;
        }
    }
    out += "\n" + margin(mark, depth);
}

void expand(std::string& out, const Text& text, char mark, std::size_t depth)
{
    switch (text.shape) {
    case Text::Shape::Line: out += text.line; break;
    case Text::Shape::Wrap:
        out += text.prefix;
        expand(out, text.inner.front(), mark, depth);
        out += text.suffix;
        break;
    case Text::Shape::List: expandList(out, text.list, mark, depth); break;
    }
}

// ---- From what differs to text ------------------------------------------------------------------------------------

enum class Mode : std::uint8_t { Differing, Identical, Removed, Inserted };

/// Which types are written: the outermost one, those of structs, lists and maps in fields, none inside lists and maps.
struct View {
    Mode mode = Mode::Differing;
    bool types = true;
    int detail = 0; ///< the more, the longer texts and lists may be

    View with(Mode other) const { return {other, types, detail}; }
    View withTypes(bool shown) const { return {mode, shown, detail}; }
    View at(int level) const { return {mode, types, level}; }
    std::size_t most() const { return ((std::size_t{1} << std::max(detail, 0)) >> 1) << 2; }
    char mark() const { return mode == Mode::Removed ? '-' : mode == Mode::Inserted ? '+' : '\0'; }
};

std::string quoted(const std::string& text)
{
    const bool raw = std::none_of(text.begin(), text.end(), [](char c) { return c == '`' || (c != '\t' && static_cast<unsigned char>(c) < 0x20); });
    std::string escaped = goQuoted(text);
    return raw && escaped.size() != text.size() + 2 ? "`" + text + "`" : escaped;
}

Text textValue(const View& view, const std::string& text)
{
    const std::size_t most = (std::size_t{1} << std::max(view.detail, 0)) << 5;
    const std::size_t mostLines = (std::size_t{1} << std::max(view.detail, 0)) << 2;
    auto lines = split(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text, '\n');
    const bool block = lines.size() >= 4 && view.mark() != 0 && std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return !line.starts_with("\"\"\"") && !line.starts_with("...") && line.size() <= most;
    });
    if (!block)
        return lineOf(text.size() > most + 3 ? quoted(text.substr(0, most)) + "..." : quoted(text));
    std::vector<Record> records;
    const auto add = [&](const std::string& line) {
        records.push_back(record(view.mark(), {}, lineOf(line)));
        records.back().comma = false;
    };
    add("\"\"\"");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i + 1 == mostLines && lines.size() - i > 1) {
            records.push_back(ellipsis(fmt::format("{} elided lines", lines.size() - i)));
            records.back().mark = view.mark();
            break;
        }
        add(lines[i]);
    }
    add("\"\"\"");
    return wrap("(", listOf(std::move(records)), ")");
}

/// With its type in front, where this view writes it.
Text typed(const View& view, const GoValue& value, Text text)
{
    if (!view.types || view.mode == Mode::Identical || value.type.empty() || value.kind == Kind::Scalar)
        return text;
    return value.kind == Kind::Nil ? text : wrap(value.type, std::move(text), {});
}

/// One side, as it is.
Text valueText(const View& view, const GoValue& value)
{
    switch (value.kind) {
    case Kind::Nil: return lineOf("nil");
    case Kind::Scalar: return value.quoted ? textValue(view, value.text) : lineOf(value.text);
    case Kind::Pointer: {
        const GoValue& target = value.items.front().second;
        return target.printed.empty() ? wrap("&", valueText(view, target), {}) : lineOf("s" + quoted(target.printed));
    }
    case Kind::Struct:
    case Kind::List:
    case Kind::Map: break;
    }
    std::vector<Record> records;
    const View inner = view.at(view.detail - 1).withTypes(value.kind == Kind::Struct);
    for (const auto& [key, item] : value.items) {
        if (value.kind == Kind::Struct && item.zero)
            continue;
        if (records.size() == view.most()) {
            records.push_back(ellipsis());
            break;
        }
        records.push_back(record(0, key, valueText(inner, item)));
    }
    return typed(view, value, wrap("{", listOf(std::move(records)), "}"));
}

/// "3 identical and 1 modified field".
struct Count {
    std::size_t identical = 0;
    std::size_t removed = 0;
    std::size_t inserted = 0;
    std::size_t modified = 0;

    std::size_t different() const { return removed + inserted + modified; }
    void add(const Count& other)
    {
        identical += other.identical;
        removed += other.removed;
        inserted += other.inserted;
        modified += other.modified;
    }
    std::string text(std::string name) const
    {
        std::vector<std::string> parts;
        for (const auto& [number, word] : {std::pair(identical, "identical"), {removed, "removed"}, {inserted, "inserted"}, {modified, "modified"}})
            if (number > 0)
                parts.push_back(fmt::format("{} {}", number, word));
        if (identical + different() > 1)
            name = name == "entry" ? "entries" : name + "s";
        std::string out = parts.front();
        for (std::size_t i = 1; i < parts.size(); ++i)
            out += (i + 1 < parts.size() ? ", " : parts.size() > 2 ? ", and " : " and ") + parts[i];
        return out + " " + name;
    }
};

/// Neighbours that are the same, and neighbours that are not.
template <class List, class Kindly>
std::vector<Count> grouped(const List& list, const Kindly& countOf)
{
    std::vector<Count> groups;
    for (const auto& one : list) {
        const Count count = countOf(one);
        if (groups.empty() || (groups.back().different() == 0) != (count.different() == 0))
            groups.emplace_back();
        groups.back().add(count);
    }
    return groups;
}

// ---- Long texts, piece by piece -----------------------------------------------------------------------------------

/// Short stretches that happen to be the same do not break a difference up.
std::vector<Count> joinedOverGaps(const std::vector<Count>& groups, std::size_t gap)
{
    std::vector<Count> joined;
    for (const Count& next : groups) {
        const std::size_t size = joined.size();
        if (size >= 2 && next.different() > 0) {
            Count& before = joined[size - 2];
            const Count between = joined[size - 1];
            if (before.removed + next.removed > 0 && before.inserted + next.inserted > 0 && between.identical <= gap) {
                before.add(between);
                before.add(next);
                joined.pop_back();
                continue;
            }
        }
        joined.push_back(next);
    }
    return joined;
}

/// `pieceOf` makes a record of the elements from an index on, of the one side or the other.
struct Sides {
    std::size_t sizeX;
    std::size_t sizeY;
    std::function<bool(std::size_t, std::size_t)> equal;
    std::function<std::string(bool, std::size_t, std::size_t)> piece; ///< left?, first, count
    std::size_t pieceSize;
    const char* name;
};

std::vector<Record> piecewise(const Sides& sides)
{
    const auto script = edits(sides.sizeX, sides.sizeY, sides.equal, [](std::size_t, std::size_t) { return false; });
    const auto groups = joinedOverGaps(grouped(script, [](Edit edit) {
                                           Count count;
                                           ++(edit == Edit::Same ? count.identical : edit == Edit::Removed ? count.removed : count.inserted);
                                           return count;
                                       }), sides.pieceSize / 4);
    std::vector<Record> records;
    std::size_t x = 0;
    std::size_t y = 0;
    const auto pieces = [&](char mark, bool left, std::size_t first, std::size_t count) {
        for (std::size_t done = 0; done < count; done += sides.pieceSize)
            records.push_back(record(mark, {}, lineOf(sides.piece(left, first + done, std::min(sides.pieceSize, count - done)))));
    };
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Count& group = groups[i];
        if (group.different() > 0) {
            pieces('-', true, x, group.identical + group.removed);
            pieces('+', false, y, group.identical + group.inserted);
            x += group.identical + group.removed;
            y += group.identical + group.inserted;
            continue;
        }
        const std::size_t all = group.identical;
        const std::size_t low = i == 0 ? 0 : std::min(all, kContext * sides.pieceSize);
        std::size_t high = i + 1 == groups.size() ? 0 : std::min(all - low, kContext * sides.pieceSize);
        if (all - low - high <= sides.pieceSize)
            high = all - low;
        pieces(0, true, x, low);
        if (all > low + high) {
            Count hidden;
            hidden.identical = all - low - high;
            records.push_back(ellipsis(hidden.text(sides.name)));
        }
        pieces(0, true, x + all - high, high);
        x += all;
        y += all;
    }
    return records;
}

bool isLongText(const Node& node)
{
    return node.x != nullptr && node.y != nullptr && !node.equal() && node.x->kind == Kind::Scalar && node.x->quoted
        && node.x->text.size() >= kLongText && node.y->text.size() >= kLongText;
}

Text longText(const std::string& x, const std::string& y)
{
    constexpr std::ptrdiff_t kManyLines = 4;
    if (std::count(x.begin(), x.end(), '\n') + std::count(y.begin(), y.end(), '\n') >= kManyLines) {
        const auto linesX = split(x, '\n');
        const auto linesY = split(y, '\n');
        auto records = piecewise({linesX.size(), linesY.size(), [&](std::size_t i, std::size_t j) { return linesX[i] == linesY[j]; },
                                  [&](bool left, std::size_t first, std::size_t) { return (left ? linesX : linesY)[first]; }, 1, "line"});
        for (Record& one : records)
            one.comma = false;
        if (records.back().mark == 0 && records.back().comment.empty() && records.back().value.front().line.empty())
            records.pop_back(); // behind the last line's end
        const auto fence = [] {
            Record one = record(0, {}, lineOf("\"\"\""));
            one.comma = false;
            return one;
        };
        records.insert(records.begin(), fence());
        records.push_back(fence());
        return wrap("(", listOf(std::move(records)), ")");
    }
    auto records = piecewise({x.size(), y.size(), [&](std::size_t i, std::size_t j) { return x[i] == y[j]; },
                              [&](bool left, std::size_t first, std::size_t count) { return quoted((left ? x : y).substr(first, count)); }, kPiece, "byte"});
    return wrap("strings.Join(", wrap("{", listOf(std::move(records)), "}"), ", \"\")");
}

// ---- Nodes --------------------------------------------------------------------------------------------------------

Text nodeText(View view, const Node& node);

/// The records of one side, or of what is the same on both.
Text oneSided(const View& view, const Node& node)
{
    const bool fields = node.any().kind == Kind::Struct;
    const std::size_t most = view.mode == Mode::Identical ? view.most() : (std::size_t{1} << std::max(view.detail, 0)) << 1;
    const View inner = view.at(view.detail - 1).withTypes(fields);
    std::vector<Record> records;
    for (const Node& one : node.records) {
        if (records.size() == most) {
            records.push_back(ellipsis());
            break;
        }
        const GoValue* value = view.mode == Mode::Inserted ? one.y : one.x;
        if (value == nullptr || (fields && value->zero))
            continue;
        records.push_back(record(0, one.key, nodeText(inner, one)));
    }
    return wrap("{", listOf(std::move(records)), "}");
}

Text bothSided(const View& view, const Node& node)
{
    const Kind kind = node.any().kind;
    const char* name = kind == Kind::Struct ? "field" : kind == Kind::Map ? "entry" : "element";
    const std::size_t most = (std::size_t{1} << std::max(view.detail, 0)) << 1;
    const View inner = view.at(view.detail - 1).withTypes(kind == Kind::Struct);
    const auto groups = grouped(node.records, [](const Node& one) {
        Count count;
        ++(one.equal() ? count.identical : one.y == nullptr ? count.removed : one.x == nullptr ? count.inserted : count.modified);
        return count;
    });
    std::vector<Record> records;
    const auto identical = [&](std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i)
            records.push_back(record(0, node.records[i].key, nodeText(inner.with(Mode::Identical), node.records[i])));
    };
    std::size_t at = 0;
    std::size_t shown = 0;
    Count beyond;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Count& group = groups[i];
        if (shown >= most) {
            beyond.add(group);
            continue;
        }
        if (group.different() == 0) {
            const std::size_t all = group.identical;
            const std::size_t low = i == 0 ? 0 : std::min(all, kContext);
            std::size_t high = i + 1 == groups.size() ? 0 : std::min(all - low, kContext);
            if (all - low - high == 1)
                ++high;
            identical(at, low);
            if (all > low + high) {
                Count hidden;
                hidden.identical = all - low - high;
                records.push_back(ellipsis(hidden.text(name)));
            }
            identical(at + all - high, high);
            at += all;
            continue;
        }
        for (std::size_t end = at + group.different(); at < end; ++at) {
            const Node& one = node.records[at];
            if (isLongText(one) || !one.isChain()) {
                records.push_back(record(0, one.key, nodeText(inner, one)));
                continue;
            }
            if (one.x != nullptr)
                records.push_back(record('-', one.key, nodeText(inner.with(Mode::Removed), one)));
            if (one.y != nullptr)
                records.push_back(record('+', one.key, nodeText(inner.with(Mode::Inserted), one)));
        }
        shown += group.different();
    }
    if (beyond.identical + beyond.different() > 0)
        records.push_back(ellipsis(beyond.text(name)));
    return wrap("{", listOf(std::move(records)), "}");
}

Text nodeText(View view, const Node& node)
{
    constexpr int kIdenticalDetail = 1;
    constexpr int kDifferingDetail = 3;
    view.detail = view.mode == Mode::Identical ? kIdenticalDetail : std::max(view.detail, kDifferingDetail);
    if (view.mode == Mode::Differing && isLongText(node))
        return longText(node.x->text, node.y->text);
    const GoValue& value = view.mode == Mode::Inserted || node.x == nullptr ? *node.y : *node.x;
    if (node.depth == 0)
        return valueText(view, value);
    if (node.any().kind == Kind::Pointer)
        return wrap("&", nodeText(view, node.records.front()), {});
    return typed(view, value, view.mode == Mode::Differing ? bothSided(view, node) : oneSided(view, node));
}

} // namespace

} // namespace sim::kube::differing

namespace sim::kube {

std::string goDiff(const GoValue& before, const GoValue& after)
{
    using namespace differing;
    const differing::Node root = compared(&before, &after);
    if (root.equal())
        return {};
    differing::Text text = nodeText({}, root);
    compact(text, 0);
    std::string out = margin(0, 0);
    expand(out, text, 0, 0);
    return out + "\n";
}

} // namespace sim::kube
