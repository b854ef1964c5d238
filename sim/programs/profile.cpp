#include "sim/programs/profile.h"

#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>

namespace sim::programs {

namespace {

/// Part of what the runtime does for somebody, on top of that one's stack.
struct RuntimePart {
    double share;
    std::vector<const char*> frames; ///< root first, "function@file:line"
};

const std::vector<RuntimePart>& allocatorParts(Language language)
{
    static const std::vector<RuntimePart> kGo{
        {0.55, {"runtime.mallocgc@runtime/malloc.go:1029"}},
        {0.25, {"runtime.mallocgc@runtime/malloc.go:1127", "runtime.memclrNoHeapPointers@runtime/memclr_amd64.s:93"}},
        {0.20, {"runtime.mallocgc@runtime/malloc.go:1049", "runtime.nextFreeFast@runtime/malloc.go:914"}}};
    static const std::vector<RuntimePart> kJava{
        {0.7, {"OptoRuntime::new_array_nozero_C(Klass*, int, JavaThread*)", "MemAllocator::allocate() const"}},
        {0.3, {"OptoRuntime::new_instance_C(Klass*, JavaThread*)", "MemAllocator::allocate() const", "__memset_avx512_unaligned_erms"}}};
    static const std::vector<RuntimePart> kPython{{0.6, {"_PyObject_Malloc"}}, {0.4, {"_PyObject_Free"}}};
    static const std::vector<RuntimePart> kNative{{0.65, {"__libc_malloc", "_int_malloc"}}, {0.35, {"__libc_free", "_int_free"}}};
    return language == Language::Go ? kGo : language == Language::Java ? kJava : language == Language::Python ? kPython : kNative;
}

const std::vector<RuntimePart>& lockParts(Language language)
{
    static const std::vector<RuntimePart> kGo{
        {0.36, {"sync.(*Mutex).Lock@sync/mutex.go:90", "sync.(*Mutex).lockSlow@sync/mutex.go:124", "sync.runtime_doSpin@runtime/proc.go:6888",
                "runtime.procyield@runtime/asm_amd64.s:779"}},
        {0.34, {"sync.(*Mutex).Lock@sync/mutex.go:90", "sync.(*Mutex).lockSlow@sync/mutex.go:171", "sync.runtime_SemacquireMutex@runtime/sema.go:77",
                "runtime.semacquire1@runtime/sema.go:160", "runtime.futex@runtime/sys_linux_amd64.s:557"}},
        {0.30, {"sync.(*Mutex).Unlock@sync/mutex.go:223", "sync.(*Mutex).unlockSlow@sync/mutex.go:240", "runtime.semrelease1@runtime/sema.go:193",
                "runtime.futexwakeup@runtime/os_linux.go:82", "runtime.futex@runtime/sys_linux_amd64.s:557"}}};
    static const std::vector<RuntimePart> kJava{
        {0.4, {"SharedRuntime::complete_monitor_locking_C(oopDesc*, BasicLock*, JavaThread*)", "ObjectMonitor::enter(JavaThread*)",
               "ObjectMonitor::TrySpin(JavaThread*)"}},
        {0.6, {"SharedRuntime::complete_monitor_locking_C(oopDesc*, BasicLock*, JavaThread*)", "ObjectMonitor::enter(JavaThread*)",
               "__futex_abstimed_wait_common"}}};
    static const std::vector<RuntimePart> kNative{{1.0, {"pthread_mutex_lock", "__lll_lock_wait"}}};
    return language == Language::Go ? kGo : language == Language::Java ? kJava : kNative;
}

const std::vector<RuntimePart>& collectorParts(Language language)
{
    static const std::vector<RuntimePart> kGo{
        {0.62, {"runtime.gcBgMarkWorker@runtime/mgc.go:1310", "runtime.systemstack@runtime/asm_amd64.s:509",
                "runtime.gcBgMarkWorker.func2@runtime/mgc.go:1348", "runtime.gcDrain@runtime/mgcmark.go:1200", "runtime.scanobject@runtime/mgcmark.go:1446"}},
        {0.18, {"runtime.gcBgMarkWorker@runtime/mgc.go:1310", "runtime.systemstack@runtime/asm_amd64.s:509",
                "runtime.gcBgMarkWorker.func2@runtime/mgc.go:1348", "runtime.gcDrain@runtime/mgcmark.go:1200", "runtime.scanobject@runtime/mgcmark.go:1446",
                "runtime.greyobject@runtime/mgcmark.go:1563"}},
        {0.12, {"runtime.gcBgMarkWorker@runtime/mgc.go:1310", "runtime.systemstack@runtime/asm_amd64.s:509",
                "runtime.gcBgMarkWorker.func2@runtime/mgc.go:1348", "runtime.gcDrain@runtime/mgcmark.go:1163"}},
        {0.08, {"runtime.bgsweep@runtime/mgcsweep.go:299", "runtime.sweepone@runtime/mgcsweep.go:388"}}};
    static const std::vector<RuntimePart> kJava{
        {0.75, {"start_thread", "thread_native_entry(Thread*)", "GangWorker::loop()", "G1EvacuateRegionsTask::evacuate_live_objects(G1ParScanThreadState*, unsigned int)",
                "G1ParScanThreadState::trim_queue_to_threshold(unsigned int)"}},
        {0.25, {"start_thread", "thread_native_entry(Thread*)", "GangWorker::loop()", "G1CMTask::do_marking_step(double, bool, bool)"}}};
    static const std::vector<RuntimePart> kPython{{1.0, {"_PyEval_EvalFrameDefault", "gc_collect_main"}}};
    return language == Language::Go ? kGo : language == Language::Java ? kJava : kPython;
}

const std::vector<RuntimePart>& idleParts(Language language)
{
    static const std::vector<RuntimePart> kGo{
        {0.6, {"runtime.mcall@runtime/asm_amd64.s:458", "runtime.park_m@runtime/proc.go:4036", "runtime.schedule@runtime/proc.go:3868",
               "runtime.findRunnable@runtime/proc.go:3334", "runtime.netpoll@runtime/netpoll_epoll.go:117"}},
        {0.4, {"runtime.mstart1@runtime/proc.go:1742", "runtime.sysmon@runtime/proc.go:6056", "runtime.usleep@runtime/sys_linux_amd64.s:135"}}};
    static const std::vector<RuntimePart> kJava{
        {0.6, {"start_thread", "thread_native_entry(Thread*)", "JavaThread::thread_main_inner()", "CompileBroker::compiler_thread_loop()",
               "C2Compiler::compile_method(ciEnv*, ciMethod*, int, bool, DirectiveSet*)"}},
        {0.4, {"start_thread", "thread_native_entry(Thread*)", "WatcherThread::run()"}}};
    static const std::vector<RuntimePart> kOther{{1.0, {"_start", "__libc_start_main@@GLIBC_2.34"}}};
    return language == Language::Go ? kGo : language == Language::Java ? kJava : kOther;
}

void addParts(std::vector<StackTime>& times, const Stack& below, const std::vector<RuntimePart>& parts, double seconds)
{
    if (seconds <= 0)
        return;
    for (const RuntimePart& part : parts) {
        StackTime time{below, seconds * part.share};
        for (const char* frame : part.frames)
            time.stack.push_back(frameOf(frame));
        times.push_back(std::move(time));
    }
}

/// Whole numbers with the same sum as the rounded whole: the largest remainders get what is left.
std::vector<std::int64_t> rounded(const std::vector<double>& values)
{
    std::vector<std::int64_t> whole;
    double sum = 0;
    std::int64_t given = 0;
    for (const double value : values) {
        whole.push_back(static_cast<std::int64_t>(std::floor(value)));
        sum += value;
        given += whole.back();
    }
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return values[a] - std::floor(values[a]) > values[b] - std::floor(values[b]);
    });
    auto left = static_cast<std::int64_t>(std::llround(sum)) - given;
    for (std::size_t i = 0; i < order.size() && left > 0; ++i, --left)
        ++whole[order[i]];
    return whole;
}

