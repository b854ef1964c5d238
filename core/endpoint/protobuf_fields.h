#pragma once

#include <string_view>

namespace core::endpoint {

/// The fields of a protobuf message, each as number, type, colon and name: "2[Container:containers".
/// Types: none is a string, i an integer, b a boolean, d a double, y bytes, T a time, Q a quantity, I an
/// int-or-string, else a message's name; [ before it a list, { a map from strings, ^ a struct that Go embeds: a message
/// of its own here, in JSON its fields stand beside the others.
struct ProtobufMessage {
    std::string_view name;
    std::string_view fields;
};
/// Null for messages that no client sends.
const ProtobufMessage* protobufMessage(std::string_view name);

} // namespace core::endpoint
