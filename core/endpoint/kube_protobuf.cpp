#include "core/endpoint/kube_protobuf.h"

#include "core/endpoint/certificates.h"
#include "core/endpoint/protobuf_fields.h"
#include "sim/engine/base64.h"
#include "sim/kube/api/time_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace core::endpoint {

namespace {

using nlohmann::json;

constexpr std::string_view kMagic{"k8s\0", 4};
constexpr int kMaxDepth = 64;

/// Go's pointers among the numbers: zero means something there.
bool keepsZero(std::string_view field)
{
    constexpr std::string_view kPointers[] = {"replicas", "terminationGracePeriodSeconds", "gracePeriodSeconds", "backoffLimit", "parallelism", "completions",
                                              "ttlSecondsAfterFinished", "revisionHistoryLimit", "deletionGracePeriodSeconds", "automountServiceAccountToken",
                                              "allowPrivilegeEscalation", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "runAsUser"};
    return std::find(std::begin(kPointers), std::end(kPointers), field) != std::end(kPointers);
}

/// One field as it stands in the bytes.
struct WireField {
    std::uint32_t number = 0;
    std::uint64_t value = 0;   ///< of numbers
    std::string_view bytes;    ///< of everything else
    bool isBytes = false;
};

/// Takes fields off the front; broken once the bytes are no protobuf.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) { }

    std::optional<WireField> next()
    {
        if (m_rest.empty() || broken)
            return std::nullopt;
        WireField field;
        const std::uint64_t key = varint();
        field.number = static_cast<std::uint32_t>(key >> 3);
        switch (key & 7) {
        case 0: field.value = varint(); break;
        case 1: field.bytes = take(8); break;
        case 5: field.bytes = take(4); break;
        case 2:
            field.isBytes = true;
            field.bytes = take(varint());
            break;
        default: broken = true;
        }
        return broken ? std::nullopt : std::optional(field);
    }
    bool broken = false;

private:
    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (m_rest.empty())
                break;
            const auto byte = static_cast<std::uint8_t>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0)
                return value;
        }
        broken = true;
        return 0;
    }
    std::string_view take(std::uint64_t size)
    {
        if (size > m_rest.size()) {
            broken = true;
            return {};
        }
        const std::string_view bytes = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return bytes;
    }

    std::string_view m_rest;
};

struct Description {
    std::string_view type; ///< with "[", "{" or "^" before it
    std::string_view name;
};

std::optional<Description> find(std::string_view fields, std::uint32_t number)
{
    while (!fields.empty()) {
        const std::string_view one = fields.substr(0, fields.find(' '));
        fields.remove_prefix(std::min(one.size() + 1, fields.size()));
        std::uint32_t its = 0;
        std::size_t at = 0;
        for (; at < one.size() && one[at] >= '0' && one[at] <= '9'; ++at)
            its = its * 10 + static_cast<std::uint32_t>(one[at] - '0');
        const std::size_t colon = one.find(':');
        if (its == number && colon != std::string_view::npos)
            return Description{one.substr(at, colon - at), one.substr(colon + 1)};
    }
    return std::nullopt;
}

class Decoder {
public:
    json message(std::string_view type, std::string_view bytes, int depth)
    {
        json object = json::object();
        const ProtobufMessage* known = protobufMessage(type);
        if (known == nullptr || depth > kMaxDepth) {
            broken = true;
            return object;
        }
        Reader reader(bytes);
        while (const auto field = reader.next())
            if (const auto what = find(known->fields, field->number))
                put(object, *what, *field, depth);
        broken = broken || reader.broken;
        return object;
    }
    bool broken = false;

private:
    void put(json& object, const Description& what, const WireField& field, int depth)
    {
        const std::string name(what.name);
        if (what.type.rfind('[', 0) == 0) {
            json& list = object[name];
            if (what.type == "[s")
                list.push_back(std::string(field.bytes));
            else
                list.push_back(value(what.type.substr(1), field, depth));
        } else if (what.type.rfind('{', 0) == 0) {
            std::string key;
            WireField item;
            Reader entry(field.bytes);
            while (const auto part = entry.next()) {
                if (part->number == 1)
                    key = part->bytes;
                else if (part->number == 2)
                    item = *part;
            }
            broken = broken || entry.broken;
            object[name][key] = value(what.type.substr(1) == "s" ? std::string_view() : what.type.substr(1), item, depth);
        } else if (what.type.rfind('^', 0) == 0) {
            object.update(message(what.type.substr(1), field.bytes, depth + 1));
        } else {
            json one = value(what.type, field, depth);
            const bool empty = one.is_null() || one == json("") || ((one == json(0) || one == json(false)) && !keepsZero(name));
            if (!empty)
                object[name] = std::move(one);
        }
    }

