#include "sim/container/docker/dockerfile.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim::container::docker {

namespace {

constexpr std::array<std::string_view, 18> kKeywords{"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};

std::string trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string upper(std::string text)
{
    text = sim::raised(text);
    return text;
}

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

/// filepath.Match with "**".
bool globMatches(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return text.empty();
    if (pattern.substr(0, 2) == "**") {
        const std::string_view rest = pattern.substr(pattern.size() > 2 && pattern[2] == '/' ? 3 : 2);
        for (std::size_t i = 0; i <= text.size(); ++i)
            if (globMatches(rest, text.substr(i)))
                return true;
        return false;
    }
    if (pattern.front() == '*') {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (globMatches(pattern.substr(1), text.substr(i)))
                return true;
            if (i < text.size() && text[i] == '/')
                return false;
        }
        return false;
    }
    if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front()) || (pattern.front() == '?' && text.front() == '/'))
        return false;
    return globMatches(pattern.substr(1), text.substr(1));
}

} // namespace

std::variant<Dockerfile, DockerfileError> parseDockerfile(std::string_view text)
{
    Dockerfile file;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        file.lines.emplace_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    const auto wrong = [](std::int64_t line, const std::string& what) {
        return DockerfileError{line, fmt::format("dockerfile parse error on line {}: {}", line, what)};
    };
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::string line = trimmed(file.lines[i]);
        if (line.empty() || line.front() == '#')
            continue;
        Instruction one;
        one.line = static_cast<std::int64_t>(i) + 1;
        while (!line.empty() && line.back() == '\\') {
            line.pop_back();
            while (++i < file.lines.size() && (trimmed(file.lines[i]).empty() || trimmed(file.lines[i]).front() == '#')) { }
            if (i >= file.lines.size())
                break;
            line += trimmed(file.lines[i]);
        }
        one.lastLine = std::min<std::int64_t>(static_cast<std::int64_t>(i) + 1, static_cast<std::int64_t>(file.lines.size()));
        const auto blank = line.find_first_of(" \t");
        const std::string written = line.substr(0, blank);
        one.keyword = upper(written);
        one.text = blank == std::string::npos ? std::string() : trimmed(std::string_view(line).substr(blank));
        if (std::find(kKeywords.begin(), kKeywords.end(), one.keyword) == kKeywords.end()) {
            constexpr std::size_t kNear = 3;
            const auto nearest = std::min_element(kKeywords.begin(), kKeywords.end(), [&](std::string_view a, std::string_view b) {
                return distance(one.keyword, a) < distance(one.keyword, b);
            });
            return wrong(one.line, fmt::format("unknown instruction: {}{}", written,
                                               distance(one.keyword, *nearest) < kNear ? fmt::format(" (did you mean {}?)", *nearest) : ""));
        }
        while (one.text.rfind("--", 0) == 0) {
            const auto end = one.text.find_first_of(" \t");
            const std::string flag = one.text.substr(2, end == std::string::npos ? end : end - 2);
            const auto equals = flag.find('=');
            one.flags[flag.substr(0, equals)] = equals == std::string::npos ? std::string() : flag.substr(equals + 1);
            one.text = end == std::string::npos ? std::string() : trimmed(std::string_view(one.text).substr(end));
        }
        if (one.text.empty() && one.keyword != "CMD" && one.keyword != "ENTRYPOINT")
            return wrong(one.line, one.keyword == "FROM" ? "FROM requires either one or three arguments"
                                                         : fmt::format("{} requires at least one argument", one.keyword));
        if (!one.text.empty() && one.text.front() == '[') {
            const auto list = nlohmann::json::parse(one.text, nullptr, false);
            if (list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& word) { return word.is_string(); }))
                one.exec = list.get<std::vector<std::string>>();
        }
        if (one.keyword == "COPY" && shellWords(one.text).size() < 2 && one.exec.size() < 2)
            return wrong(one.line, "COPY requires at least two arguments, but only one was provided. Destination could not be determined");
        if (one.keyword == "FROM") {
            const auto words = shellWords(one.text);
            if (words.size() != 1 && (words.size() != 3 || upper(words[1]) != "AS"))
                return wrong(one.line, "FROM requires either one or three arguments");
            Stage stage;
            stage.base = words[0];
            stage.line = one.line;
            if (words.size() == 3) {
                stage.name = words[2];
                stage.name = sim::lowered(stage.name);
            }
            file.stages.push_back(std::move(stage));
        } else if (file.stages.empty()) {
            if (one.keyword != "ARG")
                return wrong(one.line, fmt::format("no build stage in current context"));
            file.arguments.push_back(std::move(one));
        } else {
            file.stages.back().instructions.push_back(std::move(one));
        }
    }
    if (file.stages.empty())
        return DockerfileError{0, "file with no instructions"};
    return file;
}

std::string expandVariables(std::string_view text, const std::map<std::string, std::string>& variables)
{
    std::string out;
    const auto valueOf = [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '$') {
            out += text[++i];
        } else if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            const auto end = text.find('}', i);
            if (end == std::string_view::npos)
                return out + std::string(text.substr(i));
            const std::string inner(text.substr(i + 2, end - i - 2));
            const auto colon = inner.find(':');
            const std::string value = valueOf(inner.substr(0, colon));
            if (colon == std::string::npos || colon + 1 >= inner.size())
                out += value;
            else if (inner[colon + 1] == '-')
                out += value.empty() ? inner.substr(colon + 2) : value;
            else if (inner[colon + 1] == '+')
                out += value.empty() ? std::string() : inner.substr(colon + 2);
            i = end;
        } else if (text[i] == '$' && i + 1 < text.size() && (std::isalpha(static_cast<unsigned char>(text[i + 1])) || text[i + 1] == '_')) {
            std::size_t end = i + 1;
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
                ++end;
            out += valueOf(std::string(text.substr(i + 1, end - i - 1)));
            i = end - 1;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::vector<std::string> shellWords(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    bool open = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else if (c == '\\' && quote == '"' && i + 1 < text.size())
                word += text[++i];
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            open = true;
        } else if (c == '\\' && i + 1 < text.size()) {
            word += text[++i];
            open = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (open)
                words.push_back(std::exchange(word, {}));
            open = false;
        } else {
            word += c;
            open = true;
        }
    }
    if (open)
        words.push_back(word);
    return words;
}

std::vector<std::string> ignorePatterns(std::string_view text)
{
    std::vector<std::string> patterns;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string line = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.empty() || line.front() == '#')
            continue;
        const bool back = line.front() == '!';
        std::string pattern = back ? line.substr(1) : line;
        while (!pattern.empty() && pattern.front() == '/')
            pattern.erase(0, 1);
        while (!pattern.empty() && pattern.back() == '/')
            pattern.pop_back();
        patterns.push_back((back ? "!" : "") + pattern);
    }
    return patterns;
}

bool ignored(const std::vector<std::string>& patterns, const std::string& path)
{
    bool out = false;
    for (const std::string& one : patterns) {
        const bool back = !one.empty() && one.front() == '!';
        const std::string_view pattern = std::string_view(one).substr(back ? 1 : 0);
        // A folder's pattern holds for all below it.
        for (std::size_t end = 0; end != std::string::npos;) {
            end = path.find('/', end == 0 ? 0 : end + 1);
            if (globMatches(pattern, std::string_view(path).substr(0, end))) {
                out = !back;
                break;
            }
        }
    }
    return out;
}

} // namespace sim::container::docker
