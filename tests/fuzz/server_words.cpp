#include "sim/engine/assert.h"
#include "sim/engine/split.h"
#include "sim/serving/arguments.h"
#include "sim/serving/engine.h"
#include "tests/fuzz/fuzz_target.h"

#include <string>

using namespace sim;
using namespace sim::serving;

/// A container's words, one a line, and behind a zero byte the file that it mounts: what a Deployment and a ConfigMap say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\0'), text.size());
    ServerLine line;
    line.words = split(text.substr(0, end), '\n');
    const std::string file = text.substr(std::min(end + 1, text.size()));
    line.files = {{"f.yaml", file}, {"/e/config.json", file}};
    line.environment = {{"MODEL", "Qwen/Qwen3-8B"}, {"PORT", "81"}};
    // A shell's words are not split by lines.
    if (text.starts_with("sh\n-c\n"))
        line.words = {"sh", "-c", text.substr(6, end - 6)};
    if (!startsServer(line.words))
        return 0;
    for (const auto& [version, gpu] : {std::pair("0.9.0", "A100"), std::pair("0.32.0", "H100")}) {
        const auto result = serverArguments(line, version, *deviceNamed(gpu), 2);
        if (const auto* error = std::get_if<ArgumentError>(&result)) {
            FL_ASSERT(error->exitCode != 0 && !error->lines.empty());
            continue;
        }
        const ServerArguments& arguments = std::get<ServerArguments>(result);
        const EngineSettings& settings = arguments.settings;
        FL_ASSERT(!arguments.servedNames.empty() && settings.maxModelLen > 0 && settings.maxNumSeqs > 0 && settings.maxNumBatchedTokens > 0);
        // What starts can serve.
        constexpr std::uint32_t kSmallEnough = 200000;
        const MemoryPlan plan = planMemory(settings);
        if (startError(settings, plan).empty() && plan.blocks < kSmallEnough) {
            LlmEngine engine(settings);
            Request request;
            request.prompt = {{1, 10}};
            request.answerTokens = 3;
            if (engine.submit(request, Instant{}) == Refusal::None) {
                engine.advance(Instant{} + std::chrono::hours(10));
                FL_ASSERT(engine.completions().size() == 1);
            }
        }
    }
    return 0;
}
