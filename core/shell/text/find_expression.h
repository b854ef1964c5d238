#pragma once

#include "core/shell/invocation.h"
#include "core/shell/regular_expression.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core::shell {

/// What is wrong with a find expression, without "find: ".
struct FindError {
    std::string text;
};

struct FindNode;
using FindNodePtr = std::unique_ptr<FindNode>;

/// The expression of find(1): tests and actions joined by not, and, or and the comma.
struct FindNode {
    enum class Kind { And, Or, Comma, Not, Test };
    Kind kind = Kind::Test;
    FindNodePtr left, right;
    std::string name; ///< "-name", "-exec", ...
    std::string text; ///< its argument
    int sign = 0;     ///< of +N and -N
    double number = 0;
    char unit = 'b';  ///< of -size
    std::vector<std::string> command; ///< of -exec
    bool together = false;            ///< -exec ... +
    std::optional<RegularExpression> pattern;
    sim::Instant date{}; ///< of -newermt
    std::vector<std::string> gathered; ///< for -exec ... +
};

struct FindOptions {
    int maxDepth = 1000;
    int minDepth = 0;
    bool contentsFirst = false; ///< -depth, -delete
    sim::Instant now{};         ///< what dates are relative to
};

/// Throws FindError.
FindNodePtr parseFind(const std::vector<std::string>& words, FindOptions& options);

struct FoundFile {
    std::string path;
    std::string root; ///< the operand it was found from
    FileStat stat;
    int depth = 0;
};

/// Runs an expression on one file after the other.
class FindActions {
public:
    explicit FindActions(Invocation& invocation) : m_invocation(invocation) { }

    bool evaluate(FindNode& node, const FoundFile& found);
    /// Runs what -exec ... + gathered.
    void finish(FindNode& node);

    bool prune = false; ///< do not go below the file just seen
    bool quit = false;
    int status = 0;

private:
    bool test(FindNode& node, const FoundFile& found);
    bool act(FindNode& node, const FoundFile& found);
    bool execute(FindNode& node, const FoundFile& found);
    std::string formatted(const std::string& format, const FoundFile& found);
    std::string listed(const FoundFile& found);

    Invocation& m_invocation;
};

} // namespace core::shell
