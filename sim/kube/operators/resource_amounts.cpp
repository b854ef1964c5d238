#include "sim/kube/operators/resource_amounts.h"

#include "sim/kube/api/quantity.h"

#include <algorithm>

namespace sim::kube {

namespace {

bool countsBytes(const std::string& resource)
{
    return resource == "memory" || resource.ends_with("storage") || resource.starts_with("hugepages-");
}

} // namespace

Amounts amountsOf(const ResourceList& list)
{
    Amounts amounts;
    for (const auto& [name, quantity] : list)
        amounts[name] = quantity.milliValue();
    return amounts;
}

Amounts amountsOf(const nlohmann::json& list)
{
    Amounts amounts;
    if (!list.is_object())
        return amounts;
    for (const auto& [name, value] : list.items()) {
        const ParsedQuantity parsed = parseQuantity(value.is_string() ? value.get<std::string>() : value.dump());
        if (parsed.error.empty())
            amounts[name] = parsed.quantity.milliValue();
    }
    return amounts;
}

Amounts amountsOf(const Resources& resources)
{
    Amounts amounts{{"cpu", resources.milliCpu}, {"memory", resources.memoryBytes * 1000}};
    for (const auto& [name, amount] : resources.extended)
        amounts[name] = amount * 1000;
    return amounts;
}

nlohmann::json amountsToJson(const Amounts& amounts)
{
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, milli] : amounts)
        out[name] = amountText(name, milli);
    return out;
}

std::string amountText(const std::string& resource, std::int64_t milli)
{
    return countsBytes(resource) ? Quantity::ofBytes(milli / 1000).text : Quantity::ofMilli(milli).text;
}

void add(Amounts& sum, const Amounts& more, std::int64_t times)
{
    for (const auto& [name, amount] : more)
        sum[name] += amount * times;
}

std::int64_t amountOf(const Amounts& amounts, const std::string& resource)
{
    const auto found = amounts.find(resource);
    return found == amounts.end() ? 0 : found->second;
}

bool fitsInto(const Amounts& a, const Amounts& b, bool unnamedIsUnlimited)
{
    return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
        const auto limit = b.find(entry.first);
        return limit == b.end() ? unnamedIsUnlimited || entry.second <= 0 : entry.second <= limit->second;
    });
}

Amounts requestsOf(const PodSpec& spec)
{
    Amounts sum;
    Amounts largestInit;
    const auto of = [](const Container& container) {
        Amounts amounts = amountsOf(container.resources.requests);
        for (const auto& [name, amount] : amountsOf(container.resources.limits))
            amounts.emplace(name, amount);
        return amounts;
    };
    for (const Container& container : spec.containers)
        add(sum, of(container));
    for (const Container& container : spec.initContainers)
        for (const auto& [name, amount] : of(container))
            largestInit[name] = std::max(largestInit[name], amount);
    for (const auto& [name, amount] : largestInit)
        sum[name] = std::max(sum[name], amount);
    return sum;
}

} // namespace sim::kube
