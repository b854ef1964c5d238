#pragma once

#include "core/content/text.h"
#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::content {

/// How an observation shows a fact: its reads satisfy `reads` and its text matches `pattern` and not
/// `unless`. "{failing_pod}", "{registry}" ... stand for the run's own values (core/content/pattern.h).
struct FactMatcher {
    std::string reads;    ///< globs over Shown::reads: "|" is or, "&" is and ("http/*&from/bastion"); empty: any
    std::string pattern;  ///< regular expression over the shown text, multi-line
    std::string unless;   ///< must not match when not empty
};

/// Something a learner can come to know.
struct Fact {
    /// Whether the fact proves that things are well again. User-facing: what customers get. Cause-specific:
    /// that the broken part works (then `supports` lists the causes it counts for; empty: all).
    enum class Recovery { No, UserFacing, CauseSpecific };

    std::string id;
    Text text;                          ///< "The tag exists in the registry"
    std::vector<FactMatcher> matchers;  ///< any of them
    std::vector<std::string> supports;  ///< causes it speaks for
    std::vector<std::string> refutes;   ///< causes it rules out
    std::vector<std::string> variants;  ///< only in these variants of the fault; empty: in all
    Recovery recovery = Recovery::No;
    std::string layer;                  ///< key of Incident::layers: where to look (hint H1)
    Text signal;                        ///< what to look at there (hint H2)
    std::string command;                ///< how to see it, with {placeholders} (hint H3)
};

/// What several facts together rule out and none does alone. Each inner list is "any of these".
struct Inference {
    std::vector<std::vector<std::string>> facts;
    std::vector<std::string> refutes;
};

/// A change that takes the pain away and needs no diagnosis (a rollback, a cordon): it changes an object
/// matching `changes`, and what the API answered contains `result`.
struct Mitigation {
    std::string changes;   ///< glob over CommandResult::changed
    std::string result;    ///< regular expression over the answer's JSON
};

struct Cause {
    std::string id;                    ///< as in coverage.json; "no-fault" for the twin
    Text means;
    std::string mechanism;             ///< causes of one mechanism are near misses of each other
    std::string faultId;               ///< of sim/faults' catalogue
    nlohmann::json parameters;         ///< handed to the fault; the seed chooses among variants
    std::vector<std::string> variants; ///< those the fault knows for this cause; may be empty
    std::map<std::string, std::string> topologies; ///< of variants that play elsewhere than the incident: variant -> topology
    nlohmann::json healed;             ///< predicate: the root cause is gone
    std::vector<std::string> necessary;///< globs over changed objects that a right repair may touch
    std::map<std::string, std::string> reference; ///< script of the reference run by variant; "" for any other
    Text explanation;                  ///< debrief: what happened and how to see it
    Text prevention;

    /// The script for a variant: lines of shell with {placeholders}; "# advance 60s", "# acknowledge",
    /// "# repair", "# verify", "# diagnose CAUSE" and "# close" are directives.
    const std::string& referenceFor(std::string_view variant) const;
};

/// One rung of the ladder H0..H5. An empty text is computed from the fact graph when the rung is taken.
struct Hint {
    Text text;
    double factor = 1;     ///< multiplies diagnosis and evidence: 1, .95, .9, .8, .6, .3
};

/// How harm to users is weighed.
struct Impact {
    enum class Counts { Requests, Tokens };
    double sliTarget = 0.99;        ///< success ratio below which users are hurt
    double parSeconds = 900;        ///< what is lost until then costs nothing: somebody must find out first
    double allowanceSeconds = 2700; ///< so much more at the same pain, and no points are left
    double dollarsPerRequest = 0.5; ///< margin of one that is lost
    Counts counts = Counts::Requests; ///< what is lost; tokens: of training, that it did not get to
};

struct Incident {
    std::string id;
    std::string area;
    int phase = 1;
    std::string module;    ///< curriculum module id
    int moduleNumber = 4;
    Text moduleTitle;      ///< of that module; empty when it is not loaded
    std::string topology;  ///< "mini"
    Text title;            ///< "Checkout is failing"
    Text brief;            ///< the task, Markdown
    Text lesson;           ///< background with figures, Markdown
    std::string service;   ///< "shop/checkout"
    std::vector<Cause> causes;
    std::vector<Fact> facts;
    std::vector<Inference> inferences;
    std::map<std::string, Text> layers;             ///< "registry" -> "the image registry"
    std::map<std::string, std::vector<Hint>> hints; ///< by cause id, six each
    std::map<std::string, std::string> names;       ///< placeholder values known before the fault is injected
    std::vector<Mitigation> mitigations;
    Impact impact;
    nlohmann::json healthy;///< predicate: impact is over
    nlohmann::json intact; ///< predicate: no workaround is left (replicas cut, nodes cordoned, objects deleted)
    std::vector<std::string> obviousCommands; ///< for the look-alike check, with {placeholders}
    const Cause* cause(std::string_view causeId) const;
    const Fact* fact(std::string_view factId) const;
};

struct Module {
    std::string id;
    int number = 0;
    int phase = 0;
    Text title;
    Text summary;
    Text lesson;                         ///< Markdown; empty when not written yet
    std::vector<std::string> incidents;
};

struct GlossaryTerm {
    std::string id;
    Text term;
    Text definition;
    std::string area;
    std::vector<std::string> seeAlso;    ///< ids of other terms
};

/// All content, loaded and checked. Loading never stops at the first problem: each bad file is reported
/// with file, place and remedy, and left out.
struct Library {
    std::vector<Incident> incidents;      ///< by id
    std::vector<Module> modules;          ///< by number
    std::vector<GlossaryTerm> glossary;   ///< by id
    nlohmann::json topologies = nlohmann::json::object(); ///< by id; each carries the catalogue of programs as "programs"
    nlohmann::json programs = nlohmann::json::object();   ///< by id
    std::vector<sim::Error> problems;
    std::uint64_t hash = 0;               ///< over names and bytes of all files; part of a replay's header
    const Incident* incident(std::string_view id) const;
    const Module* module(std::string_view id) const;
};

/// Reads `folders` in order (the installed content, then the user's); a later folder may add or replace
/// by id. Each file is checked against its JSON Schema in `folders[0]/schema`. A text is
/// {"en": ..., "zh": ...} or {"file": "x"}, which reads x.en.md and x.zh.md beside the JSON file.
Library load(const std::vector<std::string>& folders);

} // namespace core::content
