#include "sim/programs/running.h"

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {

/// What the allocator takes of a processor: a size class and a bump of a pointer for each object, and zeroing of the
/// bytes. Go: 20-25 ns for a small object (runtime's BenchmarkMalloc8/16); HotSpot's thread-local buffers are cheaper;
/// CPython's obmalloc and glibc's malloc lie between.
struct AllocatorCost {
    double perObject;
    double perByte;
};
AllocatorCost allocatorCostOf(Language language)
{
    switch (language) {
    case Language::Go: return {25e-9, 0.15e-9};
    case Language::Java: return {8e-9, 0.1e-9};
    case Language::Python: return {35e-9, 0.1e-9};
    case Language::Native: return {20e-9, 0.05e-9};
    }
    return {0, 0};
}

/// A lock that is asked for more often than this is always held, and its callers pace each other.
constexpr double kFullLock = 0.97;
/// The slow way of a mutex: four rounds of 30 PAUSE instructions (sync_runtime_doSpin), then a futex wait and wake.
constexpr double kSpinSeconds = 2e-6;
constexpr double kParkSeconds = 3.5e-6;

/// A runtime that does nothing still ticks: sysmon, timers, periodic tasks of the VM, the evaluation loop's wake-ups.
double idleWorkOf(Language language)
{
    return language == Language::Java ? 0.004 : language == Language::Go ? 0.001 : 0.0005;
}

template <class T>
void addScaled(T& sum, const T& rate, double seconds)
{
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) { sum.*member.pointer += rate.*member.pointer * seconds; });
}

template <class T>
void scale(T& value, double factor)
{
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) { value.*member.pointer *= factor; });
}

bool any(const std::vector<std::string>& names, const std::set<std::string>& present)
{
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return present.count(name) > 0; });
}

/// How often each lock is taken and for how long: its utilisation.
std::map<std::string, double> lockUse(const Running& running)
{
    std::map<std::string, double> use;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const CodePath& path = running.code->paths[i];
        if (!path.lock.empty())
            use[path.lock] += running.rates.paths[i].calls * path.holdSeconds;
    }
    return use;
}

} // namespace

bool Running::has(const Scope& scope) const
{
    return (scope.in.empty() || any(scope.in, variants)) && !any(scope.notIn, variants);
}

bool Running::active(const CodePath& path) const
{
    return has(path.scope) && (path.firstSeconds <= 0 || toSeconds(settled - started) < path.firstSeconds);
}

std::size_t Running::siteOf(std::size_t path) const
{
    std::size_t index = 0;
    for (std::size_t i = 0; i < path; ++i)
        index += code->paths[i].allocations.size();
    return index;
}

double Running::heldBytes(std::size_t path, std::size_t allocation) const
{
    const Allocation& what = code->paths[path].allocations[allocation];
    const SiteCounters& site = sites[siteOf(path) + allocation];
    const double calls = rates.paths.empty() ? 0 : rates.paths[path].calls;
    if (what.heldSeconds <= 0 || calls <= 0)
        return site.retainedBytes;
    const double bytes = what.bytes * (1 - what.retained);
    // Of the time from one call to the next: the same however slowly the machine lets both go.
    const double held = (code->paths[path].perRequest * requestsPerSecond + code->paths[path].perSecond) * what.heldSeconds;
    if (held >= 1)
        return site.retainedBytes + bytes * calls * what.heldSeconds; // many at a time: their mean number
    // One at a time: it fills up while the call runs and is gone until the next one.
    const double phase = std::fmod(paths[path].calls, 1.0);
    return site.retainedBytes + (phase < held ? bytes * phase / held : 0);
}

double Running::liveBytes() const
{
    double bytes = code->baseHeapBytes;
    for (std::size_t i = 0; i < code->paths.size(); ++i)
        for (std::size_t k = 0; k < code->paths[i].allocations.size(); ++k)
            bytes += heldBytes(i, k);
    return bytes;
}

double Running::liveObjects() const
{
    double objects = code->baseHeapObjects;
    for (std::size_t i = 0; i < code->paths.size(); ++i)
        for (std::size_t k = 0; k < code->paths[i].allocations.size(); ++k) {
            const Allocation& what = code->paths[i].allocations[k];
            objects += what.bytes > 0 ? heldBytes(i, k) * what.objects / what.bytes : 0;
        }
    return objects;
}

double Running::waitingCount(std::size_t group) const
{
    return has(code->waiting[group].scope) ? code->waiting[group].count + waiting[group] : 0;
}

double Running::descriptors() const
{
    double sum = 0;
    for (const double one : opened)
        sum += one;
    return sum;
}

