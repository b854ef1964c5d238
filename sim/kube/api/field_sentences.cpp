#include "sim/kube/api/field_sentences.h"

#include <map>

namespace sim::kube {

namespace {

using Sentence = std::pair<std::string_view, std::string_view>;

/// What every condition has, whatever it is a condition of.
constexpr Sentence kConditionSentences[] = {
    {"lastHeartbeatTime", "When the condition was last confirmed."},
    {"lastProbeTime", "When the condition was last looked at."},
    {"lastTransitionTime", "When the status last changed."},
    {"lastUpdateTime", "When anything in the condition last changed."},
    {"message", "The reason in words, for people."},
    {"observedGeneration", "The generation of the spec that the condition speaks of."},
    {"reason", "One word in CamelCase for why the status is so."},
    {"status", "True, False or Unknown."},
    {"type", "Which condition this is."},
};

/// Fields that mean the same wherever they occur.
constexpr Sentence kCommonSentences[] = {
    {"collisionCount", "How often a name made from the template's hash was taken already."},
    {"conditions", "The latest observations, at most one of each type."},
    {"defaultMode", "Permission bits of the files that say nothing of their own; 0644 when left out."},
    {"localObjectReference", "An object in the same namespace."},
    {"metadata", "Name, labels, owners and the other data that every object has."},
    {"minReadySeconds", "A new pod counts as available after it was ready for so many seconds; 0 when left out."},
    {"observedGeneration", "The generation of the spec that the controller acted on last."},
    {"optional", "Whether the pod starts although the object or the key is missing."},
    {"spec", "What is wanted."},
    {"status", "What is, as last reported. Written by controllers and kubelets."},
};

using SentenceTable = std::map<std::pair<std::string_view, std::string_view>, std::string_view>;

const SentenceTable& ownSentences()
{
    static const SentenceTable all = [] {
        SentenceTable out;
        for (const auto& sentences : {podSentences(), workloadSentences(), networkSentences(), resourceSentences()})
            for (const StructSentences& one : sentences)
                for (const auto& [field, sentence] : one.fields)
                    out.emplace(std::pair{one.goStruct, field}, sentence);
        return out;
    }();
    return all;
}

std::string_view sentenceIn(std::span<const Sentence> sentences, std::string_view field)
{
    for (const auto& [name, sentence] : sentences)
        if (name == field)
            return sentence;
    return {};
}

} // namespace

std::string_view sentenceAbout(std::string_view goStruct, std::string_view field)
{
    if (const auto own = ownSentences().find({goStruct, field}); own != ownSentences().end())
        return own->second;
    if (goStruct.ends_with("Condition"))
        if (const std::string_view sentence = sentenceIn(kConditionSentences, field); !sentence.empty())
            return sentence;
    return sentenceIn(kCommonSentences, field);
}

} // namespace sim::kube
