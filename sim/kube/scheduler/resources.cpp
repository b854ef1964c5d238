#include "sim/kube/scheduler/resources.h"

#include <algorithm>
#include <string_view>

namespace sim::kube {

namespace {

void maximum(Resources& a, const Resources& b)
{
    a.milliCpu = std::max(a.milliCpu, b.milliCpu);
    a.memoryBytes = std::max(a.memoryBytes, b.memoryBytes);
    a.storageBytes = std::max(a.storageBytes, b.storageBytes);
    for (const auto& [name, amount] : b.extended)
        if (const std::int64_t missing = amount - a.extendedOf(name); missing > 0) {
            Resources more;
            more.extended.push_back({name, missing});
            a.add(more);
        }
}

template <class Amounts>
Resources total(const PodSpec& spec, Amounts amounts)
{
    Resources sum;
    for (const Container& c : spec.containers)
        sum.add(amounts(c));
    // A sidecar runs beside the init containers after it and beside the containers.
    Resources sidecars;
    Resources starting;
    for (const Container& c : spec.initContainers) {
        Resources needed = amounts(c);
        if (c.restartPolicy == "Always") {
            sum.add(needed);
            sidecars.add(needed);
            needed = sidecars;
        } else {
            needed.add(sidecars);
        }
        maximum(starting, needed);
    }
    maximum(sum, starting);
    sum.add(Resources::ofList(spec.overhead));
    return sum;
}

} // namespace

std::int64_t Resources::extendedOf(const std::string& name) const
{
    for (const auto& [n, amount] : extended)
        if (n == name)
            return amount;
    return 0;
}

std::int64_t Resources::of(const std::string& name) const
{
    const std::string_view text = name; // compared by size first
    if (text == "cpu")
        return milliCpu;
    if (text == "memory")
        return memoryBytes;
    if (text == "ephemeral-storage")
        return storageBytes;
    return extendedOf(name);
}

void Resources::add(const Resources& other, std::int64_t sign)
{
    milliCpu += sign * other.milliCpu;
    memoryBytes += sign * other.memoryBytes;
    storageBytes += sign * other.storageBytes;
    for (const auto& [name, amount] : other.extended) {
        auto it = std::lower_bound(extended.begin(), extended.end(), name,
                                   [](const auto& entry, const std::string& n) { return entry.first < n; });
        if (it == extended.end() || it->first != name)
            it = extended.insert(it, {name, 0});
        it->second += sign * amount;
    }
}

Resources Resources::ofList(const ResourceList& list)
{
    Resources r;
    for (const auto& [name, quantity] : list) {
        if (name == "cpu")
            r.milliCpu = quantity.milliValue();
        else if (name == "memory")
            r.memoryBytes = quantity.value();
        else if (name == "ephemeral-storage")
            r.storageBytes = quantity.value();
        else if (name != "pods")
            r.extended.push_back({name, quantity.value()});
    }
    return r;
}

Resources podRequests(const PodSpec& spec)
{
    return total(spec, [](const Container& c) { return Resources::ofList(c.resources.requests); });
}

Resources podNonZeroRequests(const PodSpec& spec)
{
    return total(spec, [](const Container& c) {
        Resources r = Resources::ofList(c.resources.requests);
        if (c.resources.requests.count("cpu") == 0)
            r.milliCpu = kDefaultMilliCpuRequest;
        if (c.resources.requests.count("memory") == 0)
            r.memoryBytes = kDefaultMemoryRequest;
        return r;
    });
}

} // namespace sim::kube
