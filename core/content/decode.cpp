#include "core/content/decode.h"

#include "core/content/pattern.h"
#include "core/content/read_json.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <set>

namespace core::content {

namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

// learning-labs 2.5: asking oneself is free, the bottom-out rung leaves 30 %.
constexpr std::array<double, 6> kRungFactors{1.0, 0.95, 0.9, 0.8, 0.6, 0.3};

/// Decoding of one document: where texts come from and how problems are told.
class Decoder {
public:
    Decoder(const Document& document, std::vector<sim::Error>& problems) : m_document(document), m_problems(problems) { }

    void problem(const Pointer& at, std::string message) const
    {
        m_problems.push_back({std::move(message), placeOf(m_document.path, m_document.bytes, at)});
    }
    const json* find(const Pointer& at) const { return m_document.json.contains(at) ? &m_document.json.at(at) : nullptr; }

    Text text(const Pointer& at) const
    {
        const json* value = find(at);
        if (value == nullptr)
            return {};
        if (!value->contains("file"))
            return {value->value("en", ""), value->value("zh", "")};
        const std::string name = value->at("file").get<std::string>();
        return {textFile(at, name, "en"), textFile(at, name, "zh")};
    }
    std::string string(const Pointer& at, std::string fallback = {}) const
    {
        const json* value = find(at);
        return value == nullptr ? fallback : value->get<std::string>();
    }
    std::vector<std::string> strings(const Pointer& at) const
    {
        const json* value = find(at);
        return value == nullptr ? std::vector<std::string>{} : value->get<std::vector<std::string>>();
    }
    double number(const Pointer& at, double fallback) const
    {
        const json* value = find(at);
        return value == nullptr ? fallback : value->get<double>();
    }
    std::size_t count(const Pointer& at) const
    {
        const json* value = find(at);
        return value == nullptr ? 0 : value->size();
    }
    json any(const Pointer& at) const
    {
        const json* value = find(at);
        return value == nullptr ? json() : *value;
    }

    /// Ids name files, columns and command words of others: keep them plain.
    void checkId(const Pointer& at, const std::string& id) const
    {
        const bool plain = !id.empty() && id.size() <= 64
            && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        if (!plain)
            problem(at, fmt::format("the id \"{}\" may hold lower-case letters, digits and \"-\" only, at most 64; rename it",
                                    id.substr(0, 80)));
    }
    void checkKnown(const Pointer& at, const std::vector<std::string>& ids, const std::set<std::string>& known,
                    std::string_view what) const
    {
        for (std::size_t i = 0; i < ids.size(); ++i)
            if (known.count(ids[i]) == 0)
                problem(at / i, fmt::format("names the unknown {} \"{}\"; define it or correct the name", what, ids[i]));
    }
    void checkPattern(const Pointer& at, const std::string& pattern) const
    {
        const auto regex = Regex::compile(fillPattern(pattern, {}));
        if (!regex)
            problem(at, "is no regular expression: " + regex.error().message + "; correct it");
    }

private:
    std::string textFile(const Pointer& at, const std::string& name, const char* language) const
    {
        const auto folder = std::filesystem::path(m_document.path).parent_path();
        if (name.empty() || name.find_first_of("/\\") != std::string::npos) {
            problem(at, "a text's file lies beside this one: give its name without a folder");
            return {};
        }
        const auto path = folder / (name + "." + language + ".md");
        const auto bytes = readBytes(path.string());
        if (bytes && !bytes->empty())
            return *bytes;
        problem(at, fmt::format("the text file {} is missing or empty; write it (both languages are required)",
                                path.filename().string()));
        return {};
    }

