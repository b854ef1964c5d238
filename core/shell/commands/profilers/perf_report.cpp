// perf record, report, script and top: samples of stacks at a frequency.
#include "core/shell/commands/profilers/perf.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace core::shell::profilers {

namespace {

/// First line of our perf.data: the real file is binary, this one holds the same samples as text.
constexpr const char* kMagic = "PERFILE2";

std::vector<std::string> linesOfText(const std::string& text)
{
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string packed(const std::vector<PerfSample>& samples, double hertz, bool graph)
{
    std::string text = fmt::format("{}\t{}\t{}\n", kMagic, hertz, graph ? 1 : 0);
    for (const PerfSample& sample : samples) {
        const auto count = static_cast<std::int64_t>(sample.seconds * hertz + 0.5);
        if (count == 0)
            continue;
        text += fmt::format("{}\t{}\t{}", count, sample.comm, sample.pid);
        for (const auto& [symbol, object] : sample.frames)
            text += fmt::format("\t{}\t{}", symbol, object);
        text += "\n";
    }
    return text;
}

struct Recording {
    double hertz = 4000;
    bool graph = false;
    std::vector<PerfSample> samples;
    std::int64_t count() const
    {
        double sum = 0;
        for (const PerfSample& sample : samples)
            sum += sample.seconds;
        return static_cast<std::int64_t>(std::llround(sum * hertz));
    }
};

std::optional<Recording> unpacked(const std::string& text)
{
    Recording recording;
    const std::vector<std::string> lines = linesOfText(text);
    if (lines.empty() || lines[0].rfind(kMagic, 0) != 0)
        return std::nullopt;
    const std::vector<std::string> head = sim::split(lines[0], '\t');
    if (head.size() > 2) {
        recording.hertz = std::max(1.0, std::atof(head[1].c_str()));
        recording.graph = head[2] == "1";
    }
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<std::string> fields = sim::split(lines[i], '\t');
        if (fields.size() < 3)
            continue;
        PerfSample sample{fields[1], std::atoll(fields[2].c_str()), {}, std::atof(fields[0].c_str()) / recording.hertz};
        for (std::size_t k = 3; k + 1 < fields.size(); k += 2)
            sample.frames.emplace_back(fields[k], fields[k + 1]);
        recording.samples.push_back(std::move(sample));
    }
    return recording;
}

std::optional<Recording> readRecording(Invocation& inv, const PerfRange& range)
{
    const std::string path = inv.absolutePath(range.file);
    const ReadFile file = inv.system().readFile(inv.place(), path);
    if (file.error != Errno::None) {
        inv.err().write(fmt::format("failed to open {}: {}{}\n", range.file, describe(file.error), range.file == "perf.data" ? "  (try 'perf record' first)" : ""));
        return std::nullopt;
    }
    inv.noteRead("file/" + node::placeName(inv) + path);
    node::noteHost(inv);
    auto recording = unpacked(file.text);
    if (!recording)
        inv.err().write(fmt::format("incompatible file format (rerun with -v to learn more)\n"));
    return recording;
}

struct Symbol {
    std::string comm, object, name;
    double self = 0, children = 0;
    std::vector<const PerfSample*> from;
};

std::vector<Symbol> symbolsOf(const std::vector<PerfSample>& samples, bool children)
{
    std::map<std::tuple<std::string, std::string, std::string>, Symbol> symbols;
    for (const PerfSample& sample : samples) {
        std::vector<std::tuple<std::string, std::string, std::string>> seen;
        for (std::size_t i = 0; i < sample.frames.size(); ++i) {
            const bool leaf = i + 1 == sample.frames.size();
            if (!leaf && !children)
                continue;
            const auto key = std::tuple(sample.comm, sample.frames[i].second, sample.frames[i].first);
            Symbol& symbol = symbols[key];
            std::tie(symbol.comm, symbol.object, symbol.name) = key;
            if (leaf) {
                symbol.self += sample.seconds;
                symbol.from.push_back(&sample);
            }
            if (std::find(seen.begin(), seen.end(), key) == seen.end()) {
                symbol.children += sample.seconds;
                seen.push_back(key);
            }
        }
    }
    std::vector<Symbol> sorted;
    for (auto& [key, symbol] : symbols)
        sorted.push_back(std::move(symbol));
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Symbol& a, const Symbol& b) { return children ? a.children > b.children : a.self > b.self; });
    return sorted;
}

