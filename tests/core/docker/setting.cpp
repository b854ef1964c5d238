#include "core/shell/commands/docker/docker.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"docker", std::chrono::minutes(2), core::shell::addDocker}; // the containers run
}

} // namespace test