std::string executablePath(const Running& running)
{
    return fmt::format("{}/releases/{}/{}", running.code->folder(), running.version, running.code->executable);
}

Profile emptyProfile(const Running& running)
{
    Profile profile;
    profile.at = running.settled;
    profile.file = executablePath(running);
    return profile;
}

/// A heap profile takes one sample for every 512 KiB allocated on average: runtime.MemProfileRate.
constexpr std::int64_t kMemProfileRate = 524288;

} // namespace

std::vector<StackTime> cpuBetween(const Running& before, const Running& after)
{
    const bool same = before.pid == after.pid && before.started == after.started && before.paths.size() == after.paths.size();
    const Language language = after.code->language;
    std::vector<StackTime> times;
    for (std::size_t i = 0; i < after.paths.size(); ++i) {
        const PathCounters& now = after.paths[i];
        const PathCounters then = same ? before.paths[i] : PathCounters{};
        const Stack& stack = after.code->paths[i].stack;
        if (now.ownSeconds > then.ownSeconds)
            times.push_back({stack, now.ownSeconds - then.ownSeconds});
        addParts(times, stack, allocatorParts(language), now.allocatorSeconds - then.allocatorSeconds);
        addParts(times, stack, lockParts(language), now.lockSeconds - then.lockSeconds);
    }
    addParts(times, {}, collectorParts(language), after.collector.cpuSeconds - (same ? before.collector.cpuSeconds : 0));
    addParts(times, {}, idleParts(language), after.idleSeconds - (same ? before.idleSeconds : 0));
    return times;
}

