// jcmd and jinfo of JDK 17.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

std::string heapInfo(const sim::programs::Running& running)
{
    const HeapFigures heap = heapFiguresOf(running);
    const auto kib = [](double bytes) { return static_cast<std::int64_t>(bytes / 1024); };
    const auto regions = [&](double bytes) { return static_cast<std::int64_t>(std::ceil(bytes / heap.regionBytes)); };
    const double total = heap.edenCapacity + heap.survivorCapacity + heap.oldCapacity;
    const auto most = static_cast<std::uint64_t>(running.settings.heapMaxBytes);
    const std::uint64_t low = 0x100000000ULL - most % 0x100000000ULL; // compressed oops: the heap ends at 4 GiB where it fits
    const double young = heap.edenUsed + heap.survivorUsed;
    return fmt::format(" garbage-first heap   total {}K, used {}K [0x{:016x}, 0x{:016x})\n  region size {}K, {} young ({}K), {} survivors ({}K)\n"
                       " Metaspace       used {}K, committed {}K, reserved {}K\n  class space    used {}K, committed {}K, reserved {}K\n",
                       kib(total), kib(heap.oldUsed + young), low, low + most, kib(heap.regionBytes), regions(young),
                       regions(young) * kib(heap.regionBytes), regions(heap.survivorUsed), regions(heap.survivorUsed) * kib(heap.regionBytes), kib(heap.metaUsed),
                       kib(heap.metaCapacity), 1114112, kib(heap.classUsed), kib(heap.classCapacity), 1048576);
}

std::string commandLine(const Target& target)
{
    std::string options, java, path;
    for (const std::string& option : target.running->settings.options)
        options += (options.empty() ? "" : " ") + option;
    bool jar = false;
    for (const std::string& word : target.process->command) {
        if (jar)
            java += (java.empty() ? "" : " ") + word;
        if (jar && path.empty())
            path = word;
        jar = jar || word == "-jar";
    }
    return fmt::format("VM Arguments:\njvm_args: {} \njava_command: {}\njava_class_path (initial): {}\nLauncher Type: SUN_STANDARD\n", options, java, path);
}