/// "[k]" for the kernel's, "[.]" for others.
std::string symbolText(const Symbol& symbol)
{
    return fmt::format("[{}] {}", symbol.object == "[kernel.kallsyms]" ? 'k' : '.', symbol.name);
}

std::string countText(std::int64_t count)
{
    return count >= 10000 ? fmt::format("{}K", count / 1000) : std::to_string(count);
}

/// The callers below a symbol, as perf's caller graph draws a single chain.
std::string chainsOf(const Symbol& symbol, double total)
{
    std::string text = "            |\n";
    std::vector<const PerfSample*> from = symbol.from;
    std::stable_sort(from.begin(), from.end(), [](const PerfSample* a, const PerfSample* b) { return a->seconds > b->seconds; });
    for (const PerfSample* sample : from) {
        if (sample->seconds < total * 0.005)
            continue;
        bool first = true;
        for (const auto& [name, object] : sample->frames) {
            text += first ? fmt::format("            |--{:.2f}%--{}\n", 100 * sample->seconds / total, name) : fmt::format("            |          {}\n", name);
            first = false;
        }
        text += "            |\n";
    }
    return text + "\n";
}

} // namespace

int perfRecord(Invocation& inv, const std::vector<std::string>& words)
{
    const PerfRange range = rangeOf(words);
    if (range.pid == 0 && !range.all && range.command.empty()) {
        inv.err().write("\n Usage: perf record [<options>] [<command>]\n    or: perf record [<options>] -- <command> [<options>]\n\n    -g                    enables call-graph recording\n"
                        "    -p, --pid <pid>       record events on existing process id\n\n");
        return 129;
    }
    if (!perfAllowed(inv, range))
        return range.pid > 0 && targetOf(inv, range.pid).process == nullptr ? 244 : 255; // -ENOMEM of the thread map
    const PerfLook before = lookNow(inv, range.pid);
    int status = 0;
    if (range.seconds >= 0)
        inv.sleep(sim::fromSeconds(range.seconds));
    else if (!range.command.empty())
        status = inv.run(range.command);
    else
        inv.sleep(std::chrono::hours(24));
    const std::vector<PerfSample> samples = range.pid == 0 && !range.all ? std::vector<PerfSample>{} : samplesBetween(inv, before, lookNow(inv, range.pid));
    const std::string text = packed(samples, range.hertz, range.graph);
    const auto recording = unpacked(text);
    const std::int64_t count = recording ? recording->count() : 0;
    if (const Errno error = inv.system().writeFile(inv.place(), inv.absolutePath(range.file), text, false); error != Errno::None) {
        inv.err().write(fmt::format("failed to open {} : {}\n", range.file, describe(error)));
        return 255;
    }
    const double megabytes = 0.02 + static_cast<double>(count) * (range.graph ? 180 : 40) / 1e6;
    inv.err().write(fmt::format("[ perf record: Woken up {} times to write data ]\n[ perf record: Captured and wrote {:.3f} MB {} ({} samples) ]\n", 1 + count / 8000, megabytes,
                                range.file, count));
    return status;
}

int perfReport(Invocation& inv, const std::vector<std::string>& words)
{
    const PerfRange range = rangeOf(words);
    const auto recording = readRecording(inv, range);
    if (!recording)
        return 255;
    const bool flat = std::find(words.begin(), words.end(), "--no-children") != words.end();
    const bool children = recording->graph && !flat;
    double total = 0;
    for (const PerfSample& sample : recording->samples)
        total += sample.seconds;
    std::string text = "# To display the perf.data header info, please use --header/--header-only options.\n#\n#\n# Total Lost Samples: 0\n#\n";
    text += fmt::format("# Samples: {}  of event 'cycles'\n# Event count (approx.): {:.0f}\n#\n", countText(recording->count()), total * kCyclesPerSecond);
    const std::vector<Symbol> symbols = symbolsOf(recording->samples, children);
    std::size_t comm = 7, object = 13;
    for (const Symbol& symbol : symbols) {
        comm = std::max(comm, symbol.comm.size());
        object = std::max(object, symbol.object.size());
    }
    text += children ? fmt::format("# Children      Self  {:<{}}  {:<{}}  Symbol\n", "Command", comm, "Shared Object", object) : fmt::format("# Overhead  {:<{}}  {:<{}}  Symbol\n", "Command", comm, "Shared Object", object);
    text += children ? fmt::format("# ........  ........  {}  {}  ......................\n#\n", std::string(comm, '.'), std::string(object, '.'))
                     : fmt::format("# ........  {}  {}  ......................\n#\n", std::string(comm, '.'), std::string(object, '.'));
    for (const Symbol& symbol : symbols) {
        const double share = total > 0 ? 100 * (children ? symbol.children : symbol.self) / total : 0;
        if (share < 0.005)
            continue;
        text += children ? fmt::format("{:>9.2f}%  {:>7.2f}%", share, 100 * symbol.self / total) : fmt::format("{:>9.2f}%", share);
        text += fmt::format("  {:<{}}  {:<{}}  {}\n", symbol.comm, comm, symbol.object, object, symbolText(symbol));
        if (recording->graph && share >= 0.5 && !symbol.from.empty())
            text += chainsOf(symbol, total);
    }
    text += "\n\n#\n# (Tip: For a higher level overview, try: perf report --sort comm,dso)\n#\n";
    inv.print(text);
    return 0;
}

