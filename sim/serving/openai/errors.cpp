#include "sim/serving/openai/errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sim::serving::openai {

namespace {

constexpr int kNestedErrors = 10;
constexpr int kCountedFindings = 12; ///< "1 validation error:\n  {...}" (set; FastAPI's, so by the image's date)

} // namespace

int minorVersion(const ServerArguments& arguments)
{
    return isVllm(arguments.settings.kind) ? vllmMinor(arguments.version) : kNewestVllm;
}

Page jsonPage(const Json& content, int status)
{
    // What clients sent may be no UTF-8.
    return {status, "application/json", content.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Page errorPage(const ServerArguments& arguments, int status, std::string_view type, const std::string& message, std::string_view param)
{
    Json error = {{"message", message}, {"type", type}, {"param", param.empty() ? Json() : Json(param)}, {"code", status}};
    if (minorVersion(arguments) >= kNestedErrors && arguments.settings.kind != EngineKind::SgLang)
        return jsonPage({{"error", error}}, status);
    Json flat = {{"object", "error"}};
    flat.update(error);
    return jsonPage(flat, status);
}

Page badRequest(const ServerArguments& arguments, const std::string& message, std::string_view param)
{
    return errorPage(arguments, 400, "BadRequestError", message, param);
}

void Findings::add(std::string_view type, const std::vector<std::string>& where, std::string_view message, const Json& input, const std::string& context)
{
    std::string location = "'body'";
    for (const std::string& part : where)
        location += ", " + (part.find_first_not_of("0123456789") == std::string::npos ? part : pythonQuoted(part));
    m_found.push_back(fmt::format("{{'type': '{}', 'loc': ({}{}), 'msg': {}, 'input': {}{}}}", type, location, where.empty() ? "," : "",
                                  pythonQuoted(message), pythonRepr(input), context.empty() ? "" : ", 'ctx': " + context));
}

Page Findings::page(const ServerArguments& arguments) const
{
    std::string message;
    if (minorVersion(arguments) >= kCountedFindings) {
        message = fmt::format("{} validation error{}:\n", m_found.size(), m_found.size() == 1 ? "" : "s");
        for (const std::string& one : m_found)
            message += "  " + one + "\n";
    } else {
        message = fmt::format("[{}]", fmt::join(m_found, ", "));
    }
    return errorPage(arguments, 400, "Bad Request", message);
}

} // namespace sim::serving::openai
