#include "core/shell/commands/kubectl/get.h"
#include "sim/engine/letters.h"
#include "sim/kube/api/quantity.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

using sim::kube::Table;

std::string labelsText(const sim::kube::StringMap& labels)
{
    if (labels.empty())
        return "<none>";
    std::string text;
    for (const auto& [key, value] : labels)
        text += (text.empty() ? "" : ",") + key + "=" + value;
    return text;
}

/// Runs of digits compare as numbers: "web-2" comes before "web-10".
bool naturalLess(const std::string& a, const std::string& b)
{
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (!digit(a[i]) || !digit(b[j])) {
            if (a[i] != b[j])
                return a[i] < b[j];
            ++i;
            ++j;
            continue;
        }
        while (i < a.size() && a[i] == '0')
            ++i;
        while (j < b.size() && b[j] == '0')
            ++j;
        std::size_t endA = i, endB = j;
        while (endA < a.size() && digit(a[endA]))
            ++endA;
        while (endB < b.size() && digit(b[endB]))
            ++endB;
        if (endA - i != endB - j)
            return endA - i < endB - j;
        if (const int order = a.compare(i, endA - i, b, j, endB - j); order != 0)
            return order < 0;
        i = endA;
        j = endB;
    }
    return a.size() - i < b.size() - j;
}

struct SortKey {
    const Json* value = nullptr;
    std::optional<std::int64_t> milli; ///< when the text is a quantity
};

bool keyLess(const SortKey& a, const SortKey& b)
{
    if (!a.value || !b.value)
        return !a.value && b.value;
    if (a.value->is_number() && b.value->is_number())
        return *a.value < *b.value;
    if (a.milli && b.milli)
        return *a.milli < *b.milli;
    if (a.value->is_string() && b.value->is_string())
        return naturalLess(a.value->get_ref<const std::string&>(), b.value->get_ref<const std::string&>());
    return *a.value < *b.value;
}

} // namespace

RowLayout::RowLayout(const Call& call, const ResourceKind& kind, bool wide, bool showKind)
    : m_kind(kind), m_wide(wide), m_showKind(showKind), m_nameSpace(call.allNamespaces() && kind.namespaced),
      m_showLabels(call.flags.on("show-labels")), m_labelColumns(call.flags.list("label-columns"))
{
}

std::vector<std::string> RowLayout::headers(const std::vector<Table::Column>& columns) const
{
    std::vector<std::string> cells;
    if (m_nameSpace)
        cells.emplace_back("NAMESPACE");
    for (const Table::Column& column : columns) {
        if (m_wide || !column.wide)
            cells.push_back(sim::raised(column.name));
    }
    for (const std::string& label : m_labelColumns)
        cells.push_back(sim::raised(label.substr(label.rfind('/') + 1)));
    if (m_showLabels)
        cells.emplace_back("LABELS");
    return cells;
}

std::vector<std::string> RowLayout::cells(const std::vector<Table::Column>& columns, const Table::Row& row) const
{
    std::vector<std::string> cells;
    cells.reserve(columns.size() + 2);
    if (m_nameSpace)
        cells.push_back(row.namespace_);
    for (std::size_t i = 0; i < columns.size() && i < row.cells.size(); ++i) {
        if (columns[i].wide && !m_wide)
            continue;
        if (i == 0 && m_showKind)
            cells.push_back(m_kind.typeName() + "/" + row.cells[i]);
        else
            cells.push_back(row.cells[i]);
    }
    for (const std::string& label : m_labelColumns) {
        const auto it = row.metadata->labels.find(label);
        cells.push_back(it == row.metadata->labels.end() ? std::string() : it->second);
    }
    if (m_showLabels)
        cells.push_back(labelsText(row.metadata->labels));
    return cells;
}

void sawRow(Call& call, const ResourceKind& kind, const Table::Row& row)
{
    if (kind.info && kind.info->id == sim::kube::kindIdOf<sim::kube::KubeEvent>) {
        const auto& about = static_cast<const sim::kube::KubeEvent*>(row.object.get())->involvedObject;
        const ResourceKind* aboutKind = findResource(about.kind);
        call.inv.noteRead("event/" + row.namespace_ + "/" + (aboutKind ? aboutKind->singular : about.kind) + "/"
                          + about.name);
        return;
    }
    call.saw(kind, row.namespace_, row.name);
}

std::optional<std::vector<std::size_t>> sortedBy(const std::string& path, const std::vector<Json>& objects,
                                                 std::string& error)
{
    const auto parsed = JsonPath::parseRelaxed(path, error);
    if (!parsed)
        return std::nullopt;
    std::vector<SortKey> keys(objects.size());
    bool any = false;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const auto found = parsed->find(objects[i]);
        if (found.empty())
            continue;
        any = true;
        keys[i].value = found[0];
        if (found[0]->is_string()) {
            const auto quantity = sim::kube::parseQuantity(found[0]->get_ref<const std::string&>());
            if (quantity.error.empty())
                keys[i].milli = quantity.quantity.milliValue();
        }
    }
    if (!any) {
        error = fmt::format("couldn't find any field with path \"{}\" in the list of objects", path);
        return std::nullopt;
    }
    std::vector<std::size_t> order(objects.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return keyLess(keys[a], keys[b]); });
    return order;
}

} // namespace core::shell::kubectl
