#include "core/shell/commands/kubectl/flags.h"

#include "core/shell/commands/kubectl/age.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace core::shell::kubectl {

namespace {

const FlagSpec* byName(const std::vector<const FlagSpec*>& specs, std::string_view name)
{
    const auto it = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec* s) { return s->name == name; });
    return it == specs.end() ? nullptr : *it;
}

std::optional<std::string> canonicalBool(std::string_view text)
{
    for (const std::string_view yes : {"true", "t", "T", "1", "True", "TRUE"}) {
        if (text == yes)
            return "true";
    }
    for (const std::string_view no : {"false", "f", "F", "0", "False", "FALSE"}) {
        if (text == no)
            return "false";
    }
    return std::nullopt;
}

std::optional<std::int64_t> integer(std::string_view text)
{
    std::int64_t value = 0;
    if (!text.empty() && text[0] == '+')
        text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

/// pflag's complaint about a value, or empty. Bools are made canonical.
std::string checkValue(const FlagSpec& spec, std::string& value)
{
    std::string why;
    switch (spec.type) {
    case FlagSpec::Type::Bool:
        if (const auto canonical = canonicalBool(value))
            value = *canonical;
        else
            why = fmt::format("strconv.ParseBool: parsing \"{}\": invalid syntax", value);
        break;
    case FlagSpec::Type::Number:
        if (!integer(value))
            why = fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", value);
        break;
    case FlagSpec::Type::Duration:
        if (!parseDuration(value))
            why = durationError(value);
        break;
    case FlagSpec::Type::Text:
    case FlagSpec::Type::List:
        break;
    }
    if (why.empty())
        return {};
    const std::string name = spec.letter ? fmt::format("-{}, --{}", spec.letter, spec.name)
                                         : fmt::format("--{}", spec.name);
    return fmt::format("invalid argument \"{}\" for \"{}\" flag: {}", value, name, why);
}

std::string_view bareValue(const FlagSpec& spec)
{
    return spec.type == FlagSpec::Type::Bool ? std::string_view("true") : spec.bare;
}

class WordParser {
public:
    WordParser(const std::vector<const FlagSpec*>& specs, const std::vector<std::string>& words)
        : m_specs(specs), m_words(words)
    {
        m_result.flags = Flags(specs);
    }

    ParsedWords parse()
    {
        for (; m_next < m_words.size() && m_result.error.empty(); ++m_next) {
            const std::string& word = m_words[m_next];
            if (word == "--") {
                m_result.dash = true;
                m_result.afterDash.assign(m_words.begin() + static_cast<std::ptrdiff_t>(m_next) + 1, m_words.end());
                break;
            }
            if (word.size() > 2 && word.compare(0, 2, "--") == 0)
                longFlag(word);
            else if (word.size() > 1 && word[0] == '-')
                cluster(word);
            else
                m_result.words.push_back(word);
        }
        return std::move(m_result);
    }

private:
    void take(const FlagSpec& spec, std::string value)
    {
        m_result.error = checkValue(spec, value);
        if (m_result.error.empty())
            m_result.flags.set(spec.name, std::move(value));
    }

    void longFlag(const std::string& word)
    {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (name == "help") {
            m_result.help = true;
            return;
        }
        const FlagSpec* spec = byName(m_specs, name);
        if (!spec)
            m_result.error = "unknown flag: --" + name;
        else if (equals != std::string::npos)
            take(*spec, word.substr(equals + 1));
        else if (const std::string_view bare = bareValue(*spec); !bare.empty())
            take(*spec, std::string(bare));
        else if (m_next + 1 < m_words.size())
            take(*spec, m_words[++m_next]);
        else
            m_result.error = "flag needs an argument: --" + name;
    }

    void cluster(const std::string& word)
    {
        for (std::size_t i = 1; i < word.size() && m_result.error.empty(); ++i) {
            const char letter = word[i];
            const auto it = std::find_if(m_specs.begin(), m_specs.end(),
                                         [&](const FlagSpec* s) { return s->letter == letter; });
            if (it == m_specs.end()) {
                if (letter == 'h')
                    m_result.help = true;
                else
                    m_result.error =
                        fmt::format("unknown shorthand flag: '{}' in -{}", letter, word.substr(i));
                if (letter == 'h')
                    continue;
                return;
            }
            const FlagSpec& spec = **it;
            if (i + 1 < word.size() && word[i + 1] == '=')
                return take(spec, word.substr(i + 2));
            if (const std::string_view bare = bareValue(spec); !bare.empty())
                take(spec, std::string(bare));
            else if (i + 1 < word.size())
                return take(spec, word.substr(i + 1));
            else if (m_next + 1 < m_words.size())
                return take(spec, m_words[++m_next]);
            else
                m_result.error = fmt::format("flag needs an argument: '{}' in -{}", letter, word.substr(i));
        }
    }

    const std::vector<const FlagSpec*>& m_specs;
    const std::vector<std::string>& m_words;
    std::size_t m_next = 0;
    ParsedWords m_result;
};

} // namespace

