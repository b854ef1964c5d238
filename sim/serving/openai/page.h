#pragma once

#include "sim/engine/time.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sim::serving::openai {

/// A request that reached a model server.
struct Question {
    std::string method = "GET";
    std::string path; ///< with what follows a ?
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;
    Instant at{};
};

/// A whole answer.
struct Page {
    int status = 200;
    std::string contentType = "application/json"; ///< empty: none, nor a body
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< beside its type and length
};

} // namespace sim::serving::openai
