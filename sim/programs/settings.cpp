#include "sim/programs/settings.h"

#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sim::programs {

namespace {

/// HotSpot, gcConfig and arguments.cpp: MaxRAMPercentage 25, InitialRAMPercentage 1.5625 (one 64th).
constexpr double kMaxRamPercentage = 25;
constexpr double kInitialRamPercentage = 1.5625;
/// A machine below 1792 MB is no "server class machine": HotSpot then takes the serial collector; here only its threads.
constexpr std::int64_t kServerClassBytes = 1792LL << 20;

double quotaOf(const host::Machine& machine, const std::string& cgroup)
{
    double quota = 0;
    for (const auto& [path, group] : machine.cgroups)
        if (group.cpuQuotaCores > 0 && host::inCgroup(cgroup, path))
            quota = quota > 0 ? std::min(quota, group.cpuQuotaCores) : group.cpuQuotaCores;
    return quota;
}

std::map<std::string, std::string> environmentOf(const host::Machine& machine, const host::Process& process)
{
    std::map<std::string, std::string> environment = process.environment;
    const auto unit = machine.units.find(process.unit);
    if (unit == machine.units.end())
        return environment;
    host::UnitFileReader reader(machine);
    host::Unit ignored;
    for (const std::string& path : [&] {
             std::vector<std::string> paths{unit->second.path};
             paths.insert(paths.end(), unit->second.dropIns.begin(), unit->second.dropIns.end());
             return paths;
         }())
        if (const host::File* file = host::findFile(machine, path))
            reader.read(file->content, ignored);
    environment.insert(reader.environment.begin(), reader.environment.end());
    return environment;
}

bool starts(const std::string& text, const std::string& prefix, std::string& rest)
{
    if (text.compare(0, prefix.size(), prefix) != 0)
        return false;
    rest = text.substr(prefix.size());
    return true;
}

/// ParallelGCThreads: all of the first eight processors, five eighths of the others.
std::int64_t collectorThreadsFor(std::int64_t processors)
{
    return processors <= 8 ? processors : 8 + (processors - 8) * 5 / 8;
}

/// "8u121" of the image's JAVA_VERSION: from before container support.
bool predatesContainers(const std::map<std::string, std::string>& environment)
{
    constexpr int kContainerSupport = 191; // of Java 8; every later Java has it
    const auto version = environment.find("JAVA_VERSION");
    std::string update;
    return version != environment.end() && starts(version->second, "8u", update) && std::atoi(update.c_str()) < kContainerSupport;
}

void readJvm(Settings& settings, const host::Machine& machine, const host::Process& process)
{
    settings.containerSupport = !predatesContainers(settings.environment);
    for (const char* name : {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"})
        if (const auto found = settings.environment.find(name); found != settings.environment.end())
            for (std::string& word : host::commandWords(found->second))
                settings.options.push_back(std::move(word));
    for (std::size_t i = 1; i < process.command.size() && process.command[i] != "-jar"; ++i)
        settings.options.push_back(process.command[i]);
    double maxPercentage = kMaxRamPercentage, initialPercentage = kInitialRamPercentage;
    std::int64_t processors = 0;
    std::string rest;
    for (const std::string& option : settings.options) {
        if (starts(option, "-Xmx", rest) || starts(option, "-XX:MaxHeapSize=", rest))
            settings.heapMaxBytes = sizeOf(rest);
        else if (starts(option, "-Xms", rest) || starts(option, "-XX:InitialHeapSize=", rest))
            settings.heapInitialBytes = sizeOf(rest);
        else if (starts(option, "-XX:MaxRAMPercentage=", rest))
            maxPercentage = std::atof(rest.c_str());
        else if (starts(option, "-XX:InitialRAMPercentage=", rest))
            initialPercentage = std::atof(rest.c_str());
        else if (starts(option, "-XX:ActiveProcessorCount=", rest))
            processors = std::atoll(rest.c_str());
        else if (option == "-XX:-UseContainerSupport")
            settings.containerSupport = false;
        else if (option == "-XX:+UseContainerSupport")
            settings.containerSupport = true;
        else if (option == "-XX:+ExitOnOutOfMemoryError")
            settings.exitsWhenFull = true;
        else if (option == "-XX:+HeapDumpOnOutOfMemoryError")
            settings.dumpsWhenFull = true;
        else if (starts(option, "-Xlog:gc", rest))
            settings.traces = true;
    }
    std::int64_t memory = machine.memoryBytes;
    settings.processors = machine.cpus;
    if (settings.containerSupport) {
        if (const std::int64_t limit = memoryLimitOf(machine, process.cgroup); limit > 0)
            memory = std::min(memory, limit);
        if (const double quota = quotaOf(machine, process.cgroup); quota > 0)
            settings.processors = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(quota)), 1, machine.cpus);
    }
    if (processors > 0)
        settings.processors = processors;
    if (settings.heapMaxBytes == 0)
        settings.heapMaxBytes = static_cast<std::int64_t>(static_cast<double>(memory) * maxPercentage / 100);
    if (settings.heapInitialBytes == 0)
        settings.heapInitialBytes = static_cast<std::int64_t>(static_cast<double>(memory) * initialPercentage / 100);
    settings.heapInitialBytes = std::min(settings.heapInitialBytes, settings.heapMaxBytes);
    settings.collectorThreads = memory < kServerClassBytes ? 1 : collectorThreadsFor(settings.processors);
}

void readGo(Settings& settings, const host::Machine& machine)
{
    settings.processors = machine.cpus; // Go before 1.25 does not look at cpu.max
    const auto value = [&](const char* name) {
        const auto found = settings.environment.find(name);
        return found == settings.environment.end() ? std::string() : found->second;
    };
    if (const std::string percent = value("GOGC"); percent == "off")
        settings.gcPercent = -1;
    else if (!percent.empty())
        settings.gcPercent = std::max(1.0, std::atof(percent.c_str()));
    settings.memoryLimitBytes = sizeOf(value("GOMEMLIMIT"));
    if (const std::int64_t processors = std::atoll(value("GOMAXPROCS").c_str()); processors > 0)
        settings.processors = processors;
    settings.traces = value("GODEBUG").find("gctrace=1") != std::string::npos;
    settings.collectorThreads = std::max<std::int64_t>(1, settings.processors / 4); // GOGC's background workers: a quarter
}

} // namespace

