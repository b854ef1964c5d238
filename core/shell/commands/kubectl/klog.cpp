#include "core/shell/commands/kubectl/klog.h"

#include "sim/host/start_checks.h"

namespace core::shell::kubectl {

std::string klogLine(const Call& call, char severity, const char* source, std::string_view text)
{
    // Commands of the shell have no process of their own.
    constexpr std::int64_t kDaySeconds = 86'400;
    const sim::host::Pid pid = 1000 + sim::unixSeconds(call.inv.now()) % kDaySeconds % 30'000;
    return sim::host::klogHeader(severity, call.inv.now(), pid, source).append(text) + "\n";
}

} // namespace core::shell::kubectl
