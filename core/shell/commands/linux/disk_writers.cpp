// dd of coreutils 9.1, fallocate of util-linux 2.38.1: files whose content nobody keeps.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

/// Sequential writes through the page cache to the lab's NVMe disks.
constexpr double kWriteBytesPerSecond = 1.4e9;

/// What the filesystem could take at the path.
std::int64_t roomAt(Invocation& inv, const std::string& path)
{
    const sim::host::Machine& machine = machineOf(inv);
    const auto& mount = machine.mountOf(path);
    const auto old = inv.system().stat(inv.place(), path);
    const std::int64_t freed = old && old->type == FileStat::Type::Regular ? (old->size + 4095) / 4096 * 4096
                                                                           : 0;
    return mount.sizeBytes > 0 ? std::max<std::int64_t>(0, mount.sizeBytes - machine.usedBytes(mount) + freed)
                               : INT64_MAX;
}

/// errno's text; empty on success.
std::string writeSized(Invocation& inv, const std::string& path, std::int64_t size)
{
    if (!isRoot(inv)) { // the shell's own check, by a write of nothing
        const Errno error = inv.system().writeFile(inv.place(), path, "", true);
        if (error != Errno::None)
            return std::string(describe(error));
    }
    const auto result = inv.door().apply(sim::Command{
        sim::command::WriteFile{inv.place().host, inv.place().container, path, "", false, 0644, size}});
    return result.ok ? std::string() : result.error;
}

std::string decimalSize(double bytes)
{
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < std::size(kUnits)) {
        bytes /= 1000;
        ++unit;
    }
    return bytes < 10 ? fmt::format("{:.1f} {}", bytes, kUnits[unit])
                      : fmt::format("{:.0f} {}", bytes, kUnits[unit]);
}

std::string binarySize(double bytes)
{
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
        bytes /= 1024;
        ++unit;
    }
    return bytes < 10 ? fmt::format("{:.1f} {}", bytes, kUnits[unit])
                      : fmt::format("{:.0f} {}", bytes, kUnits[unit]);
}

int dd(Invocation& inv)
{
    std::map<std::string, std::string> given;
    for (const std::string& word : inv.arguments) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            inv.fail(1, fmt::format("unrecognized operand \u2018{}\u2019", word));
            inv.err().write("Try 'dd --help' for more information.\n");
            return 1;
        }
        given[word.substr(0, equals)] = word.substr(equals + 1);
    }
    const std::int64_t block = parseBytes(given.count("bs") ? given["bs"] : "512").value_or(0);
    if (block <= 0)
        return inv.fail(1, fmt::format("invalid number: \u2018{}\u2019", given["bs"]));
    std::optional<std::int64_t> count;
    if (given.count("count")) {
        count = parseBytes(given["count"]);
        if (!count)
            return inv.fail(1, fmt::format("invalid number: \u2018{}\u2019", given["count"]));
    }
    const std::string source = given.count("if") ? given["if"] : "";
    const bool endless = source == "/dev/zero" || source == "/dev/urandom" || source == "/dev/random";
    std::string text;
    std::int64_t bytes = 0;
    if (endless) {
        bytes = count ? *count * block : INT64_MAX / 4;
    } else if (source.empty()) {
        text = inv.in().readAll();
        bytes = static_cast<std::int64_t>(text.size());
    } else if (source == "/dev/null") {
        bytes = 0;
    } else {
        const std::string path = inv.absolutePath(source);
        const auto stat = inv.system().stat(inv.place(), path);
        if (!stat)
            return inv.fail(1, fmt::format("failed to open '{}': No such file or directory", source));
        text = inv.system().readFile(inv.place(), path).text;
        bytes = stat->size;
    }
    if (count && !endless)
        bytes = std::min(bytes, *count * block);
    const std::string target = given.count("of") ? given["of"] : "";
    std::string problem;
    if (target.empty()) {
        inv.print(text.substr(
            0,
            static_cast<std::size_t>(std::min<std::int64_t>(bytes, static_cast<std::int64_t>(text.size())))));
        if (endless)
            bytes = 0;
    } else if (target != "/dev/null") {
        const std::string path = inv.absolutePath(target);
        const std::int64_t room = roomAt(inv, path);
        const std::int64_t written = std::min(bytes, room);
        inv.sleep(sim::fromSeconds(std::min(3600.0, static_cast<double>(written) / kWriteBytesPerSecond)));
        if (bytes > room) {
            problem = "No space left on device";
            bytes = room / 4096 * 4096;
        }
        const bool small = !text.empty() && static_cast<std::int64_t>(text.size()) == bytes;
        std::string error;
        if (small)
            error = std::string(inv.system().writeFile(inv.place(), path, text, false) == Errno::None
                                    ? ""
                                    : "Permission denied");
        else
            error = writeSized(inv, path, bytes);
        if (!error.empty() && problem.empty())
            return inv.fail(1, fmt::format("failed to open '{}': {}", target, error));
    } else {
        inv.sleep(sim::fromSeconds(
            std::min(3600.0, static_cast<double>(std::min<std::int64_t>(bytes, 1LL << 42)) / 8e9)));
    }
    const double seconds = std::max(0.0001, static_cast<double>(bytes) / kWriteBytesPerSecond);
    if (!problem.empty())
        inv.fail(1, fmt::format("error writing '{}': {}", target, problem));
    if (!given.count("status") || given["status"] != "none") {
        const std::int64_t whole = bytes / block, part = bytes % block != 0 ? 1 : 0;
        inv.err().write(fmt::format("{}+{} records in\n{}+{} records out\n",
                                    whole + (problem.empty() ? 0 : 1), problem.empty() ? part : 0, whole,
                                    part));
        std::string sizes = fmt::format("{} bytes", bytes);
        if (bytes >= 1000)
            sizes += " (" + decimalSize(static_cast<double>(bytes))
                + (bytes >= 1024 ? ", " + binarySize(static_cast<double>(bytes)) : "") + ")";
        inv.err().write(fmt::format("{} copied, {:.6g} s, {}/s\n", sizes, seconds,
                                    decimalSize(static_cast<double>(bytes) / seconds)));
    }
    return problem.empty() ? 0 : 1;
}

int fallocate(Invocation& inv)
{
    if (inv.operands.empty())
        return inv.fail(1, "no filename specified");
    const auto size = parseBytes(inv.options.value("length"));
    if (!size || *size <= 0)
        return inv.fail(
            1, inv.options.has("length") ? "invalid length value specified" : "no length argument specified");
    const std::string path = inv.absolutePath(inv.operands[0]);
    const std::string error = *size > roomAt(inv, path) ? "No space left on device"
                                                        : writeSized(inv, path, *size);
    if (error.empty())
        return 0;
    return inv.fail(1,
                    error == "No space left on device"
                        ? "fallocate failed: " + error
                        : fmt::format("cannot open {}: {}", inv.operands[0], error));
}

} // namespace

void addDiskWriters(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "dd";
    spec.summary = "convert and copy a file";
    spec.usage = "dd [OPERAND]...";
    spec.parseOptions = false;
    spec.run = dd;
    table.add(spec);
    spec = {};
    spec.name = "fallocate";
    spec.summary = "preallocate or deallocate space to a file";
    spec.usage = "fallocate -l length filename";
    spec.options = {{'l', "length", "num", "length for range operations, in bytes"},
                    {'x', "posix", "", "use posix_fallocate"}};
    spec.run = fallocate;
    table.add(spec);
}

} // namespace core::shell::node
