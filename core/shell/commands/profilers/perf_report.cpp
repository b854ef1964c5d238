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
    std::vector<std::pair<std::vector<std::string>, double>> chains; ///< of names, in the order in which they are printed
};

/// Chains below 0.5 % of the whole are not drawn: callchain_param.min_percent.
constexpr double kChainShare = 0.005;

std::vector<std::string> namesOf(const PerfSample& sample, std::size_t from)
{
    std::vector<std::string> names;
    for (std::size_t i = from; i < sample.frames.size(); ++i)
        names.push_back(sample.frames[i].first);
    return names;
}

/// With `children` a symbol counts for what it calls too, and its chain goes down from it (its own samples: from the root);
/// without, only leaves count, and the chain goes up to the callers.
std::vector<Symbol> symbolsOf(const std::vector<PerfSample>& samples, bool children)
{
    std::map<std::tuple<std::string, std::string, std::string>, Symbol> symbols;
    for (const PerfSample& sample : samples) {
        std::vector<std::tuple<std::string, std::string, std::string>> seen;
        for (std::size_t i = sample.frames.size(); i-- > 0;) {
            const bool leaf = i + 1 == sample.frames.size();
            if (!leaf && !children)
                break;
            const auto key = std::tuple(sample.comm, sample.frames[i].second, sample.frames[i].first);
            Symbol& symbol = symbols[key];
            std::tie(symbol.comm, symbol.object, symbol.name) = key;
            if (leaf)
                symbol.self += sample.seconds;
            if (std::find(seen.begin(), seen.end(), key) != seen.end())
                continue;
            seen.push_back(key);
            symbol.children += sample.seconds;
            std::vector<std::string> chain = namesOf(sample, leaf ? 0 : i);
            if (!children)
                std::reverse(chain.begin(), chain.end());
            symbol.chains.emplace_back(std::move(chain), sample.seconds);
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

/// "857 ", "12K": a number with its unit or a blank, as perf counts samples.
std::string countText(std::int64_t count)
{
    return count > 1'000'000 ? fmt::format("{}M", count / 1'000'000) : count > 1000 ? fmt::format("{}K", count / 1000) : fmt::format("{} ", count);
}

/// Chains that begin alike share their first nodes; a node holds the names up to where they part.
struct ChainNode {
    std::vector<std::string> names;
    double seconds = 0;
    std::vector<ChainNode> below;
};

std::vector<ChainNode> chainTree(const std::vector<std::pair<std::vector<std::string>, double>>& chains, std::size_t depth)
{
    std::vector<ChainNode> nodes;
    std::vector<std::vector<std::pair<std::vector<std::string>, double>>> members;
    for (const auto& chain : chains) {
        if (depth >= chain.first.size())
            continue;
        std::size_t at = 0;
        while (at < nodes.size() && nodes[at].names.front() != chain.first[depth])
            ++at;
        if (at == nodes.size()) {
            nodes.push_back({{chain.first[depth]}, 0, {}});
            members.emplace_back();
        }
        nodes[at].seconds += chain.second;
        members[at].push_back(chain);
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::vector<ChainNode> below = chainTree(members[i], depth + 1);
        // One way on, and nobody stops here: the same node.
        if (below.size() == 1 && std::abs(below.front().seconds - nodes[i].seconds) < 1e-9) {
            nodes[i].names.insert(nodes[i].names.end(), below.front().names.begin(), below.front().names.end());
            nodes[i].below = std::move(below.front().below);
        } else {
            nodes[i].below = std::move(below);
        }
    }
    std::stable_sort(nodes.begin(), nodes.end(), [](const ChainNode& a, const ChainNode& b) { return a.seconds > b.seconds; });
    return nodes;
}

/// Branches with their shares. `left`: what stands before them on a line.
void drawBranches(std::string& text, std::vector<ChainNode> nodes, double total, const std::string& left)
{
    std::erase_if(nodes, [&](const ChainNode& node) { return node.seconds < total * kChainShare; });
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const bool last = i + 1 == nodes.size();
        text += left + "|          \n";
        const std::string bar = last ? " " : "|";
        for (std::size_t n = 0; n < nodes[i].names.size(); ++n)
            text += left + bar + (n == 0 ? fmt::format("--{:.2f}%--", 100 * nodes[i].seconds / total) : "          ") + nodes[i].names[n] + "\n";
        drawBranches(text, nodes[i].below, total, left + bar + "          ");
    }
}

/// The call graph below a line of the report: a single way without figures, then branches with theirs.
std::string chainsOf(const Symbol& symbol, double total)
{
    constexpr const char* kMargin = "            ";
    std::vector<ChainNode> nodes = chainTree(symbol.chains, 0);
    std::erase_if(nodes, [&](const ChainNode& node) { return node.seconds < total * kChainShare; });
    if (nodes.empty())
        return {};
    std::string text;
    const bool single = nodes.size() == 1 && std::abs(nodes.front().seconds - symbol.children) < 1e-9;
    if (!single) {
        drawBranches(text, nodes, total, kMargin);
        return text + "\n";
    }
    text = std::string(kMargin) + "|\n";
    for (std::size_t i = 0; i < nodes.front().names.size(); ++i)
        text += kMargin + std::string(i == 0 ? "---" : "   ") + nodes.front().names[i] + "\n";
    drawBranches(text, nodes.front().below, total, std::string(kMargin) + "   ");
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
    bool graphs = true; // "-g none" leaves the chains out
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        graphs = graphs && !(words[i] == "-g" && words[i + 1] == "none");
    double total = 0;
    for (const PerfSample& sample : recording->samples)
        total += sample.seconds;
    std::string text = "# To display the perf.data header info, please use --header/--header-only options.\n#\n#\n# Total Lost Samples: 0\n#\n";
    text += fmt::format("# Samples: {} of event 'cycles'\n# Event count (approx.): {:.0f}\n#\n", countText(recording->count()), total * kCyclesPerSecond);
    const std::vector<Symbol> symbols = symbolsOf(recording->samples, children);
    std::size_t comm = 7, object = 13, name = 6;
    for (const Symbol& symbol : symbols) {
        comm = std::max(comm, symbol.comm.size());
        object = std::max(object, symbol.object.size());
        name = std::max(name, symbolText(symbol).size());
    }
    text += fmt::format("# {}  {:<{}}  {:<{}}  {:<{}}\n", children ? "Children      Self" : "Overhead", "Command", comm, "Shared Object", object, "Symbol", name);
    text += fmt::format("# {}  {}  {}  {}\n#\n", children ? "........  ........" : "........", std::string(comm, '.'), std::string(object, '.'), std::string(name, '.'));
    for (const Symbol& symbol : symbols) {
        const double share = total > 0 ? 100 * (children ? symbol.children : symbol.self) / total : 0;
        if (share < 0.005)
            continue;
        text += children ? fmt::format("{:>9.2f}%  {:>7.2f}%", share, 100 * symbol.self / total) : fmt::format("{:>9.2f}%", share);
        text += fmt::format("  {:<{}}  {:<{}}  {}\n", symbol.comm, comm, symbol.object, object, symbolText(symbol));
        if (recording->graph && graphs)
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
            std::string text = fmt::format("{} {:>5} {:>12.6f}: {:>10.0f} cycles: ", sample.comm, sample.pid, at, kCyclesPerSecond / recording->hertz);
            const auto place = [](const auto& frame) {
                const std::uint64_t address = sim::programs::addressOf({frame.first, {}, 0});
                return fmt::format("{:>16x} {}+{:#x} ({})\n", address, frame.first, address % 0x3f0, frame.second == "libc.so.6" ? "/usr/lib/x86_64-linux-gnu/libc.so.6" : frame.second);
            };
            if (!recording->graph) { // one line each
                inv.print(text + (sample.frames.empty() ? "\n" : place(sample.frames.back())));
                continue;
            }
            text += "\n";
            for (auto frame = sample.frames.rbegin(); frame != sample.frames.rend(); ++frame)
                text += "\t" + place(*frame);
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
