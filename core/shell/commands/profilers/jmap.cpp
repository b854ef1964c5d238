// jmap of JDK 17: -histo and -dump.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"
#include "sim/world/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

struct ClassCount {
    double objects = 0;
    double bytes = 0;
};

/// Which module of the JDK a class is from: the histogram names it.
std::string moduleText(const std::string& name)
{
    if (name[0] == '[' || name.rfind("java.", 0) == 0 || name.rfind("jdk.", 0) == 0)
        return " (java.base@17.0.13)";
    return {};
}

/// Without :live the histogram counts what has died since the last collection too.
std::map<std::string, ClassCount> classesOf(const sim::programs::Running& running, bool live)
{
    std::map<std::string, ClassCount> classes;
    for (const auto& base : running.code->baseHeap) {
        classes[base.type].objects += base.objects;
        classes[base.type].bytes += base.bytes;
    }
    double allocatedPerSecond = 0;
    for (const auto& site : running.rates.sites)
        allocatedPerSecond += site.bytes;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i)
        for (std::size_t k = 0; k < running.code->paths[i].allocations.size(); ++k) {
            const auto& what = running.code->paths[i].allocations[k];
            double bytes = running.heldBytes(i, k);
            if (!live && allocatedPerSecond > 0)
                bytes += running.collector.allocatedSince * running.rates.sites[running.siteOf(i) + k].bytes / allocatedPerSecond;
            if (bytes < 1 || what.bytes <= 0)
                continue;
            classes[what.type].bytes += bytes;
            classes[what.type].objects += bytes * what.objects / what.bytes;
        }
    return classes;
}

int dump(Invocation& inv, const Target& target, const std::string& options)
{
    const std::size_t at = options.find("file=");
    if (at == std::string::npos) {
        inv.err().write("Fail: invalid option or no file name\n");
        return 1;
    }
    const std::string path = inv.absolutePath(options.substr(at + 5, options.find(',', at) - at - 5));
    if (inv.system().stat(inv.place(), path)) {
        inv.print(fmt::format("Dumping heap to {} ...\nUnable to create {}: File exists\n", path, path));
        return 0;
    }
    const sim::programs::Running& running = *target.running;
    const bool live = options.find("live") != std::string::npos;
    const auto bytes = static_cast<std::int64_t>((live ? running.liveBytes() : running.liveBytes() + running.collector.allocatedSince) * 1.02);
    inv.print(fmt::format("Dumping heap to {} ...\n", path));
    inv.sleep(sim::fromSeconds(static_cast<double>(bytes) / 4e8));
    const sim::CommandResult result = inv.door().apply(
        sim::Command{sim::command::WriteFile{inv.place().host, inv.place().container, path, "JAVA PROFILE 1.0.2", false, 0600, bytes}});
    if (!result.ok) {
        inv.print(fmt::format("Unable to create {}: {}\n", path, result.error));
        return 0;
    }
    inv.print(fmt::format("Heap dump file created [{} bytes in {:.3f} secs]\n", bytes, static_cast<double>(bytes) / 4e8));
    return 0;
}

} // namespace

std::string histogram(const sim::programs::Running& running, bool live)
{
    const auto classes = classesOf(running, live);
    std::vector<std::pair<std::string, ClassCount>> rows(classes.begin(), classes.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
    std::string text = " num     #instances         #bytes  class name (module)\n-------------------------------------------------------\n";
    double objects = 0, bytes = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += fmt::format("{:>4}: {:>13.0f} {:>14.0f}  {}{}\n", i + 1, rows[i].second.objects, rows[i].second.bytes, rows[i].first, moduleText(rows[i].first));
        objects += std::floor(rows[i].second.objects + 0.5);
        bytes += std::floor(rows[i].second.bytes + 0.5);
    }
    return text + fmt::format("Total {:>13.0f} {:>14.0f}\n", objects, bytes);
}

void addJmap(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jmap";
    spec.summary = "print details of a specified Java process";
    spec.usage = "jmap -histo[:live] <pid> | jmap -dump:[live,]format=b,file=<filename> <pid>";
    spec.parseOptions = false;
    spec.run = [](Invocation& inv) {
        const auto& words = inv.arguments;
        const std::string option = words.size() == 2 ? words[0] : "";
        if (option == "-heap" || option == "-F") { // moved into jhsdb with JDK 9
            inv.err().write(fmt::format("Error: {} option used\nCannot connect to core dump or remote debug server. Use jhsdb jmap instead\n", option));
            return 1;
        }
        if (option.rfind("-histo", 0) != 0 && option.rfind("-dump:", 0) != 0 && option != "-finalizerinfo") {
            inv.err().write("Usage:\n    jmap -clstats <pid>\n        to connect to running process and print class loader statistics\n"
                            "    jmap -finalizerinfo <pid>\n        to connect to running process and print information on objects awaiting finalization\n"
                            "    jmap -histo[:[<histo-options>]] <pid>\n        to connect to running process and print histogram of java object heap\n"
                            "    jmap -dump:<dump-options> <pid>\n        to connect to running process and dump java heap\n");
            return words.size() == 1 ? 0 : 1;
        }
        const auto target = jvmOf(inv, words[1], JdkTool::Jmap);
        if (!target)
            return 1;
        if (option == "-finalizerinfo") {
            inv.print("No instances waiting for finalization found\n");
            return 0;
        }
        if (option.rfind("-dump:", 0) == 0)
            return dump(inv, *target, option.substr(6));
        inv.print(histogram(*target->running, option.find(":live") != std::string::npos));
        return 0;
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