    json value(std::string_view type, const WireField& field, int depth)
    {
        if (type.empty())
            return std::string(field.bytes);
        if (type == "i")
            return static_cast<std::int64_t>(field.value);
        if (type == "b")
            return field.value != 0;
        if (type == "y")
            return sim::encodeBase64(std::string(field.bytes));
        if (type == "d") {
            double number = 0;
            if (field.bytes.size() == sizeof number)
                std::memcpy(&number, field.bytes.data(), sizeof number);
            return number;
        }
        if (type == "T")
            return time(field.bytes);
        if (type == "Q")
            return quantity(field.bytes);
        if (type == "I")
            return intOrString(field.bytes);
        return message(type, field.bytes, depth + 1);
    }

    json time(std::string_view bytes)
    {
        std::int64_t seconds = 0;
        Reader reader(bytes);
        while (const auto field = reader.next())
            if (field->number == 1)
                seconds = static_cast<std::int64_t>(field->value);
        constexpr std::int64_t kLast = 9'000'000'000; // an Instant holds nanoseconds until 2262
        if (bytes.empty() || seconds <= 0 || seconds > kLast)
            return nullptr;
        return sim::kube::rfc3339(sim::Instant(std::chrono::seconds(seconds)));
    }
    static json quantity(std::string_view bytes)
    {
        std::string text;
        Reader reader(bytes);
        while (const auto field = reader.next())
            if (field->number == 1)
                text = field->bytes;
        return text;
    }
    static json intOrString(std::string_view bytes)
    {
        bool isText = false;
        std::int64_t number = 0;
        std::string text;
        Reader reader(bytes);
        while (const auto field = reader.next()) {
            if (field->number == 1)
                isText = field->value == 1;
            else if (field->number == 2)
                number = static_cast<std::int64_t>(field->value);
            else if (field->number == 3)
                text = field->bytes;
        }
        return isText ? json(text) : json(number);
    }
};

std::string messageName(const std::string& apiVersion, const std::string& kind)
{
    if (kind == "HorizontalPodAutoscaler")
        return (apiVersion == "autoscaling/v2" ? "autoscaling2." : "autoscaling.") + kind;
    return kind;
}

} // namespace

sim::Result<json> decodeKubeProtobuf(std::string_view body)
{
    if (body.substr(0, kMagic.size()) != kMagic)
        return sim::Error{"provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]", {}};
    // runtime.Unknown: 1 typeMeta (1 apiVersion, 2 kind), 2 raw.
    std::string apiVersion;
    std::string kind;
    std::string_view raw;
    Reader reader(body.substr(kMagic.size()));
    while (const auto field = reader.next()) {
        if (field->number == 2)
            raw = field->bytes;
        if (field->number != 1)
            continue;
        Reader meta(field->bytes);
        while (const auto part = meta.next()) {
            if (part->number == 1)
                apiVersion = part->bytes;
            else if (part->number == 2)
                kind = part->bytes;
        }
    }
    if (reader.broken || kind.empty())
        return sim::Error{"unable to decode the protobuf message: unexpected EOF", {}};
    Decoder decoder;
    json object = decoder.message(messageName(apiVersion, kind), raw, 0);
    if (decoder.broken)
        return sim::Error{"unable to decode the protobuf message of kind " + kind + "; send JSON instead", {}};
    object["apiVersion"] = apiVersion;
    object["kind"] = kind;
    // Texts may hold any bytes; Go writes U+FFFD for what is no UTF-8.
    return json::parse(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace core::endpoint