/// What NMT counts where it was turned on at the start, for the parts that the model knows.
std::string nativeMemory(const Target& target)
{
    const sim::programs::Running& running = *target.running;
    const auto on = [](const std::string& option) { return option.rfind("-XX:NativeMemoryTracking=", 0) == 0 && option.find("=off") == std::string::npos; };
    if (std::none_of(running.settings.options.begin(), running.settings.options.end(), on))
        return "Native memory tracking is not enabled\n";
    struct Part {
        const char* name;
        double reserved, committed; ///< KiB
    };
    const HeapFigures heap = heapFiguresOf(running);
    const auto threads = static_cast<double>(target.process->threadCount);
    constexpr double kStack = 1024, kStackUsed = 67; // KiB: ThreadStackSize, and what one touches on the average
    const double heapMost = static_cast<double>(running.settings.heapMaxBytes) / 1024;
    const Part parts[] = {{"Java Heap", heapMost, (heap.edenCapacity + heap.survivorCapacity + heap.oldCapacity) / 1024},
                          {"Class", 1048576 + 109, heap.classCapacity / 1024 + 109},
                          {"Thread", threads * kStack, threads * kStackUsed},
                          {"Code", 247742, 24'000}, // ReservedCodeCacheSize; a Spring application's compiled code
                          {"GC", heapMost * 0.16 + 5'000, heapMost * 0.16 + 5'000}, // G1's card and remembered sets, mark bitmap
                          {"Metaspace", 65547, heap.metaCapacity / 1024}};
    double reserved = 0, committed = 0;
    for (const Part& part : parts) {
        reserved += std::floor(part.reserved);
        committed += std::floor(part.committed);
    }
    std::string text = fmt::format("\nNative Memory Tracking:\n\n(Omitting categories weighting less than 1KB)\n\nTotal: reserved={:.0f}KB, committed={:.0f}KB\n\n", reserved, committed);
    for (const Part& part : parts)
        text += fmt::format("-{:>26} (reserved={:.0f}KB, committed={:.0f}KB)\n \n", part.name, std::floor(part.reserved), std::floor(part.committed));
    return text;
}

constexpr const char* kVerbs = "The following commands are available:\nGC.class_histogram\nGC.finalizer_info\nGC.heap_dump\nGC.heap_info\nGC.run\nThread.print\nVM.command_line\nVM.flags\n"
                               "VM.native_memory\nVM.uptime\nVM.version\nhelp\n\nFor more information about a specific command use 'help <command>'.\n";

/// What stands behind -jar: the "main class" by which jcmd finds a program.
std::string mainOf(const sim::host::Process& process)
{
    std::string text;
    bool jar = false;
    for (const std::string& word : process.command) {
        if (jar)
            text += (text.empty() ? "" : " ") + word;
        jar = jar || word == "-jar";
    }
    return text;
}

int listJvms(Invocation& inv)
{
    for (const Target& target : targetsOf(inv, sim::programs::Language::Java))
        if (mayAttach(inv, *target.process))
            inv.print(fmt::format("{} {}\n", target.process->pid, mainOf(*target.process)));
    // It runs on a JVM of its own, and finds itself.
    inv.print(fmt::format("{} jdk.jcmd/sun.tools.jcmd.JCmd{}\n", node::machineOf(inv).nextPid, inv.arguments.empty() ? "" : " -l"));
    return 0;
}

int obeyJcmd(Invocation& inv, const std::string& pid, const std::vector<std::string>& words)
{
    const auto target = jvmOf(inv, pid, JdkTool::Jcmd);
    if (!target)
        return 1;
    const std::string verb = words.size() > 1 ? words[1] : "help";
    const sim::programs::Running& running = *target->running;
    std::string text;
    if (verb == "GC.heap_info")
        text = heapInfo(running);
    else if (verb == "VM.flags")
        text = flagsText(running);
    else if (verb == "Thread.print")
        text = threadDump(*target, inv.now(), words.size() > 2 && words[2] == "-l");
    else if (verb == "VM.command_line")
        text = commandLine(*target);
    else if (verb == "GC.class_histogram")
        text = histogram(running, words.size() < 3 || words[2] != "-all");
    else if (verb == "GC.finalizer_info")
        text = "No instances waiting for finalization found\n";
    else if (verb == "VM.native_memory")
        text = nativeMemory(*target);
    else if (verb == "VM.uptime")
        text = fmt::format("{:.3f} s\n", sim::toSeconds(inv.now() - running.started));
    else if (verb == "VM.version")
        text = "OpenJDK 64-Bit Server VM version 17.0.13+11-Debian-2deb12u1\nJDK 17.0.13\n";
    else if (verb == "GC.run")
        text = "Command executed successfully\n";
    else if (verb == "GC.heap_dump" && words.size() > 2)
        return inv.run({"jmap", "-dump:live,format=b,file=" + words[2], pid});
    else if (verb == "help")
        text = kVerbs;
    else {
        inv.err().write("java.lang.IllegalArgumentException: Unknown diagnostic command\n");
        return 1;
    }
    inv.print(text);
    return 0;
}

int jcmd(Invocation& inv)
{
    const auto& words = inv.arguments;
    if (words.empty() || words[0] == "-l")
        return listJvms(inv);
    const auto number = pidOf(words[0]);
    if (number && *number != 0)
        return obeyJcmd(inv, words[0], words);
    // A part of the main class's name, or 0 for all.
    int status = 1;
    bool found = false;
    for (const Target& target : targetsOf(inv, sim::programs::Language::Java))
        if (number || mainOf(*target.process).find(words[0]) != std::string::npos) {
            status = obeyJcmd(inv, std::to_string(target.process->pid), words);
            found = true;
        }
    if (!found)
        inv.err().write(fmt::format("Could not find any processes matching : '{}'\n", words[0]));
    return status;
}

/// "-XX:NAME=VALUE" or "-XX:+NAME" of one flag: those that differ from their defaults, and the defaults that people ask for.
std::optional<std::string> flagOf(const sim::programs::Running& running, const std::string& name)
{
    const sim::programs::Settings& settings = running.settings;
    const auto onOff = [](bool on) { return on ? std::string("+") : std::string("-"); };
    if (name == "UseContainerSupport")
        return "-XX:" + onOff(settings.containerSupport) + name;
    if (name == "ExitOnOutOfMemoryError")
        return "-XX:" + onOff(settings.exitsWhenFull) + name;
    if (name == "HeapDumpOnOutOfMemoryError")
        return "-XX:" + onOff(settings.dumpsWhenFull) + name;
    std::vector<std::string> flags = node::splitWords(flagsText(running));
    flags.insert(flags.end(), settings.options.begin(), settings.options.end());
    for (const std::string& flag : flags)
        if (flag.rfind("-XX:" + name + "=", 0) == 0 || flag == "-XX:+" + name || flag == "-XX:-" + name)
            return flag;
    static const std::map<std::string, std::string> kDefaults{{"MaxRAMPercentage", "25.000000"}, {"InitialRAMPercentage", "1.562500"}, {"ActiveProcessorCount", "-1"},
        {"HeapDumpPath", ""}, {"OnOutOfMemoryError", ""}, {"MaxGCPauseMillis", "200"}, {"InitiatingHeapOccupancyPercent", "45"}, {"NativeMemoryTracking", "off"}};
    if (const auto found = kDefaults.find(name); found != kDefaults.end())
        return fmt::format("-XX:{}={}", name, found->second);
    if (name == "ParallelGCThreads")
        return fmt::format("-XX:{}={}", name, settings.collectorThreads);
    return std::nullopt;
}

int jinfo(Invocation& inv)
{
    constexpr const char* kUsage = "Usage:\n    jinfo <option> <pid>\n       (to connect to a running process)\n";
    const auto& words = inv.arguments;
    if (words.empty() || words.back()[0] == '-') {
        inv.err().write(kUsage);
        return 1;
    }
    const auto target = jvmOf(inv, words.back(), JdkTool::Plain);
    if (!target)
        return 1;
    const std::string option = words.size() > 1 ? words[0] : "-flags";
    if (option == "-flags") {
        inv.print("VM Flags:\n" + flagsText(*target->running));
        return 0;
    }
    if (option == "-flag" && words.size() == 3) {
        inv.print(flagOf(*target->running, words[1]).value_or(fmt::format("no such flag '{}'", words[1])) + "\n");
        return 0;
    }
    inv.err().write(kUsage);
    return 1;
}

} // namespace

