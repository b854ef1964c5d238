#include "sim/training/jobs/pickle.h"

#include <array>
#include <bit>
#include <vector>

namespace sim::training {

namespace {

using nlohmann::json;

// Opcodes of Lib/pickle.py.
constexpr char kProtocol = '\x80', kStop = '.', kMark = '(', kEmptyDict = '}', kSetItems = 'u', kEmptyList = ']', kAppends = 'e', kUnicode = 'X',
               kInt = 'J', kLong = '\x8a', kTrue = '\x88', kFalse = '\x89', kNone = 'N', kFloat = 'G';

void addNumber(std::string& out, std::uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
}

void add(std::string& out, const json& value)
{
    switch (value.type()) {
    case json::value_t::object:
        out += kEmptyDict;
        out += kMark;
        for (const auto& [key, item] : value.items()) {
            add(out, key);
            add(out, item);
        }
        out += kSetItems;
        break;
    case json::value_t::array:
        out += kEmptyList;
        out += kMark;
        for (const json& item : value)
            add(out, item);
        out += kAppends;
        break;
    case json::value_t::string: {
        const std::string& text = value.get_ref<const std::string&>();
        out += kUnicode;
        addNumber(out, text.size(), 4);
        out += text;
        break;
    }
    case json::value_t::boolean: out += value.get<bool>() ? kTrue : kFalse; break;
    case json::value_t::number_integer:
    case json::value_t::number_unsigned: {
        const auto number = value.get<std::int64_t>();
        const bool small = number == static_cast<std::int32_t>(number);
        out += small ? kInt : kLong;
        if (!small)
            out += '\x08'; // bytes that follow
        addNumber(out, static_cast<std::uint64_t>(number), small ? 4 : 8);
        break;
    }
    case json::value_t::number_float: {
        const auto bits = std::bit_cast<std::uint64_t>(value.get<double>());
        out += kFloat;
        for (int i = 7; i >= 0; --i)
            out += static_cast<char>(bits >> (8 * i) & 0xff);
        break;
    }
    default: out += kNone;
    }
}

/// A machine with a stack, as pickle's is.
class Reader {
public:
    explicit Reader(const std::string& bytes) : m_bytes(bytes) { }

    std::optional<json> read()
    {
        while (m_at < m_bytes.size() && m_sound) {
            const char code = m_bytes[m_at++];
            if (code == kStop)
                return m_stack.size() == 1 ? std::optional(std::move(m_stack.back())) : std::nullopt;
            step(code);
        }
        return std::nullopt;
    }

private:
    std::uint64_t number(std::size_t bytes)
    {
        std::uint64_t value = 0;
        m_sound = m_sound && bytes <= 8 && m_at + bytes <= m_bytes.size();
        for (std::size_t i = 0; i < bytes && m_sound; ++i)
            value |= std::uint64_t{static_cast<unsigned char>(m_bytes[m_at++])} << (8 * i);
        return value;
    }

    void step(char code)
    {
        switch (code) {
        case kProtocol: number(1); break;
        case kMark: m_marks.push_back(m_stack.size()); break;
        case kEmptyDict: m_stack.push_back(json::object()); break;
        case kEmptyList: m_stack.push_back(json::array()); break;
        case kSetItems:
        case kAppends: gather(code == kSetItems); break;
        case kUnicode: {
            const std::size_t size = number(4);
            m_sound = m_sound && m_at + size <= m_bytes.size();
            if (m_sound)
                m_stack.emplace_back(m_bytes.substr(m_at, size));
            m_at += size;
            break;
        }
        case kInt: m_stack.emplace_back(static_cast<std::int32_t>(number(4))); break;
        case kLong: m_stack.emplace_back(static_cast<std::int64_t>(number(number(1)))); break;
        case kTrue: m_stack.emplace_back(true); break;
        case kFalse: m_stack.emplace_back(false); break;
        case kNone: m_stack.emplace_back(nullptr); break;
        case kFloat: {
            const std::uint64_t bits = number(8);
            std::uint64_t turned = 0;
            for (int i = 0; i < 8; ++i)
                turned |= (bits >> (8 * i) & 0xff) << (8 * (7 - i));
            m_stack.emplace_back(std::bit_cast<double>(turned));
            break;
        }
        default: m_sound = false;
        }
    }

    /// What lies above the last mark goes into what lies below it.
    void gather(bool pairs)
    {
        if (m_marks.empty() || m_marks.back() == 0 || m_marks.back() > m_stack.size()) {
            m_sound = false;
            return;
        }
        const std::size_t mark = m_marks.back();
        m_marks.pop_back();
        json& into = m_stack[mark - 1];
        m_sound = pairs ? into.is_object() && (m_stack.size() - mark) % 2 == 0 : into.is_array();
        for (std::size_t i = mark; i < m_stack.size() && m_sound; i += pairs ? 2 : 1) {
            m_sound = !pairs || m_stack[i].is_string();
            if (pairs && m_sound)
                into[m_stack[i].get<std::string>()] = std::move(m_stack[i + 1]);
            else if (m_sound)
                into.push_back(std::move(m_stack[i]));
        }
        m_stack.resize(mark);
    }

    const std::string& m_bytes;
    std::size_t m_at = 0;
    bool m_sound = true;
    std::vector<json> m_stack;
    std::vector<std::size_t> m_marks;
};

} // namespace

std::string pickled(const json& value)
{
    std::string out{kProtocol, '\x02'};
    add(out, value);
    return out + kStop;
}

std::optional<json> unpickled(const std::string& bytes)
{
    return Reader(bytes).read();
}

} // namespace sim::training
