#pragma once

#include "sim/serving/fleet/server.h"

namespace sim::serving {

/// Which of a server's processes writes a line.
enum class Writer : std::uint8_t { ApiServer, Core, Worker };

/// "(EngineCore pid=142) INFO 05-24 12:44:43 [gpu_worker.py:356] ": who, how grave, when, from which of vLLM's files. `text` decides the file. Before
/// vLLM 0.11 nobody said who. TensorRT-LLM and SGLang have prefixes of their own.
std::string logPrefix(const Server& server, Writer writer, const char* level, Instant at, std::string_view text);

/// What uvicorn, the web server of all of them, writes: "INFO:     Application startup complete."
std::string uvicornLine(const Server& server, std::string_view text);

/// Since vLLM 0.11 each line tells its process.
bool tellsProcess(const Server& server);

} // namespace sim::serving
