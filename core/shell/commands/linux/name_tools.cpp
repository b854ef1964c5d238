// nslookup, dig, host and getent: what a name resolves to, and who says so.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <set>

#include <algorithm>
#include <cctype>

namespace core::shell::node {

namespace {

using sim::kube::DnsCode;
using sim::kube::DnsExchange;
using sim::kube::DnsRecord;
using sim::kube::DnsType;

/// BIND's tools ask a silent server three times for five seconds.
constexpr sim::Duration kSilentServer = std::chrono::seconds(15);
constexpr int kBindTries = 3;
/// Of a DNS message.
constexpr int kHeaderBytes = 12;

/// One question as BIND's tools put it: asked of one server, under the names that the search list makes of it.
struct Lookup {
    std::string server;      ///< its address
    std::string asked;       ///< the name of the last question
    DnsExchange exchange;
    bool serverUnknown = false;
};

std::vector<std::string> bindNames(const sim::kube::ResolverConfig& config, const std::string& name, bool search)
{
    return search ? sim::kube::candidateNames(config, name) : std::vector<std::string>{sim::kube::dnsName(name)};
}

/// Asks a DNS server, never /etc/hosts: that is the difference to getent and ping.
Lookup ask(Invocation& inv, const std::string& name, DnsType type, const std::string& givenServer, bool search)
{
    const sim::World& world = inv.door().world();
    Lookup lookup;
    const sim::kube::ResolverConfig config
        = sim::kube::resolverConfigOf(inv.system().readFile(inv.place(), "/etc/resolv.conf").text);
    lookup.server = !givenServer.empty() ? givenServer
        : config.servers.empty()         ? "127.0.0.1"
                                         : config.servers.front().text();
    lookup.asked = sim::kube::dnsName(name);
    const LookedUp server = lookUp(inv, lookup.server);
    if (server.status != sim::NameAnswer::Status::Found) {
        inv.sleep(server.took);
        lookup.serverUnknown = true;
        return lookup;
    }
    lookup.server = server.address.text();
    for (const std::string& candidate : bindNames(config, name, search)) {
        lookup.asked = candidate;
        lookup.exchange = world.askDns(stackIdOf(inv), server.address, {candidate, type});
        inv.sleep(lookup.exchange.took);
        const bool next = lookup.exchange.end == DnsExchange::End::Answered
            && (lookup.exchange.reply.code == DnsCode::NxDomain
                || (lookup.exchange.reply.code == DnsCode::NoError && lookup.exchange.reply.answers.empty()));
        if (!next)
            break;
    }
    return lookup;
}

void noteName(Invocation& inv, const std::string& name)
{
    inv.noteRead("dns/" + name);
    inv.noteRead("from/" + placeName(inv));
}

/// What BIND's tools say when no answer comes; waits as long as they do.
void tellNoAnswer(Invocation& inv, const Lookup& lookup)
{
    const DnsExchange::End end = lookup.exchange.end;
    const char* why = end == DnsExchange::End::TimedOut ? "timed out"
        : end == DnsExchange::End::Refused              ? "connection refused"
                                                        : "host unreachable";
    if (end == DnsExchange::End::TimedOut)
        inv.sleep(kSilentServer);
    for (int i = 0; i < kBindTries; ++i)
        inv.print(fmt::format(";; communications error to {}#53: {}\n", lookup.server, why));
}

/// "couldn't get address for 'x': not found" of a server that does not resolve.
int tellServerUnknown(Invocation& inv, const Lookup& lookup)
{
    inv.err().write(fmt::format("{}: couldn't get address for '{}': not found\n", inv.name, lookup.server));
    return 1;
}

bool failed(const Lookup& lookup)
{
    const DnsCode code = lookup.exchange.reply.code;
    return code == DnsCode::ServFail || code == DnsCode::Refused;
}

int nslookup(Invocation& inv)
{
    std::string name, server;
    DnsType type = DnsType::A;
    for (const std::string& word : inv.arguments) {
        const std::size_t equals = word.find('=');
        if (word[0] == '-' && equals != std::string::npos) {
            std::string wanted = word.substr(equals + 1);
            wanted = sim::raised(wanted);
            if (const auto known = sim::kube::dnsTypeNamed(wanted); known && (word.rfind("-t", 0) == 0 || word.rfind("-q", 0) == 0))
                type = *known;
        } else if (word[0] != '-') {
            (name.empty() ? name : server) = word;
        }
    }
    for (const std::string& word : inv.arguments)
        if (word.size() > 1 && word[0] == '-' && word.find('=') == std::string::npos && word != "-debug" && word != "-nodebug" && word != "-d2" && word != "-vc" && word != "-novc" && word != "-all"
            && word != "-search" && word != "-nosearch" && word != "-recurse" && word != "-norecurse") {
            inv.print(fmt::format("*** Invalid option: {}\n\n", word.substr(1)));
            return 1;
        }
    if (name.empty()) { // its prompt, and the end of its input
        inv.print(inv.in().isTerminal() ? "> \n" : "");
        return 0;
    }
    noteName(inv, name);
    const Lookup lookup = ask(inv, name, type, server, true);
    if (lookup.serverUnknown)
        return tellServerUnknown(inv, lookup);
    if (lookup.exchange.end != DnsExchange::End::Answered) {
        tellNoAnswer(inv, lookup);
        inv.print(";; no servers could be reached\n\n");
        return 1;
    }
    if (failed(lookup))
        inv.print(fmt::format(";; Got {} reply from {}, trying next server\n", sim::kube::dnsCodeName(lookup.exchange.reply.code),
                              lookup.server));
    inv.print(fmt::format("Server:\t\t{0}\nAddress:\t{0}#53\n\n", lookup.server));
    const sim::kube::DnsReply& reply = lookup.exchange.reply;
    if (reply.code != DnsCode::NoError) {
        inv.print(fmt::format("** server can't find {}: {}\n\n", reply.code == DnsCode::NxDomain ? name : lookup.asked,
                              sim::kube::dnsCodeName(reply.code)));
        return 1;
    }
    if (!reply.authoritative)
        inv.print("Non-authoritative answer:\n");
    if (reply.answers.empty()) {
        inv.print(fmt::format("*** Can't find {}: No answer\n\n", name));
        return 1;
    }
    for (const DnsRecord& record : reply.answers) {
        const std::string owner = record.name;
        if (record.type == DnsType::A)
            inv.print(fmt::format("Name:\t{}\nAddress: {}\n", owner, record.data));
        else if (record.type == DnsType::Cname)
            inv.print(fmt::format("{}\tcanonical name = {}\n", owner, record.data));
        else if (record.type == DnsType::Srv)
            inv.print(fmt::format("{}\tservice = {}\n", owner, record.data));
        else if (record.type == DnsType::Ptr)
            inv.print(fmt::format("{}\tname = {}\n", owner, record.data));
        else
            inv.print(fmt::format("{}\t{} = {}\n", owner, sim::kube::dnsTypeName(record.type), record.data));
    }
    inv.print("\n");
    return 0;
}

/// "20.0.0.10.in-addr.arpa" of an address; nothing of a name.
std::optional<std::string> reverseName(const std::string& text)
{
    const auto address = sim::net::Ipv4::parse(text);
    if (!address)
        return std::nullopt;
    const std::uint32_t v = address->value;
    return fmt::format("{}.{}.{}.{}.in-addr.arpa", v & 255, v >> 8 & 255, v >> 16 & 255, v >> 24);
}

struct DigRequest {
    std::string name, server;
    DnsType type = DnsType::A;
    bool brief = false;
    bool search = false;
    std::string words; ///< as the banner repeats them
};

DigRequest digRequest(Invocation& inv)
{
    DigRequest q;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        q.words += (q.words.empty() ? "" : " ") + word;
        if (word == "+short")
            q.brief = true;
        else if (word == "+search")
            q.search = true;
        else if (word == "-x" && i + 1 < inv.arguments.size()) {
            const auto address = sim::net::Ipv4::parse(inv.arguments[++i]);
            q.words += " " + inv.arguments[i];
            q.type = DnsType::Ptr;
            const std::uint32_t v = address ? address->value : 0;
            q.name = fmt::format("{}.{}.{}.{}.in-addr.arpa", v & 255, v >> 8 & 255, v >> 16 & 255, v >> 24);
        } else if (!word.empty() && word[0] == '@')
            q.server = word.substr(1);
        else if ((word == "-p" || word == "-b" || word == "-c") && i + 1 < inv.arguments.size()) {
            q.words += " " + inv.arguments[++i];
        } else if (word == "-t" && i + 1 < inv.arguments.size()) {
            q.words += " " + inv.arguments[++i];
            q.type = sim::kube::dnsTypeNamed(inv.arguments[i]).value_or(q.type);
        } else if (word == "-q" && i + 1 < inv.arguments.size()) {
            q.words += " " + inv.arguments[++i];
            q.name = inv.arguments[i];
        } else if (const auto type = sim::kube::dnsTypeNamed(word))
            q.type = *type;
        else if (!word.empty() && word[0] != '+' && word[0] != '-' && word != "IN" && word != "ANY" && q.name.empty())
            q.name = word;
    }
    if (q.name.empty())
        q.name = ".";
    return q;
}

std::string recordLine(const DnsRecord& record)
{
    // Names that fill the first column are followed by single blanks.
    constexpr std::size_t kColumn = 23;
    return record.name.size() >= kColumn
        ? fmt::format("{}. {} IN\t{}\t{}\n", record.name, record.ttl, sim::kube::dnsTypeName(record.type), record.data)
        : fmt::format("{:<24}{}\tIN\t{}\t{}\n", record.name + ".", record.ttl, sim::kube::dnsTypeName(record.type), record.data);
}

/// dig's word of its own that it does not know, or nothing.
std::string unknownDigOption(Invocation& inv)
{
    static const std::set<std::string> kPlus{"short", "search", "trace", "tcp", "vc", "all", "answer", "authority", "additional", "question", "stats", "comments", "cmd", "recurse", "rec", "dnssec",
                                             "edns", "multiline", "nssearch", "identify", "ttlid", "ignore", "fail", "defname", "showsearch", "qr", "cookie", "adflag", "cdflag", "aaonly", "crypto", "class"};
    for (const std::string& word : inv.arguments) {
        if (word.size() > 1 && word[0] == '+') {
            std::string name = word.substr(1, word.find('=') == std::string::npos ? std::string::npos : word.find('=') - 1);
            const bool valued = name == "time" || name == "timeout" || name == "tries" || name == "retry" || name == "ndots" || name == "bufsize" || name == "domain" || name == "subnet";
            if (name.compare(0, 2, "no") == 0)
                name.erase(0, 2);
            if (!valued && kPlus.count(name) == 0)
                return word;
        } else if (word.size() > 1 && word[0] == '-' && std::string_view("46bcdfhikmpqrtuvxy").find(word[1]) == std::string_view::npos) {
            return word;
        }
    }
    return {};
}

int dig(Invocation& inv)
{
    if (const std::string unknown = unknownDigOption(inv); !unknown.empty()) {
        inv.err().write(fmt::format("Invalid option: {}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {{q-opt}}\n"
                                    "            {{global-d-opt}} host [@local-server] {{local-d-opt}}\n            [ host [@local-server] {{local-d-opt}} [...]]\n\n"
                                    "Use \"dig -h\" (or \"dig -h | more\") for complete list of options\n",
                                    unknown));
        return 1;
    }
    for (std::size_t i = 0; i + 1 < inv.arguments.size(); ++i)
        if (inv.arguments[i] == "-p" && !parseNumber(inv.arguments[i + 1])) {
            inv.print(fmt::format("invalid port number '{}': not a valid number\n", inv.arguments[i + 1]));
            inv.err().write("dig: Couldn't parse port number\n");
            return 1;
        }
    const DigRequest q = digRequest(inv);
    noteName(inv, q.name);
    const sim::Instant asked = inv.now();
    const Lookup lookup = ask(inv, q.name, q.type, q.server, q.search);
    if (lookup.serverUnknown)
        return tellServerUnknown(inv, lookup);
    if (lookup.exchange.end != DnsExchange::End::Answered) {
        tellNoAnswer(inv, lookup);
        if (!q.brief)
            inv.print(fmt::format("\n; <<>> DiG 9.18.28-1~deb12u2-Debian <<>> {}\n;; global options: +cmd\n", q.words));
        inv.print(";; no servers could be reached\n");
        return 9;
    }
    const sim::kube::DnsReply& reply = lookup.exchange.reply;
    if (q.brief) {
        for (const DnsRecord& record : reply.answers)
            inv.print(record.data + "\n");
        return 0;
    }
    const std::string dotted = lookup.asked + ".";
    sim::RandomStream random = jitter(inv, "dig");
    std::string text = fmt::format(
        "\n; <<>> DiG 9.18.28-1~deb12u2-Debian <<>> {}\n;; global options: +cmd\n;; Got answer:\n"
        ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n"
        ";; flags: qr{} rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n\n"
        ";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION "
        "SECTION:\n;{:<30}\tIN\t{}\n\n",
        q.words, sim::kube::dnsCodeName(reply.code), random.below(65536), reply.authoritative ? " aa" : "", reply.answers.size(),
        reply.authority ? 1 : 0, 1 + reply.additional.size(), dotted, sim::kube::dnsTypeName(q.type));
    if (!reply.answers.empty()) {
        text += ";; ANSWER SECTION:\n";
        for (const DnsRecord& record : reply.answers)
            text += recordLine(record);
        text += "\n";
    }
    if (reply.authority)
        text += ";; AUTHORITY SECTION:\n" + recordLine(*reply.authority) + "\n";
    if (!reply.additional.empty()) {
        text += ";; ADDITIONAL SECTION:\n";
        for (const DnsRecord& record : reply.additional)
            text += recordLine(record);
        text += "\n";
    }
    text += fmt::format(
        ";; Query time: {} msec\n;; SERVER: {}#53({}) (UDP)\n;; WHEN: {}\n;; MSG SIZE  rcvd: {}\n\n",
        (inv.now() - asked).count() / 1'000'000, lookup.server, lookup.server, formatDate(asked, "%a %b %d %H:%M:%S UTC %Y"),
        kHeaderBytes + 17 + q.name.size() + 16 * reply.answers.size()); // question and OPT record; 16 for each answer
    inv.print(text);
    return 0;
}

int hostCommand(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n");
        return 1;
    }
    const auto wanted = inv.options.has("t") ? sim::kube::dnsTypeNamed(sim::raised(inv.options.value("t"))) : std::optional<DnsType>(DnsType::A);
    if (!wanted) {
        inv.err().write(fmt::format("host: invalid type: {}\n\n", inv.options.value("t")));
        return 2;
    }
    const auto reverse = reverseName(inv.operands[0]);
    const std::string name = reverse.value_or(inv.operands[0]);
    noteName(inv, inv.operands[0]);
    const Lookup lookup = ask(inv, name, reverse ? DnsType::Ptr : *wanted, inv.operands.size() > 1 ? inv.operands[1] : "", true);
    if (lookup.serverUnknown)
        return tellServerUnknown(inv, lookup);
    if (lookup.exchange.end != DnsExchange::End::Answered) {
        tellNoAnswer(inv, lookup);
        inv.print(";; no servers could be reached\n");
        return 1;
    }
    const sim::kube::DnsReply& reply = lookup.exchange.reply;
    if (reply.code != DnsCode::NoError) {
        inv.print(fmt::format("Host {} not found: {}({})\n", name, reply.code == DnsCode::NxDomain ? 3 : reply.code == DnsCode::ServFail ? 2 : 5,
                              sim::kube::dnsCodeName(reply.code)));
        return 1;
    }
    for (const DnsRecord& record : reply.answers)
        inv.print(record.type == DnsType::Ptr   ? fmt::format("{} domain name pointer {}\n", record.name, record.data)
                  : record.type == DnsType::Cname ? fmt::format("{} is an alias for {}\n", record.name, record.data)
                                                : fmt::format("{} has address {}\n", record.name, record.data));
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
                inv.print(fmt::format("{:<15} {}\n", found.address.text(), found.canonicalName));
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
    add("nslookup", "query Internet name servers interactively", "nslookup [-type=TYPE] name [server]", nslookup, false);
    add("dig", "DNS lookup utility", "dig [@server] [-x address] name [type] [+short] [+search]", dig, false);
    CommandSpec host;
    host.name = "host";
    host.summary = "DNS lookup utility";
    host.usage = "host [-t type] name [server]";
    host.options = {{'t', "", "type", "specifies the query type"}, {'a', "", "", "is equivalent to -v -t ANY"}, {'v', "", "", "enables verbose output"},
                    {'W', "", "time", "specifies how long to wait for a reply"}, {'4', "", "", "use IPv4 query transport only"}};
    host.run = hostCommand;
    table.add(std::move(host));
    add("getent", "get entries from Name Service Switch libraries", "getent database [key ...]", getent,
        true);
}

} // namespace core::shell::node
