#include "sim/kube/api/field_set.h"

#include <fmt/format.h>

#include <algorithm>

// sigs.k8s.io/structured-merge-diff: fieldpath and typed.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::string_view kSelf = ".";

bool isEmptyObject(const json& value) { return value.is_object() && value.empty(); }

bool isAssociative(const FieldSchema* field)
{
    return field != nullptr && field->shape == FieldSchema::Shape::List && (!field->listKeys.empty() || field->set);
}

/// Owned as a whole: leaves, lists without keys, atomic maps and structs.
bool isAtomic(const FieldSchema* field, const json& value)
{
    if (value.is_array())
        return !isAssociative(field);
    return !value.is_object() || (field != nullptr && field->atomic);
}

/// `k:{"name":"c"}` or `v:"x"`. Keys that the item lacks count with their defaults.
std::string elementOf(const FieldSchema& field, const json& item)
{
    if (field.set)
        return "v:" + item.dump();
    json key = json::object();
    for (const std::string& name : field.listKeys) {
        if (item.is_object() && item.contains(name))
            key[name] = item.at(name);
        else if (name == "protocol")
            key[name] = "TCP";
    }
    return "k:" + key.dump();
}

const json* itemOf(const FieldSchema& field, const json& list, const std::string& element)
{
    if (!list.is_array())
        return nullptr;
    for (const json& item : list)
        if (elementOf(field, item) == element)
            return &item;
    return nullptr;
}

const FieldSchema* below(const FieldSchema* parent, const StructSchema* schema, const std::string& key)
{
    if (parent != nullptr && parent->shape == FieldSchema::Shape::Map)
        return nullptr;
    return schema == nullptr ? nullptr : schema->find(key);
}

const StructSchema* structOf(const FieldSchema* field)
{
    return field == nullptr ? nullptr : field->element;
}

/// Items that are owned as a whole (structType=atomic) look like a field that is; null for others.
const FieldSchema* itemField(const FieldSchema* list)
{
    static const FieldSchema kWhole = [] {
        FieldSchema whole;
        whole.atomic = true;
        return whole;
    }();
    const StructSchema* item = structOf(list);
    return item != nullptr && (item->name == "OwnerReference" || item->name == "LocalObjectReference") ? &kWhole : nullptr;
}

/// Whether the path of a map's entry counts itself: it does where no struct declares the field.
void collect(FieldSet& set, const json& value, const FieldSchema* field, const StructSchema* schema)
{
    if (value.is_array()) {
        for (const json& item : value) {
            FieldSet& child = set.children[elementOf(*field, item)];
            child.member = true;
            if (item.is_object() && itemField(field) == nullptr)
                collect(child, item, nullptr, structOf(field));
        }
        return;
    }
    for (const auto& [key, item] : value.items()) {
        const FieldSchema* own = below(field, schema, key);
        FieldSet& child = set.children["f:" + key];
        if (isAtomic(own, item) || isEmptyObject(item)) {
            child.member = true;
            continue;
        }
        child.member = own == nullptr && schema == nullptr && field != nullptr && field->shape == FieldSchema::Shape::Map;
        collect(child, item, own, own != nullptr && own->shape == FieldSchema::Shape::Struct ? own->element : nullptr);
    }
}

/// Every path of a value that was not there before.
void collectAll(FieldSet& set, const json& value, const FieldSchema* field, const StructSchema* schema)
{
    set.member = true;
    if (isAtomic(field, value))
        return;
    if (value.is_array()) {
        for (const json& item : value)
            collectAll(set.children[elementOf(*field, item)], item, itemField(field), structOf(field));
        return;
    }
    for (const auto& [key, item] : value.items()) {
        const FieldSchema* own = below(field, schema, key);
        collectAll(set.children["f:" + key], item, own, own != nullptr && own->shape == FieldSchema::Shape::Struct ? own->element : nullptr);
    }
}

void compare(Comparison& out, const json& before, const json& after, const FieldSchema* field, const StructSchema* schema);

