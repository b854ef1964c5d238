#include "core/shell/language/expansion.h"

#include "core/shell/language/evaluator.h"
#include "core/shell/paths.h"
#include "core/shell/pattern.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <utility>

namespace core::shell {

namespace {

constexpr std::size_t kMaxNames = 20'000;

bool contains(std::string_view set, char c)
{
    return set.find(c) != std::string_view::npos;
}

/// What remains after removing the shortest or longest matching prefix or suffix.
std::string trim(const std::string& value, const std::string& pattern, bool suffix, bool longest)
{
    // Each length is tried; beyond this size only literal patterns are.
    constexpr std::size_t kMaxTried = 20'000;
    if (value.size() > kMaxTried && hasPattern(pattern))
        return value;
    const std::size_t n = value.size();
    for (std::size_t i = 0; i <= n; ++i) {
        const std::size_t length = longest ? n - i : i;
        const std::string_view view(value);
        const std::string_view piece = suffix ? view.substr(n - length) : view.substr(0, length);
        if (matchPattern(pattern, piece))
            return std::string(suffix ? view.substr(0, n - length) : view.substr(length));
    }
    return value;
}

std::string replace(const std::string& value, const std::string& pattern, const std::string& with,
                    const std::string& operation)
{
    constexpr std::size_t kMaxTried = 4'000;
    if (pattern.empty() || value.size() > kMaxTried)
        return value;
    std::string result;
    std::size_t i = 0;
    const std::string_view view(value);
    bool replaced = false;
    while (i < value.size()) {
        std::size_t length = 0;
        if (!(replaced && operation != "//") && !(operation == "/#" && i > 0)) {
            for (std::size_t n = value.size() - i; n > 0 && length == 0; --n)
                if ((operation != "/%" || i + n == value.size()) && matchPattern(pattern, view.substr(i, n)))
                    length = n;
        }
        if (length > 0) {
            result += with;
            i += length;
            replaced = true;
        } else {
            result += value[i++];
        }
    }
    return result;
}

std::size_t countCharacters(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

char changedCase(char c, bool upper)
{
    return upper ? sim::raised(c) : sim::lowered(c);
}

} // namespace

void Expander::addQuoted(std::string_view text)
{
    m_fields.back().text += text;
    m_fields.back().pattern += escapePattern(text);
    m_fields.back().present = true;
}

void Expander::addLiteral(std::string_view text)
{
    m_fields.back().text += text;
    m_fields.back().pattern += text;
    if (!text.empty())
        m_fields.back().present = true;
}

void Expander::breakField()
{
    if (m_fields.back().present)
        m_fields.emplace_back();
}

void Expander::addSplit(std::string_view text)
{
    const auto append = [&](std::string_view piece) {
        m_fields.back().text += piece;
        for (const char c : piece) {
            if (c == '\\')
                m_fields.back().pattern += '\\';
            m_fields.back().pattern += c;
        }
        if (!piece.empty())
            m_fields.back().present = true;
    };
    if (!m_splitting) {
        append(text);
        return;
    }
    const auto ifs = m_evaluator.state.variables.find("IFS");
    const std::string separators = ifs == m_evaluator.state.variables.end() ? " \t\n" : ifs->second.value;
    std::size_t i = 0;
    while (i < text.size()) {
        std::size_t end = i;
        while (end < text.size() && !contains(separators, text[end]))
            ++end;
        append(text.substr(i, end - i));
        if (end == text.size())
            return;
        // Blanks collapse; another separator ends a field even when the field is empty.
        bool hard = false;
        while (end < text.size() && contains(separators, text[end])) {
            const bool blank = contains(" \t\n", text[end]);
            if (!blank && hard)
                break;
            hard |= !blank;
            ++end;
        }
        if (hard)
            m_fields.back().present = true;
        breakField();
        i = end;
    }
}

std::string Expander::tilde(const std::string& text, std::size_t& consumed) const
{
    consumed = 0;
    if (text.empty() || text[0] != '~')
        return {};
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string user = text.substr(1, end - 1);
    if (user.empty()) {
        consumed = 1;
        return m_evaluator.state.variable("HOME");
    }
    for (const char c : user)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return {};
    consumed = end;
    return user == "root" ? "/root" : "/home/" + user;
}

void Expander::positional(bool joined, bool quoted)
{
    const std::vector<std::string>& all = m_evaluator.state.positional;
    if (joined && (quoted || !m_splitting)) {
        const auto ifs = m_evaluator.state.variables.find("IFS");
        const std::string separator = ifs == m_evaluator.state.variables.end()
            ? " "
            : ifs->second.value.substr(0, 1);
        std::string text;
        for (std::size_t i = 0; i < all.size(); ++i)
            text += (i ? separator : "") + all[i];
        if (quoted)
            addQuoted(text);
        else
            addSplit(text);
        return;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) {
            if (m_splitting) {
                if (quoted)
                    m_fields.back().present = true;
                breakField();
            } else {
                addLiteral(" ");
            }
        }
        if (quoted)
            addQuoted(all[i]);
        else
            addSplit(all[i]);
    }
}

void Expander::parameter(const WordPart& part, bool quoted)
{
    if (part.operation == "bad")
        throw ExpansionError{"${" + part.text + "}: bad substitution"};
    std::string name = part.text;
    if (part.operation.empty() && !part.length && (name == "@" || name == "*")) {
        positional(name == "*", quoted);
        return;
    }
    if (part.indirect)
        name = m_evaluator.parameter(name).value_or("");
    if (part.length && (name == "@" || name == "*")) {
        addLiteral(std::to_string(m_evaluator.state.positional.size()));
        return;
    }
    const std::optional<std::string> found = m_evaluator.parameter(name);
    const bool defaulted = !part.operation.empty() && contains("-=?+", part.operation.back());
    if (!found && m_evaluator.state.unsetIsError && !defaulted)
        throw ExpansionError{name + ": unbound variable"};
    if (part.length) {
        addLiteral(std::to_string(countCharacters(found.value_or(""))));
        return;
    }
    std::string value = found.value_or("");
    if (!part.operation.empty()) {
        bool done = false;
        value = operate(part, value, found.has_value(), quoted, done);
        if (done)
            return;
    }
    if (quoted)
        addQuoted(value);
    else
        addSplit(value);
}

std::string Expander::operate(const WordPart& part, const std::string& value, bool isSet, bool quoted,
                              bool& done)
{
    const std::string& op = part.operation;
    const Word empty;
    const Word& first = part.arguments.empty() ? empty : part.arguments[0];
    Expander inner(m_evaluator);
    if (contains("-=?+", op.back())) {
        const bool has = op[0] == ':' ? !value.empty() : isSet;
        switch (op.back()) {
        case '-':
        case '+':
            if (has == (op.back() == '+')) {
                // The replacement's own quotes and splits count.
                const bool outer = std::exchange(m_inDefault, true);
                expand(first.parts, quoted, false, false);
                m_inDefault = outer;
                done = true;
                return {};
            }
            return op.back() == '+' ? std::string() : value;
        case '=':
            if (!has) {
                const std::string assigned = inner.single(first);
                m_evaluator.assign(part.text, assigned);
                return assigned;
            }
            return value;
        default:
            if (!has) {
                const std::string text = inner.single(first);
                throw ExpansionError{part.text + ": " + (text.empty() ? "parameter null or not set" : text)};
            }
            return value;
        }
    }
    if (op[0] == '#' || op[0] == '%')
        return trim(value, inner.pattern(first), op[0] == '%', op.size() == 2);
    if (op[0] == '/')
        return replace(value, inner.pattern(first),
                       part.arguments.size() > 1 ? inner.single(part.arguments[1]) : std::string(), op);
    if (op[0] == '^' || op[0] == ',') {
        std::string result = value;
        for (std::size_t i = 0; i < result.size() && (i == 0 || op.size() == 2); ++i)
            result[i] = changedCase(result[i], op[0] == '^');
        return result;
    }
    // ${name:offset:length}
    const auto size = static_cast<std::int64_t>(value.size());
    std::int64_t offset = inner.arithmetic(first);
    if (offset < 0)
        offset += size;
    if (offset < 0 || offset > size)
        return {};
    std::int64_t length = size - offset;
    if (part.arguments.size() > 1) {
        length = inner.arithmetic(part.arguments[1]);
        if (length < 0)
            length = size + length - offset;
        if (length < 0)
            throw ExpansionError{part.arguments[1].source + ": substring expression < 0"};
    }
    return value.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

void Expander::expand(const std::vector<WordPart>& parts, bool quoted, bool atWordStart, bool assignment)
{
    bool first = atWordStart;
    for (const WordPart& part : parts) {
        switch (part.kind) {
        case WordPart::Kind::Literal: {
            if (quoted) {
                addQuoted(part.text);
                break;
            }
            std::size_t consumed = 0;
            if (const std::string home = first ? tilde(part.text, consumed) : std::string(); consumed > 0)
                addQuoted(home);
            std::string text = part.text.substr(consumed);
            if (assignment) { // PATH=~/bin:~/x
                for (std::size_t colon = text.find(":~"); colon != std::string::npos;
                     colon = text.find(":~", colon + 1)) {
                    const std::string home = tilde(text.substr(colon + 1), consumed);
                    text.replace(colon + 1, consumed, home);
                }
            }
            if (m_inDefault)
                addSplit(text);
            else
                addLiteral(text);
            break;
        }
        case WordPart::Kind::Quoted: addQuoted(part.text); break;
        case WordPart::Kind::DoubleQuoted: {
            // "$@" with no parameters leaves no field at all.
            const bool onlyAll = part.parts.size() == 1 && part.parts[0].kind == WordPart::Kind::Parameter
                && part.parts[0].text == "@" && part.parts[0].operation.empty();
            if (!onlyAll)
                addQuoted({});
            expand(part.parts, true, false, false);
            break;
        }
        case WordPart::Kind::Parameter: parameter(part, quoted); break;
        case WordPart::Kind::Command: {
            const std::string text = m_evaluator.capture(part.command);
            if (quoted)
                addQuoted(text);
            else
                addSplit(text);
            break;
        }
        case WordPart::Kind::Arithmetic: {
            const std::int64_t value = part.arguments.empty()
                ? 0
                : Expander(m_evaluator).arithmetic(part.arguments[0]);
            addLiteral(std::to_string(value));
            break;
        }
        }
        first = false;
    }
}

std::vector<std::string> Expander::fields(const std::vector<Word>& words)
{
    std::vector<std::string> result;
    for (const Word& word : words) {
        for (const Word& single : expandBraces(word)) {
            m_splitting = true;
            m_fields.assign(1, {});
            expand(single.parts, false, true, false);
            const std::vector<Field> found = std::move(m_fields);
            for (const Field& field : found) {
                if (!field.present)
                    continue;
                if (!m_evaluator.state.noGlob && hasPattern(field.pattern)) {
                    std::vector<std::string> names = fileNames(field.pattern);
                    if (!names.empty()) {
                        std::move(names.begin(), names.end(), std::back_inserter(result));
                        continue;
                    }
                }
                result.push_back(field.text);
            }
        }
    }
    return result;
}

std::string Expander::single(const Word& word, bool assignment)
{
    m_splitting = false;
    m_fields.assign(1, {});
    expand(word.parts, false, true, assignment);
    return m_fields[0].text;
}

std::string Expander::pattern(const Word& word)
{
    m_splitting = false;
    m_fields.assign(1, {});
    expand(word.parts, false, true, false);
    return m_fields[0].pattern;
}

std::string Expander::regex(const Word& word)
{
    // Quoted text matches itself; the rest is the regular expression as it stands.
    std::string result;
    for (const WordPart& part : word.parts) {
        const bool quoted = part.kind == WordPart::Kind::Quoted || part.kind == WordPart::Kind::DoubleQuoted;
        Word one;
        one.parts.push_back(part);
        for (const char c : single(one)) {
            if (quoted && contains("\\^$.|?*+()[]{}", c))
                result += '\\';
            result += c;
        }
    }
    return result;
}

std::int64_t Expander::arithmetic(const Word& word)
{
    m_splitting = false;
    m_fields.assign(1, {});
    expand(word.parts, true, false, false);
    return m_evaluator.calculate(m_fields[0].text);
}

std::vector<std::string> Expander::fileNames(const std::string& pattern)
{
    std::vector<std::string> components;
    std::string component;
    for (const char c : pattern) {
        if (c == '/') {
            components.push_back(std::move(component));
            component.clear();
        } else {
            component += c;
        }
    }
    components.push_back(std::move(component));
    std::vector<std::string> result;
    if (components[0].empty())
        walk("/", "/", components, 1, result);
    else
        walk(m_evaluator.state.workingDirectory, "", components, 0, result);
    std::sort(result.begin(), result.end());
    return result;
}

void Expander::walk(const std::string& base, const std::string& prefix,
                    const std::vector<std::string>& components, std::size_t index,
                    std::vector<std::string>& result)
{
    if (index >= components.size() || result.size() >= kMaxNames)
        return;
    System& system = m_evaluator.runtime().system;
    const Place& place = m_evaluator.state.place;
    const std::string& component = components[index];
    const bool last = index + 1 == components.size();
    const auto visit = [&](const std::string& name) {
        const std::string path = joinPath(base, name);
        if (last) {
            if (system.stat(place, path, false))
                result.push_back(prefix + name);
        } else if (const auto stat = system.stat(place, path);
                   stat && stat->type == FileStat::Type::Directory) {
            if (index + 2 == components.size() && components.back().empty())
                result.push_back(prefix + name + "/");
            else
                walk(path, prefix + name + "/", components, index + 1, result);
        }
    };
    if (!hasPattern(component)) {
        std::string name;
        for (std::size_t i = 0; i < component.size(); ++i) {
            if (component[i] == '\\' && i + 1 < component.size())
                ++i;
            name += component[i];
        }
        if (name.empty())
            walk(base, prefix, components, index + 1, result);
        else
            visit(name);
        return;
    }
    const auto entries = system.list(place, base);
    if (!entries)
        return;
    for (const DirectoryEntry& entry : *entries) {
        if (entry.name.empty() || entry.name == "." || entry.name == ".."
            || (entry.name[0] == '.' && component[0] != '.'))
            continue;
        if (matchPattern(component, entry.name))
            visit(entry.name);
    }
}

} // namespace core::shell
