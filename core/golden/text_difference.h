#pragma once

#include <string>
#include <vector>

namespace core::golden {

/// One place where a replay differs from its recording.
struct Difference {
    int step = -1;            ///< index in steps.json; -1: the case as a whole
    std::string where;        ///< "stdout", "exit status", "watch of pods", "object pods/web", "placement"
    std::string expected;     ///< the first line that differs
    std::string got;
    std::string unified;      ///< the whole, as diff -u prints it
};

/// Nothing appended when the two are equal.
void compareLines(const std::vector<std::string>& expected, const std::vector<std::string>& got, int step, const std::string& where,
                  std::vector<Difference>& differences);

/// diff -u's body: lines with ' ', '-' or '+' before them, three of context.
std::string unifiedDifference(const std::vector<std::string>& expected, const std::vector<std::string>& got);

} // namespace core::golden
