// iptables-restore of iptables 1.8.9 (nf_tables): all of its input, or nothing of it.
#include "core/shell/commands/linux/iptables_request.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/engine/split.h"
#include "sim/net/changes.h"
#include "sim/world/firewall_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace core::shell::node {

namespace {

using RestoreVerb = sim::command::FirewallChange::Verb;

/// Words of a line; double quotes keep blanks, a backslash keeps the next character.
std::vector<std::string> restoreWords(const std::string& line)
{
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, begun = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"') {
            quoted = !quoted;
            begun = true;
        } else if (c == '\\' && i + 1 < line.size()) {
            word += line[++i];
            begun = true;
        } else if (!quoted && (c == ' ' || c == '\t')) {
            if (begun)
                words.push_back(std::exchange(word, {}));
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun)
        words.push_back(word);
    return words;
}

/// "[10:200]": packets and bytes.
std::optional<std::pair<std::int64_t, std::int64_t>> countersOf(const std::string& word)
{
    const std::size_t colon = word.find(':');
    if (word.size() < 5 || word.front() != '[' || word.back() != ']' || colon == std::string::npos)
        return std::nullopt;
    const auto packets = parseNumber(word.substr(1, colon - 1)), bytes = parseNumber(word.substr(colon + 1, word.size() - colon - 2));
    return packets && bytes ? std::optional(std::pair(*packets, *bytes)) : std::nullopt;
}

class Restorer {
public:
    explicit Restorer(Invocation& inv) : m_inv(inv), m_draft(stackOf(inv)) { }

    int run(const std::string& text)
    {
        for (const std::string& one : sim::linesOf(text)) {
            ++m_line;
            if (const auto status = line(one))
                return *status;
        }
        if (!m_table.empty()) {
            m_inv.err().write(fmt::format("iptables-restore: COMMIT expected at line {}\n", m_line + 1));
            return 1;
        }
        if (!m_inv.options.has("test"))
            for (const sim::command::FirewallChange& change : m_changes)
                m_inv.door().apply(sim::Command{change});
        return 0;
    }

private:
    std::optional<int> line(const std::string& text)
    {
        if (text.empty() || text[0] == '#')
            return std::nullopt;
        if (text[0] == '*')
            return table(text.substr(1));
        if (m_table.empty())
            return failed("");
        if (text == "COMMIT") {
            m_table.clear();
            return std::nullopt;
        }
        if (m_skips)
            return std::nullopt;
        return text[0] == ':' ? chain(splitWords(text.substr(1))) : rule(restoreWords(text));
    }

    std::optional<int> table(const std::string& name)
    {
        if (!isIptablesTable(name))
            return complain(fmt::format("iptables-restore: line {} table name '{}' invalid", m_line, name));
        m_table = name;
        m_skips = m_inv.options.has("table") && m_inv.options.value("table") != name;
        if (!m_skips && !m_inv.options.has("noflush"))
            emptyTable();
        return std::nullopt;
    }

    /// Without --noflush a table begins anew.
    void emptyTable()
    {
        make(RestoreVerb::Flush, {});
        std::vector<std::string> user;
        for (const auto& [name, chain] : m_draft.table(m_table))
            if (chain.policy.empty())
                user.push_back(name);
        for (const std::string& name : user)
            make(RestoreVerb::DeleteChain, name);
    }

    /// ":NAME POLICY [packets:bytes]"; "-" is the policy of a chain of the user's.
    std::optional<int> chain(const std::vector<std::string>& words)
    {
        if (words.size() < 2)
            return complain(fmt::format("iptables-restore: line {} policy invalid", m_line));
        const std::string& name = words[0];
        const auto& builtIn = sim::net::builtInChains(m_table);
        if (std::find(builtIn.begin(), builtIn.end(), name) != builtIn.end()) {
            if (words[1] != "ACCEPT" && words[1] != "DROP")
                return failed(" Bad policy name.");
            make(RestoreVerb::Policy, name, words[1]);
        } else {
            make(m_draft.table(m_table).count(name) > 0 ? RestoreVerb::Flush : RestoreVerb::NewChain, name);
        }
        return std::nullopt;
    }

    std::optional<int> rule(std::vector<std::string> words)
    {
        const auto counters = words.empty() ? std::nullopt : countersOf(words[0]);
        if (counters)
            words.erase(words.begin());
        if (words.empty() || words[0].empty() || words[0][0] != '-')
            return bare(words.empty() ? "" : words[0]);
        IptablesRequest request;
        request.program = "iptables-restore";
        request.line = m_line;
        request.change.stack = stackIdOf(m_inv);
        request.change.table = m_table;
        if (const auto status = parseIptables(m_inv, words, request))
            return status;
        if (!setIptablesVerb(request))
            return bare(words[0]);
        if (counters && m_inv.options.has("counters"))
            std::tie(request.change.rule.packets, request.change.rule.bytes) = *counters;
        const std::string& target = request.change.rule.target;
        if (!target.empty() && !isIptablesTarget(target) && m_draft.table(m_table).count(target) == 0)
            return complain(fmt::format("Chain '{}' does not exist", target));
        const std::string error = sim::applyFirewall(m_draft, request.change);
        if (!error.empty())
            return failed(" " + error.substr(error.find(": ") == std::string::npos ? 0 : error.find(": ") + 2));
        m_changes.push_back(request.change);
        return std::nullopt;
    }

    void make(RestoreVerb verb, const std::string& chain, const std::string& policy = {})
    {
        sim::command::FirewallChange change;
        change.stack = stackIdOf(m_inv);
        change.table = m_table;
        change.verb = verb;
        change.chain = chain;
        change.policy = policy;
        sim::applyFirewall(m_draft, change);
        m_changes.push_back(std::move(change));
    }

    int failed(const std::string& why)
    {
        m_inv.err().write(fmt::format("iptables-restore: line {} failed{}{}\n", m_line, why.empty() ? "" : ":", why));
        return 1;
    }

    int complain(const std::string& text)
    {
        IptablesRequest request;
        request.program = "iptables-restore";
        request.line = m_line;
        return badIptables(m_inv, request, text);
    }

    int bare(const std::string& word)
    {
        m_inv.err().write(fmt::format("Bad argument `{}'\nError occurred at line: {}\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n", word, m_line));
        return 2;
    }

    Invocation& m_inv;
    sim::net::Stack m_draft; ///< the rules as they will be
    std::vector<sim::command::FirewallChange> m_changes;
    std::string m_table; ///< between "*table" and COMMIT
    bool m_skips = false; ///< -T named another table
    std::size_t m_line = 0;
};

} // namespace

int runIptablesRestore(Invocation& inv)
{
    if (!isRoot(inv)) {
        inv.err().write("iptables-restore v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n");
        return 4;
    }
    std::string text;
    if (inv.operands.empty()) {
        text = inv.in().isTerminal() ? std::string() : inv.in().readAll();
    } else {
        const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(inv.operands[0]));
        if (file.error != Errno::None) {
            inv.err().write(fmt::format("Can't open {}: {}\n", inv.operands[0], describe(file.error)));
            return 1;
        }
        text = file.text;
    }
    return Restorer(inv).run(text);
}

} // namespace core::shell::node
