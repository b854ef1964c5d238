// nslookup, dig, host and getent: what a name resolves to, and who says so.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// BIND's tools ask a silent server three times for five seconds.
constexpr sim::Duration kServerTimeout = std::chrono::seconds(15);

struct ResolverConfig {
    std::vector<std::string> servers;
    std::vector<std::string> search;
};

ResolverConfig resolverConfig(Invocation& inv)
{
    ResolverConfig config;
    std::string text = inv.system().readFile(inv.place(), "/etc/resolv.conf").text;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::vector<std::string> words = splitWords(text.substr(0, end));
        text.erase(0, end + 1);
        if (words.size() > 1 && words[0] == "nameserver")
            config.servers.push_back(words[1]);
        else if (words.size() > 1 && words[0] == "search")
            config.search.assign(words.begin() + 1, words.end());
    }
    return config;
}

struct DnsAnswer {
    enum class Status { Found, NoName, NoServer };
    Status status = Status::NoServer;
    std::string server;
    std::vector<sim::net::Ipv4> addresses;
    std::string canonicalName;
};

/// Asks a DNS server, never /etc/hosts: that is the difference to getent and ping.
DnsAnswer ask(Invocation& inv, const std::string& name, const std::string& givenServer)
{
    const sim::World& world = inv.door().world();
    DnsAnswer answer;
    const ResolverConfig config = resolverConfig(inv);
    answer.server = !givenServer.empty() ? givenServer
        : config.servers.empty()         ? "127.0.0.1"
                                         : config.servers.front();
    const LookedUp server = lookUp(inv, answer.server);
    answer.canonicalName = name;
    if (server.status != sim::NameAnswer::Status::Found)
        return answer;
    answer.server = server.address.text();
    const sim::net::PathResult path = world.reach(stackIdOf(inv), server.address, sim::net::Protocol::Udp,
                                                  53);
    if (path.verdict != sim::net::Verdict::Delivered)
        return answer;
    inv.sleep(path.rtt + std::chrono::microseconds(400));
    answer.status = DnsAnswer::Status::NoName;
    if (const sim::net::Stack& target = world.network().stack(path.target); target.node.valid()) { // CoreDNS
        const sim::NameAnswer found = world.resolve(stackIdOf(inv), name);
        answer.addresses = found.addresses;
        answer.canonicalName = found.canonicalName;
    } else { // dnsmasq: it serves its own machine's /etc/hosts
        const sim::NameAnswer found = world.resolve(path.target, name);
        if (found.server == "/etc/hosts")
            answer.addresses = found.addresses;
    }
    if (!answer.addresses.empty())
        answer.status = DnsAnswer::Status::Found;
    return answer;
}

void noteName(Invocation& inv, const std::string& name)
{
    inv.noteRead("dns/" + name);
    inv.noteRead("from/" + placeName(inv));
}

int nslookup(Invocation& inv)
{
    if (inv.operands.empty())
        return inv.fail(1, "give a name to look up");
    const std::string& name = inv.operands[0];
    noteName(inv, name);
    const DnsAnswer answer = ask(inv, name, inv.operands.size() > 1 ? inv.operands[1] : "");
    if (answer.status == DnsAnswer::Status::NoServer) {
        inv.sleep(kServerTimeout);
        for (int i = 0; i < 3; ++i)
            inv.print(fmt::format(";; communications error to {}#53: timed out\n", answer.server));
        inv.print(";; no servers could be reached\n\n");
        return 1;
    }
    inv.print(fmt::format("Server:\t\t{0}\nAddress:\t{0}#53\n\n", answer.server));
    if (answer.status == DnsAnswer::Status::NoName) {
        inv.print(fmt::format("** server can't find {}: NXDOMAIN\n\n", name));
        return 1;
    }
    for (const auto& address : answer.addresses)
        inv.print(fmt::format("Name:\t{}\nAddress: {}\n", answer.canonicalName, address.text()));
    inv.print("\n");
    return 0;
}