std::string flagsText(const sim::programs::Running& running)
{
    const sim::programs::Settings& settings = running.settings;
    const HeapFigures heap = heapFiguresOf(running);
    const auto soft = settings.heapMaxBytes;
    constexpr std::int64_t kLeastHeap = 8388608; // where no -Xms says more
    const bool given = std::any_of(settings.options.begin(), settings.options.end(), [](const std::string& option) { return option.rfind("-Xms", 0) == 0; });
    const std::int64_t minimum = given ? settings.heapInitialBytes : kLeastHeap;
    std::string text = fmt::format("-XX:CICompilerCount={} -XX:ConcGCThreads={}", settings.processors > 4 ? 4 : 3, std::max<std::int64_t>(1, (settings.collectorThreads + 2) / 4));
    if (settings.exitsWhenFull)
        text += " -XX:+ExitOnOutOfMemoryError";
    text += fmt::format(" -XX:G1ConcRefinementThreads={} -XX:G1HeapRegionSize={:.0f} -XX:GCDrainStackTargetSize=64", settings.collectorThreads, heap.regionBytes);
    if (settings.dumpsWhenFull)
        text += " -XX:+HeapDumpOnOutOfMemoryError";
    text += fmt::format(" -XX:InitialHeapSize={} -XX:MarkStackSize=4194304 -XX:MaxHeapSize={} -XX:MaxNewSize={:.0f} -XX:MinHeapDeltaBytes={:.0f} -XX:MinHeapSize={}",
                        settings.heapInitialBytes, settings.heapMaxBytes, std::floor(static_cast<double>(settings.heapMaxBytes) * 0.6 / heap.regionBytes) * heap.regionBytes,
                        heap.regionBytes, minimum);
    text += fmt::format(" -XX:NonNMethodCodeHeapSize=5839372 -XX:NonProfiledCodeHeapSize=122909434 -XX:ProfiledCodeHeapSize=122909434 -XX:ReservedCodeCacheSize=251658240"
                        " -XX:+SegmentedCodeCache -XX:SoftMaxHeapSize={} -XX:+UseCompressedClassPointers -XX:+UseCompressedOops", soft);
    if (!settings.containerSupport)
        text += " -XX:-UseContainerSupport";
    return text + " -XX:+UseFastUnorderedTimeStamps -XX:+UseG1GC \n";
}

void addJcmd(CommandTable& table)
{
    table.addRaw("jcmd", "send diagnostic command requests to a running JVM", "jcmd [pid | main-class] command... | jcmd -l", jcmd);
    table.addRaw("jinfo", "generate Java configuration information for a specified Java process", "jinfo [option] pid", jinfo);
}

} // namespace core::shell::profilers
