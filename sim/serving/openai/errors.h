#pragma once

#include "sim/serving/arguments.h"
#include "sim/serving/openai/page.h"
#include "sim/serving/openai/python_text.h"

namespace sim::serving::openai {

/// {"error": {"message", "type", "param", "code"}} of current versions; flat, with "object": "error", before vLLM 0.10.
Page errorPage(const ServerArguments& arguments, int status, std::string_view type, const std::string& message, std::string_view param = {});
/// A ValueError while a request is prepared.
Page badRequest(const ServerArguments& arguments, const std::string& message, std::string_view param = {});

/// Findings of pydantic about a body, in its words.
class Findings {
public:
    /// `where`: behind ('body', ...); numbers without quotes.
    void add(std::string_view type, const std::vector<std::string>& where, std::string_view message, const Json& input, const std::string& context = {});
    bool empty() const { return m_found.empty(); }
    /// As FastAPI's exception and vLLM's handler word it.
    Page page(const ServerArguments& arguments) const;

private:
    std::vector<std::string> m_found;
};

/// The minor version; the newest for other servers.
int minorVersion(const ServerArguments& arguments);
Page jsonPage(const Json& content, int status = 200);

} // namespace sim::serving::openai
