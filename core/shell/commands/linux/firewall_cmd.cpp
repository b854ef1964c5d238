// firewall-cmd of firewalld 1.3.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/net/firewalld.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

using sim::net::Firewalld;
using sim::net::FirewalldEdit;
using sim::net::FirewallZone;
using What = FirewalldEdit::What;

// firewall/errors.py
constexpr int kNotRunning = 252;
const std::map<std::string, int>& errorCodes()
{
    static const std::map<std::string, int> codes{{"ALREADY_ENABLED", 11}, {"NOT_ENABLED", 12},   {"ZONE_ALREADY_SET", 16}, {"ZONE_CONFLICT", 20},
                                                  {"INVALID_ACTION", 100}, {"INVALID_SERVICE", 101}, {"INVALID_PORT", 102},  {"INVALID_PROTOCOL", 103},
                                                  {"INVALID_ADDR", 105},   {"INVALID_ZONE", 112},    {"INVALID_RULE", 122}, {"NOT_RUNNING", 252}};
    return codes;
}

template <class Names>
std::string joinNames(const Names& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

std::string zoneText(const std::string& name, const FirewallZone& zone, const Firewalld& daemon, bool permanent)
{
    const bool active = !permanent && (!zone.interfaces.empty() || !zone.sources.empty());
    std::string text = name + (active ? " (active)\n" : "\n");
    text += fmt::format("  target: {}\n  icmp-block-inversion: no\n  interfaces: {}\n  sources: {}\n  services: {}\n  ports: {}\n  protocols: \n"
                        "  forward: yes\n  masquerade: {}\n  forward-ports: \n  source-ports: \n  icmp-blocks: \n  rich rules: \n",
                        zone.target, joinNames(zone.interfaces), joinNames(zone.sources), joinNames(zone.services), joinNames(zone.ports),
                        zone.masquerade ? "yes" : "no");
    for (const std::string& rule : zone.richRules)
        text += "\t" + rule + "\n";
    (void)daemon;
    return text;
}

struct FirewallCmdRequest {
    std::string zone;
    bool permanent = false;
    bool quiet = false;
    std::vector<FirewalldEdit> edits;
    std::string query; ///< the option that asks, with its value behind "="
};

/// firewalld writes rich rules in its own order of quotes: family="ipv4".
std::string canonicalRich(std::string rule)
{
    std::replace(rule.begin(), rule.end(), '\'', '"');
    std::string text;
    for (const std::string& word : splitWords(rule)) {
        const std::size_t equals = word.find('=');
        const bool bare = equals != std::string::npos && equals + 1 < word.size() && word[equals + 1] != '"';
        text += (text.empty() ? "" : " ") + (bare ? word.substr(0, equals + 1) + '"' + word.substr(equals + 1) + '"' : word);
    }
    return text;
}

std::optional<FirewalldEdit> editNamed(const std::string& option, const std::string& value)
{
    static const std::map<std::string, What> kThings{{"service", What::Service}, {"port", What::Port},           {"interface", What::Interface},
                                                     {"source", What::Source},   {"rich-rule", What::RichRule}, {"masquerade", What::Masquerade}};
    FirewalldEdit edit;
    edit.value = value;
    if (option == "runtime-to-permanent") {
        edit.what = What::RuntimeToPermanent;
        return edit;
    }
    if (option == "set-default-zone" || option == "set-target") {
        edit.what = option == "set-target" ? What::Target : What::DefaultZone;
        return edit;
    }
    const bool add = option.rfind("add-", 0) == 0;
    const bool remove = option.rfind("remove-", 0) == 0;
    if (!add && !remove && option != "change-interface")
        return std::nullopt;
    const auto thing = kThings.find(add ? option.substr(4) : remove ? option.substr(7) : "interface");
    if (thing == kThings.end())
        return std::nullopt;
    edit.what = thing->second;
    edit.add = !remove;
    if (edit.what == What::RichRule)
        edit.value = canonicalRich(value);
    return edit;
}

int answerQuery(Invocation& inv, const FirewallCmdRequest& q)
{
    const Firewalld& daemon = stackOf(inv).firewalld;
    const auto& zones = q.permanent ? daemon.permanent : daemon.runtime;
    const std::string name = q.zone.empty() ? daemon.defaultZone : q.zone;
    const std::string option = q.query.substr(0, q.query.find('='));
    const std::string value = q.query.find('=') == std::string::npos ? std::string() : q.query.substr(q.query.find('=') + 1);
    if (option == "get-default-zone")
        inv.print(daemon.defaultZone + "\n");
    else if (option == "get-zones") {
        std::vector<std::string> names;
        for (const auto& [zone, settings] : zones)
            names.push_back(zone);
        inv.print(joinNames(names) + "\n");
    } else if (option == "get-services")
        inv.print(joinNames(sim::net::firewalldServices()) + "\n");
    else if (option == "get-active-zones") {
        for (const auto& [zone, settings] : daemon.runtime) {
            if (settings.interfaces.empty() && settings.sources.empty())
                continue;
            inv.print(zone + "\n");
            if (!settings.interfaces.empty())
                inv.print("  interfaces: " + joinNames(settings.interfaces) + "\n");
            if (!settings.sources.empty())
                inv.print("  sources: " + joinNames(settings.sources) + "\n");
        }
    } else if (option == "list-all-zones") {
        for (const auto& [zone, settings] : zones)
            inv.print(zoneText(zone, settings, daemon, q.permanent) + "\n");
    } else {
        const auto zone = zones.find(name);
        if (zone == zones.end()) {
            inv.err().write("Error: INVALID_ZONE: " + name + "\n");
            return errorCodes().at("INVALID_ZONE");
        }
        const FirewallZone& z = zone->second;
        if (option == "list-all")
            inv.print(zoneText(name, z, daemon, q.permanent));
        else if (option == "list-ports")
            inv.print(joinNames(z.ports) + "\n");
        else if (option == "list-services")
            inv.print(joinNames(z.services) + "\n");
        else if (option == "list-interfaces")
            inv.print(joinNames(z.interfaces) + "\n");
        else if (option == "list-sources")
            inv.print(joinNames(z.sources) + "\n");
        else if (option == "list-rich-rules")
            for (const std::string& rule : z.richRules)
                inv.print(rule + "\n");
        else {
            const bool yes = option == "query-port" ? z.ports.count(value) > 0
                : option == "query-service"         ? z.services.count(value) > 0
                : option == "query-interface"       ? z.interfaces.count(value) > 0
                : option == "query-source"          ? z.sources.count(value) > 0
                : option == "query-masquerade"      ? z.masquerade
                                                    : std::find(z.richRules.begin(), z.richRules.end(), canonicalRich(value)) != z.richRules.end();
            inv.print(yes ? "yes\n" : "no\n");
            return yes ? 0 : 1;
        }
    }
    return 0;
}

int runFirewallCmd(Invocation& inv)
{
    static constexpr const char* kQueries[] = {"list-all",        "list-ports",    "list-services",   "list-interfaces", "list-sources",
                                               "list-rich-rules", "list-all-zones", "get-default-zone", "get-zones",       "get-services",
                                               "get-active-zones", "query-port",   "query-service",   "query-interface", "query-source",
                                               "query-masquerade", "query-rich-rule"};
    FirewallCmdRequest q;
    bool reload = false, state = false;
    const auto& w = inv.arguments;
    for (std::size_t i = 0; i < w.size(); ++i) {
        if (w[i].rfind("--", 0) != 0) {
            if (w[i] == "-q") {
                q.quiet = true;
                continue;
            }
            inv.err().write(fmt::format("usage: see firewall-cmd man page\nfirewall-cmd: error: unrecognized arguments: {}\n", w[i]));
            return 2;
        }
        std::string option = w[i].substr(2), value;
        const std::size_t equals = option.find('=');
        const bool attached = equals != std::string::npos;
        if (attached) {
            value = option.substr(equals + 1);
            option.erase(equals);
        }
        const auto take = [&] {
            if (!attached && i + 1 < w.size() && w[i + 1].rfind("--", 0) != 0)
                value = w[++i];
        };
        if (option == "zone") {
            take();
            q.zone = value;
        } else if (option == "permanent")
            q.permanent = true;
        else if (option == "quiet")
            q.quiet = true;
        else if (option == "reload" || option == "complete-reload")
            reload = true;
        else if (option == "state")
            state = true;
        else if (option == "timeout")
            take();
        else if (std::any_of(std::begin(kQueries), std::end(kQueries), [&](const char* known) { return option == known; })) {
            if (option.rfind("query-", 0) == 0)
                take();
            q.query = value.empty() ? option : option + "=" + value;
        } else {
            take();
            const auto edit = editNamed(option, value);
            if (!edit) {
                inv.err().write(fmt::format("usage: see firewall-cmd man page\nfirewall-cmd: error: unrecognized arguments: {}\n", w[i]));
                return 2;
            }
            q.edits.push_back(*edit);
        }
    }
    if (!isRoot(inv)) {
        inv.err().write("Authorization failed.\n    Make sure polkit agent is running or run the application as superuser.\n");
        return 253;
    }
    inv.noteRead("firewall/" + placeName(inv));
    const bool running = stackOf(inv).firewalld.running;
    if (state) {
        (running ? inv.out() : inv.err()).write(running ? "running\n" : "not running\n");
        return running ? 0 : kNotRunning;
    }
    if (!running) {
        inv.err().write("FirewallD is not running\n");
        return kNotRunning;
    }
    if (!q.query.empty())
        return answerQuery(inv, q);
    if (reload) {
        sim::command::FirewalldChange change;
        change.stack = stackIdOf(inv);
        change.verb = sim::command::FirewalldChange::Verb::Reload;
        inv.door().apply(sim::Command{change});
    }
    for (FirewalldEdit& edit : q.edits) {
        edit.zone = q.zone;
        edit.permanent = q.permanent;
        const sim::CommandResult result
            = inv.door().apply(sim::Command{sim::command::FirewalldChange{stackIdOf(inv), sim::command::FirewalldChange::Verb::Edit, edit}});
        if (result.ok)
            continue;
        const std::string kind = result.error.substr(0, result.error.find(':'));
        // What is so already is no failure.
        if (kind == "ALREADY_ENABLED" || kind == "NOT_ENABLED" || kind == "ZONE_ALREADY_SET") {
            inv.err().write("Warning: " + result.error + "\n");
            continue;
        }
        inv.err().write("Error: " + result.error + "\n");
        const auto code = errorCodes().find(kind);
        return code == errorCodes().end() ? 254 : code->second;
    }
    if (!q.quiet)
        inv.print("success\n");
    return 0;
}

} // namespace

void addFirewallCmd(CommandTable& table)
{
    table.addRaw("firewall-cmd", "firewalld command line client", "firewall-cmd [OPTIONS...]", runFirewallCmd);
}

} // namespace core::shell::node
