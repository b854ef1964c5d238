#include "sim/kube/api/selectors.h"

#include "sim/kube/api/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

std::string trimmed(const std::string& text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Splits at commas that are not inside parentheses.
std::vector<std::string> requirements(const std::string& text)
{
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    for (const char c : text) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
            parts.push_back(trimmed(part));
            part.clear();
        } else {
            part += c;
        }
    }
    parts.push_back(trimmed(part));
    return parts;
}

/// labels.Lexer: identifiers and the signs between them.
class Tokens {
public:
    explicit Tokens(const std::string& text)
    {
        for (std::size_t i = 0; i < text.size();) {
            const char c = text[i];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++i;
            } else if (isSign(c)) {
                std::string sign;
                if (c == '(' || c == ')' || c == ',')
                    sign = text[i++];
                else
                    while (i < text.size() && isSign(text[i]) && text[i] != '(' && text[i] != ')' && text[i] != ',')
                        sign += text[i++];
                m_tokens.push_back(std::move(sign));
            } else {
                std::string word;
                while (i < text.size() && !isSign(text[i]) && text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
                    word += text[i++];
                m_tokens.push_back(std::move(word));
            }
        }
    }
    /// Empty at the end.
    const std::string& peek(std::size_t ahead = 0) const
    {
        static const std::string kEnd;
        return m_at + ahead < m_tokens.size() ? m_tokens[m_at + ahead] : kEnd;
    }
    std::string take()
    {
        std::string token = peek();
        ++m_at;
        return token;
    }
    bool atEnd() const { return m_at >= m_tokens.size(); }
    static bool isWord(const std::string& token) { return !token.empty() && !isSign(token.front()); }

private:
    static bool isSign(char c) { return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<'; }
    std::vector<std::string> m_tokens;
    std::size_t m_at = 0;
};

/// labels.Parser: one requirement after the other.
class Requirements {
public:
    explicit Requirements(const std::string& text) : m_tokens(text) { }

    ParsedSelector run()
    {
        ParsedSelector parsed;
        while (!m_tokens.atEnd() && m_error.empty()) {
            LabelSelectorRequirement one;
            parseOne(one);
            if (!m_error.empty())
                break;
            parsed.selector.matchExpressions.push_back(std::move(one));
            if (m_tokens.atEnd())
                break;
            if (m_tokens.peek() != ",") {
                m_error = fmt::format("found '{}', expected: ',' or 'end of string'", m_tokens.peek());
                break;
            }
            m_tokens.take();
            if (!Tokens::isWord(m_tokens.peek()) && m_tokens.peek() != "!")
                m_error = fmt::format("found '{}', expected: identifier after ','", m_tokens.peek());
        }
        if (!m_error.empty()) {
            parsed.error = m_prefixed ? "unable to parse requirement: " + m_error : m_error;
            parsed.selector = {};
        }
        return parsed;
    }

private:
    Tokens m_tokens;
    std::string m_error;
    bool m_prefixed = false;

    void fail(std::string text)
    {
        m_error = std::move(text);
        m_prefixed = true;
    }
    void parseOne(LabelSelectorRequirement& one)
    {
        const bool absent = m_tokens.peek() == "!";
        if (absent)
            m_tokens.take();
        const std::string key = m_tokens.take();
        if (!Tokens::isWord(key))
            return fail(fmt::format("found '{}', expected: identifier", key));
        for (const std::string& message : names::qualifiedName(key))
            return fail(fmt::format("<nil>: Invalid value: \"{}\": {}", key, message));
        one.key = key;
        if (m_tokens.atEnd() || m_tokens.peek() == "," || absent) {
            one.operator_ = absent ? "DoesNotExist" : "Exists";
            return;
        }
        const std::string word = m_tokens.take();
        if (word == "in" || word == "notin") {
            one.operator_ = word == "in" ? "In" : "NotIn";
            parseList(one.values);
        } else if (word == "=" || word == "==" || word == "!=") {
            one.operator_ = word == "!=" ? "NotIn" : "In";
            one.values = {m_tokens.atEnd() || m_tokens.peek() == "," ? std::string() : m_tokens.take()};
        } else if (word == ">" || word == "<") {
            one.operator_ = word == ">" ? "Gt" : "Lt";
            one.values = {m_tokens.take()};
        } else {
            return fail(fmt::format("found '{}', expected: in, notin, =, ==, !=, gt, lt", word));
        }
        for (const std::string& value : one.values)
            for (const std::string& message : names::labelValue(value))
                return fail(fmt::format("values[0][{}]: Invalid value: \"{}\": {}", key, value, message));
    }
    void parseList(std::vector<std::string>& values)
    {
        if (m_tokens.peek() != "(")
            return fail(fmt::format("found '{}' expected: '('", m_tokens.peek()));
        m_tokens.take();
        for (;;) {
            const std::string token = m_tokens.take();
            if (Tokens::isWord(token))
                values.push_back(token);
            else if (token == ",")
                values.emplace_back(); // nothing between two commas is the empty value
            else if (token == ")" && values.empty())
                values.emplace_back();
            if (token == ")")
                return;
            if (token.empty() || (token != "," && !Tokens::isWord(token)))
                return fail(fmt::format("found '{}', expected: ',' or ')'", token));
            if (Tokens::isWord(token) && m_tokens.peek() == ",")
                m_tokens.take();
        }
    }
};

} // namespace