int dig(Invocation& inv)
{
    std::string name, server;
    bool brief = false;
    for (const std::string& word : inv.arguments) {
        if (word == "+short")
            brief = true;
        else if (!word.empty() && word[0] == '@')
            server = word.substr(1);
        else if (!word.empty() && word[0] != '+' && word[0] != '-' && word != "A" && word != "IN"
                 && word != "ANY")
            name = name.empty() ? word : name;
    }
    if (name.empty())
        name = ".";
    noteName(inv, name);
    const sim::Instant asked = inv.now();
    const DnsAnswer answer = ask(inv, name, server);
    if (answer.status == DnsAnswer::Status::NoServer) {
        inv.sleep(kServerTimeout);
        for (int i = 0; i < 3; ++i)
            inv.print(fmt::format(";; communications error to {}#53: timed out\n", answer.server));
        if (!brief)
            inv.print(fmt::format("\n; <<>> DiG 9.18.28-1~deb12u2-Debian <<>> {}\n;; global options: +cmd\n",
                                  name));
        inv.print(";; no servers could be reached\n");
        return 9;
    }
    if (brief) {
        for (const auto& address : answer.addresses)
            inv.print(address.text() + "\n");
        return 0;
    }
    const std::string dotted = answer.canonicalName + (name == "." ? "" : ".");
    const bool found = answer.status == DnsAnswer::Status::Found;
    sim::RandomStream random = jitter(inv, "dig");
    inv.print(fmt::format(
        "\n; <<>> DiG 9.18.28-1~deb12u2-Debian <<>> {}\n;; global options: +cmd\n;; Got answer:\n"
        ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n"
        ";; flags: qr aa rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 1\n\n"
        ";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION "
        "SECTION:\n;{:<30}\tIN\tA\n\n",
        name, found ? "NOERROR" : "NXDOMAIN", random.below(65536), answer.addresses.size(), dotted));
    if (found) {
        inv.print(";; ANSWER SECTION:\n");
        for (const auto& address : answer.addresses)
            inv.print(fmt::format("{:<24}0\tIN\tA\t{}\n", dotted, address.text()));
        inv.print("\n");
    }
    inv.print(fmt::format(
        ";; Query time: {} msec\n;; SERVER: {}#53({}) (UDP)\n;; WHEN: {}\n;; MSG SIZE  rcvd: {}\n\n",
        (inv.now() - asked).count() / 1'000'000, answer.server, answer.server, formatDate(asked, "%a %b %d %H:%M:%S UTC %Y"),
        29 + name.size() + 16 * answer.addresses.size())); // header, question and OPT record; 16 for each answer
    return 0;
}

int hostCommand(Invocation& inv)
{
    if (inv.operands.empty())
        return inv.fail(1, "give a name to look up");
    const std::string& name = inv.operands[0];
    noteName(inv, name);
    const DnsAnswer answer = ask(inv, name, inv.operands.size() > 1 ? inv.operands[1] : "");
    if (answer.status == DnsAnswer::Status::NoServer) {
        inv.sleep(kServerTimeout);
        inv.print(";; communications error to " + answer.server
                  + "#53: timed out\n;; no servers could be reached\n");
        return 1;
    }
    if (answer.status == DnsAnswer::Status::NoName) {
        inv.print(fmt::format("Host {} not found: 3(NXDOMAIN)\n", name));
        return 1;
    }
    for (const auto& address : answer.addresses)
        inv.print(fmt::format("{} has address {}\n", answer.canonicalName, address.text()));
    return 0;
}

int getent(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("Usage: getent [OPTION...] database [key ...]\n");
        return 1;
    }
    const std::string& database = inv.operands[0];
    if (database == "hosts" || database == "ahosts" || database == "ahostsv4") {
        int status = 0;
        for (std::size_t i = 1; i < inv.operands.size(); ++i) {
            const std::string& name = inv.operands[i];
            noteName(inv, name);
            const LookedUp found = lookUp(inv, name);
            inv.sleep(found.took);
            if (found.status != sim::NameAnswer::Status::Found) {
                status = 2;
            } else if (database == "hosts") {
                inv.print(fmt::format("{:<15} {}\n", found.address.text(), name));
            } else {
                for (const char* kind : {"STREAM", "DGRAM", "RAW"})
                    inv.print(fmt::format("{:<15} {:<6} {}\n", found.address.text(), kind,
                                          *kind == 'S' ? name : ""));
            }
        }
        if (inv.operands.size() == 1) {
            inv.noteRead("file/" + placeName(inv) + "/etc/hosts");
            inv.print(inv.system().readFile(inv.place(), "/etc/hosts").text);
        }
        return status;
    }
    if (database != "passwd" && database != "group" && database != "services") {
        inv.err().write("Unknown database: " + database + "\n");
        return 1;
    }
    std::string text = inv.system().readFile(inv.place(), "/etc/" + database).text;
    bool found = inv.operands.size() == 1;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        bool wanted = inv.operands.size() == 1;
        for (std::size_t i = 1; i < inv.operands.size(); ++i)
            wanted = wanted || line.rfind(inv.operands[i] + ":", 0) == 0;
        if (wanted)
            inv.print(line + "\n");
        found = found || wanted;
    }
    return found ? 0 : 2;
}

} // namespace

void addNameTools(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, const char* usage, int (*run)(Invocation&),
                         bool parse) {
        CommandSpec spec;
        spec.name = name;
        spec.summary = summary;
        spec.usage = usage;
        spec.parseOptions = parse;
        spec.run = run;
        table.add(std::move(spec));
    };
    add("nslookup", "query Internet name servers interactively", "nslookup name [server]", nslookup, true);
    add("dig", "DNS lookup utility", "dig [@server] name [+short]", dig, false);
    add("host", "DNS lookup utility", "host name [server]", hostCommand, true);
    add("getent", "get entries from Name Service Switch libraries", "getent database [key ...]", getent,
        true);
}

} // namespace core::shell::node
