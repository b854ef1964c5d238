#include "core/shell/commands/linux/socket_filter.h"

#include "core/shell/commands/linux/here.h"

#include <map>

namespace core::shell::node {

namespace {

const std::map<std::string, std::set<std::string>>& stateSets()
{
    static const std::map<std::string, std::set<std::string>> sets = [] {
        std::map<std::string, std::set<std::string>> known{
            {"established", {"ESTAB"}},    {"syn-sent", {"SYN-SENT"}},     {"syn-recv", {"SYN-RECV"}},   {"fin-wait-1", {"FIN-WAIT-1"}},
            {"fin-wait-2", {"FIN-WAIT-2"}}, {"time-wait", {"TIME-WAIT"}},   {"closed", {"UNCONN"}},       {"close-wait", {"CLOSE-WAIT"}},
            {"last-ack", {"LAST-ACK"}},    {"listening", {"LISTEN"}},      {"listen", {"LISTEN"}},       {"closing", {"CLOSING"}},
            {"bucket", {"SYN-RECV", "TIME-WAIT"}}};
        std::set<std::string> all;
        for (const auto& [name, states] : known)
            all.insert(states.begin(), states.end());
        const auto without = [&](const std::set<std::string>& left) {
            std::set<std::string> rest;
            for (const std::string& state : all)
                if (left.count(state) == 0)
                    rest.insert(state);
            return rest;
        };
        known["all"] = all;
        known["connected"] = without({"LISTEN", "UNCONN"});
        known["synchronized"] = without({"LISTEN", "UNCONN", "SYN-SENT"});
        known["big"] = without({"SYN-RECV", "TIME-WAIT"});
        return known;
    }();
    return sets;
}

} // namespace

/// Recursive descent: or < and < not < term; words side by side mean "and".
class SocketFilterReader {
public:
    using Test = std::function<bool(const sim::Socket&)>;
    explicit SocketFilterReader(const std::vector<std::string>& given)
    {
        // Brackets may touch their neighbours, and the shell may have kept it all together: '(sport = :22)'.
        for (const std::string& word : given) {
            std::string piece;
            for (const char c : word) {
                if (c != '(' && c != ')' && c != ' ') {
                    piece += c;
                    continue;
                }
                if (!piece.empty())
                    m_words.push_back(std::exchange(piece, {}));
                if (c != ' ')
                    m_words.emplace_back(1, c);
            }
            if (!piece.empty())
                m_words.push_back(piece);
        }
    }

    std::optional<SocketFilter> read()
    {
        SocketFilter filter;
        while (m_at < m_words.size() && (m_words[m_at] == "state" || m_words[m_at] == "exclude") && m_at + 1 < m_words.size()) {
            const bool add = m_words[m_at] == "state";
            const auto found = stateSets().find(m_words[m_at + 1]);
            if (found == stateSets().end())
                return std::nullopt;
            if (!filter.m_named && !add)
                filter.m_states = stateSets().at("all");
            filter.m_named = true;
            for (const std::string& state : found->second)
                add ? (void)filter.m_states.insert(state) : (void)filter.m_states.erase(state);
            m_at += 2;
        }
        if (m_at < m_words.size())
            filter.m_test = either();
        return m_bad || m_at < m_words.size() ? std::nullopt : std::optional(std::move(filter));
    }

private:
    bool take(std::initializer_list<const char*> names)
    {
        for (const char* name : names)
            if (m_at < m_words.size() && m_words[m_at] == name) {
                ++m_at;
                return true;
            }
        return false;
    }

    Test either()
    {
        Test left = both();
        while (take({"or", "|", "||"}))
            left = [a = std::move(left), b = both()](const sim::Socket& s) { return a(s) || b(s); };
        return left;
    }

    Test both()
    {
        Test left = negation();
        while (m_at < m_words.size() && m_words[m_at] != ")" && m_words[m_at] != "or" && m_words[m_at] != "|" && m_words[m_at] != "||" && !m_bad) {
            take({"and", "&", "&&"});
            left = [a = std::move(left), b = negation()](const sim::Socket& s) { return a(s) && b(s); };
        }
        return left;
    }

    Test negation()
    {
        if (take({"not", "!"}))
            return [a = negation()](const sim::Socket& s) { return !a(s); };
        if (take({"("})) {
            Test inside = either();
            m_bad = m_bad || !take({")"});
            return inside;
        }
        return term();
    }

    Test bad()
    {
        m_bad = true;
        m_at = m_words.size();
        return [](const sim::Socket&) { return false; };
    }

    Test term()
    {
        if (m_at >= m_words.size())
            return bad();
        const std::string key = m_words[m_at++];
        const bool source = key == "sport" || key == "src";
        if (!source && key != "dport" && key != "dst")
            return bad();
        char operation = '=';
        if (take({"=", "==", "eq"}))
            operation = '=';
        else if (take({"!=", "ne", "neq"}))
            operation = '!';
        else if (take({">", "gt"}))
            operation = '>';
        else if (take({"<", "lt"}))
            operation = '<';
        else if (take({">=", "ge", "geq"}))
            operation = 'G';
        else if (take({"<=", "le", "leq"}))
            operation = 'L';
        if (m_at >= m_words.size())
            return bad();
        const std::string value = m_words[m_at++];
        const std::size_t colon = value.rfind(':');
        const bool portOnly = key == "sport" || key == "dport";
        const std::string portText = colon != std::string::npos ? value.substr(colon + 1) : portOnly ? value : std::string();
        const std::string addressText = portOnly ? std::string() : value.substr(0, colon);
        std::optional<std::int64_t> port;
        if (!portText.empty() && portText != "*") {
            port = serviceNumber(portText);
            if (!port)
                return bad();
        }
        std::optional<sim::net::Prefix> prefix;
        if (!addressText.empty() && addressText != "*") {
            prefix = sim::net::Prefix::parse(addressText);
            if (!prefix)
                return bad();
        }
        return [=](const sim::Socket& s) {
            const std::int64_t own = source ? s.localPort : s.peerPort;
            const bool addressFits = !prefix || prefix->contains(source ? s.local : s.peer);
            if (!port)
                return addressFits == (operation != '!');
            switch (operation) {
            case '!': return !(addressFits && own == *port);
            case '>': return addressFits && own > *port;
            case '<': return addressFits && own < *port;
            case 'G': return addressFits && own >= *port;
            case 'L': return addressFits && own <= *port;
            default: return addressFits && own == *port;
            }
        };
    }

    static std::optional<std::int64_t> serviceNumber(const std::string& text)
    {
        static const std::map<std::string, std::int64_t> kServices{{"ssh", 22},   {"domain", 53},     {"http", 80},
                                                                   {"https", 443}, {"postgresql", 5432}, {"mysql", 3306}};
        const auto known = kServices.find(text);
        return known != kServices.end() ? std::optional(known->second) : parseNumber(text);
    }

    std::vector<std::string> m_words;
    std::size_t m_at = 0;
    bool m_bad = false;
};

std::optional<SocketFilter> SocketFilter::parse(const std::vector<std::string>& words)
{
    return SocketFilterReader(words).read();
}

} // namespace core::shell::node
