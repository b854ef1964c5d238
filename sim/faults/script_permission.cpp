#include "sim/faults/script_permission.h"

#include "sim/faults/requests.h"

#include <fmt/format.h>

// The deploy job put a new start script on both application servers and restarted the service. The script is right as a
// text; who may run it, and what it may touch, is not.
namespace sim::faults {

namespace {

constexpr const char* kServers[] = {"app-1", "app-2"};
constexpr const char* kUnit = "orders.service";
constexpr const char* kUser = "orders";
constexpr const char* kScript = "/opt/orders/bin/start.sh";
constexpr const char* kSecret = "/etc/orders/secret.env";

const Variants& scriptVariants()
{
    static const Variants kVariants{
        {"no-exec-bit", {"mode-lost", "owner-only"}},
        {"needs-root", {"run-directory", "kernel-parameter"}},
        {"file-access", {"secret-unreadable", "wrong-path"}},
        {"no-fault", {"first-start"}},
    };
    return kVariants;
}

/// The start script of the release, with the lines that only this variant has.
std::string scriptText(const std::string& more)
{
    return "#!/bin/sh\n# Starts the orders service. Settings: /etc/orders/orders.env\n# release 2.14\nset -eu\n. /etc/orders/orders.env\n" + more
        + "ulimit -n 65536\ncd /opt/orders\nexec /usr/bin/java $JAVA_OPTS -jar /opt/orders/orders.jar\n";
}

struct Release {
    std::string more;             ///< lines of the script
    std::uint32_t mode = 0755;
    std::string path = kScript;   ///< what the user may not touch
};

Release releaseOf(const Choice& choice)
{
    if (choice.is("mode-lost"))
        return {"", 0644};
    if (choice.is("owner-only"))
        return {"", 0744};
    if (choice.is("run-directory"))
        return {"mkdir -p /run/orders\necho $$ > /run/orders/orders.pid\n", 0755, "/run/orders"};
    if (choice.is("kernel-parameter"))
        return {"sysctl -w net.core.somaxconn=8192\n", 0755, "net.core.somaxconn"};
    if (choice.is("secret-unreadable"))
        return {fmt::format(". {}\n", kSecret), 0755, kSecret};
    if (choice.is("wrong-path"))
        return {"LOGDIR=/var/log/oders\necho starting > $LOGDIR/start.log\n", 0755, "/var/log/oders"};
    return {};
}

} // namespace

Result<nlohmann::json> injectScriptPermission(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, scriptVariants(), parameters);
    if (!choice)
        return choice.error();
    const Release release = releaseOf(*choice);
    kube::Context& parts = context.parts;
    for (const char* name : kServers) {
        const host::Machine* found = parts.hosts.find(name);
        if (found == nullptr || found->units.count(kUnit) == 0)
            return Error{"the topology has no such service", fmt::format("{} on {}", kUnit, name)};
        const HostId host = found->id;
        parts.hosts.makeDirectory(parts.engine, host, "/var/log/orders", true);
        parts.hosts.changeMode(host, "/var/log/orders", 0755, fmt::format("{0}:{0}", kUser));
        if (choice->is("secret-unreadable"))
            parts.hosts.writeFile(parts.engine, host, kSecret, "PAYMENT_KEY=pk_live_51f0\n", false, 0600);
        parts.hosts.writeFile(parts.engine, host, kScript, scriptText(release.more), false);
        parts.hosts.changeMode(host, kScript, release.mode, "");
        constexpr Duration kFirstStart = std::chrono::minutes(6); // the release builds its search index once
        if (choice->is("first-start"))
            parts.hosts.at(host).units.at(kUnit).startTime = kFirstStart;
        parts.hosts.restartUnit(parts.engine, parts.network, host, kUnit);
        if (choice->is("first-start"))
            parts.hosts.log(parts.engine, host, "java", kUnit, 0, 6, "orders 2.14: building the search index, about 6 min; port 8080 opens when it is done");
    }
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}, {"script", kScript}, {"path", release.path}};
}

} // namespace sim::faults
