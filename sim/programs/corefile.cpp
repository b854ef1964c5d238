#include "sim/programs/corefile.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

// The grammar is Caddy's (coredns/caddy caddyfile/parse.go, lexer.go), the meaning that of CoreDNS 1.12's plugins.
namespace sim::programs {

namespace {

constexpr std::int64_t kDefaultDnsPort = 53;
constexpr std::int64_t kDefaultHealthPort = 8080;
constexpr std::int64_t kDefaultReadyPort = 8181;
constexpr std::int64_t kDefaultMetricsPort = 9153;
constexpr Duration kDefaultReload = std::chrono::seconds(30);

/// Directives of the official CoreDNS 1.12 image (plugin.cfg), in alphabetical order.
constexpr std::array<std::string_view, 52> kDirectives{
    "acl", "any", "auto", "autopath", "azure", "bind", "bufsize", "cache", "cancel", "chaos", "clouddns", "debug", "dns64",
    "dnssec", "dnstap", "erratic", "errors", "etcd", "file", "forward", "geoip", "grpc", "grpc_server", "header", "health",
    "hosts", "https", "https3", "k8s_external", "kubernetes", "loadbalance", "local", "log", "loop", "metadata", "minimal",
    "multisocket", "nsid", "pprof", "prometheus", "quic", "ready", "reload", "rewrite", "root", "route53", "secondary",
    "sign", "template", "timeouts", "trace", "transfer"};
constexpr std::array<std::string_view, 6> kMoreDirectives{"on", "quic_server", "tls", "tsig", "view", "whoami"};

bool knownDirective(std::string_view name)
{
    return std::find(kDirectives.begin(), kDirectives.end(), name) != kDirectives.end()
        || std::find(kMoreDirectives.begin(), kMoreDirectives.end(), name) != kMoreDirectives.end();
}

struct Token {
    std::string text;
    int line = 0;
};

std::vector<Token> tokensOf(std::string_view text)
{
    std::vector<Token> tokens;
    int line = 1;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\n') {
            ++line;
            ++i;
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
        } else if (c == '"') {
            const int began = line;
            std::string word;
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                line += text[i] == '\n' ? 1 : 0;
                word += text[i];
            }
            ++i;
            tokens.push_back({std::move(word), began});
        } else {
            const std::size_t begin = i;
            while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])) == 0)
                ++i;
            tokens.push_back({std::string(text.substr(begin, i - begin)), line});
        }
    }
    return tokens;
}

/// "cluster.local." -> "cluster.local"; lower case.
std::string zoneName(std::string text)
{
    text = sim::lowered(text);
    while (!text.empty() && text.back() == '.')
        text.pop_back();
    return text;
}

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::int64_t portOf(const std::string& address, std::int64_t fallback)
{
    const auto colon = address.rfind(':');
    return colon == std::string::npos ? fallback : wholeNumber(std::string_view(address).substr(colon + 1)).value_or(fallback);
}

/// Go's time.ParseDuration as far as people write it here: "30s", "1m", "1m30s"; a bare number is seconds.
std::optional<Duration> durationOf(std::string_view text)
{
    if (const auto seconds = wholeNumber(text))
        return std::chrono::seconds(*seconds);
    Duration sum{};
    while (!text.empty()) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (error != std::errc{} || text.empty())
            return std::nullopt;
        if (text.substr(0, 2) == "ms") {
            sum += std::chrono::milliseconds(value);
            text.remove_prefix(2);
            continue;
        }
        if (text.front() == 's')
            sum += std::chrono::seconds(value);
        else if (text.front() == 'm')
            sum += std::chrono::minutes(value);
        else if (text.front() == 'h')
            sum += std::chrono::hours(value);
        else
            return std::nullopt;
        text.remove_prefix(1);
    }
    return sum;
}

bool isAddress(std::string_view text)
{
    text = text.substr(0, text.find(':'));
    int dots = 0;
    for (const char c : text) {
        if (c == '.')
            ++dots;
        else if (c < '0' || c > '9')
            return false;
    }
    return dots == 3;
}

/// One directive of a server block: its words on the first line, and the lines of its braces.
struct Directive {
    std::string name;
    int line = 0;
    std::vector<std::string> arguments;
    std::vector<std::pair<int, std::vector<std::string>>> properties;
};

struct RawBlock {
    std::vector<std::string> keys;
    std::vector<Directive> directives;
};

class Parser {
public:
    Parser(const std::string& path, std::string_view text) : m_path(path), m_tokens(tokensOf(text)) { }

    std::variant<Corefile, CorefileError> run()
    {
        std::vector<RawBlock> blocks;
        while (m_at < m_tokens.size() && m_error.text.empty())
            blocks.push_back(block());
        Corefile file;
        for (const RawBlock& raw : blocks)
            if (m_error.text.empty())
                file.servers.push_back(meaning(raw));
        if (!m_error.text.empty())
            return m_error;
        return file;
    }

private:
    void fail(int line, const std::string& what, bool syntax = false)
    {
        if (m_error.text.empty())
            m_error = {fmt::format("{}:{} - Error during parsing: {}", m_path, line, what), syntax};
    }
    void failPlugin(const std::string& plugin, int line, const std::string& what)
    {
        if (m_error.text.empty())
            m_error = {fmt::format("plugin/{}: {}:{} - Error during parsing: {}", plugin, m_path, line, what), false};
    }
    int lastLine() const { return m_tokens.empty() ? 1 : m_tokens.back().line; }

