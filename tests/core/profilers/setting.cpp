#include "core/shell/commands/profilers/profilers.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"programs", std::chrono::minutes(2), core::shell::addProfilers}; // the programs run
}

} // namespace test
