#include "core/shell/commands/vllm/vllm.h"

#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/vllm/bench_serve.h"
#include "sim/world/world.h"

namespace core::shell {

namespace {

std::string versionIn(Invocation& inv)
{
    const auto* container = node::containerOf(inv);
    const sim::serving::Server* server = container == nullptr ? nullptr : inv.door().world().serving().find(container->id);
    return server == nullptr || server->arguments.version.empty() ? "0.19.1" : server->arguments.version;
}

int runVllm(Invocation& inv)
{
    const std::vector<std::string>& words = inv.arguments;
    if (words.size() == 1 && (words[0] == "--version" || words[0] == "-v")) {
        inv.print(versionIn(inv) + "\n");
        return 0;
    }
    if (words.size() >= 2 && words[0] == "bench" && words[1] == "serve") {
        auto told = vllm::benchWords({words.begin() + 2, words.end()});
        if (const auto* problem = std::get_if<std::string>(&told)) {
            inv.err().write(*problem);
            return 2;
        }
        auto& bench = std::get<vllm::BenchWords>(told);
        bench.report.minor = sim::serving::vllmMinor(versionIn(inv));
        return vllm::benchServe(inv, bench);
    }
    if (!words.empty() && words[0] == "serve") {
        // The container's own server has the devices and the port.
        inv.err().write("OSError: [Errno 98] Address already in use\n");
        return 1;
    }
    inv.err().write("usage: vllm [-h] [-v] {chat,complete,serve,bench,collect-env,run-batch} ...\n");
    return words.empty() || words[0] == "-h" || words[0] == "--help" ? 0 : 2;
}

} // namespace

void addVllm(CommandTable& table)
{
    table.addRaw("vllm", "serve and measure language models", "vllm bench serve [options]", runVllm);
}

} // namespace core::shell