/// One path that both, or only one of them, may have.
void compareEntry(FieldSet& changed, FieldSet& removed, const std::string& element, const json* before, const json* after,
                  const FieldSchema* field, const StructSchema* schema)
{
    FieldSet ownChanged;
    FieldSet ownRemoved;
    const bool absent = before == nullptr || (before->is_null() && after != nullptr && !after->is_null());
    if (after == nullptr) {
        collectAll(ownRemoved, *before, field, schema);
    } else if (absent && !(field != nullptr && field->always)) {
        if (!after->is_null())
            collectAll(ownChanged, *after, field, schema);
    } else if (before == nullptr || isAtomic(field, *after) || isAtomic(field, *before) || before->type() != after->type()) {
        if (before == nullptr && !isAtomic(field, *after)) {
            Comparison inner;
            compare(inner, after->is_array() ? json::array() : json::object(), *after, field, schema);
            ownChanged = std::move(inner.changed);
        } else if (before == nullptr || *before != *after) {
            ownChanged.member = true;
        }
    } else {
        Comparison inner;
        compare(inner, *before, *after, field, schema);
        ownChanged = std::move(inner.changed);
        ownRemoved = std::move(inner.removed);
    }
    if (!ownChanged.empty())
        changed.children[element] = std::move(ownChanged);
    if (!ownRemoved.empty())
        removed.children[element] = std::move(ownRemoved);
}

void compare(Comparison& out, const json& before, const json& after, const FieldSchema* field, const StructSchema* schema)
{
    if (after.is_array() || before.is_array()) {
        for (const json& item : after) {
            const std::string element = elementOf(*field, item);
            compareEntry(out.changed, out.removed, element, itemOf(*field, before, element), &item, itemField(field), structOf(field));
        }
        for (const json& item : before) {
            const std::string element = elementOf(*field, item);
            if (itemOf(*field, after, element) == nullptr)
                compareEntry(out.changed, out.removed, element, &item, nullptr, itemField(field), structOf(field));
        }
        return;
    }
    const auto entry = [&](const std::string& key, const json* old, const json* now) {
        const FieldSchema* own = below(field, schema, key);
        compareEntry(out.changed, out.removed, "f:" + key, old, now, own,
                     own != nullptr && own->shape == FieldSchema::Shape::Struct ? own->element : nullptr);
    };
    for (const auto& [key, item] : after.items())
        entry(key, before.contains(key) ? &before.at(key) : nullptr, &item);
    for (const auto& [key, item] : before.items())
        if (!after.contains(key))
            entry(key, &item, nullptr);
}

json merge(const json& live, const json& applied, const FieldSchema* field, const StructSchema* schema)
{
    if (isAtomic(field, applied) || live.type() != applied.type())
        return applied;
    json out = live;
    if (applied.is_array()) {
        for (const json& item : applied) {
            const std::string element = elementOf(*field, item);
            const auto same = std::find_if(out.begin(), out.end(), [&](const json& one) { return elementOf(*field, one) == element; });
            if (same == out.end())
                out.push_back(item);
            else
                *same = merge(*same, item, itemField(field), structOf(field));
        }
        return out;
    }
    for (const auto& [key, item] : applied.items()) {
        const FieldSchema* own = below(field, schema, key);
        const StructSchema* inner = own != nullptr && own->shape == FieldSchema::Shape::Struct ? own->element : nullptr;
        if (item.is_null())
            out.erase(key);
        else
            out[key] = out.contains(key) ? merge(out.at(key), item, own, inner) : item;
    }
    return out;
}