    RawBlock block()
    {
        RawBlock raw;
        const int first = m_tokens[m_at].line;
        while (m_at < m_tokens.size() && m_tokens[m_at].text != "{" && m_tokens[m_at].line == first) {
            std::string key = m_tokens[m_at++].text;
            if (!key.empty() && key.back() == ',')
                key.pop_back();
            raw.keys.push_back(std::move(key));
        }
        const bool braces = m_at < m_tokens.size() && m_tokens[m_at].text == "{";
        m_at += braces ? 1 : 0;
        while (m_at < m_tokens.size() && m_tokens[m_at].text != "}" && m_error.text.empty())
            directive(raw);
        if (!braces || !m_error.text.empty())
            return raw;
        if (m_at == m_tokens.size()) {
            m_error = {fmt::format("{}:{} - Syntax error: Unexpected token '{}', expecting '}}'", m_path, lastLine(),
                                   m_tokens.back().text), true};
            return raw;
        }
        ++m_at;
        return raw;
    }

    void directive(RawBlock& raw)
    {
        Directive d;
        d.name = m_tokens[m_at].text;
        d.line = m_tokens[m_at].line;
        int line = d.line;
        int nesting = 0;
        for (++m_at; m_at < m_tokens.size(); ++m_at) {
            const Token& token = m_tokens[m_at];
            const bool newLine = token.line != line;
            line = token.line;
            if (token.text == "{") {
                ++nesting;
            } else if (newLine && nesting == 0) {
                break;
            } else if (token.text == "}" && nesting > 0) {
                --nesting;
            } else if (token.text == "}") {
                fail(token.line, "Unexpected '}' because no matching opening brace", true);
                return;
            } else if (nesting == 0) {
                d.arguments.push_back(token.text);
            } else if (newLine || d.properties.empty()) {
                d.properties.push_back({token.line, {token.text}});
            } else {
                d.properties.back().second.push_back(token.text);
            }
        }
        if (nesting > 0)
            fail(lastLine(), "Unexpected EOF", true);
        raw.directives.push_back(std::move(d));
    }

    DnsServerBlock meaning(const RawBlock& raw)
    {
        DnsServerBlock server;
        for (std::string key : raw.keys) {
            if (const auto scheme = key.find("://"); scheme != std::string::npos)
                key = key.substr(scheme + 3);
            server.port = portOf(key, kDefaultDnsPort);
            server.zones.push_back(zoneName(key.substr(0, key.find(':'))));
        }
        for (const Directive& d : raw.directives) {
            if (!knownDirective(d.name))
                fail(d.line, fmt::format("Unknown directive '{}'", d.name));
            else
                apply(server, d);
        }
        return server;
    }

    void apply(DnsServerBlock& server, const Directive& d)
    {
        const std::string argument = d.arguments.empty() ? std::string() : d.arguments.front();
        if (d.name == "errors") {
            server.errors = true;
        } else if (d.name == "log") {
            server.log = true;
        } else if (d.name == "cache") {
            server.cache = true;
        } else if (d.name == "loop") {
            server.loop = true;
        } else if (d.name == "reload") {
            server.reload = argument.empty() ? kDefaultReload : durationOf(argument).value_or(Duration{});
            if (*server.reload < std::chrono::seconds(2))
                failPlugin("reload", d.line, argument.empty() || durationOf(argument) ? "interval value must be greater or equal to 2s"
                                                                  : fmt::format("time: invalid duration \"{}\"", argument));
        } else if (d.name == "health") {
            server.healthPort = portOf(argument, kDefaultHealthPort);
        } else if (d.name == "ready") {
            server.readyPort = portOf(argument, kDefaultReadyPort);
        } else if (d.name == "prometheus") {
            server.metricsPort = portOf(argument, kDefaultMetricsPort);
        } else if (d.name == "kubernetes") {
            kubernetes(server, d);
        } else if (d.name == "hosts") {
            hosts(server, d);
        } else if (d.name == "forward") {
            forward(server, d);
        } else if (d.name == "rewrite") {
            rewrite(server, d);
        }
    }

