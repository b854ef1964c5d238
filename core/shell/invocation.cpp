#include "core/shell/invocation.h"

namespace core::shell {

int Invocation::fail(int status, std::string_view text)
{
    std::string line = name;
    line += ": ";
    line += text;
    line += '\n';
    err().write(line);
    return status;
}

} // namespace core::shell