std::vector<StackSamples> stackSamples(const Running& before, const Running& after, double hertz)
{
    const std::vector<StackTime> times = cpuBetween(before, after);
    std::vector<double> values;
    for (const StackTime& time : times)
        values.push_back(time.seconds * hertz);
    const std::vector<std::int64_t> counts = rounded(values);
    std::vector<StackSamples> samples;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (counts[i] == 0)
            continue;
        StackSamples one;
        one.samples = counts[i];
        for (const Frame& frame : times[i].stack)
            one.functions.push_back(frame.function);
        samples.push_back(std::move(one));
    }
    return samples;
}

Profile cpuProfile(const Running& before, const Running& after)
{
    constexpr std::int64_t kPeriodNs = 10'000'000; // 100 Hz
    Profile profile = emptyProfile(after);
    profile.types = {{"samples", "count"}, {"cpu", "nanoseconds"}};
    profile.defaultType = 1;
    profile.period = profile.types[1];
    profile.periodValue = kPeriodNs;
    profile.at = before.settled;
    profile.duration = after.settled - before.settled;
    const std::vector<StackTime> times = cpuBetween(before, after);
    std::vector<double> values;
    for (const StackTime& time : times)
        values.push_back(time.seconds * 1e9 / static_cast<double>(kPeriodNs));
    const std::vector<std::int64_t> counts = rounded(values);
    for (std::size_t i = 0; i < times.size(); ++i)
        if (counts[i] > 0)
            profile.samples.push_back({times[i].stack, {counts[i], counts[i] * kPeriodNs}});
    return profile;
}

Profile heapProfile(const Running& running, bool allocations)
{
    Profile profile = emptyProfile(running);
    profile.types = {{"alloc_objects", "count"}, {"alloc_space", "bytes"}, {"inuse_objects", "count"}, {"inuse_space", "bytes"}};
    profile.defaultType = allocations ? 1 : 3;
    profile.period = {"space", "bytes"};
    profile.periodValue = kMemProfileRate;
    const auto add = [&](const Stack& stack, double allocObjects, double allocBytes, double objects, double bytes) {
        if (allocBytes < kMemProfileRate / 4 && bytes < kMemProfileRate / 4)
            return; // not likely to be met by the sampling
        profile.samples.push_back({stack, {std::llround(allocObjects), std::llround(allocBytes), std::llround(objects), std::llround(bytes)}});
    };
    for (const Allocation& base : running.code->baseHeap) {
        Stack stack{frameOf("runtime.main@runtime/proc.go:271"), frameOf("main.main@main.go:41"), frameOf(base.type)};
        add(stack, base.objects, base.bytes, base.objects, base.bytes);
    }
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const CodePath& path = running.code->paths[i];
        double objects = 0, bytes = 0, allocObjects = 0, allocBytes = 0;
        for (std::size_t k = 0; k < path.allocations.size(); ++k) {
            const SiteCounters& site = running.sites[running.siteOf(i) + k];
            const double held = running.heldBytes(i, k);
            allocObjects += site.objects;
            allocBytes += site.bytes;
            bytes += held;
            objects += path.allocations[k].bytes > 0 ? held * path.allocations[k].objects / path.allocations[k].bytes : 0;
        }
        add(path.stack, allocObjects, allocBytes, objects, bytes);
    }
    return profile;
}