bool Settings::has(const std::string& assignment) const
{
    const std::size_t equals = assignment.find('=');
    const auto set = environment.find(assignment.substr(0, equals));
    return equals != std::string::npos && set != environment.end() && set->second == assignment.substr(equals + 1);
}

std::int64_t sizeOf(const std::string& text)
{
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const char unit = end == nullptr ? '\0' : static_cast<char>(*end | 32);
    const int shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : unit == 't' ? 40 : 0;
    return static_cast<std::int64_t>(number * static_cast<double>(1LL << shift));
}

Settings settingsOfJvm(const host::Machine& machine, const host::Process& process)
{
    Settings settings;
    settings.environment = environmentOf(machine, process);
    readJvm(settings, machine, process);
    return settings;
}

std::vector<std::string> refusedByJvm(const std::map<std::string, std::string>& environment, const std::vector<std::string>& command)
{
    if (!predatesContainers(environment))
        return {};
    std::vector<std::string> words = command;
    if (const auto options = environment.find("JAVA_TOOL_OPTIONS"); options != environment.end())
        for (std::string& word : host::commandWords(options->second))
            words.push_back(std::move(word));
    for (const std::string& word : words)
        for (const char* unknown : {"UseContainerSupport", "MaxRAMPercentage", "InitialRAMPercentage"})
            if (word.rfind("-XX:", 0) == 0 && word.find(unknown) != std::string::npos)
                return {fmt::format("Unrecognized VM option '{}'", word.substr(word[4] == '+' || word[4] == '-' ? 5 : 4)),
                        "Error: Could not create the Java Virtual Machine.",
                        "Error: A fatal exception has occurred. Program will exit."};
    return {};
}

std::int64_t memoryLimitOf(const host::Machine& machine, const std::string& cgroup)
{
    std::int64_t limit = 0;
    for (const auto& [path, group] : machine.cgroups)
        if (group.memoryMax > 0 && host::inCgroup(cgroup, path))
            limit = limit > 0 ? std::min(limit, group.memoryMax) : group.memoryMax;
    return limit;
}

Settings settingsOf(const Code& code, const host::Machine& machine, const host::Process& process)
{
    Settings settings;
    settings.environment = environmentOf(machine, process);
    if (code.language == Language::Java)
        readJvm(settings, machine, process);
    else if (code.language == Language::Go)
        readGo(settings, machine);
    else
        settings.processors = code.language == Language::Python ? 1 : code.workers; // the interpreter lock
    return settings;
}

} // namespace sim::programs