    const Document& m_document;
    std::vector<sim::Error>& m_problems;
};

std::string joinLines(const json& lines)
{
    std::string text;
    for (const json& line : lines)
        text += line.get<std::string>() + "\n";
    return text;
}

Cause decodeCause(const Decoder& in, const Pointer& at)
{
    Cause cause;
    cause.id = in.string(at / "id");
    cause.means = in.text(at / "means");
    cause.mechanism = in.string(at / "mechanism");
    cause.faultId = in.string(at / "fault");
    cause.parameters = in.any(at / "parameters");
    cause.variants = in.strings(at / "variants");
    const json topologies = in.any(at / "topologies"); // kept: items() refers to it
    for (const auto& [variant, topology] : topologies.items())
        cause.topologies[variant] = topology.get<std::string>();
    cause.healed = in.any(at / "healed");
    cause.necessary = in.strings(at / "necessary");
    cause.explanation = in.text(at / "explanation");
    cause.prevention = in.text(at / "prevention");
    const json reference = in.any(at / "reference");
    if (reference.is_array())
        cause.reference[""] = joinLines(reference);
    else
        for (const auto& [variant, lines] : reference.items())
            cause.reference[variant] = joinLines(lines);
    in.checkId(at / "id", cause.id);
    const std::set<std::string> variants(cause.variants.begin(), cause.variants.end());
    for (const auto& [variant, script] : cause.reference)
        if (!variant.empty() && variants.count(variant) == 0)
            in.problem(at / "reference" / variant, fmt::format("is the script of the unknown variant \"{}\"; list it in \"variants\"", variant));
    if (cause.reference.count("") == 0)
        for (const std::string& variant : variants)
            if (cause.reference.count(variant) == 0)
                in.problem(at / "reference", fmt::format("lacks a script for the variant \"{}\"; add one", variant));
    return cause;
}

Fact decodeFact(const Decoder& in, const Pointer& at)
{
    Fact fact;
    fact.id = in.string(at / "id");
    fact.text = in.text(at / "text");
    for (std::size_t i = 0; i < in.count(at / "matchers"); ++i) {
        const Pointer m = at / "matchers" / i;
        fact.matchers.push_back({in.string(m / "reads"), in.string(m / "pattern"), in.string(m / "unless")});
        in.checkPattern(m / "pattern", fact.matchers.back().pattern);
        in.checkPattern(m / "unless", fact.matchers.back().unless);
    }
    fact.supports = in.strings(at / "supports");
    fact.refutes = in.strings(at / "refutes");
    fact.variants = in.strings(at / "variants");
    const std::string recovery = in.string(at / "recovery");
    fact.recovery = recovery == "user" ? Fact::Recovery::UserFacing
        : recovery == "cause"          ? Fact::Recovery::CauseSpecific
                                       : Fact::Recovery::No;
    fact.layer = in.string(at / "layer");
    fact.signal = in.text(at / "signal");
    fact.command = in.string(at / "command");
    in.checkId(at / "id", fact.id);
    return fact;
}

void decodeHints(const Decoder& in, Incident& incident)
{
    for (const Cause& cause : incident.causes) {
        const Pointer own = Pointer("/hints") / cause.id;
        auto& rungs = incident.hints[cause.id];
        for (std::size_t rung = 0; rung < kRungFactors.size(); ++rung) {
            const std::string name = fmt::format("h{}", rung);
            const Pointer at = in.find(own / name) != nullptr ? own / name : Pointer("/hints/any") / name;
            rungs.push_back({in.text(at), kRungFactors[rung]});
        }
    }
    const json hints = in.any(Pointer("/hints"));
    for (const auto& [cause, rungs] : hints.items())
        if (cause != "any" && incident.cause(cause) == nullptr)
            in.problem(Pointer("/hints") / cause, fmt::format("holds hints of the unknown cause \"{}\"; correct the name", cause));
}

void checkReferences(const Decoder& in, const Incident& incident)
{
    std::set<std::string> causes;
    std::set<std::string> facts;
    std::set<std::string> layers;
    std::set<std::string> variants;
    for (std::size_t i = 0; i < incident.causes.size(); ++i) {
        const Cause& cause = incident.causes[i];
        variants.insert(cause.variants.begin(), cause.variants.end());
        if (!causes.insert(cause.id).second)
            in.problem(Pointer("/causes") / i / "id", fmt::format("the cause \"{}\" is defined twice; rename one", cause.id));
    }
    for (std::size_t i = 0; i < incident.causes.size(); ++i)
        for (const auto& [variant, topology] : incident.causes[i].topologies)
            in.checkKnown(Pointer("/causes") / i / "topologies", {variant}, variants, "variant");
    for (std::size_t i = 0; i < incident.facts.size(); ++i)
        if (!facts.insert(incident.facts[i].id).second)
            in.problem(Pointer("/facts") / i / "id",
                       fmt::format("the fact \"{}\" is defined twice; rename one", incident.facts[i].id));
    for (const auto& [layer, text] : incident.layers)
        layers.insert(layer);
    for (std::size_t i = 0; i < incident.facts.size(); ++i) {
        const Fact& fact = incident.facts[i];
        const Pointer at = Pointer("/facts") / i;
        in.checkKnown(at / "supports", fact.supports, causes, "cause");
        in.checkKnown(at / "refutes", fact.refutes, causes, "cause");
        in.checkKnown(at / "variants", fact.variants, variants, "variant");
        if (!fact.layer.empty() && layers.count(fact.layer) == 0)
            in.problem(at / "layer", fmt::format("names the unknown layer \"{}\"; define it in \"layers\"", fact.layer));
        for (const std::string& cause : fact.supports)
            for (const std::string& refuted : fact.refutes)
                if (cause == refuted)
                    in.problem(at, fmt::format("the fact \"{}\" both supports and refutes \"{}\"; drop one", fact.id, cause));
    }
    for (std::size_t i = 0; i < incident.inferences.size(); ++i) {
        const Pointer at = Pointer("/inferences") / i;
        in.checkKnown(at / "refutes", incident.inferences[i].refutes, causes, "cause");
        for (std::size_t j = 0; j < incident.inferences[i].facts.size(); ++j)
            in.checkKnown(at / "facts" / j, incident.inferences[i].facts[j], facts, "fact");
    }
    for (std::size_t i = 0; i < incident.mitigations.size(); ++i)
        in.checkPattern(Pointer("/mitigations") / i / "result", incident.mitigations[i].result);
}

} // namespace

