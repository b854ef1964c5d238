// valgrind 3.19 (Memcheck): runs a native program of the catalogue for a while and reports what it never freed.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"
#include "sim/programs/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

/// Memcheck runs a program some thirty times slower; the lab stops it after this long of its own time.
constexpr double kSlowdown = 30;
constexpr double kProgramSeconds = 2;

struct Loss {
    double bytes = 0, blocks = 0;
    sim::programs::Stack stack;
};

struct Memcheck {
    sim::host::Pid pid = 0;
    std::string text;
    void line(const std::string& what) { text += fmt::format("=={}== {}\n", pid, what); }

    void lossRecord(const Loss& loss, std::size_t number, std::size_t of, const std::string& object)
    {
        line(fmt::format("{} bytes in {} blocks are definitely lost in loss record {} of {}", grouped(loss.bytes), grouped(loss.blocks), number, of));
        line(fmt::format("   at 0x{:X}: malloc (in /usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so)", 0x48417B4));
        for (auto frame = loss.stack.rbegin(); frame != loss.stack.rend(); ++frame) {
            const std::string file = frame->file.substr(frame->file.rfind('/') + 1);
            line(fmt::format("   by 0x{:X}: {} ({})", sim::programs::addressOf(*frame), frame->function,
                             file.empty() ? "in " + (frame->function.find("thread") != std::string::npos || frame->function == "clone3" ? std::string("/usr/lib/x86_64-linux-gnu/libc.so.6") : object)
                                          : fmt::format("{}:{}", file, frame->line)));
        }
        line("");
    }
};

int valgrind(Invocation& inv)
{
    const auto& words = inv.arguments;
    std::size_t first = 0;
    bool full = false;
    while (first < words.size() && !words[first].empty() && words[first][0] == '-') {
        full = full || words[first] == "--leak-check=full" || words[first] == "--leak-check=yes";
        if (words[first] == "--version") {
            inv.print("valgrind-3.19.0\n");
            return 0;
        }
        if (words[first].rfind("--tool=", 0) == 0 && words[first] != "--tool=memcheck") {
            inv.err().write(fmt::format("valgrind: failed to start tool '{}' for platform 'amd64-linux': No such file or directory\n", words[first].substr(7)));
            return 1;
        }
        ++first;
    }
    if (first >= words.size()) {
        inv.err().write("valgrind: no program specified\nvalgrind: Use --help for more information.\n");
        return 1;
    }
    const std::string path = inv.absolutePath(words[first]);
    if (!inv.system().stat(inv.place(), path)) {
        inv.err().write(fmt::format("valgrind: {}: command not found\n", words[first]));
        return 127;
    }
    node::noteHost(inv);
    const sim::host::Machine& machine = node::machineOf(inv);
    const auto started = sim::programs::startedBy(inv.door().world().programs().catalogue(), machine, {path});
    Memcheck report{machine.nextPid, {}};
    report.line("Memcheck, a memory error detector");
    report.line("Copyright (C) 2002-2022, and GNU GPL'd, by Julian Seward et al.");
    report.line("Using Valgrind-3.19.0 and LibVEX; rerun with -h for copyright info");
    std::string command;
    for (std::size_t i = first; i < words.size(); ++i)
        command += (command.empty() ? "" : " ") + words[i];
    report.line("Command: " + command);
    report.line("");
    inv.err().write(report.text);
    report.text.clear();
    if (!started || started->code->language != sim::programs::Language::Native) {
        inv.err().write(fmt::format("valgrind: the lab has no native program {} to run\n", words[first]));
        return 1;
    }
    sim::host::Process process;
    auto running = sim::programs::startOf(started->code, started->version, started->files, sim::programs::settingsOf(*started->code, machine, process), inv.now());
    inv.sleep(sim::fromSeconds(kProgramSeconds * kSlowdown));
    sim::programs::plan(running);
    sim::programs::grant(running, static_cast<double>(running.settings.processors));
    running.advance(running.settled + sim::fromSeconds(kProgramSeconds));
    std::vector<Loss> losses;
    double allocatedBlocks = running.code->baseHeapObjects, allocatedBytes = running.code->baseHeapBytes, freed = 0, lost = 0, lostBlocks = 0;
    for (std::size_t i = 0; i < running.paths.size(); ++i)
        for (std::size_t k = 0; k < running.code->paths[i].allocations.size(); ++k) {
            const auto& site = running.sites[running.siteOf(i) + k];
            allocatedBlocks += std::floor(site.objects);
            allocatedBytes += std::floor(site.bytes);
            freed += std::floor(site.objects) - std::floor(site.retainedObjects);
            if (site.retainedObjects < 1)
                continue;
            losses.push_back({std::floor(site.retainedBytes), std::floor(site.retainedObjects), running.code->paths[i].stack});
            lost += losses.back().bytes;
            lostBlocks += losses.back().blocks;
        }
    report.line("");
    report.line("HEAP SUMMARY:");
    report.line(fmt::format("    in use at exit: {} bytes in {} blocks", grouped(running.code->baseHeapBytes + lost), grouped(running.code->baseHeapObjects + lostBlocks)));
    report.line(fmt::format("  total heap usage: {} allocs, {} frees, {} bytes allocated", grouped(allocatedBlocks), grouped(freed), grouped(allocatedBytes)));
    report.line("");
    const std::size_t records = losses.size() + running.code->baseHeap.size();
    if (full)
        for (std::size_t i = 0; i < losses.size(); ++i)
            report.lossRecord(losses[i], running.code->baseHeap.size() + i + 1, records, path);
    report.line("LEAK SUMMARY:");
    report.line(fmt::format("   definitely lost: {} bytes in {} blocks", grouped(lost), grouped(lostBlocks)));
    report.line("   indirectly lost: 0 bytes in 0 blocks");
    report.line("     possibly lost: 0 bytes in 0 blocks");
    report.line(fmt::format("   still reachable: {} bytes in {} blocks", grouped(running.code->baseHeapBytes), grouped(running.code->baseHeapObjects)));
    report.line("        suppressed: 0 bytes in 0 blocks");
    if (full) {
        report.line("Reachable blocks (those to which a pointer was found) are not shown.");
        report.line("To see them, rerun with: --leak-check=full --show-leak-kinds=all");
    } else {
        report.line("Rerun with --leak-check=full to see details of leaked memory");
    }
    report.line("");
    report.line("For lists of detected and suppressed errors, rerun with: -s");
    const std::size_t errors = full ? losses.size() : 0;
    report.line(fmt::format("ERROR SUMMARY: {} errors from {} contexts (suppressed: 0 from 0)", errors, errors));
    inv.err().write(report.text);
    return 0;
}

} // namespace

void addValgrind(CommandTable& table)
{
    table.addRaw("valgrind", "a suite of tools for debugging and profiling programs", "valgrind [valgrind-options] your-program [your-program-options]", valgrind);
}

} // namespace core::shell::profilers
