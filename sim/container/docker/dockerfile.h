#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sim::container::docker {

/// One instruction of a Dockerfile, its continuation lines joined.
struct Instruction {
    std::string keyword;                      ///< "RUN", in upper case
    std::string text;                         ///< what follows, without flags
    std::map<std::string, std::string> flags; ///< --from=build, --chown=app
    std::vector<std::string> exec;            ///< of the JSON form; empty: the shell form
    std::int64_t line = 0;                    ///< 1-based
    std::int64_t lastLine = 0;
    bool operator==(const Instruction&) const = default;
};

struct Stage {
    std::string base;  ///< an image, an earlier stage, or "scratch"; variables are not expanded
    std::string name;  ///< AS name, in lower case; empty: none
    std::int64_t line = 0;
    std::vector<Instruction> instructions;
};

struct Dockerfile {
    std::vector<Instruction> arguments; ///< ARG before the first FROM
    std::vector<Stage> stages;
    std::vector<std::string> lines;
};

struct DockerfileError {
    std::int64_t line = 0;
    std::string text; ///< BuildKit's words: "dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)"
};

std::variant<Dockerfile, DockerfileError> parseDockerfile(std::string_view text);

/// $NAME, ${NAME}, ${NAME:-default}, ${NAME:+other}; a backslash takes the next character as it is.
std::string expandVariables(std::string_view text, const std::map<std::string, std::string>& variables);
/// Words as a shell splits them: blanks, quotes, backslashes.
std::vector<std::string> shellWords(std::string_view text);
/// Patterns of .dockerignore: the last that matches decides, "!" brings back. `path` is relative: "node_modules/a.js".
bool ignored(const std::vector<std::string>& patterns, const std::string& path);
std::vector<std::string> ignorePatterns(std::string_view text);

} // namespace sim::container::docker