Profile goroutineProfile(const Running& running)
{
    Profile profile = emptyProfile(running);
    profile.types = {{"goroutine", "count"}};
    profile.period = profile.types[0];
    for (const Task& task : goroutinesOf(running))
        profile.samples.push_back({parkedStack(task), {task.count}});
    return profile;
}

Profile contentionProfile(const Running& running, bool block)
{
    Profile profile = emptyProfile(running);
    profile.types = {{"contentions", "count"}, {"delay", "nanoseconds"}};
    profile.defaultType = 1;
    profile.period = {"contentions", "count"};
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const PathCounters& path = running.paths[i];
        if (path.waits < 0.5)
            continue;
        Stack stack = running.code->paths[i].stack;
        stack.push_back(frameOf(block ? "sync.(*Mutex).Lock@sync/mutex.go:90" : "sync.(*Mutex).Unlock@sync/mutex.go:223"));
        profile.samples.push_back({std::move(stack), {std::llround(path.waits), std::llround(path.delaySeconds * 1e9)}});
    }
    return profile;
}

Profile threadProfile(const Running& running)
{
    Profile profile = emptyProfile(running);
    profile.types = {{"threadcreate", "count"}};
    profile.period = profile.types[0];
    const auto threads = static_cast<std::int64_t>(std::min<double>(static_cast<double>(running.settings.processors), std::ceil(running.rates.granted + 1))) + 4;
    profile.samples.push_back({{}, {threads}});
    return profile;
}

std::uint64_t addressOf(const Frame& frame)
{
    Fingerprint f;
    f.add(frame.function);
    return 0x401000 + (f.value() % 0x7ff000 & ~0x3fULL) + static_cast<std::uint64_t>(frame.line % 64);
}

std::string objectOf(const Running& running, const Frame& frame)
{
    const std::string& name = frame.function;
    const auto begins = [&](const char* text) { return name.rfind(text, 0) == 0; };
    if (begins("entry_SYSCALL") || begins("do_syscall") || begins("__x64_sys") || begins("asm_exc"))
        return "[kernel.kallsyms]";
    if (begins("__libc") || begins("_int_") || begins("__mem") || begins("start_thread") || begins("__lll") || begins("pthread") || begins("__futex")
        || begins("malloc") || begins("clone3"))
        return "libc.so.6";
    switch (running.code->language) {
    case Language::Java: return name.find("::") != std::string::npos || name.find("thread_native") == 0 ? "libjvm.so" : fmt::format("perf-{}.map", running.pid);
    case Language::Python: return "python3.11";
    default: return running.code->executable;
    }
}

std::string rawText(const Profile& profile)
{
    std::map<std::pair<std::string, std::int64_t>, std::size_t> ids;
    std::vector<const Frame*> locations;
    std::string samples;
    for (const Sample& sample : profile.samples) {
        std::string values;
        for (const std::int64_t value : sample.values)
            values += fmt::format(" {:>10}", value);
        values += ":";
        for (auto frame = sample.stack.rbegin(); frame != sample.stack.rend(); ++frame) {
            auto [entry, fresh] = ids.try_emplace({frame->function, frame->line}, locations.size() + 1);
            if (fresh)
                locations.push_back(&*frame);
            values += fmt::format(" {}", entry->second);
        }
        samples += values + "\n";
    }
    const std::int64_t at = profile.at.time_since_epoch().count();
    std::string text = fmt::format("PeriodType: {} {}\nPeriod: {}\nTime: {}\nDuration: {}\nSamples:\n", profile.period.name, profile.period.unit,
                                   profile.periodValue, at, profile.duration.count());
    for (std::size_t i = 0; i < profile.types.size(); ++i)
        text += fmt::format("{}{}/{}{}", i == 0 ? "" : " ", profile.types[i].name, profile.types[i].unit, i == profile.defaultType ? "[dflt]" : "");
    text += "\n" + samples + "Locations\n";
    for (std::size_t i = 0; i < locations.size(); ++i)
        text += fmt::format("{:>6}: {:#x} M=1 {} {}:{}:0 s=0\n", i + 1, addressOf(*locations[i]), locations[i]->function,
                            locations[i]->file.empty() ? "?" : locations[i]->file, locations[i]->line);
    text += fmt::format("Mappings\n1: 0x400000/0xbff000/0x0 {}  [FN]\n", profile.file);
    return text;
}

