#include "core/shell/numbers.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace core::shell {

namespace {

struct JqOptions {
    bool raw = false, join = false, compact = false, nullInput = false, exitStatus = false, slurp = false,
         rawInput = false;
    bool sortKeys = false, tab = false;
    std::optional<bool> colour;
    int indent = 2;
    std::vector<std::pair<std::string, jv>> arguments;
    std::optional<std::string> filter;
    std::vector<std::string> files;
    std::vector<std::string> positional;
};

class Jq {
public:
    explicit Jq(Invocation& invocation) : m_invocation(invocation) { }
    ~Jq()
    {
        for (auto& [name, value] : m_options.arguments)
            jv_free(value);
        if (m_state)
            jq_teardown(&m_state);
    }
    Jq(const Jq&) = delete;
    Jq& operator=(const Jq&) = delete;

    int run()
    {
        if (const int status = parse(); status != 0)
            return status;
        m_state = jq_init();
        jq_set_error_cb(m_state, &Jq::onError, this);
        jq_set_attr(m_state, jv_string("JQ_LIBRARY_PATH"), jv_array());
        if (!compile()) {
            m_invocation.err().write(m_errors);
            return 3;
        }
        int status = 0;
        if (m_options.nullInput) {
            m_where = "<unknown>";
            process(jv_null(), status);
        } else {
            status = readInputs();
        }
        m_invocation.err().write(m_errors);
        if (status != 0)
            return status;
        return m_options.exitStatus ? (m_lastKind < 0 ? 4 : m_lastKind == 0 ? 1 : 0) : 0;
    }

private:
    static void onError(void* self, jv message)
    {
        jv text = jv_dump_string(jv_copy(message), 0);
        std::string line = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message)
                                                                  : jv_string_value(text);
        jv_free(text);
        jv_free(message);
        auto* jq = static_cast<Jq*>(self);
        if (const std::size_t at = line.find(jq->m_prefix);
            !jq->m_prefix.empty() && at != std::string::npos) {
            line.erase(at, jq->m_prefix.size());
            // The message pads the program's line to where the error is.
            std::size_t blanks = std::min(jq->m_prefix.size(), line.size() - line.find_last_not_of(' ') - 1);
            line.resize(line.size() - blanks);
        }
        jq->m_errors += line + "\n";
    }

    int usage(const std::string& text)
    {
        m_invocation.err().write("jq: error: " + text
                                 + "\nUse jq --help for help with command-line options,\nor see the jq "
                                   "manpage, or online docs  at https://stedolan.github.io/jq\n");
        return 2;
    }