ParsedSelector parseLabelSelector(const std::string& text)
{
    return Requirements(text).run();
}

ParsedFields parseFieldSelector(const std::string& text)
{
    ParsedFields parsed;
    if (trimmed(text).empty())
        return parsed;
    for (const std::string& one : requirements(text)) {
        FieldRequirement requirement;
        const auto differs = one.find("!=");
        const auto equals = one.find('=');
        if (equals == std::string::npos) {
            parsed.error = fmt::format("invalid selector: '{}'; can't understand '{}'", text, one);
            return parsed;
        }
        requirement.equal = differs == std::string::npos;
        requirement.field = trimmed(one.substr(0, requirement.equal ? equals : differs));
        const auto value = one.find_first_not_of('=', equals);
        requirement.value = value == std::string::npos ? std::string() : trimmed(one.substr(value));
        parsed.requirements.push_back(std::move(requirement));
    }
    return parsed;
}

std::optional<std::string> selectableField(KindId kind, const void* object, const std::string& field)
{
    std::optional<std::string> value;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (kindIdOf<T> != kind)
            return;
        const T& typed = *static_cast<const T*>(object);
        if (field == "metadata.name")
            value = typed.metadata.name;
        else if (field == "metadata.namespace")
            value = typed.metadata.namespace_;
        if constexpr (std::is_same_v<T, Pod>) {
            if (field == "spec.nodeName") value = typed.spec.nodeName;
            else if (field == "status.phase") value = typed.status.phase;
            else if (field == "status.podIP") value = typed.status.podIP;
            else if (field == "spec.restartPolicy") value = typed.spec.restartPolicy;
            else if (field == "spec.schedulerName") value = typed.spec.schedulerName;
            else if (field == "spec.serviceAccountName") value = typed.spec.serviceAccountName;
            else if (field == "spec.hostNetwork") value = typed.spec.hostNetwork ? "true" : "false";
            else if (field == "status.podIPs") value = typed.status.podIP;
            else if (field == "status.nominatedNodeName") value = typed.status.nominatedNodeName;
        } else if constexpr (std::is_same_v<T, Node>) {
            if (field == "spec.unschedulable") value = typed.spec.unschedulable ? "true" : "false";
        } else if constexpr (std::is_same_v<T, Namespace>) {
            if (field == "status.phase") value = typed.status.phase;
        } else if constexpr (std::is_same_v<T, Secret>) {
            if (field == "type") value = typed.type;
        } else if constexpr (std::is_same_v<T, Service>) {
            if (field == "spec.clusterIP") value = typed.spec.clusterIP;
            else if (field == "spec.type") value = typed.spec.type;
        } else if constexpr (std::is_same_v<T, Job>) {
            if (field == "status.successful") value = std::to_string(typed.status.succeeded);
        } else if constexpr (std::is_same_v<T, ReplicaSet>) {
            if (field == "status.replicas") value = std::to_string(typed.status.replicas.value);
        } else if constexpr (std::is_same_v<T, KubeEvent>) {
            if (field == "involvedObject.kind") value = typed.involvedObject.kind;
            else if (field == "involvedObject.name") value = typed.involvedObject.name;
            else if (field == "involvedObject.namespace") value = typed.involvedObject.namespace_;
            else if (field == "involvedObject.uid") value = typed.involvedObject.uid;
            else if (field == "involvedObject.apiVersion") value = typed.involvedObject.apiVersion;
            else if (field == "involvedObject.resourceVersion") value = typed.involvedObject.resourceVersion;
            else if (field == "involvedObject.fieldPath") value = typed.involvedObject.fieldPath;
            else if (field == "reason") value = typed.reason;
            else if (field == "type") value = typed.type;
            else if (field == "source" || field == "reportingComponent") value = typed.source.component;
        }
    });
    return value;
}

} // namespace sim::kube