void remove(json& value, const FieldSet& fields, const FieldSchema* field, const StructSchema* schema)
{
    if (value.is_array()) {
        if (!isAssociative(field))
            return;
        for (auto it = value.begin(); it != value.end();) {
            const auto found = fields.children.find(elementOf(*field, *it));
            if (found == fields.children.end()) {
                ++it;
            } else if (found->second.member) {
                it = value.erase(it);
            } else {
                remove(*it, found->second, nullptr, structOf(field));
                ++it;
            }
        }
        return;
    }
    if (!value.is_object())
        return;
    for (const auto& [element, child] : fields.children) {
        if (!element.starts_with("f:"))
            continue;
        const std::string key = element.substr(2);
        const auto it = value.find(key);
        if (it == value.end())
            continue;
        const FieldSchema* own = below(field, schema, key);
        if (child.member) {
            value.erase(it);
            continue;
        }
        remove(*it, child, own, own != nullptr && own->shape == FieldSchema::Shape::Struct ? own->element : nullptr);
        if (it->is_structured() && it->empty())
            value.erase(it);
    }
}

/// "f:spec" -> ".spec", `k:{"name":"c"}` -> `[name="c"]`.
std::string printed(const std::string& element)
{
    const std::string rest = element.substr(2);
    if (element.starts_with("f:"))
        return "." + rest;
    if (element.starts_with("v:"))
        return "[=" + rest + "]";
    if (!element.starts_with("k:"))
        return "[" + rest + "]";
    const json key = json::parse(rest, nullptr, false);
    std::string text;
    if (key.is_object())
        for (const auto& [name, value] : key.items())
            text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, value.dump());
    return "[" + text + "]";
}

void list(std::vector<std::string>& out, const FieldSet& set, const std::string& path)
{
    if (set.member)
        out.push_back(path);
    for (const auto& [element, child] : set.children)
        list(out, child, path + printed(element));
}

} // namespace

json FieldSet::toJson() const
{
    json out = json::object();
    if (member && !children.empty())
        out[std::string(kSelf)] = json::object();
    for (const auto& [element, child] : children)
        out[element] = child.toJson();
    return out;
}

FieldSet FieldSet::fromJson(const json& from)
{
    FieldSet set;
    if (!from.is_object())
        return set;
    for (const auto& [element, child] : from.items()) {
        if (element == kSelf) {
            set.member = true;
        } else if (element.size() >= 2 && element[1] == ':') {
            FieldSet inner = fromJson(child);
            inner.member = inner.member || inner.children.empty();
            set.children.emplace(element, std::move(inner));
        }
    }
    return set;
}

std::vector<std::string> FieldSet::paths() const
{
    std::vector<std::string> out;
    list(out, *this, {});
    return out;
}

void FieldSet::unite(const FieldSet& other)
{
    member = member || other.member;
    for (const auto& [element, child] : other.children)
        children[element].unite(child);
}

FieldSet FieldSet::intersection(const FieldSet& other) const
{
    FieldSet out;
    out.member = member && other.member;
    for (const auto& [element, child] : children)
        if (const auto same = other.children.find(element); same != other.children.end())
            if (FieldSet inner = child.intersection(same->second); !inner.empty())
                out.children.emplace(element, std::move(inner));
    return out;
}

FieldSet FieldSet::difference(const FieldSet& other) const
{
    FieldSet out;
    out.member = member && !other.member;
    for (const auto& [element, child] : children) {
        const auto same = other.children.find(element);
        FieldSet inner = same == other.children.end() ? child : child.difference(same->second);
        if (!inner.empty())
            out.children.emplace(element, std::move(inner));
    }
    return out;
}

FieldSet fieldsSetBy(const json& object, const StructSchema* schema)
{
    FieldSet set;
    if (object.is_object())
        collect(set, object, nullptr, schema);
    return set;
}

Comparison compareObjects(const json& before, const json& after, const StructSchema* schema)
{
    Comparison out;
    compare(out, before, after, nullptr, schema);
    return out;
}

json mergeApplied(const json& live, const json& applied, const StructSchema* schema)
{
    return merge(live, applied, nullptr, schema);
}

void removeFields(json& object, const FieldSet& fields, const StructSchema* schema)
{
    remove(object, fields, nullptr, schema);
}

} // namespace sim::kube