int perfScript(Invocation& inv, const std::vector<std::string>& words)
{
    const auto recording = readRecording(inv, rangeOf(words));
    if (!recording)
        return 255;
    double at = 30000;
    for (const PerfSample& sample : recording->samples)
        for (auto n = static_cast<std::int64_t>(std::llround(sample.seconds * recording->hertz)); n > 0; --n) {
            at += 1 / recording->hertz;
            std::string text = fmt::format("{} {} {:>12.6f}: {:>10.0f} cycles: \n", sample.comm, sample.pid, at, kCyclesPerSecond / recording->hertz);
            for (auto frame = sample.frames.rbegin(); frame != sample.frames.rend(); ++frame) {
                text += fmt::format("\t{:>16x} {} ({})\n", sim::programs::addressOf({frame->first, {}, 0}), frame->first, frame->second);
                if (!recording->graph)
                    break;
            }
            inv.print(text + "\n");
        }
    return 0;
}

int perfTop(Invocation& inv, const std::vector<std::string>& words)
{
    PerfRange range = rangeOf(words);
    range.all = range.pid == 0;
    if (!perfAllowed(inv, range))
        return 255;
    constexpr double kSeconds = 2;
    for (;;) {
        const PerfLook before = lookNow(inv, range.pid);
        inv.sleep(sim::fromSeconds(kSeconds));
        const std::vector<PerfSample> samples = samplesBetween(inv, before, lookNow(inv, range.pid));
        double total = 0;
        for (const PerfSample& sample : samples)
            total += sample.seconds;
        std::string text = inv.out().isTerminal() ? "\x1b[H\x1b[2J" : "";
        text += fmt::format("   PerfTop: {:>7.0f} irqs/sec  kernel:{:>4.1f}%  exact:  0.0% lost: 0/0 drop: 0/0 [4000Hz cycles],  ({})\n", total / kSeconds * 4000,
                            total > 0 ? 100 * [&] {
                                double kernel = 0;
                                for (const PerfSample& sample : samples)
                                    if (!sample.frames.empty() && sample.frames.back().second == "[kernel.kallsyms]")
                                        kernel += sample.seconds;
                                return kernel / total;
                            }() : 0.0,
                            range.pid > 0 ? fmt::format("target_pid: {}", range.pid) : fmt::format("all, {} CPUs", node::machineOf(inv).cpus));
        text += "-------------------------------------------------------------------------------\n\n";
        int rows = 0;
        for (const Symbol& symbol : symbolsOf(samples, false)) {
            if (total <= 0 || 100 * symbol.self / total < 0.05 || ++rows > 30)
                break;
            text += fmt::format("{:>8.2f}%  {:<18} {}\n", 100 * symbol.self / total, symbol.object, symbolText(symbol));
        }
        inv.print(text + "\n");
        if (!inv.out().isTerminal() || std::find(words.begin(), words.end(), "--stdio") == words.end()) {
            const auto key = inv.out().isTerminal() ? inv.readKey(std::chrono::milliseconds(1)) : std::optional<std::string>("q");
            if (key && (*key == "q" || *key == "Q"))
                return 0;
        }
    }
}

} // namespace core::shell::profilers
