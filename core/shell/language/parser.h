#pragma once

#include "core/shell/language/tree.h"

#include <map>
#include <string>
#include <string_view>

namespace core::shell {

struct ParseResult {
    enum class Status {
        Complete,
        Incomplete, ///< an open quote, here-document or compound command: ask for another line
        Error,
    };
    Status status = Status::Complete;
    NodePtr tree;        ///< a List; null when there is nothing to do
    std::string source;  ///< what positions refer to (aliases are spliced in)
    std::string message; ///< of an error or of what is missing, as bash words it, without "bash: "
};

using Aliases = std::map<std::string, std::string, std::less<>>;

/// Parses a whole text. Never throws, never recurses deeper than a fixed limit.
ParseResult parseShell(const std::string& source, const Aliases& aliases = {});

/// The same for a text inside another, which is already nested that deep.
ParseResult parseShellNested(const std::string& source, const Aliases& aliases, int depth);

/// Whether a word begins, parts or ends a construct where a command's name could stand.
bool isReservedWord(std::string_view word);

} // namespace core::shell
