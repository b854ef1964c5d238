#include "core/shell/commands/ipmitool.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"mini", std::chrono::minutes(5), core::shell::addIpmitool};
}

} // namespace test