    void kubernetes(DnsServerBlock& server, const Directive& d)
    {
        KubernetesPlugin plugin;
        for (const std::string& zone : d.arguments)
            plugin.zones.push_back(zoneName(zone));
        if (plugin.zones.empty())
            plugin.zones = server.zones;
        for (const auto& [line, words] : d.properties) {
            const std::string value = words.size() > 1 ? words[1] : std::string();
            if (words[0] == "pods") {
                using Pods = KubernetesPlugin::Pods;
                if (value == "disabled" || value == "insecure" || value == "verified")
                    plugin.pods = value == "disabled" ? Pods::Disabled : value == "insecure" ? Pods::Insecure : Pods::Verified;
                else
                    failPlugin("kubernetes", line, fmt::format("wrong value for pods: {},  must be one of: disabled, verified, insecure", value));
            } else if (words[0] == "ttl") {
                const auto ttl = wholeNumber(value);
                if (!ttl || *ttl < 0 || *ttl > 3600)
                    failPlugin("kubernetes", line, fmt::format("ttl must be in range [0, 3600]: {}", value));
                plugin.ttl = ttl.value_or(plugin.ttl);
            } else if (words[0] == "fallthrough") {
                plugin.fallsThrough = true;
                for (std::size_t i = 1; i < words.size(); ++i)
                    plugin.fallthroughZones.push_back(zoneName(words[i]));
            } else if (words[0] != "endpoint" && words[0] != "tls" && words[0] != "kubeconfig" && words[0] != "namespaces"
                       && words[0] != "labels" && words[0] != "endpoint_pod_names" && words[0] != "ignore"
                       && words[0] != "noendpoints" && words[0] != "namespace_labels" && words[0] != "apiserver_qps") {
                failPlugin("kubernetes", line, fmt::format("unknown property '{}'", words[0]));
            }
        }
        server.kubernetes = std::move(plugin);
    }

    void hosts(DnsServerBlock& server, const Directive& d)
    {
        HostsPlugin plugin;
        for (const auto& [line, words] : d.properties) {
            if (words[0] == "fallthrough") {
                plugin.fallsThrough = true;
            } else if (isAddress(words[0])) {
                for (std::size_t i = 1; i < words.size(); ++i)
                    plugin.addresses[zoneName(words[i])].push_back(words[0]);
            } else if (words[0] != "ttl" && words[0] != "no_reverse" && words[0] != "reload") {
                failPlugin("hosts", line, fmt::format("unknown property '{}'", words[0]));
            }
        }
        server.hosts = std::move(plugin);
    }

    void forward(DnsServerBlock& server, const Directive& d)
    {
        if (d.arguments.size() < 2) {
            failPlugin("forward", d.line, fmt::format("Wrong argument count or unexpected line ending after '{}'",
                                                      d.arguments.empty() ? d.name : d.arguments.back()));
            return;
        }
        ForwardPlugin plugin;
        plugin.from = zoneName(d.arguments.front());
        for (std::size_t i = 1; i < d.arguments.size(); ++i) {
            std::string to = d.arguments[i];
            if (const auto scheme = to.find("://"); scheme != std::string::npos)
                to = to.substr(scheme + 3);
            if (!isAddress(to) && to.front() != '/' && m_error.text.empty())
                m_error = {fmt::format("plugin/forward: not an IP address or file: \"{}\"", to), false};
            plugin.to.push_back(std::move(to));
        }
        server.forwards.push_back(std::move(plugin));
    }

    void rewrite(DnsServerBlock& server, const Directive& d)
    {
        std::vector<std::string> words = d.arguments;
        if (!words.empty() && (words.front() == "stop" || words.front() == "continue"))
            words.erase(words.begin());
        if (words.size() < 3) {
            failPlugin("rewrite", d.line, fmt::format("Wrong argument count or unexpected line ending after '{}'",
                                                      words.empty() ? d.name : words.back()));
            return;
        }
        if (words[0] != "name")
            return; // classes, types and EDNS options change nothing that a learner sees
        RewriteRule rule;
        const bool typed = words[1] == "exact" || words[1] == "suffix" || words[1] == "prefix" || words[1] == "substring"
            || words[1] == "regex";
        if (typed && words[1] != "exact" && words[1] != "suffix")
            return;
        rule.suffix = words[1] == "suffix";
        const std::size_t from = typed ? 2 : 1;
        if (words.size() < from + 2) {
            failPlugin("rewrite", d.line, fmt::format("Wrong argument count or unexpected line ending after '{}'", words.back()));
            return;
        }
        rule.from = zoneName(words[from]);
        rule.to = zoneName(words[from + 1]);
        server.rewrites.push_back(std::move(rule));
    }

    const std::string& m_path;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    CorefileError m_error;
};

} // namespace

bool inZone(std::string_view name, std::string_view zone)
{
    if (zone.empty())
        return true;
    if (name.size() < zone.size() || name.substr(name.size() - zone.size()) != zone)
        return false;
    return name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.';
}

const DnsServerBlock* Corefile::blockFor(std::string_view name) const
{
    const DnsServerBlock* best = nullptr;
    std::size_t length = 0;
    for (const DnsServerBlock& server : servers)
        for (const std::string& zone : server.zones)
            if (inZone(name, zone) && (best == nullptr || zone.size() > length)) {
                best = &server;
                length = zone.size();
            }
    return best;
}

std::variant<Corefile, CorefileError> parseCorefile(const std::string& path, std::string_view text)
{
    return Parser(path, text).run();
}

} // namespace sim::programs
