#include "sim/kube/api/quantity.h"

#include "sim/engine/assert.h"

#include <array>
#include <limits>
#include <optional>

// k8s.io/apimachinery/pkg/api/resource/{quantity,suffix}.go decide the rules; the arithmetic here is on
// one 128-bit count of nano-units, which covers everything Quantity keeps exactly.
namespace sim::kube {

namespace {

__extension__ typedef __int128 Wide;

constexpr std::int64_t kNanosPerUnit = 1'000'000'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr Wide kLargest = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * kNanosPerUnit;

enum class Family { Decimal, Binary, Exponent };

struct Suffix {
    std::string_view text;
    int exponent; ///< of 10 for decimal suffixes, of 2 for binary ones
};
constexpr std::array<Suffix, 10> kDecimal{{{"n", -9}, {"u", -6}, {"m", -3}, {"", 0}, {"k", 3}, {"M", 6}, {"G", 9},
                                           {"T", 12}, {"P", 15}, {"E", 18}}};
constexpr std::array<Suffix, 6> kBinary{{{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}}};

struct Amount {
    Wide nanos = 0;
    Family family = Family::Decimal;
};

constexpr std::string_view kFormatError =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr std::string_view kNumberError = "unable to parse numeric part of quantity";
constexpr std::string_view kSuffixError = "unable to parse quantity's suffix";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Multiplies, sticking to kLargest + 1 nano once the amount is beyond what Quantity holds.
Wide timesSaturating(Wide value, Wide factor)
{
    if (value > kLargest / factor)
        return kLargest;
    return value * factor;
}

/// What the suffix says: a family and the power of 10 or 2. False: no such suffix.
bool readSuffix(std::string_view suffix, Family& family, int& exponent)
{
    for (const Suffix& s : kDecimal) {
        if (s.text == suffix) {
            family = Family::Decimal;
            exponent = s.exponent;
            return true;
        }
    }
    for (const Suffix& s : kBinary) {
        if (s.text == suffix) {
            family = Family::Binary;
            exponent = s.exponent;
            return true;
        }
    }
    if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E'))
        return false;
    std::size_t i = 1;
    const bool negative = suffix[i] == '-';
    if (suffix[i] == '-' || suffix[i] == '+')
        ++i;
    if (i == suffix.size() || suffix.size() - i > 4)
        return false;
    int value = 0;
    for (; i < suffix.size(); ++i) {
        if (!isDigit(suffix[i]))
            return false;
        value = value * 10 + (suffix[i] - '0');
    }
    family = Family::Exponent;
    exponent = negative ? -value : value;
    return true;
}

std::string_view parse(std::string_view text, Amount& amount)
{
    std::size_t i = 0;
    bool negative = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-'))
        negative = text[i++] == '-';
    const std::size_t numberAt = i;
    while (i < text.size() && (isDigit(text[i]) || text[i] == '.'))
        ++i;
    const std::string_view number = text.substr(numberAt, i - numberAt);
    const std::string_view suffix = text.substr(i);
    if (number.empty())
        return kFormatError;
    constexpr std::string_view kSuffixLetters = "eEinumkKMGTP";
    std::size_t j = 0;
    while (j < suffix.size() && kSuffixLetters.find(suffix[j]) != std::string_view::npos)
        ++j;
    if (j < suffix.size() && (suffix[j] == '+' || suffix[j] == '-'))
        ++j;
    while (j < suffix.size() && isDigit(suffix[j]))
        ++j;
    if (j != suffix.size())
        return kFormatError;

    const std::size_t dot = number.find('.');
    if (dot != std::string_view::npos && number.find('.', dot + 1) != std::string_view::npos)
        return kFormatError;
    const std::string_view whole = number.substr(0, dot);
    const std::string_view fraction = dot == std::string_view::npos ? std::string_view() : number.substr(dot + 1);
    if (whole.empty() && fraction.empty())
        return kNumberError;
    int exponent = 0;
    if (!readSuffix(suffix, amount.family, exponent))
        return kSuffixError;

    // Digit by digit into nano-units, so that no digit is lost before the scale is known.
    const int tens = amount.family == Family::Binary ? 0 : exponent;
    Wide nanos = 0;
    bool rest = false; // non-zero digits below a nano
    int place = static_cast<int>(whole.size()) - 1 + tens;
    const auto take = [&](std::string_view digits) {
        for (const char c : digits) {
            const int digit = c - '0';
            if (digit != 0) {
                if (place + 9 < 0) {
                    rest = true;
                } else {
                    Wide value = digit;
                    for (int p = 0; p < place + 9; ++p)
                        value = timesSaturating(value, 10);
                    nanos = nanos > kLargest - value ? kLargest : nanos + value;
                }
            }
            --place;
        }
    };
    take(whole);
    take(fraction);
    if (amount.family == Family::Binary)
        nanos = timesSaturating(nanos, static_cast<Wide>(1) << exponent);
    if (rest && nanos < kLargest)
        nanos += 1;
    amount.nanos = negative ? -nanos : nanos;
    // Small binary amounts read better in decimal: "0.5Ki" stays 512.
    if (amount.family == Family::Binary && nanos < static_cast<Wide>(1024) * kNanosPerUnit)
        amount.family = Family::Decimal;
    return {};
}

std::string digitsOf(Wide value)
{
    if (value == 0)
        return "0";
    std::string out;
    for (Wide v = value; v > 0; v /= 10)
        out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(v % 10)));
    return out;
}

