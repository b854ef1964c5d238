// torchfrtrace of torch 2.10.
#include "core/shell/commands/nccl/fr_trace.h"
#include "core/shell/commands/nccl/perf_run.h"
#include "core/shell/numbers.h"
#include "core/shell/paths.h"
#include "sim/training/jobs/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace core::shell::nccl {

namespace {

using nlohmann::json;

/// The last line of Python's traceback.
int raised(Invocation& inv, const std::string& text)
{
    inv.err().write("Traceback (most recent call last):\n  File \"/usr/local/bin/torchfrtrace\", line 7, in <module>\n    sys.exit(main())\n" + text
                    + "\n");
    return 1;
}

/// The number that a file's name ends with.
std::optional<std::int64_t> rankIn(const std::string& name, const std::string& prefix)
{
    const std::size_t at = name.find(prefix);
    return at == std::string::npos ? std::nullopt : parseNumber(name.substr(at + prefix.size()));
}

/// The one prefix that all files of the folder have before a number.
std::optional<std::string> commonPrefix(const std::vector<DirectoryEntry>& files)
{
    std::set<std::string> found;
    for (const DirectoryEntry& file : files)
        if (const std::size_t digits = file.name.find_last_not_of("0123456789"); digits != std::string::npos && digits + 1 < file.name.size())
            found.insert(file.name.substr(0, digits + 1));
    return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
}

int frTrace(Invocation& inv)
{
    if (inv.operands.empty())
        return raised(inv, "AssertionError: Trace directory trace_dir is required");
    const std::string folder = inv.absolutePath(inv.operands.front());
    const auto files = inv.system().list(inv.place(), folder);
    if (!files)
        return raised(inv, fmt::format("AssertionError: folder {} does not exist", inv.operands.front()));
    const std::optional<std::string> prefix = inv.options.has("prefix") ? std::optional(inv.options.value("prefix")) : commonPrefix(*files);
    if (!prefix)
        return raised(
            inv,
            "ValueError: Unable to automatically determine the common prefix for the trace file names. Please specify --prefix argument manually");
    std::map<std::int64_t, json> dumps;
    for (const DirectoryEntry& file : *files)
        if (const auto rank = rankIn(file.name, *prefix)) {
            const ReadFile read = inv.system().readFile(inv.place(), joinPath(folder, file.name));
            auto dump = sim::training::unpickled(read.text);
            if (!dump || !dump->contains("entries") || !dump->contains("pg_config"))
                return raised(inv, "_pickle.UnpicklingError: invalid load key, '" + read.text.substr(0, 1) + "'.");
            dumps[*rank] = std::move(*dump);
        }
    if (dumps.empty())
        return raised(inv, fmt::format("AssertionError: no files loaded from {} with prefix {}", inv.operands.front(), *prefix));
    std::set<std::int64_t> selected;
    for (const std::string& word : inv.options.values("selected-ranks"))
        selected.insert(parseNumber(word).value_or(-1));
    const bool table = inv.options.has("just_print_entries");
    if (!selected.empty() && !table)
        return raised(inv, "AssertionError: Not support selecting ranks without printing entries");
    const FrReport report = table ? entriesTable(dumps, selected)
                                  : analysed(dumps, inv.options.has("allow-incomplete-ranks"),
                                             static_cast<std::size_t>(parseNumber(inv.options.value("mismatch_cap", "10")).value_or(10)));
    if (!report.assertion.empty())
        return raised(inv, "AssertionError: " + report.assertion);
    for (const std::string& line : report.lines)
        inv.err().write(line + "\n"); // the logger's stream
    return 0;
}

} // namespace

void addFrTrace(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "torchfrtrace";
    spec.summary = "PyTorch Flight recorder analyzing script.";
    spec.usage = "torchfrtrace [-p PREFIX] [-j] [--selected-ranks RANK] [--allow-incomplete-ranks] trace_dir";
    spec.options = {{0, "selected-ranks", "RANK", "a rank to show the trace of; may be given again"},
                    {0, "allow-incomplete-ranks", "", "analyse what there is although ranks have no dump"},
                    {'p', "prefix", "PREFIX", "what comes before the rank in the files' names"},
                    {'j', "just_print_entries", "", "print the entries of all ranks"},
                    {'v', "verbose", "", "say more"},
                    {0, "mismatch_cap", "N", "print so many mismatches at most (10)"}};
    spec.run = frTrace;
    spec.usageStatus = 2;
    table.add(std::move(spec));
}

} // namespace core::shell::nccl
