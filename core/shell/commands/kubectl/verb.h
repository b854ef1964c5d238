#pragma once

#include "core/shell/commands/kubectl/flags.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

struct Call;

/// What the words of a verb name, for completion.
enum class Operand : std::uint8_t { None, Resource, Pod, PodOrWorkload, Node, Kind, Context, Verb };

/// A verb or subverb of kubectl as plain data. Each verb's file makes its own.
struct Verb {
    std::string_view name;
    std::string_view group;   ///< heading in `kubectl --help`
    std::string_view summary;
    std::string_view usage;   ///< after the verb's own words: "(TYPE NAME | TYPE/NAME) [flags]"
    std::vector<FlagSpec> flags{};
    int (*run)(Call&) = nullptr; ///< null for a verb that only has subverbs
    Operand operand = Operand::None;
    std::vector<std::string_view> examples{}; ///< "# what" and "kubectl ..." lines
    std::vector<Verb> subverbs{};
    std::vector<std::string_view> aliases{};
};

inline constexpr std::string_view kBeginner = "Basic Commands (Beginner)";
inline constexpr std::string_view kIntermediate = "Basic Commands (Intermediate)";
inline constexpr std::string_view kDeploy = "Deploy Commands";
inline constexpr std::string_view kManagement = "Cluster Management Commands";
inline constexpr std::string_view kTroubleshooting = "Troubleshooting and Debugging Commands";
inline constexpr std::string_view kAdvanced = "Advanced Commands";
inline constexpr std::string_view kSettings = "Settings Commands";
inline constexpr std::string_view kOther = "Other Commands";

/// All verbs in the order of `kubectl --help`.
const std::vector<Verb>& allVerbs();
/// The verb of this name or alias; null when there is none.
const Verb* findVerb(const std::vector<Verb>& verbs, std::string_view name);

Verb createVerb();
Verb exposeVerb();
Verb runVerb();
Verb setVerb();
Verb explainVerb();
Verb getVerb();
Verb editVerb();
Verb deleteVerb();
Verb rolloutVerb();
Verb scaleVerb();
Verb autoscaleVerb();
Verb clusterInfoVerb();
Verb topVerb();
Verb cordonVerb();
Verb uncordonVerb();
Verb drainVerb();
Verb taintVerb();
Verb describeVerb();
Verb logsVerb();
Verb execVerb();
Verb portForwardVerb();
Verb attachVerb();
Verb cpVerb();
Verb debugVerb();
Verb authVerb();
Verb eventsVerb();
Verb diffVerb();
Verb applyVerb();
Verb patchVerb();
Verb replaceVerb();
Verb waitVerb();
Verb kustomizeVerb();
Verb labelVerb();
Verb annotateVerb();
Verb apiResourcesVerb();
Verb apiVersionsVerb();
Verb configVerb();
Verb versionVerb();
Verb optionsVerb();

/// `kubectl --help` and `kubectl VERB --help`.
std::string overviewText();
std::string verbHelpText(const Verb& verb, const std::string& path);
std::string globalOptionsText();

} // namespace core::shell::kubectl
