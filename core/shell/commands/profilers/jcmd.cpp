// jcmd and jinfo of JDK 17.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"

#include <fmt/format.h>

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
    return fmt::format("VM Arguments:\njvm_args: {}\njava_command: {}\njava_class_path (initial): {}\nLauncher Type: SUN_STANDARD\n", options, java, path);
}

constexpr const char* kVerbs = "The following commands are available:\nGC.class_histogram\nGC.heap_dump\nGC.heap_info\nGC.run\nThread.print\nVM.command_line\nVM.flags\n"
                               "VM.uptime\nVM.version\nhelp\n\nFor more information about a specific command use 'help <command>'.\n";

int jcmd(Invocation& inv)
{
    const auto& words = inv.arguments;
    if (words.empty() || words[0] == "-l") {
        for (const Target& target : targetsOf(inv, sim::programs::Language::Java)) {
            std::string command;
            bool jar = false;
            for (const std::string& word : target.process->command) {
                if (jar)
                    command += " " + word;
                jar = jar || word == "-jar";
            }
            inv.print(fmt::format("{}{}\n", target.process->pid, command));
        }
        return 0;
    }
    const auto target = jvmOf(inv, words[0]);
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
        text = threadDump(*target, inv.now());
    else if (verb == "VM.command_line")
        text = commandLine(*target);
    else if (verb == "GC.class_histogram")
        text = histogram(running, true);
    else if (verb == "VM.uptime")
        text = fmt::format("{:.3f} s\n", sim::toSeconds(inv.now() - running.started));
    else if (verb == "VM.version")
        text = "OpenJDK 64-Bit Server VM version 17.0.13+11-Debian-2deb12u1\nJDK 17.0.13\n";
    else if (verb == "GC.run")
        text = "Command executed successfully\n";
    else if (verb == "GC.heap_dump" && words.size() > 2)
        return inv.run({"jmap", "-dump:live,format=b,file=" + words[2], words[0]});
    else if (verb == "help")
        text = kVerbs;
    else {
        inv.print(fmt::format("{}:\njava.lang.IllegalArgumentException: Unknown diagnostic command\n", words[0]));
        return 1;
    }
    inv.print(fmt::format("{}:\n{}", words[0], text));
    return 0;
}

int jinfo(Invocation& inv)
{
    const auto& words = inv.arguments;
    if (words.empty() || words.back()[0] == '-') {
        inv.err().write("Usage:\n    jinfo <option> <pid>\n       (to connect to a running process)\n");
        return 1;
    }
    const auto target = jvmOf(inv, words.back());
    if (!target)
        return 1;
    const std::string option = words.size() > 1 ? words[0] : "-flags";
    if (option == "-flags") {
        std::string given;
        for (const std::string& one : target->running->settings.options)
            given += " " + one;
        inv.print("VM Flags:\n" + flagsText(*target->running));
        return 0;
    }
    if (option == "-flag" && words.size() == 3) {
        std::string flags = flagsText(*target->running);
        for (const std::string& flag : node::splitWords(flags))
            if (flag.find(words[1]) != std::string::npos) {
                inv.print(flag + "\n");
                return 0;
            }
        inv.err().write(fmt::format("no such flag '{}'\n", words[1]));
        return 1;
    }
    inv.err().write("Usage:\n    jinfo <option> <pid>\n       (to connect to a running process)\n");
    return 1;
}

} // namespace

std::string flagsText(const sim::programs::Running& running)
{
    const sim::programs::Settings& settings = running.settings;
    const HeapFigures heap = heapFiguresOf(running);
    const auto soft = settings.heapMaxBytes;
    std::string text = fmt::format("-XX:CICompilerCount={} -XX:ConcGCThreads={}", settings.processors > 4 ? 4 : 3, std::max<std::int64_t>(1, (settings.collectorThreads + 2) / 4));
    if (settings.exitsWhenFull)
        text += " -XX:+ExitOnOutOfMemoryError";
    text += fmt::format(" -XX:G1ConcRefinementThreads={} -XX:G1HeapRegionSize={:.0f} -XX:GCDrainStackTargetSize=64", settings.collectorThreads, heap.regionBytes);
    if (settings.dumpsWhenFull)
        text += " -XX:+HeapDumpOnOutOfMemoryError";
    text += fmt::format(" -XX:InitialHeapSize={} -XX:MarkStackSize=4194304 -XX:MaxHeapSize={} -XX:MaxNewSize={:.0f} -XX:MinHeapDeltaBytes={:.0f} -XX:MinHeapSize=8388608",
                        settings.heapInitialBytes, settings.heapMaxBytes, std::floor(static_cast<double>(settings.heapMaxBytes) * 0.6 / heap.regionBytes) * heap.regionBytes,
                        heap.regionBytes);
    text += fmt::format(" -XX:NonNMethodCodeHeapSize=5839372 -XX:NonProfiledCodeHeapSize=122909434 -XX:ProfiledCodeHeapSize=122909434 -XX:ReservedCodeCacheSize=251658240"
                        " -XX:+SegmentedCodeCache -XX:SoftMaxHeapSize={} -XX:+UseCompressedClassPointers -XX:+UseCompressedOops", soft);
    if (!settings.containerSupport)
        text += " -XX:-UseContainerSupport";
    return text + " -XX:+UseFastUnorderedTimeStamps -XX:+UseG1GC \n";
}

void addJcmd(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jcmd";
    spec.summary = "send diagnostic command requests to a running JVM";
    spec.usage = "jcmd [pid | main-class] command... | jcmd -l";
    spec.parseOptions = false;
    spec.run = jcmd;
    table.add(spec);
    spec = {};
    spec.name = "jinfo";
    spec.summary = "generate Java configuration information for a specified Java process";
    spec.usage = "jinfo [option] pid";
    spec.parseOptions = false;
    spec.run = jinfo;
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