std::string Flags::text(std::string_view name) const
{
    if (const auto it = m_given.find(name); it != m_given.end())
        return it->second.back();
    const FlagSpec* spec = byName(m_specs, name);
    return spec ? std::string(spec->fallback) : std::string();
}

std::int64_t Flags::number(std::string_view name) const
{
    return integer(text(name)).value_or(0);
}

sim::Duration Flags::duration(std::string_view name) const
{
    return parseDuration(text(name)).value_or(sim::Duration{});
}

std::vector<std::string> Flags::values(std::string_view name) const
{
    const auto it = m_given.find(name);
    return it == m_given.end() ? std::vector<std::string>{} : it->second;
}

std::vector<std::string> Flags::list(std::string_view name) const
{
    std::vector<std::string> all;
    for (const std::string& value : values(name)) {
        for (std::string& part : sim::split(value, ','))
            all.push_back(std::move(part));
    }
    return all;
}

ParsedWords parseWords(const std::vector<const FlagSpec*>& specs, const std::vector<std::string>& words)
{
    return WordParser(specs, words).parse();
}

const std::vector<FlagSpec>& globalFlags()
{
    using T = FlagSpec::Type;
    static const std::vector<FlagSpec> kFlags{
        {0, "as", T::Text, "", "The user to act as."},
        {0, "as-group", T::List, "", "A group to act as a member of."},
        {0, "as-group", T::List, "", "A group to act as a member of; may be given several times."},
        {0, "as-uid", T::Text, "", "The UID to act as."},
        {0, "cache-dir", T::Text, "$HOME/.kube/cache", "Where discovery is cached."},
        {0, "certificate-authority", T::Text, "", "File with the certificate authority's certificate."},
        {0, "client-certificate", T::Text, "", "File with the client's certificate."},
        {0, "client-key", T::Text, "", "File with the client's key."},
        {0, "cluster", T::Text, "", "The cluster of the kubeconfig to use."},
        {0, "context", T::Text, "", "The context of the kubeconfig to use."},
        {0, "insecure-skip-tls-verify", T::Bool, "false", "Do not check the server's certificate."},
        {0, "kubeconfig", T::Text, "", "The kubeconfig file to use."},
        {'n', "namespace", T::Text, "", "The namespace this call is about."},
        {0, "request-timeout", T::Text, "0", "How long one request may take (1s, 2m); 0: no limit."},
        {'s', "server", T::Text, "", "Address and port of the API server."},
        {0, "token", T::Text, "", "Bearer token for the API server."},
        {0, "user", T::Text, "", "The user of the kubeconfig to use."},
        {'v', "v", T::Number, "0", "Log verbosity."},
        {0, "warnings-as-errors", T::Bool, "false", "Fail when the server sends a warning."},
    };
    return kFlags;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0)
            text += separator;
        text += parts[i];
    }
    return text;
}

} // namespace core::shell::kubectl
