#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

/// One flag of a verb, declared once: parsing, --help and completion read this.
struct FlagSpec {
    enum class Type : std::uint8_t { Bool, Text, Number, Duration, List };
    char letter = 0;
    std::string_view name;
    Type type = Type::Bool;
    std::string_view fallback; ///< the value when the flag is not given
    std::string_view help;
    std::string_view bare{};   ///< the value when it is given without one ("--dry-run"); empty: needs one
};

/// The flags of one call, by long name, with defaults filled from their specs.
class Flags {
public:
    explicit Flags(std::vector<const FlagSpec*> specs = {}) : m_specs(std::move(specs)) { }

    void set(std::string_view name, std::string value) { m_given[std::string(name)].push_back(std::move(value)); }
    bool given(std::string_view name) const { return m_given.find(name) != m_given.end(); }
    std::string text(std::string_view name) const;
    bool on(std::string_view name) const { return text(name) == "true"; }
    std::int64_t number(std::string_view name) const;
    sim::Duration duration(std::string_view name) const;
    /// Every value as given.
    std::vector<std::string> values(std::string_view name) const;
    /// Every value, split at commas.
    std::vector<std::string> list(std::string_view name) const;

private:
    std::vector<const FlagSpec*> m_specs;
    std::map<std::string, std::vector<std::string>, std::less<>> m_given;
};

struct ParsedWords {
    Flags flags;
    std::vector<std::string> words;     ///< what is no flag, without what follows "--"
    std::vector<std::string> afterDash; ///< what follows "--"
    bool dash = false;
    bool help = false;
    std::string error;                  ///< pflag's text; empty when all is well
};

/// Flags may stand anywhere: -nshop, -n shop, -n=shop, --namespace=shop, --namespace shop, -it.
ParsedWords parseWords(const std::vector<const FlagSpec*>& specs, const std::vector<std::string>& words);

/// The flags every verb takes.
const std::vector<FlagSpec>& globalFlags();

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Flags that several verbs share.
inline constexpr FlagSpec kAllNamespaces{'A', "all-namespaces", FlagSpec::Type::Bool, "false",
    "Look in all namespaces; the one of the context or of --namespace does not count."};
inline constexpr FlagSpec kFilename{'f', "filename", FlagSpec::Type::List, "",
    "A file, a directory or - (standard input) with the manifests of the resources."};
inline constexpr FlagSpec kKustomize{'k', "kustomize", FlagSpec::Type::Text, "",
    "A directory with a kustomization.yaml, whose objects are built first; not together with --filename."};
inline constexpr FlagSpec kRecursive{'R', "recursive", FlagSpec::Type::Bool, "false",
    "Descend into the directories given with --filename."};
inline constexpr FlagSpec kSelector{'l', "selector", FlagSpec::Type::Text, "",
    "Labels that a resource must have: key=value, key!=value, 'key in (a,b)', key, '!key'."};
inline constexpr FlagSpec kFieldSelector{0, "field-selector", FlagSpec::Type::Text, "",
    "Fields that a resource must have: key=value, key!=value; each kind knows only a few."};
inline constexpr FlagSpec kOutput{'o', "output", FlagSpec::Type::Text, "",
    "How to print: json, yaml, name, jsonpath=..., jsonpath-file=..., custom-columns=..., wide."};
inline constexpr FlagSpec kDryRun{0, "dry-run", FlagSpec::Type::Text, "none",
    "none, client (only print what would be sent) or server (send it, but store nothing).", "unchanged"};
inline constexpr FlagSpec kFieldManager{0, "field-manager", FlagSpec::Type::Text, "",
    "The name under which field ownership is tracked."};
inline constexpr FlagSpec kAll{0, "all", FlagSpec::Type::Bool, "false",
    "Take every resource of the given types in the namespace."};
inline constexpr FlagSpec kOverwrite{0, "overwrite", FlagSpec::Type::Bool, "false",
    "Let a value that is already there be replaced."};
inline constexpr FlagSpec kLocal{0, "local", FlagSpec::Type::Bool, "false",
    "Change only what the files say and print it; the server is not asked."};
inline constexpr FlagSpec kContainer{'c', "container", FlagSpec::Type::Text, "", "The name of the container."};
inline constexpr FlagSpec kNoHeaders{0, "no-headers", FlagSpec::Type::Bool, "false", "Print no header line."};
inline constexpr FlagSpec kWatch{'w', "watch", FlagSpec::Type::Bool, "false",
    "After printing what is there, go on with the changes."};
inline constexpr FlagSpec kShowManaged{0, "show-managed-fields", FlagSpec::Type::Bool, "false",
    "Keep managedFields in JSON and YAML."};
inline constexpr FlagSpec kValidate{0, "validate", FlagSpec::Type::Text, "strict",
    "strict (refuse unknown fields), warn or ignore.", "strict"};
inline constexpr FlagSpec kSaveConfig{0, "save-config", FlagSpec::Type::Bool, "false",
    "Keep the configuration in the object's annotation for a later apply."};

} // namespace core::shell::kubectl
