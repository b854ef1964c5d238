#include "core/shell/options.h"

#include "core/shell/usage_errors.h"

#include <algorithm>

namespace core::shell {

namespace {

std::string keyOf(const OptionSpec& option)
{
    return option.name.empty() ? std::string(1, option.letter) : option.name;
}

class OptionParser {
    using Kind = OptionComplaint::Kind;

public:
    OptionParser(const CommandSpec& spec, const std::string& name, const std::vector<std::string>& arguments)
        : m_spec(spec), m_name(name), m_arguments(arguments)
    { }

    ParsedOptions parse()
    {
        for (; m_next < m_arguments.size() && m_result.error.empty() && !m_result.helpAsked; ++m_next) {
            const std::string& word = m_arguments[m_next];
            if (word == "--") {
                m_result.operands.insert(m_result.operands.end(),
                                         m_arguments.begin() + static_cast<std::ptrdiff_t>(m_next) + 1,
                                         m_arguments.end());
                break;
            }
            if (word.size() > 2 && word.compare(0, 2, "--") == 0)
                longOption(word.substr(2));
            else if (word.size() > 1 && word[0] == '-')
                cluster(word);
            else
                m_result.operands.push_back(word);
        }
        return std::move(m_result);
    }

private:
    void longOption(const std::string& word)
    {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const OptionSpec* found = nullptr;
        std::vector<std::string> possible;
        for (const OptionSpec& option : m_spec.options) {
            if (option.name.empty())
                continue;
            if (option.name == name) {
                found = &option;
                possible.clear();
                break;
            }
            if (option.name.compare(0, name.size(), name) == 0) {
                possible.push_back(option.name);
                found = &option;
            }
        }
        if (possible.size() > 1) {
            std::string text = "option '--" + word + "' is ambiguous; possibilities:";
            for (const std::string& candidate : possible)
                text += " '--" + candidate + "'";
            fail(Kind::Other, "--" + word, text);
            return;
        }
        if (!found) {
            if (name == "help")
                m_result.helpAsked = true;
            else
                fail(Kind::Unknown, "--" + name, "unrecognized option '--" + name + "'");
            return;
        }
        if (equals != std::string::npos) {
            if (found->argument.empty() && !found->optionalArgument)
                fail(Kind::Other, "--" + found->name, "option '--" + found->name + "' doesn't allow an argument");
            else
                m_result.options.add(keyOf(*found), word.substr(equals + 1));
        } else if (found->argument.empty() || found->optionalArgument) {
            m_result.options.add(keyOf(*found), {});
        } else if (m_next + 1 < m_arguments.size()) {
            m_result.options.add(keyOf(*found), m_arguments[++m_next]);
        } else {
            fail(Kind::ArgumentMissing, "--" + found->name, "option '--" + found->name + "' requires an argument");
        }
    }

    void cluster(const std::string& word)
    {
        if (m_spec.historicalCounts && word.find_first_not_of("0123456789", 1) == std::string::npos) {
            m_result.options.add("lines", word.substr(1));
            return;
        }
        for (std::size_t i = 1; i < word.size(); ++i) {
            const auto it = std::find_if(m_spec.options.begin(), m_spec.options.end(),
                                         [&](const OptionSpec& o) { return o.letter == word[i]; });
            if (it == m_spec.options.end()) {
                fail(Kind::Unknown, std::string("-") + word[i], std::string("invalid option -- '") + word[i] + "'");
                return;
            }
            if (it->argument.empty() || it->optionalArgument) {
                // An optional value of a short option must be attached: -w=false is not GNU, -i.bak is.
                if (it->optionalArgument && !it->argument.empty()) {
                    m_result.options.add(keyOf(*it), word.substr(i + 1));
                    return;
                }
                m_result.options.add(keyOf(*it), {});
                continue;
            }
            if (i + 1 < word.size())
                m_result.options.add(keyOf(*it), word.substr(i + 1));
            else if (m_next + 1 < m_arguments.size())
                m_result.options.add(keyOf(*it), m_arguments[++m_next]);
            else
                fail(Kind::ArgumentMissing, std::string("-") + word[i], std::string("option requires an argument -- '") + word[i] + "'");
            return;
        }
    }

    void fail(OptionComplaint::Kind kind, const std::string& option, const std::string& text)
    {
        UsageError error = usageError(m_spec, m_name, {kind, option, text, m_next + 1});
        m_result.error = std::move(error.text);
        m_result.errorStatus = error.status;
    }

    const CommandSpec& m_spec;
    const std::string& m_name;
    const std::vector<std::string>& m_arguments;
    std::size_t m_next = 0;
    ParsedOptions m_result;
};

} // namespace

ParsedOptions parseOptions(const CommandSpec& spec, const std::string& name,
                           const std::vector<std::string>& arguments)
{
    return OptionParser(spec, name, arguments).parse();
}

std::string helpText(const CommandSpec& spec)
{
    std::string text = "Usage: " + (spec.usage.empty() ? spec.name : spec.usage) + "\n";
    if (!spec.summary.empty()) {
        std::string summary = spec.summary;
        if (summary[0] >= 'a' && summary[0] <= 'z')
            summary[0] = static_cast<char>(summary[0] - 'a' + 'A');
        text += summary + ".\n";
    }
    if (!spec.options.empty())
        text += '\n';
    constexpr std::size_t kHelpColumn = 29;
    const auto addLine = [&](std::string left, const std::string& help) {
        if (left.size() + 2 > kHelpColumn)
            left += "\n" + std::string(kHelpColumn, ' ');
        else
            left.append(kHelpColumn - left.size(), ' ');
        text += left + help + "\n";
    };
    for (const OptionSpec& option : spec.options) {
        std::string left = option.letter ? std::string("  -") + option.letter : std::string("    ");
        if (!option.name.empty())
            left += (option.letter ? ", --" : "  --") + option.name;
        if (!option.argument.empty()) {
            if (option.optionalArgument)
                left += "[=" + option.argument + "]";
            else
                left += (option.name.empty() ? " " : "=") + option.argument;
        }
        addLine(left, option.help);
    }
    addLine("      --help", "display this help and exit");
    return text;
}

} // namespace core::shell
