#include "sim/faults/mtu_blackhole.h"

#include "sim/faults/requests.h"
#include "sim/faults/service.h"
#include "sim/faults/site.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

// A sender learns what fits through a path from the machine where something did not: ICMP's "fragmentation needed"
// (RFC 1191). Where nobody tells it, large packets vanish and small ones pass. Here the message is filtered out, or the
// narrow place is one that tells nothing: a line that carries less than the router before it believes, a switch.
namespace sim::faults {

namespace {

constexpr const char* kLineCard = "eth2"; ///< towards the customers
constexpr const char* kCarrier = "carrier-1";
constexpr const char* kCarrierCard = "eth0"; ///< its end of the same line
constexpr const char* kFrontProxy = "lb-1";
constexpr const char* kShopDatabase = "db-1";
constexpr const char* kNotices = "/home/ops/runbooks/line.md";
constexpr const char* kSavedRules = "/etc/iptables/rules.v4";
/// What is left of an Ethernet frame in the carrier's own tunnel.
constexpr std::int64_t kNarrow = 1400;
constexpr std::int64_t kJumbo = 9000;
/// Of the works that the carrier announces.
constexpr std::int64_t kWorksMinutes = 15;

const Variants& blackholeVariants()
{
    static const Variants kVariants{
        {"icmp-filtered", {"router-output", "server-input"}},
        {"line-mtu", {"carrier-ingress", "clamp-lost"}},
        {"jumbo-mismatch", {"database", "proxy"}},
        {"no-fault", {"standby-line"}},
    };
    return kVariants;
}

class NarrowSite : public Site {
public:
    explicit NarrowSite(Context& context) : Site(context), m_context(context) { }

    void setMtu(const char* name, const char* card, std::int64_t mtu)
    {
        if (net::Interface* interface = stack(name).interface(card))
            interface->mtu = mtu;
    }
    void dropIcmp(const char* name, const char* chain, const char* types, const char* comment)
    {
        net::FirewallRule drop;
        drop.protocol = net::Protocol::Icmp;
        drop.match = types;
        drop.target = "DROP";
        drop.comment = comment;
        stack(name).filter[chain].rules.push_back(std::move(drop));
    }
    void allowEcho(const char* name, const char* chain)
    {
        net::FirewallRule echo;
        echo.protocol = net::Protocol::Icmp;
        echo.target = "ACCEPT";
        for (const char* type : {"icmp-type 8", "icmp-type 0"}) {
            echo.match = type;
            stack(name).filter[chain].rules.push_back(echo);
        }
    }
    void write(const char* name, const char* path, const std::string& text) { putText(m_context, machine(name).id, path, text); }
    void announce(const std::string& text) { append("bastion", kNotices, text); }

private:
    Context& m_context;
};

/// The rules as the last people who knew the line had saved them.
std::string savedRules()
{
    return fmt::format("# Kept by hand; load with iptables-restore.\n*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
                       ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -m comment --comment "
                       "\"line carries {}\" -j TCPMSS --set-mss {}\nCOMMIT\n",
                       kNarrow, kNarrow - 40);
}

/// "2026-03-02", so many days before today.
std::string dayBefore(Instant now, int days) { return kube::rfc3339(now - 24h * days).substr(0, 10); }

/// "09:20", so many minutes after now, down to whole ones.
std::string timeAfter(Instant now, std::int64_t minutes) { return kube::rfc3339(now + std::chrono::minutes(minutes)).substr(11, 5); }

void filterMessages(NarrowSite& site, const Choice& choice, nlohmann::json& chosen, Instant now)
{
    site.setMtu(kSiteRouter, kLineCard, kNarrow);
    site.setMtu(kCarrier, kCarrierCard, kNarrow);
    site.announce(fmt::format("\n{}: the carrier has moved the line into its own tunnel for good. It carries IP packets of up to {} bytes. "
                              "eth2 of gw-1 is set to that; senders learn of it by ICMP.\n", dayBefore(now, 34), kNarrow));
    if (choice.is("router-output")) {
        site.dropIcmp(kSiteRouter, "OUTPUT", "icmp-type 3", "scan report: tell scanners nothing");
        chosen["machine"] = kSiteRouter;
    } else {
        site.allowEcho(kFrontProxy, "INPUT");
        site.dropIcmp(kFrontProxy, "INPUT", "", "scan report: ping only");
        chosen["machine"] = kFrontProxy;
    }
    chosen["mtu"] = std::to_string(kNarrow);
}

void narrowLine(NarrowSite& site, const Choice& choice, nlohmann::json& chosen, Instant now)
{
    site.setMtu(kCarrier, kCarrierCard, kNarrow);
    chosen["machine"] = kSiteRouter;
    chosen["mtu"] = std::to_string(kNarrow);
    if (choice.is("carrier-ingress")) {
        site.announce(fmt::format("\n{}, from the carrier: from {} {} UTC on your line runs in our new tunnel, for good. It carries IP packets of up to {} "
                                  "bytes; larger ones are discarded at our end. Please set your equipment accordingly.\n",
                                  dayBefore(now, 12), dayBefore(now, 0), timeAfter(now, 0), kNarrow));
        return;
    }
    site.announce(fmt::format("\n{}: the carrier's new tunnel carries IP packets of up to {} bytes and discards larger ones. gw-1 therefore lowers the "
                              "MSS of all connections to {} while they open (iptables, table mangle); the rule is kept in {} there.\n",
                              dayBefore(now, 34), kNarrow, kNarrow - 40, kSavedRules));
    site.write(kSiteRouter, kSavedRules, savedRules());
}

void raiseFrames(NarrowSite& site, const Choice& choice, nlohmann::json& chosen)
{
    for (const char* app : kOrderServers)
        site.setMtu(app, "eth0", kJumbo);
    const char* other = choice.is("database") ? kShopDatabase : kFrontProxy;
    site.setMtu(other, "eth0", kJumbo);
    chosen["machine"] = other;
    chosen["mtu"] = "1500"; // of the switches
}

} // namespace

Result<nlohmann::json> injectMtuBlackhole(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, blackholeVariants(), parameters);
    if (!choice)
        return choice.error();
    NarrowSite site(context);
    for (const char* name : {kSiteRouter, kCarrier, kFrontProxy, kShopDatabase, kOrderServers[0], kOrderServers[1], "bastion"})
        if (!site.has(name))
            return Error{"the topology has no such machine", name};
    const Instant now = context.parts.engine.now();
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}};
    if (choice->cause == "icmp-filtered") {
        filterMessages(site, *choice, chosen, now);
    } else if (choice->cause == "line-mtu") {
        narrowLine(site, *choice, chosen, now);
    } else if (choice->cause == "jumbo-mismatch") {
        raiseFrames(site, *choice, chosen);
    } else {
        site.setMtu(kCarrier, kCarrierCard, kNarrow);
        site.announce(fmt::format("\n{}, from the carrier: today from {} to {} UTC we work on your line, and it runs over our standby. That carries IP "
                                  "packets of up to {} bytes; larger ones are discarded. Afterwards all is as before; nothing need be changed at your end.\n",
                                  dayBefore(now, 5), timeAfter(now, -6), timeAfter(now, kWorksMinutes - 6), kNarrow));
    }
    site.done();
    return chosen;
}

void proceedMtuBlackhole(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("variant", std::string{}) != "standby-line")
        return;
    NarrowSite site(context);
    if (site.has(kCarrier))
        site.setMtu(kCarrier, kCarrierCard, 1500);
    site.done();
}

} // namespace sim::faults
