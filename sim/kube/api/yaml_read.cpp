#include "sim/kube/api/yaml.h"

#include "sim/kube/api/yaml_scalar.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxYamlDepth = 200;
constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxBytes = 16u << 20;

const std::set<std::string, std::less<>> kTrue{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
const std::set<std::string, std::less<>> kFalse{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
const std::set<std::string, std::less<>> kNull{"", "~", "null", "Null", "NULL"};

std::optional<std::int64_t> integer(std::string text)
{
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.erase(0, 1);
    }
    int base = 10;
    if (text.rfind("0x", 0) == 0)
        base = 16, text.erase(0, 2);
    else if (text.rfind("0b", 0) == 0)
        base = 2, text.erase(0, 2);
    else if (text.rfind("0o", 0) == 0)
        base = 8, text.erase(0, 2);
    else if (text.size() > 1 && text[0] == '0')
        base = 8, text.erase(0, 1); // YAML 1.1: 0755 is octal, as in file modes
    if (text.empty())
        return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> real(const std::string& text)
{
    bool digit = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            digit = true;
        else if (c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E')
            return std::nullopt;
    }
    if (!digit)
        return std::nullopt;
    double value = 0;
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// yaml-cpp makes of "\N" and "\_" the loose bytes 85 and A0 instead of U+0085 and U+00A0. What was read is UTF-8 else.
std::string withWholeEscapes(const std::string& text)
{
    std::string out;
    std::size_t following = 0; ///< bytes of the code point still to come
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0xC0)
            following = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        else if (following > 0)
            --following;
        else if (byte >= 0x80)
            out += '\xC2';
        out += c;
    }
    return out;
}

/// Builds the JSON of one document from the parser's events. Goes on to the end when something is wrong, so that an
/// error of the text itself is told first.
class JsonBuilder final : public YAML::EventHandler {
public:
    /// Nothing when the document is empty.
    json take() { return std::move(m_root); }
    const std::string& error() const { return m_error; }

    void OnDocumentStart(const YAML::Mark&) override { }
    void OnDocumentEnd() override { }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        if (wantsKey())
            fail(fmt::format("yaml: line {}: a key must be a text", mark.line + 1));
        else if (count(1, 0))
            add(nullptr, 1, anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& read) override
    {
        const std::string text = withWholeEscapes(read);
        if (wantsKey())
            return takeKey(text, mark);
        // Quoted, or said to be a string.
        if (count(1, 0))
            add(tag == "!" || tag == "tag:yaml.org,2002:str" ? json(text) : plainScalar(text), 1, anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto known = m_anchors.find(anchor);
        if (wantsKey())
            fail(fmt::format("yaml: line {}: a key must be a text", mark.line + 1));
        else if (known == m_anchors.end()) // yaml-cpp knows the name; it stands inside what it names
            fail(fmt::format("yaml: line {}: anchor contains itself", mark.line + 1));
        else if (count(known->second.nodes, known->second.nodes))
            add(known->second.value, known->second.nodes, 0);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        begin(json::array(), mark, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        begin(json::object(), mark, anchor);
    }
    void OnMapEnd() override { end(); }

private:
    struct Named {
        json value;
        std::size_t nodes;
    };
    struct Open {
        json value;
        YAML::anchor_t anchor = 0;
        std::size_t nodes = 1;
        std::optional<std::string> key; ///< of a map: read, its value not yet
        bool merges = false;            ///< the key is "<<"
        json merged = json::object();   ///< what "<<" named: gives way to the map's own keys
    };

    bool failed() const { return !m_error.empty(); }
    void fail(std::string error)
    {
        if (!failed())
            m_error = std::move(error);
    }
    /// Nodes to come, and how many of them an alias brings. Go's reader refuses what is nearly all aliases (yaml.v2, decode.go).
    bool count(std::size_t nodes, std::size_t aliased)
    {
        m_decoded += nodes;
        m_aliased += aliased;
        const auto decoded = static_cast<double>(m_decoded);
        const double allowed = 0.99 - 0.89 * std::clamp((decoded - 400'000) / 3'600'000, 0.0, 1.0);
        if (m_decoded > kMaxNodes || (m_aliased > 100 && m_decoded > 1000 && static_cast<double>(m_aliased) / decoded > allowed))
            fail("yaml: document contains excessive aliasing");
        return !failed();
    }
    bool wantsKey() const { return !failed() && !m_open.empty() && m_open.back().value.is_object() && !m_open.back().key && !m_open.back().merges; }

    void takeKey(const std::string& key, const YAML::Mark& mark)
    {
        if (!count(1, 0))
            return;
        Open& map = m_open.back();
        ++map.nodes;
        if (key == "<<")
            map.merges = true;
        else if (map.value.contains(key))
            fail(fmt::format("yaml: unmarshal errors:\n  line {}: key \"{}\" already set in map", mark.line + 1, key));
        else
            map.key = key;
    }

    void begin(json empty, const YAML::Mark& mark, YAML::anchor_t anchor)
    {
        if (failed())
            return;
        if (wantsKey())
            return fail(fmt::format("yaml: line {}: a key must be a text", mark.line + 1));
        if (m_open.size() >= kMaxYamlDepth)
            return fail("yaml: exceeded max depth");
        if (!count(1, 0))
            return;
        m_open.push_back({std::move(empty), anchor});
    }

    void end()
    {
        if (failed())
            return;
        Open done = std::move(m_open.back());
        m_open.pop_back();
        if (done.value.is_object())
            done.value.insert(done.merged.begin(), done.merged.end());
        add(std::move(done.value), done.nodes, done.anchor);
    }

    /// A value is whole: `nodes` with all that is in it.
    void add(json value, std::size_t nodes, YAML::anchor_t anchor)
    {
        if (failed())
            return;
        if (anchor != 0) { // a copy: anchors around anchors are kept as often as they are nested
            m_kept += nodes;
            if (m_kept > kMaxNodes)
                return fail("yaml: document contains excessive aliasing");
            m_anchors[anchor] = {value, nodes};
        }
        if (m_open.empty()) {
            m_root = std::move(value);
            return;
        }
        Open& parent = m_open.back();
        parent.nodes += nodes;
        if (parent.value.is_array()) {
            parent.value.push_back(std::move(value));
        } else if (parent.merges && value.is_object()) {
            parent.merged.insert(value.begin(), value.end()); // the first to name a key has it
            parent.merges = false;
        } else {
            parent.value[parent.merges ? std::string("<<") : *parent.key] = std::move(value);
            parent.key.reset();
            parent.merges = false;
        }
    }

    json m_root;
    std::string m_error;
    std::vector<Open> m_open;
    std::map<YAML::anchor_t, Named> m_anchors;
    std::size_t m_decoded = 0; ///< nodes of the document so far, aliases unfolded
    std::size_t m_aliased = 0; ///< of them, those that aliases brought
    std::size_t m_kept = 0;    ///< nodes in m_anchors
};

/// What go-yaml's reader refuses before it looks at anything else (readerc.go); empty: nothing.
std::string badCharacter(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[at])); };
        const unsigned first = byte(i);
        const std::size_t width = first < 0x80 ? 1 : (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : (first & 0xF8) == 0xF0 ? 4 : 0;
        if (width == 0)
            return "yaml: invalid leading UTF-8 octet";
        if (i + width > text.size())
            return "yaml: incomplete UTF-8 octet sequence";
        unsigned value = width == 1 ? first : first & (0xFFu >> (width + 1));
        for (std::size_t at = i + 1; at < i + width; ++at) {
            if ((byte(at) & 0xC0) != 0x80)
                return "yaml: invalid trailing UTF-8 octet";
            value = value << 6 | (byte(at) & 0x3F);
        }
        if ((width == 2 && value < 0x80) || (width == 3 && value < 0x800) || (width == 4 && value < 0x10000))
            return "yaml: invalid length of a UTF-8 sequence";
        if ((value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF)
            return "yaml: invalid Unicode character";
        const bool control = (value < 0x20 && value != '\t' && value != '\n' && value != '\r') || (value > 0x7E && value < 0xA0 && value != 0x85)
            || value == 0xFFFE || value == 0xFFFF;
        if (control)
            return "yaml: control characters are not allowed";
        i += width;
    }
    return {};
}

/// The texts between lines of three dashes, as kubectl's reader splits a stream (apimachinery, util/yaml).
std::vector<std::string> documentsOf(std::string_view text)
{
    std::vector<std::string> parts(1);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        const std::size_t rest = line.rfind("---", 0) == 0 ? line.find_first_not_of(" \t\r\n", 3) : 0;
        if (rest == std::string_view::npos || (rest > 3 && line[rest] == '#'))
            parts.emplace_back();
        else
            parts.back() += line;
    }
    return parts;
}

} // namespace

json plainScalar(const std::string& text)
{
    if (kNull.count(text) > 0)
        return nullptr;
    if (kTrue.count(text) > 0)
        return true;
    if (kFalse.count(text) > 0)
        return false;
    if (const auto number = integer(text))
        return *number;
    if (const auto number = real(text))
        return *number;
    return text;
}

Result<std::vector<json>> parseYaml(std::string_view text)
{
    if (text.size() > kMaxBytes)
        return Error{"yaml: the document is larger than 16 MiB", {}};
    if (std::string bad = badCharacter(text); !bad.empty())
        return Error{std::move(bad), {}};
    std::vector<json> documents;
    try {
        for (std::string& part : documentsOf(text)) {
            if (part.ends_with('\n'))
                part += "...\n"; // without this yaml-cpp takes an unclosed quote before a last line break for closed
            std::istringstream stream(part);
            YAML::Parser parser(stream);
            JsonBuilder builder;
            if (!parser.HandleNextDocument(builder))
                continue;
            // yaml-cpp's own LoadAll reads on for ever at what belongs to no document.
            if (parser)
                return Error{"yaml: did not find expected <document start>", {}};
            if (!builder.error().empty())
                return Error{builder.error(), {}};
            if (json document = builder.take(); !document.is_null())
                documents.push_back(std::move(document));
        }
    } catch (const YAML::Exception& problem) {
        std::string words = problem.msg;
        if (words.find("illegal map value") != std::string::npos)
            words = "mapping values are not allowed in this context";
        else if (words == "illegal document indicator in scalar" || words == "illegal EOF in scalar")
            words = "found unexpected end of stream";
        // go-yaml names no line for what is wrong in the first.
        return Error{problem.mark.is_null() || problem.mark.line == 0 ? "yaml: " + words : fmt::format("yaml: line {}: {}", problem.mark.line + 1, words), {}};
    } catch (const std::exception& problem) {
        return Error{std::string("yaml: ") + problem.what(), {}};
    }
    return documents;
}

} // namespace sim::kube