Incident decodeIncident(const Document& document, std::vector<sim::Error>& problems)
{
    const Decoder in(document, problems);
    Incident incident;
    incident.id = in.string(Pointer("/id"));
    incident.area = in.string(Pointer("/area"));
    incident.module = in.string(Pointer("/module"));
    incident.topology = in.string(Pointer("/topology"));
    incident.title = in.text(Pointer("/title"));
    incident.brief = in.text(Pointer("/brief"));
    incident.lesson = in.text(Pointer("/lesson"));
    incident.service = in.string(Pointer("/service"));
    incident.healthy = in.any(Pointer("/healthy"));
    incident.intact = in.any(Pointer("/intact"));
    incident.obviousCommands = in.strings(Pointer("/obviousCommands"));
    const Impact usual;
    incident.impact = {in.number(Pointer("/impact/sliTarget"), usual.sliTarget),
                       in.number(Pointer("/impact/parSeconds"), usual.parSeconds),
                       in.number(Pointer("/impact/allowanceSeconds"), usual.allowanceSeconds),
                       in.number(Pointer("/impact/dollarsPerRequest"), usual.dollarsPerRequest),
                       in.string(Pointer("/impact/counts")) == "tokens" ? Impact::Counts::Tokens : Impact::Counts::Requests};
    const json names = in.any(Pointer("/names")); // kept: items() refers to it
    for (const auto& [name, value] : names.items())
        incident.names[name] = value.get<std::string>();
    const json layers = in.any(Pointer("/layers"));
    for (const auto& [layer, value] : layers.items())
        incident.layers[layer] = in.text(Pointer("/layers") / layer);
    for (std::size_t i = 0; i < in.count(Pointer("/causes")); ++i)
        incident.causes.push_back(decodeCause(in, Pointer("/causes") / i));
    for (std::size_t i = 0; i < in.count(Pointer("/facts")); ++i)
        incident.facts.push_back(decodeFact(in, Pointer("/facts") / i));
    for (std::size_t i = 0; i < in.count(Pointer("/inferences")); ++i) {
        Inference inference;
        inference.refutes = in.strings(Pointer("/inferences") / i / "refutes");
        for (std::size_t j = 0; j < in.count(Pointer("/inferences") / i / "facts"); ++j)
            inference.facts.push_back(in.strings(Pointer("/inferences") / i / "facts" / j));
        incident.inferences.push_back(std::move(inference));
    }
    for (std::size_t i = 0; i < in.count(Pointer("/mitigations")); ++i)
        incident.mitigations.push_back({in.string(Pointer("/mitigations") / i / "changes"),
                                        in.string(Pointer("/mitigations") / i / "result")});
    in.checkId(Pointer("/id"), incident.id);
    decodeHints(in, incident);
    checkReferences(in, incident);
    return incident;
}

Module decodeModule(const Document& document, std::vector<sim::Error>& problems)
{
    const Decoder in(document, problems);
    Module module;
    module.id = in.string(Pointer("/id"));
    module.number = static_cast<int>(in.number(Pointer("/number"), 0));
    module.phase = static_cast<int>(in.number(Pointer("/phase"), 0));
    module.title = in.text(Pointer("/title"));
    module.summary = in.text(Pointer("/summary"));
    module.lesson = in.text(Pointer("/lesson"));
    module.incidents = in.strings(Pointer("/incidents"));
    in.checkId(Pointer("/id"), module.id);
    return module;
}

std::vector<GlossaryTerm> decodeGlossary(const Document& document, std::vector<sim::Error>& problems)
{
    const Decoder in(document, problems);
    std::vector<GlossaryTerm> terms;
    for (std::size_t i = 0; i < in.count(Pointer("/terms")); ++i) {
        const Pointer at = Pointer("/terms") / i;
        terms.push_back({in.string(at / "id"), in.text(at / "term"), in.text(at / "definition"), in.string(Pointer("/area")),
                         in.strings(at / "seeAlso")});
        in.checkId(at / "id", terms.back().id);
    }
    return terms;
}

} // namespace core::content