double Running::cpuSeconds() const
{
    double sum = collector.cpuSeconds + idleSeconds;
    for (const PathCounters& path : paths)
        sum += path.ownSeconds + path.allocatorSeconds + path.lockSeconds;
    return sum;
}

double Running::servedShare() const
{
    double share = 1;
    for (std::size_t i = 0; i < rates.paths.size(); ++i) {
        const CodePath& path = code->paths[i];
        const double asked = path.perRequest * requestsPerSecond;
        if (asked > 0 && active(path))
            share = std::min(share, rates.paths[i].calls / (asked + path.perSecond));
    }
    return share;
}

double Running::utilisation() const
{
    const double share = servedShare();
    constexpr double kAll = 0.995; // a sum of rates is never exact
    if (share > 0 && share < kAll)
        return 1 / share;
    double busiest = rates.wanted / static_cast<double>(std::max<std::int64_t>(1, settings.processors));
    for (const auto& [lock, use] : lockUse(*this))
        busiest = std::max(busiest, use);
    return busiest;
}

double Running::residentBytes() const
{
    double bytes = code->baseBytes + std::max(collector.committedBytes, liveBytes());
    for (std::size_t i = 0; i < waiting.size(); ++i)
        bytes += waiting[i] * code->waiting[i].stackBytes;
    return bytes;
}

void Running::advance(Instant now)
{
    const double seconds = toSeconds(now - settled);
    settled = std::max(now, settled);
    if (seconds <= 0 || rates.paths.empty())
        return;
    for (std::size_t i = 0; i < paths.size(); ++i)
        addScaled(paths[i], rates.paths[i], seconds);
    for (std::size_t i = 0; i < sites.size(); ++i)
        addScaled(sites[i], rates.sites[i], seconds);
    for (std::size_t i = 0; i < waiting.size(); ++i)
        waiting[i] += rates.waiting[i] * seconds;
    for (std::size_t i = 0; i < opened.size(); ++i)
        opened[i] += rates.opened[i] * seconds;
    idleSeconds += rates.idleWork * seconds;
    const double before = collector.cycles;
    collector.cycles += rates.cycles * seconds;
    collector.fullCycles += rates.fullCycles * seconds;
    collector.concurrent += rates.concurrent * seconds;
    collector.pauseSeconds += rates.pauseSeconds * seconds;
    collector.fullSeconds += rates.fullSeconds * seconds;
    collector.concurrentSeconds += rates.concurrentSeconds * seconds;
    collector.cpuSeconds += rates.collectorCpu * seconds;
    const double cycle = rates.cycles > 0 ? rates.allocated / rates.cycles : 0;
    collector.allocatedSince = cycle > 0 ? std::fmod(collector.cycles, 1.0) * cycle : collector.allocatedSince + rates.allocated * seconds;
    if (code->language == Language::Go && rates.cycles <= 0)
        collector.garbageBytes += rates.allocated * seconds;
    else
        collector.garbageBytes = 0;
    if (std::floor(collector.cycles) > std::floor(before) && code->language == Language::Java)
        collector.lastCause = rates.fullCycles > 0 ? "G1 Compaction Pause" : "G1 Evacuation Pause";
}

Running Running::at(Instant now) const
{
    Running later = *this;
    later.advance(now);
    return later;
}

void Running::addTo(Fingerprint& f) const
{
    f.add(host.value);
    f.add(static_cast<std::uint64_t>(pid));
    f.add(code->name);
    f.add(version);
    sim::addTo(f, variants);
    sim::addTo(f, settings);
    sim::addTo(f, requestsPerSecond);
    sim::addTo(f, settled);
    sim::addTo(f, paths);
    sim::addTo(f, sites);
    sim::addTo(f, waiting);
    sim::addTo(f, opened);
    sim::addTo(f, collector);
    sim::addTo(f, rates);
}

Running startOf(std::shared_ptr<const Code> code, const std::string& version, const std::map<std::string, std::string>& files,
                Settings settings, Instant now)
{
    Running running;
    running.code = std::move(code);
    running.version = version;
    for (const Variant& variant : running.code->variants) {
        const auto file = files.find(variant.file);
        const bool built = std::find(variant.versions.begin(), variant.versions.end(), version) != variant.versions.end();
        const bool written = !variant.file.empty() && file != files.end() && file->second.find(variant.contains) != std::string::npos;
        const bool fits = variant.environment.empty() ? written : settings.has(variant.environment) && (written || variant.file.empty());
        if (built || fits)
            running.variants.insert(variant.name);
    }
    running.settings = std::move(settings);
    running.requestsPerSecond = running.code->requestsPerSecond;
    running.started = running.settled = now;
    running.paths.resize(running.code->paths.size());
    running.sites.resize(running.siteOf(running.code->paths.size()));
    running.waiting.resize(running.code->waiting.size());
    running.opened.resize(running.code->paths.size());
    return running;
}