namespace {

std::vector<std::string> wordsOf(const std::string& line)
{
    std::vector<std::string> words;
    for (std::size_t begin = line.find_first_not_of(' '); begin != std::string::npos && begin < line.size();) {
        const std::size_t end = std::min(line.find(' ', begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(' ', end);
    }
    return words;
}

/// "samples/count cpu/nanoseconds[dflt]".
void readTypes(const std::string& line, Profile& profile)
{
    for (const std::string& word : wordsOf(line)) {
        const std::size_t slash = word.find('/');
        const std::size_t mark = word.find("[dflt]");
        if (mark != std::string::npos)
            profile.defaultType = profile.types.size();
        profile.types.push_back({word.substr(0, slash), slash == std::string::npos ? "" : word.substr(slash + 1, mark == std::string::npos ? mark : mark - slash - 1)});
    }
}

} // namespace

std::optional<Profile> readRaw(const std::string& text)
{
    Profile profile;
    std::vector<std::vector<std::size_t>> stacks;
    std::map<std::size_t, Frame> locations;
    enum class Part : std::uint8_t { Head, Types, Samples, Locations, Mappings } part = Part::Head;
    for (const std::string& line : linesOf(text)) {
        const std::vector<std::string> words = wordsOf(line);
        if (words.empty())
            continue;
        if (words[0] == "PeriodType:" && words.size() > 2)
            profile.period = {words[1], words[2]};
        else if (words[0] == "Period:" && words.size() > 1)
            profile.periodValue = std::atoll(words[1].c_str());
        else if (words[0] == "Time:" && words.size() > 1)
            profile.at = Instant{Duration{std::atoll(words[1].c_str())}};
        else if (words[0] == "Duration:" && words.size() > 1)
            profile.duration = Duration{std::atoll(words[1].c_str())};
        else if (words[0] == "Samples:")
            part = Part::Types;
        else if (words[0] == "Locations")
            part = Part::Locations;
        else if (words[0] == "Mappings")
            part = Part::Mappings;
        else if (part == Part::Types) {
            readTypes(line, profile);
            part = Part::Samples;
        } else if (part == Part::Samples) {
            const std::size_t colon = line.find(':');
            Sample sample;
            for (const std::string& word : wordsOf(line.substr(0, colon)))
                sample.values.push_back(std::atoll(word.c_str()));
            sample.values.resize(profile.types.size());
            std::vector<std::size_t> ids;
            if (colon != std::string::npos)
                for (const std::string& word : wordsOf(line.substr(colon + 1)))
                    ids.push_back(static_cast<std::size_t>(std::atoll(word.c_str())));
            profile.samples.push_back(std::move(sample));
            stacks.push_back(std::move(ids));
        } else if (part == Part::Locations && words.size() > 5) {
            // Names of functions may hold blanks: what is between the mapping and the place.
            const std::size_t begin = line.find(" M=1 ") + 5;
            const std::string& place = words[words.size() - 2];
            const std::size_t end = line.rfind(" " + place);
            const std::size_t colon = place.find(':');
            if (begin > end || end == std::string::npos)
                return std::nullopt;
            Frame frame{line.substr(begin, end - begin), place.substr(0, colon), std::atoll(place.c_str() + std::min(colon + 1, place.size()))};
            if (frame.file == "?")
                frame.file.clear();
            locations[static_cast<std::size_t>(std::atoll(words[0].c_str()))] = std::move(frame);
        } else if (part == Part::Mappings && words.size() > 2) {
            profile.file = words[2];
        }
    }
    if (profile.types.empty() || part != Part::Mappings || profile.defaultType >= profile.types.size())
        return std::nullopt;
    for (std::size_t i = 0; i < stacks.size(); ++i)
        for (auto id = stacks[i].rbegin(); id != stacks[i].rend(); ++id)
            if (const auto found = locations.find(*id); found != locations.end())
                profile.samples[i].stack.push_back(found->second);
    return profile;
}

} // namespace sim::programs
