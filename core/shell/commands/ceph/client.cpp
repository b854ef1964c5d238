#include "core/shell/commands/ceph/client.h"

#include "core/shell/commands/linux/here.h"
#include "core/shell/numbers.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>

namespace core::shell::cephtool {

namespace {

/// The Python client starts, and asks a monitor on the same leaf.
constexpr sim::Duration kAsking = std::chrono::milliseconds(320);

const char* errnoName(int error)
{
    switch (error) {
    case 1: return "EPERM";
    case 2: return "ENOENT";
    case 11: return "EAGAIN";
    case 16: return "EBUSY";
    case 22: return "EINVAL";
    default: return "EIO";
    }
}

} // namespace

const ceph::Cluster& clusterOf(Invocation& inv) { return inv.door().world().ceph(); }

std::optional<int> connect(Invocation& inv, sim::Duration patience)
{
    if (inv.system().readFile(inv.place(), "/etc/ceph/ceph.conf").error != Errno::None || !clusterOf(inv).exists()) {
        inv.err().write("Error initializing cluster client: ObjectNotFound('RADOS object not found (error calling conf_read_file)')\n");
        return 1;
    }
    const auto head = [&] { return ceph::logTimeText(inv.now()) + " 7f8a5e7fc6c0 "; };
    if (const Errno error = inv.system().readFile(inv.place(), "/etc/ceph/ceph.client.admin.keyring").error; error != Errno::None) {
        const bool denied = error == Errno::AccessDenied;
        inv.err().write(head() + fmt::format("-1 auth: unable to find a keyring on /etc/ceph/ceph.client.admin.keyring,/etc/ceph/ceph.keyring,/etc/ceph/keyring,/etc/ceph/keyring.bin: ({}) {}\n",
                                             denied ? 13 : 2, denied ? "Permission denied" : "No such file or directory"));
        inv.err().write(head() + "-1 monclient: keyring not found\n[errno 13] RADOS permission denied (error connecting to the cluster)\n");
        return 1;
    }
    inv.sleep(kAsking);
    const sim::Instant began = inv.now();
    while (!clusterOf(inv).answers(inv.door().world().cephHostsReached(node::stackIdOf(inv)))) {
        if (inv.now() - began >= patience) {
            inv.noteRead("ceph/*"); // that nobody answers is seen, too
            inv.err().write(head() + fmt::format(" 0 monclient(hunting): authenticate timed out after {}\n{}",
                                                 patience / std::chrono::seconds(1), kNoAnswer));
            return 1;
        }
        inv.sleep(std::chrono::seconds(1));
    }
    return std::nullopt;
}

int fail(Invocation& inv, int error, const std::string& text)
{
    inv.err().write(fmt::format("Error {}: {}\n", errnoName(error), text));
    return error;
}

int print(Invocation& inv, const Shown& shown, const std::string& format)
{
    inv.noteRead("ceph/*");
    if (shown.error != 0)
        return fail(inv, shown.error, shown.note);
    if (format == "json")
        inv.print("\n" + shown.json.dump() + "\n"); // the client puts a line break before it
    else if (format == "json-pretty")
        inv.print("\n" + shown.json.dump(4) + "\n");
    else
        inv.print(shown.text);
    if (!shown.note.empty())
        inv.err().write(shown.note + "\n");
    return 0;
}

int administer(Invocation& inv, const ceph::Change& change)
{
    sim::command::CephCall call;
    call.change = change;
    const sim::CommandResult result = inv.door().apply(sim::Command{call});
    if (!result.ok)
        return fail(inv, static_cast<int>(result.id), result.text);
    if (!result.text.empty())
        inv.err().write(result.text + "\n");
    return 0;
}

std::optional<std::int32_t> osdNamed(const std::string& word)
{
    const auto number = parseNumber(word.starts_with("osd.") ? word.substr(4) : word);
    return number && *number >= 0 ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

} // namespace core::shell::cephtool