std::string format(const Amount& amount)
{
    if (amount.nanos == 0)
        return "0";
    const bool negative = amount.nanos < 0;
    Wide mantissa = negative ? -amount.nanos : amount.nanos;
    std::string out = negative ? "-" : "";
    if (amount.family == Family::Binary) {
        // Rounded up to a whole byte, then whole powers of 1024 taken out.
        mantissa = (mantissa + kNanosPerUnit - 1) / kNanosPerUnit;
        std::size_t power = 0;
        while (power < kBinary.size() && mantissa % 1024 == 0) {
            mantissa /= 1024;
            ++power;
        }
        return out + digitsOf(mantissa) + (power == 0 ? std::string() : std::string(kBinary[power - 1].text));
    }
    int exponent = -9;
    while (exponent < 18 && mantissa % 1000 == 0) {
        mantissa /= 1000;
        exponent += 3;
    }
    out += digitsOf(mantissa);
    if (amount.family == Family::Exponent)
        return exponent == 0 ? out : out + "e" + std::to_string(exponent);
    for (const Suffix& s : kDecimal)
        if (s.exponent == exponent)
            return out + std::string(s.text);
    FL_ASSERT(false);
    return out;
}

/// The everyday forms ("8", "500m", "128Mi") without 128-bit steps: the scheduler reads these for each pod.
std::optional<std::int64_t> quick(std::string_view text, bool milli)
{
    std::int64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && isDigit(text[i]); ++i)
        value = value * 10 + (text[i] - '0');
    if (i == 0 || i > 9)
        return std::nullopt;
    const std::string_view suffix = text.substr(i);
    if (suffix.empty())
        return milli ? value * 1000 : value;
    if (suffix == "m")
        return milli ? value : (value + 999) / 1000;
    const int shift = suffix == "Ki" ? 10 : suffix == "Mi" ? 20 : suffix == "Gi" ? 30 : 0;
    if (shift == 0 || (shift == 30 && i > 6))
        return std::nullopt;
    return (value << shift) * (milli ? 1000 : 1);
}

/// Divides rounding up (away from zero, as Quantity.ScaledValue does).
std::int64_t scaled(const Quantity& quantity, std::int64_t nanosPerStep)
{
    if (quantity.text.empty())
        return 0;
    if (const auto value = quick(quantity.text, nanosPerStep == kNanosPerMilli))
        return *value;
    Amount amount;
    const std::string_view error = parse(quantity.text, amount);
    FL_ASSERT(error.empty());
    const bool negative = amount.nanos < 0;
    const Wide magnitude = negative ? -amount.nanos : amount.nanos;
    Wide steps = (magnitude + nanosPerStep - 1) / nanosPerStep;
    steps = std::min<Wide>(steps, std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(negative ? -steps : steps);
}

} // namespace

ParsedQuantity parseQuantity(std::string_view text)
{
    Amount amount;
    const std::string_view error = parse(text, amount);
    if (!error.empty())
        return {{}, std::string(error)};
    return {{format(amount)}, {}};
}

std::int64_t addMilli(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
    return sum;
}

std::int64_t Quantity::milliValue() const { return scaled(*this, kNanosPerMilli); }
std::int64_t Quantity::value() const { return scaled(*this, kNanosPerUnit); }

Quantity Quantity::ofMilli(std::int64_t milli)
{
    return {format({static_cast<Wide>(milli) * kNanosPerMilli, Family::Decimal})};
}

Quantity Quantity::ofBytes(std::int64_t bytes)
{
    const bool small = bytes > -1024 && bytes < 1024;
    return {format({static_cast<Wide>(bytes) * kNanosPerUnit, small ? Family::Decimal : Family::Binary})};
}

} // namespace sim::kube
