#pragma once

#include "core/shell/invocation.h"

#include <functional>
#include <string>
#include <vector>

namespace core::shell {

/// Reads a file and notes it. On failure prints "name: path: reason" and returns nothing.
std::optional<std::string> readFileOrComplain(Invocation& invocation, const std::string& path);
/// Says that the text now printed comes from this file.
void noteFile(Invocation& invocation, const std::string& path);
/// Hands each operand to the visitor as an input ("-" and no operands: standard input); false if one
/// could not be read.
bool forEachInput(Invocation& invocation, const std::vector<std::string>& paths,
                  const std::function<void(Input&, const std::string& name)>& visit);
/// All operands' lines in one.
std::vector<std::string> readAllLines(Invocation& invocation, const std::vector<std::string>& paths,
                                      bool& ok);
/// A count of an option ("-n 5"); prints the GNU complaint and returns nothing when it is none.
std::optional<long long> numberOption(Invocation& invocation, const std::string& text,
                                      const std::string& what);

} // namespace core::shell
