#include "core/content/read_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

namespace core::content {

namespace {

constexpr std::uintmax_t kLargestFile = 16u << 20;
constexpr int kDeepest = 64;

int lineAt(std::string_view bytes, std::size_t offset)
{
    const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(offset, bytes.size()));
    return 1 + static_cast<int>(std::count(bytes.begin(), end, '\n'));
}

/// Carries the reason out of nlohmann's parser callback.
struct Refused {
    std::string message;
};

/// Reads a text for nlohmann's parser, which does not tell its callback where it is.
struct Reader {
    using iterator_category = std::forward_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    const char** reached = nullptr; ///< how far the parser has come

    reference operator*() const { return *at; }
    Reader& operator++()
    {
        *reached = ++at;
        return *this;
    }
    Reader operator++(int)
    {
        const Reader before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Reader& other) const { return at == other.at; }
    bool operator!=(const Reader& other) const { return at != other.at; }
};

/// Walks the text of a valid document along a pointer, skipping what lies beside it.
class Locator {
public:
    explicit Locator(std::string_view text) : m_text(text) { }

    std::size_t find(std::vector<std::string> path)
    {
        std::size_t best = skipSpace();
        for (const std::string& token : path) {
            const bool entered = m_text[m_at] == '{' ? enterMember(token) : m_text[m_at] == '[' && enterItem(token);
            if (!entered)
                break;
            best = m_at;
        }
        return best;
    }

private:
    std::size_t skipSpace()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
        return m_at;
    }
    std::string string()
    {
        const std::size_t begin = m_at++;
        while (m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        ++m_at;
        return nlohmann::json::parse(m_text.substr(begin, m_at - begin)).get<std::string>();
    }
    void skipValue()
    {
        int depth = 0;
        do {
            const char c = m_text[m_at];
            if (c == '"') {
                string();
                continue;
            }
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            ++m_at;
        } while (depth > 0 || (m_at < m_text.size() && std::string_view(",]} \t\r\n").find(m_text[m_at]) == std::string_view::npos));
    }
    bool enterMember(const std::string& name)
    {
        ++m_at;
        for (skipSpace(); m_text[m_at] != '}'; skipSpace()) {
            const bool wanted = string() == name;
            skipSpace();
            ++m_at; // ':'
            skipSpace();
            if (wanted)
                return true;
            skipValue();
            if (m_text[skipSpace()] == ',')
                ++m_at;
        }
        return false;
    }
    bool enterItem(const std::string& index)
    {
        ++m_at;
        skipSpace();
        for (std::size_t i = 0; m_text[m_at] != ']'; ++i) {
            if (std::to_string(i) == index)
                return true;
            skipValue();
            if (m_text[skipSpace()] == ',')
                ++m_at;
            skipSpace();
        }
        return false;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

std::vector<std::string> tokensOf(const nlohmann::json::json_pointer& pointer)
{
    std::vector<std::string> tokens;
    for (auto p = pointer; !p.empty(); p.pop_back())
        tokens.insert(tokens.begin(), p.back());
    return tokens;
}

} // namespace

sim::Result<std::string> readBytes(const std::string& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return sim::Error{"is no readable file; restore it or remove it", path};
    if (std::filesystem::file_size(path, error) > kLargestFile || error)
        return sim::Error{"is larger than 16 MiB; split it", path};
    std::ifstream file(path, std::ios::binary);
    try {
        std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        if (file.good() || file.eof())
            return bytes;
    } catch (const std::ios_base::failure&) { // how the standard library tells of a bad sector
    }
    return sim::Error{"cannot be read; check its permissions and the disk", path};
}

sim::Result<nlohmann::json> parseJson(const std::string& bytes, const std::string& path)
{
    using Event = nlohmann::json::parse_event_t;
    std::vector<std::set<std::string>> keys;
    const auto check = [&](int depth, Event event, nlohmann::json& value) {
        if (depth > kDeepest)
            throw Refused{fmt::format("is nested deeper than {} levels; flatten it", kDeepest)};
        if (event == Event::object_start)
            keys.emplace_back();
        else if (event == Event::object_end)
            keys.pop_back();
        else if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
            throw Refused{fmt::format("has the key \"{}\" twice in one object; keep one of them", value.get<std::string>())};
        return true;
    };
    const char* reached = bytes.data();
    const Reader begin{bytes.data(), &reached};
    const Reader end{bytes.data() + bytes.size(), &reached};
    try {
        return nlohmann::json::parse(begin, end, check);
    } catch (const Refused& refused) {
        const auto offset = static_cast<std::size_t>(reached - bytes.data());
        return sim::Error{refused.message, fmt::format("{}:{}", path, lineAt(bytes, offset))};
    } catch (const nlohmann::json::parse_error& error) {
        std::string what = error.what(); // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        const auto colon = what.find(": ");
        if (colon != std::string::npos)
            what.erase(0, colon + 2);
        return sim::Error{"is no valid JSON: " + what + "; correct the file at this line",
                          fmt::format("{}:{}", path, lineAt(bytes, error.byte == 0 ? 0 : error.byte - 1))};
    } catch (const nlohmann::json::exception& error) {
        return sim::Error{fmt::format("is no valid JSON: {}; correct the file", error.what()), path};
    }
}

int lineOf(std::string_view bytes, const nlohmann::json::json_pointer& pointer)
{
    const std::size_t bom = bytes.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    return lineAt(bytes, bom + Locator(bytes.substr(bom)).find(tokensOf(pointer)));
}

std::string placeOf(const std::string& path, std::string_view bytes, const nlohmann::json::json_pointer& pointer)
{
    return fmt::format("{}:{}{}{}", path, lineOf(bytes, pointer), pointer.empty() ? "" : " ", pointer.to_string());
}

} // namespace core::content