    int parse()
    {
        const std::vector<std::string>& words = m_invocation.arguments;
        bool positional = false;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word.size() < 2 || word[0] != '-') {
                if (!m_options.filter)
                    m_options.filter = word;
                else if (positional)
                    m_options.positional.push_back(word);
                else
                    m_options.files.push_back(word);
                continue;
            }
            if (word == "--arg" || word == "--argjson") {
                if (i + 2 >= words.size())
                    return usage(word + " takes two parameters (e.g. " + word + " varname value)");
                jv value = word == "--arg" ? jv_string(words[i + 2].c_str()) : jv_parse(words[i + 2].c_str());
                if (!jv_is_valid(value)) {
                    jv_free(value);
                    return usage("Invalid JSON text passed to --argjson");
                }
                m_options.arguments.emplace_back(words[i + 1], value);
                i += 2;
            } else if (word == "--indent" && i + 1 < words.size()) {
                std::size_t used = 0;
                m_options.indent = static_cast<int>(parseDouble(words[++i], used));
                if (m_options.indent < 0 || m_options.indent > 7)
                    return usage("Cannot indent more than 7 characters");
            } else if (word == "--args") {
                positional = true;
            } else if (word.compare(0, 2, "--") == 0) {
                static const std::vector<std::pair<std::string, char>> kLong = {
                    {"--raw-output", 'r'},        {"--join-output", 'j'}, {"--compact-output", 'c'},
                    {"--null-input", 'n'},        {"--exit-status", 'e'}, {"--slurp", 's'},
                    {"--raw-input", 'R'},         {"--sort-keys", 'S'},   {"--color-output", 'C'},
                    {"--monochrome-output", 'M'}, {"--tab", 't'}};
                bool known = false;
                for (const auto& [name, letter] : kLong)
                    if (name == word)
                        known = set(letter);
                if (!known)
                    return usage("Unknown arguments");
            } else {
                for (const char letter : word.substr(1))
                    if (letter == 't' || !set(letter))
                        return usage("Unknown arguments");
            }
        }
        if (!m_options.filter)
            return usage("no filter given");
        return 0;
    }

    bool set(char letter)
    {
        switch (letter) {
        case 'r': m_options.raw = true; break;
        case 'j': m_options.raw = m_options.join = true; break;
        case 'c': m_options.compact = true; break;
        case 'n': m_options.nullInput = true; break;
        case 'e': m_options.exitStatus = true; break;
        case 's': m_options.slurp = true; break;
        case 'R': m_options.rawInput = true; break;
        case 'S': m_options.sortKeys = true; break;
        case 'C': m_options.colour = true; break;
        case 'M': m_options.colour = false; break;
        case 't': m_options.tab = true; break;
        default: return false;
        }
        return true;
    }

    bool compile()
    {
        // The host's clock and environment stay outside: both names are redefined.
        m_prefix = fmt::format("def now: {}; def env: $ENV; ",
                               static_cast<double>(m_invocation.now().time_since_epoch().count()) / 1e9);
        jv arguments = jv_object();
        jv named = jv_object();
        for (auto& [name, value] : m_options.arguments) {
            arguments = jv_object_set(arguments, jv_string(name.c_str()), jv_copy(value));
            named = jv_object_set(named, jv_string(name.c_str()), jv_copy(value));
        }
        jv positional = jv_array();
        for (const std::string& word : m_options.positional)
            positional = jv_array_append(positional, jv_string(word.c_str()));
        jv all = jv_object_set(jv_object_set(jv_object(), jv_string("named"), named), jv_string("positional"),
                               positional);
        jv environment = jv_object();
        for (const char* name : {"HOME", "USER", "HOSTNAME", "PATH", "PWD", "SHELL"})
            if (const auto value = m_invocation.variable(name))
                environment = jv_object_set(environment, jv_string(name), jv_string(value->c_str()));
        arguments = jv_object_set(arguments, jv_string("ARGS"), all);
        arguments = jv_object_set(arguments, jv_string("ENV"), environment);
        return jq_compile_args(m_state, (m_prefix + *m_options.filter).c_str(), arguments) != 0;
    }

    int flags() const
    {
        int result = 0;
        if (m_options.sortKeys)
            result |= JV_PRINT_SORTED;
        if (m_options.colour.value_or(m_invocation.out().isTerminal()))
            result |= JV_PRINT_COLOR;
        if (!m_options.compact && m_options.tab)
            result |= JV_PRINT_TAB | JV_PRINT_PRETTY;
        else if (!m_options.compact && m_options.indent > 0)
            result |= JV_PRINT_INDENT_FLAGS(m_options.indent) | JV_PRINT_PRETTY;
        return result;
    }

    void process(jv input, int& status)
    {
        constexpr int kOutputsPerRest = 2'000;
        jq_start(m_state, input, 0);
        jv result;
        int outputs = 0;
        while (jv_is_valid(result = jq_next(m_state))) {
            const jv_kind kind = jv_get_kind(result);
            m_lastKind = kind == JV_KIND_NULL || kind == JV_KIND_FALSE ? 0 : 1;
            std::string text;
            if (m_options.raw && kind == JV_KIND_STRING) {
                text.assign(jv_string_value(result),
                            static_cast<std::size_t>(jv_string_length_bytes(jv_copy(result))));
                jv_free(result);
            } else {
                jv dumped = jv_dump_string(result, flags());
                text = jv_string_value(dumped);
                jv_free(dumped);
            }
            m_invocation.print(text + (m_options.join ? "" : "\n"));
            if (++outputs % kOutputsPerRest == 0)
                m_invocation.sleep(std::chrono::milliseconds(1));
        }
        if (jq_halted(m_state)) {
            jv code = jq_get_exit_code(m_state);
            status = jv_get_kind(code) == JV_KIND_NUMBER ? static_cast<int>(jv_number_value(code)) : 0;
            jv_free(code);
            m_halted = true;
        } else if (jv_invalid_has_msg(jv_copy(result))) {
            jv message = jv_invalid_get_msg(jv_copy(result));
            if (jv_get_kind(message) == JV_KIND_STRING) {
                m_errors += "jq: error (at " + m_where + "): " + jv_string_value(message) + "\n";
            } else {
                jv dumped = jv_dump_string(jv_copy(message), 0);
                m_errors += "jq: error (at " + m_where + ") (not a string): " + jv_string_value(dumped)
                    + "\n";
                jv_free(dumped);
            }
            jv_free(message);
            status = 5;
        }
        jv_free(result);
    }

    int readInputs()
    {
        int status = 0;
        std::string slurpedText;
        jv slurped = m_options.slurp ? jv_array() : jv_invalid();
        jv_parser* parser = jv_parser_new(0);
        struct Free {
            jv_parser* parser;
            jv& value;
            ~Free()
            {
                jv_parser_free(parser);
                jv_free(value);
            }
        } free{parser, slurped};
        bool missing = false;
        std::vector<std::string> files = m_options.files;
        if (files.empty())
            files.emplace_back("-");
        for (std::size_t f = 0; f < files.size() && !m_halted; ++f) {
            if (files[f] != "-") {
                const Errno error = m_invocation.system()
                                        .readFile(m_invocation.place(), m_invocation.absolutePath(files[f]))
                                        .error;
                if (error != Errno::None) {
                    m_errors += "jq: error: Could not open file " + files[f] + ": "
                        + std::string(describe(error)) + "\n";
                    missing = true;
                    continue;
                }
            }
            std::size_t lines = 0;
            forEachInput(m_invocation, {files[f]}, [&](Input& input, const std::string& name) {
                // Fed line by line, as jq reads: a message names the line reached so far.
                while (std::optional<std::string> line = m_halted ? std::nullopt : input.readLine()) {
                    lines += input.endedWithNewline() ? 1 : 0;
                    m_where = (name == "-" ? "<stdin>" : name) + ":" + std::to_string(lines);
                    if (m_options.rawInput) {
                        if (m_options.slurp)
                            slurpedText += *line + (input.endedWithNewline() ? "\n" : "");
                        else
                            process(jv_string_sized(line->data(), static_cast<int>(line->size())), status);
                    } else {
                        *line += input.endedWithNewline() ? "\n" : "";
                        if (!parse(parser, *line, true, slurped, status))
                            return;
                    }
                }
            });
        }
        if (!m_options.rawInput && !m_halted && !m_broken)
            parse(parser, "", false, slurped, status);
        if (m_options.slurp && !m_broken) {
            if (m_options.rawInput)
                process(jv_string_sized(slurpedText.data(), static_cast<int>(slurpedText.size())), status);
            else
                process(std::exchange(slurped, jv_invalid()), status);
        }
        return status != 0 ? status : missing ? 2 : 0;
    }

    /// False at a syntax error.
    bool parse(jv_parser* parser, const std::string& text, bool more, jv& slurped, int& status)
    {
        if (m_broken)
            return false;
        jv_parser_set_buf(parser, text.data(), static_cast<int>(text.size()), more ? 1 : 0);
        jv value;
        while (!m_halted && jv_is_valid(value = jv_parser_next(parser))) {
            if (m_options.slurp)
                slurped = jv_array_append(slurped, value);
            else
                process(value, status);
        }
        if (m_halted)
            return false;
        if (!jv_invalid_has_msg(jv_copy(value))) {
            jv_free(value);
            return true;
        }
        jv message = jv_invalid_get_msg(value);
        m_errors += std::string("parse error: ") + jv_string_value(message) + "\n";
        jv_free(message);
        status = 4;
        m_broken = true;
        return false;
    }

    Invocation& m_invocation;
    JqOptions m_options;
    jq_state* m_state = nullptr;
    std::string m_prefix;
    std::string m_errors;
    int m_lastKind = -1;
    std::string m_where; ///< file and line reached, for messages
    bool m_halted = false;
    bool m_broken = false; ///< the input is no JSON
};

} // namespace

void addJq(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jq";
    spec.summary = "command-line JSON processor";
    spec.usage = "jq [OPTIONS] FILTER [FILE]...";
    spec.parseOptions = false;
    spec.options = {{'c', "compact-output", "", "compact instead of pretty-printed output"},
                    {'n', "null-input", "", "use `null` as the single input value"},
                    {'e', "exit-status", "", "set the exit status code based on the output"},
                    {'s', "slurp", "", "read (slurp) all inputs into an array"},
                    {'r', "raw-output", "", "output raw strings, not JSON texts"},
                    {'R', "raw-input", "", "read raw strings, not JSON texts"},
                    {'S', "sort-keys", "", "sort keys of objects on output"},
                    {0, "arg", "NAME VALUE", "set variable $NAME to VALUE"},
                    {0, "argjson", "NAME JSON", "set variable $NAME to the JSON value"}};
    spec.run = [](Invocation& invocation) {
        return Jq(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
