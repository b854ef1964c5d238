// slabtop of procps-ng 4.0.2.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::SlabFigures;

std::string slabScreen(Invocation& inv, char order, std::size_t lines)
{
    std::vector<SlabFigures> caches = sim::host::slabFigures(machineOf(inv));
    std::int64_t objects = 0, active = 0, slabs = 0, bytes = 0, activeBytes = 0, smallest = INT64_MAX, largest = 0;
    for (const SlabFigures& c : caches) {
        objects += c.objects;
        active += c.active;
        slabs += c.slabs();
        bytes += c.bytes();
        activeBytes += c.active * c.objectBytes;
        smallest = std::min(smallest, c.objectBytes);
        largest = std::max(largest, c.objectBytes);
    }
    const auto share = [](std::int64_t part, std::int64_t whole) { return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0; };
    const auto kb = [](std::int64_t b) { return static_cast<double>(b) / 1024; };
    std::string text = fmt::format(" Active / Total Objects (% used)    : {} / {} ({:.1f}%)\n Active / Total Slabs (% used)      : {} / {} ({:.1f}%)\n"
                                   " Active / Total Caches (% used)     : {} / {} ({:.1f}%)\n Active / Total Size (% used)       : {:.2f}K / {:.2f}K ({:.1f}%)\n"
                                   " Minimum / Average / Maximum Object : {:.2f}K / {:.2f}K / {:.2f}K\n\n",
                                   active, objects, share(active, objects), slabs, slabs, 100.0, caches.size(), caches.size(), 100.0, kb(activeBytes), kb(bytes),
                                   share(activeBytes, bytes), kb(caches.empty() ? 0 : smallest), kb(objects > 0 ? bytes / objects : 0), kb(largest));
    text += "  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME                   \n";
    std::stable_sort(caches.begin(), caches.end(), [&](const SlabFigures& a, const SlabFigures& b) {
        return order == 'c' ? a.bytes() > b.bytes() : order == 'a' ? a.active > b.active : order == 'n' ? a.name < b.name : a.objects > b.objects;
    });
    for (const SlabFigures& c : caches) {
        if (lines-- == 0)
            break;
        text += fmt::format("{:6} {:6} {:3}% {:7.2f}K {:6} {:8} {:9}K {:<23}\n", c.objects, c.active, c.objects > 0 ? 100 * c.active / c.objects : 0, kb(c.objectBytes),
                            c.slabs(), c.objectsPerSlab, c.bytes() / 1024, c.name);
    }
    return text;
}

int runSlabtop(Invocation& inv)
{
    if (inv.options.has("delay") && !parseSeconds(inv.options.value("delay")))
        return inv.fail(1, fmt::format("illegal delay: '{}'", inv.options.value("delay")));
    if (!isRoot(inv))
        return inv.fail(1, "Unable to create slabinfo structure: Permission denied");
    noteHost(inv);
    const char order = inv.options.value("sort", "o")[0];
    if (inv.options.has("once") || !inv.out().isTerminal()) {
        inv.print(slabScreen(inv, order, 1000));
        return 0;
    }
    inv.print("\033[?1049h");
    for (;;) {
        std::string lines = "\033[H";
        for (const char c : slabScreen(inv, order, static_cast<std::size_t>(std::max(4, inv.out().rows() - 8))))
            lines += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
        inv.print(lines + "\033[J");
        const auto key = inv.readKey(parseSeconds(inv.options.value("delay", "3")).value_or(std::chrono::seconds(3)));
        if (key == "q" || !alive(inv))
            break;
    }
    inv.print("\033[?1049l");
    return 0;
}

} // namespace

void addSlabtop(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "slabtop";
    spec.summary = "display kernel slab cache information in real time";
    spec.usage = "slabtop [options]";
    spec.options = {{'o', "once", "", "only display once, then exit"}, {'s', "sort", "char", "specify sort criteria by character"}, {'d', "delay", "secs", "delay updates"}};
    spec.run = runSlabtop;
    table.add(std::move(spec));
}

} // namespace core::shell::node