void plan(Running& running)
{
    const Code& code = *running.code;
    Rates& rates = running.rates;
    rates = {};
    rates.paths.resize(code.paths.size());
    rates.sites.resize(running.sites.size());
    rates.waiting.resize(running.waiting.size());
    rates.opened.resize(running.opened.size());
    for (std::size_t i = 0; i < code.paths.size(); ++i)
        if (running.active(code.paths[i]))
            rates.paths[i].calls = code.paths[i].perRequest * running.requestsPerSecond + code.paths[i].perSecond;
    for (std::size_t g = 0; g < code.waiting.size(); ++g)
        for (std::size_t i = 0; i < code.paths.size(); ++i)
            if (running.active(code.paths[i]) && std::count(code.waiting[g].works.begin(), code.waiting[g].works.end(), code.paths[i].name) > 0)
                rates.paths[i].calls += running.waitingCount(g) * code.waiting[g].pollsPerSecond;
    // A lock bounds what goes through it; what its callers are kept from, they do not ask for.
    for (const auto& [lock, use] : lockUse(running))
        if (use > kFullLock)
            for (std::size_t i = 0; i < code.paths.size(); ++i)
                if (code.paths[i].lock == lock)
                    rates.paths[i].calls *= kFullLock / use;
    const auto use = lockUse(running);
    const AllocatorCost cost = allocatorCostOf(code.language);
    rates.idleWork = idleWorkOf(code.language);
    for (std::size_t i = 0; i < code.paths.size(); ++i) {
        const CodePath& path = code.paths[i];
        if (!running.active(path))
            continue;
        PathCounters& rate = rates.paths[i];
        rate.ownSeconds = rate.calls * path.cpuSeconds + path.spins;
        const std::size_t first = running.siteOf(i);
        for (std::size_t k = 0; k < path.allocations.size(); ++k) {
            const Allocation& what = path.allocations[k];
            if (!running.has(what.scope))
                continue;
            SiteCounters& site = rates.sites[first + k];
            site.bytes = rate.calls * what.bytes;
            site.objects = rate.calls * what.objects;
            if (!running.heapFull) { // what cannot be had cannot be kept
                site.retainedBytes = site.bytes * what.retained;
                site.retainedObjects = site.objects * what.retained;
            }
            rates.allocated += site.bytes;
            rate.allocatorSeconds += site.objects * cost.perObject + site.bytes * cost.perByte;
        }
        if (!path.lock.empty()) {
            // Taken with the probability of its utilisation; the wait is that of a queue with random arrivals.
            const double busy = std::min(kFullLock, use.at(path.lock));
            rate.waits = rate.calls * busy;
            rate.delaySeconds = rate.waits * path.holdSeconds / (1 - busy);
            rate.lockSeconds = rate.waits * (kSpinSeconds + kParkSeconds);
        }
        for (const OpenedFile& opened : path.opens)
            rates.opened[i] += rate.calls * opened.perCall;
    }
    for (std::size_t i = 0; i < code.waiting.size(); ++i)
        if (running.has(code.waiting[i].scope))
            rates.waiting[i] = code.waiting[i].perRequest * running.requestsPerSecond;
    planCollector(running); // long pauses slow all the rest down
    rates.wanted = rates.idleWork + rates.collectorCpu;
    for (const PathCounters& rate : rates.paths)
        rates.wanted += rate.ownSeconds + rate.allocatorSeconds + rate.lockSeconds;
}

void grant(Running& running, double cores)
{
    Rates& rates = running.rates;
    const double limit = std::min(cores, static_cast<double>(running.settings.processors));
    const double share = rates.wanted > 0 ? std::min(1.0, limit / rates.wanted) : 1;
    rates.granted = rates.wanted * share;
    if (share >= 1)
        return;
    for (PathCounters& path : rates.paths)
        scale(path, share);
    for (SiteCounters& site : rates.sites)
        scale(site, share);
    for (double& one : rates.waiting)
        one *= share;
    for (double& one : rates.opened)
        one *= share;
    for (double* one : {&rates.cycles, &rates.fullCycles, &rates.concurrent, &rates.pauseSeconds, &rates.fullSeconds, &rates.concurrentSeconds,
                        &rates.collectorCpu, &rates.allocated, &rates.idleWork})
        *one *= share;
}

} // namespace sim::programs
