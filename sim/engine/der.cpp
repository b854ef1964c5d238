#include "sim/engine/der.h"

#include "sim/engine/assert.h"
#include "sim/engine/base64.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <ctime>

namespace sim::der {

std::string element(unsigned char tag, std::string_view content)
{
    FL_ASSERT(content.size() < 65536);
    std::string out(1, static_cast<char>(tag));
    if (content.size() >= 256) {
        out += '\x82';
        out += static_cast<char>(content.size() >> 8);
    } else if (content.size() >= 128) {
        out += '\x81';
    }
    out += static_cast<char>(content.size() & 255);
    return out.append(content);
}

std::string utcTime(Instant at)
{
    return element(kUtcTime, fmt::format("{:%y%m%d%H%M%SZ}", fmt::gmtime(static_cast<std::time_t>(unixSeconds(at)))));
}

std::optional<Instant> readUtcTime(std::string_view content)
{
    if (content.size() != 13 || content.back() != 'Z')
        return std::nullopt;
    std::array<int, 6> part{};
    for (std::size_t i = 0; i < 12; ++i) {
        if (content[i] < '0' || content[i] > '9')
            return std::nullopt;
        part[i / 2] = part[i / 2] * 10 + (content[i] - '0');
    }
    using namespace std::chrono;
    const year_month_day day{year(part[0] + (part[0] < 50 ? 2000 : 1900)), month(static_cast<unsigned>(part[1])),
                             std::chrono::day(static_cast<unsigned>(part[2]))};
    if (!day.ok() || part[3] > 23 || part[4] > 59 || part[5] > 59)
        return std::nullopt;
    return Instant(duration_cast<Duration>(sys_days(day).time_since_epoch() + hours(part[3]) + minutes(part[4]) + seconds(part[5])));
}

std::optional<Element> Reader::next()
{
    if (m_rest.size() < 2)
        return std::nullopt;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(m_rest[i]); };
    std::size_t length = at(1);
    std::size_t header = 2;
    if (length >= 0x80) {
        const std::size_t digits = length & 0x7f;
        if (digits > 2 || m_rest.size() < 2 + digits)
            return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < digits; ++i)
            length = length << 8 | at(2 + i);
        header += digits;
    }
    if (m_rest.size() - header < length)
        return std::nullopt;
    const Element found{at(0), m_rest.substr(header, length)};
    m_rest.remove_prefix(header + length);
    return found;
}

std::optional<std::string_view> Reader::take(unsigned char tag)
{
    Reader ahead(*this);
    const auto found = ahead.next();
    if (!found || found->tag != tag)
        return std::nullopt;
    *this = ahead;
    return found->content;
}

std::string pem(std::string_view label, std::string_view bytes)
{
    constexpr std::size_t kLine = 64;
    const std::string digits = encodeBase64(bytes);
    std::string text = fmt::format("-----BEGIN {}-----\n", label);
    for (std::size_t at = 0; at < digits.size(); at += kLine)
        text += digits.substr(at, kLine) + "\n";
    return text + fmt::format("-----END {}-----\n", label);
}

std::vector<std::string> pemBlocks(std::string_view text, std::string_view label)
{
    const std::string begin = fmt::format("-----BEGIN {}-----", label);
    const std::string end = fmt::format("-----END {}-----", label);
    std::vector<std::string> blocks;
    for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
        at += begin.size();
        const std::size_t stop = text.find(end, at);
        if (stop == std::string_view::npos)
            break;
        blocks.push_back(decodeBase64(text.substr(at, stop - at)).value_or(""));
    }
    return blocks;
}

} // namespace sim::der
