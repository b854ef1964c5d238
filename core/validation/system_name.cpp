#include "core/validation/system_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

namespace core::validation {

namespace collectives = sim::training::collectives;

namespace {

/// Lower case, with blanks for all but letters, digits and points, and the sign "×" as the letter x.
std::string plainText(std::string_view name)
{
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<unsigned char>(name[i]);
        if (c == 0xc3 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) == 0x97) {
            text += 'x';
            ++i;
        } else {
            text += std::isalnum(c) != 0 || c == '.' ? static_cast<char>(std::tolower(c)) : ' ';
        }
    }
    return text;
}

std::vector<std::string> wordsOf(const std::string& text)
{
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + ' ') {
        if (c != ' ') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(word);
            word.clear();
        }
    }
    return words;
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

struct Model {
    std::string_view name;
    collectives::NodeType sxm;
    collectives::NodeType pcie;
    collectives::NodeType pairs;
};

/// Names that are parts of others come behind them.
constexpr Model kModels[] = {
    {"gb200", collectives::NodeType::B200, collectives::NodeType::B200, collectives::NodeType::B200},
    {"b300", collectives::NodeType::B200, collectives::NodeType::B200, collectives::NodeType::B200},
    {"b200", collectives::NodeType::B200, collectives::NodeType::B200, collectives::NodeType::B200},
    {"h200", collectives::NodeType::H200Sxm, collectives::NodeType::H100Pcie, collectives::NodeType::H100PciePairs},
    {"h100", collectives::NodeType::H100Sxm, collectives::NodeType::H100Pcie, collectives::NodeType::H100PciePairs},
    {"h800", collectives::NodeType::H800, collectives::NodeType::H100Pcie, collectives::NodeType::H100PciePairs},
    {"h20", collectives::NodeType::H20, collectives::NodeType::H20, collectives::NodeType::H20},
    {"a100", collectives::NodeType::A100Sxm, collectives::NodeType::A100Pcie, collectives::NodeType::A100PciePairs},
    {"a800", collectives::NodeType::A100Sxm, collectives::NodeType::A100Pcie, collectives::NodeType::A100PciePairs},
    // Instance names that leave the GPU out.
    {"p5en", collectives::NodeType::H200Sxm, collectives::NodeType::H200Sxm, collectives::NodeType::H200Sxm},
    {"p5", collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm},
    {"p6", collectives::NodeType::B200, collectives::NodeType::B200, collectives::NodeType::B200},
    {"p4d", collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm},
    {"a3 ultra", collectives::NodeType::H200Sxm, collectives::NodeType::H200Sxm, collectives::NodeType::H200Sxm},
    {"a3 ", collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm},
    {"a2 ", collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm},
    {"a4 ", collectives::NodeType::B200, collectives::NodeType::B200, collectives::NodeType::B200},
    {"nd96asr", collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm},
    {"ndr", collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm, collectives::NodeType::H100Sxm},
    {"hdr", collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm, collectives::NodeType::A100Sxm},
};

/// "nv12", "nv6": how many links a pair has; "nvl" is the card that is sold in bridged pairs. On boards nvidia-smi's
/// "NV18" only says that a switch is there.
std::optional<int> linksOfPair(const std::vector<std::string>& words, int gpus)
{
    constexpr int kMostOfPair = 12;
    for (const std::string& word : words) {
        if (word == "nvl")
            return kMostOfPair;
        if (gpus > 2 || word.size() < 3 || word.size() > 4 || !word.starts_with("nv")
            || word.find_first_not_of("0123456789", 2) != std::string::npos)
            continue;
        if (const int links = std::stoi(word.substr(2)); links > 0 && links <= kMostOfPair)
            return links;
    }
    return std::nullopt;
}

void setNvlinks(collectives::System& system, int links)
{
    for (collectives::Node& node : system.nodes)
        for (collectives::Gpu& gpu : node.gpus)
            gpu.nvlinks = links;
}

struct Ports {
    std::optional<int> count;
    std::optional<double> gigabytesPerSecond;
};

/// A port's rate by what it is called: "ndr", "hdr200", "400g", "400gb".
std::optional<double> rateOf(std::string_view word)
{
    struct Named {
        std::string_view name;
        double gigabytesPerSecond;
    };
    constexpr Named kRates[] = {{"xdr", 100}, {"ndr200", 25}, {"ndr", 50},  {"hdr100", 12.5}, {"hdr", 25}, {"edr", 12.5},
                                {"800g", 100}, {"400g", 50},  {"200g", 25}, {"100g", 12.5}};
    for (const Named& rate : kRates)
        if (word.starts_with(rate.name))
            return rate.gigabytesPerSecond;
    return std::nullopt;
}

/// "4xhdr200", "4 nics", "8x400g", "single ndr".
Ports portsIn(const std::vector<std::string>& words)
{
    Ports ports;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const std::size_t digits = word.find_first_not_of("0123456789");
        const bool counted = digits != std::string::npos && digits > 0 && digits < 4 && word[digits] == 'x';
        const std::string_view behind = counted ? std::string_view(word).substr(digits + 1) : std::string_view(word);
        if (const auto rate = rateOf(behind)) {
            ports.gigabytesPerSecond = rate;
            if (counted)
                ports.count = std::stoi(word.substr(0, digits));
            else if (i > 0 && words[i - 1] == "single")
                ports.count = 1;
            else if (i > 0 && words[i - 1].size() < 3 && words[i - 1].find_first_not_of("0123456789") == std::string::npos)
                ports.count = std::stoi(words[i - 1]);
        }
        const bool names = word.starts_with("nic") || word.starts_with("hca");
        if (names && i > 0 && words[i - 1].size() < 3 && words[i - 1].find_first_not_of("0123456789") == std::string::npos)
            ports.count = std::stoi(words[i - 1]);
    }
    return ports;
}

/// What a provider's instance has, where that differs from the standard node. EFA's plugin shows NCCL the ports of
/// one GPU (p5: four of 100 Gb/s, p5en: two of 200 Gb/s) as one.
Ports portsOfInstance(const std::vector<std::string>& words)
{
    for (const std::string& word : words) {
        if (word.starts_with("p5"))
            return {8, 50};
        if (word.starts_with("p4d"))
            return {4, 12.5};
        if (word.starts_with("b300"))
            return {8, 100};
        if (word.starts_with("mega")) // Google's a3-megagpu
            return {8, 25};
    }
    return {};
}

void replacePorts(collectives::System& system, const std::string& text, const std::vector<std::string>& words)
{
    Ports ports = portsOfInstance(words);
    const Ports told = portsIn(words);
    if (told.count)
        ports.count = told.count;
    if (told.gigabytesPerSecond)
        ports.gigabytesPerSecond = told.gigabytesPerSecond;
    const bool amazon = std::ranges::any_of(words, [](const std::string& word) {
        return word.starts_with("p5") || word.starts_with("p4d") || word.starts_with("p6") || word == "efa" || word == "aws";
    });
    const auto kind = amazon ? collectives::NetworkKind::Efa
        : has(text, "roce")  ? collectives::NetworkKind::Roce
                             : collectives::NetworkKind::InfiniBand;
    for (collectives::Node& node : system.nodes) {
        if (has(text, "socket") || has(text, "tcp"))
            node.nics.clear();
        else if (ports.count || ports.gigabytesPerSecond || kind != collectives::NetworkKind::InfiniBand)
            collectives::setNics(node, ports.count.value_or(static_cast<int>(node.nics.size())), kind,
                                 ports.gigabytesPerSecond.value_or(node.nics.front().gigabytesPerSecond));
    }
}

} // namespace

sim::Result<collectives::System> systemNamed(std::string_view name, int nodes, int gpusPerNode)
{
    const std::string text = plainText(name);
    const std::vector<std::string> words = wordsOf(text);
    const Model* model = nullptr;
    for (const Model& one : kModels)
        if (has(text, one.name)) {
            model = &one;
            break;
        }
    if (model == nullptr)
        return sim::Error{fmt::format("\"{}\" names no known system; name its GPU: A100, H100, H200, H20, H800 or B200 "
                                      "(with \"PCIe\" or \"pair\" where it is a card)",
                                      name),
                          {}};
    if (has(text, "gb200") && nodes > 1)
        return sim::Error{fmt::format("\"{}\" with several nodes shares NVLink between them, which is not modelled; leave the row "
                                      "out, or name its GPUs as one node",
                                      name),
                          {}};
    const std::optional<int> links = linksOfPair(words, gpusPerNode);
    const bool board = has(text, "sxm") || has(text, "hgx") || has(text, "dgx");
    const bool pair = has(text, "pair") || has(text, "bridge") || links;
    const bool card = !board && (has(text, "pcie") || has(text, " sys") || has(text, "pci "));
    const collectives::NodeType type = pair ? model->pairs : card ? model->pcie : model->sxm;
    collectives::System system = collectives::standardSystem(type, nodes, gpusPerNode);
    if (links)
        setNvlinks(system, *links);
    else if (model->name == "a800" && type == collectives::NodeType::A100Sxm)
        setNvlinks(system, 8);
    replacePorts(system, text, words);
    // Azure's published tables come from one process that drives all GPUs of the machine.
    const bool azure = std::ranges::any_of(words, [](const std::string& word) {
        return word == "azure" || word == "nd" || word.starts_with("nd96");
    });
    if (azure && nodes == 1)
        system.gpusPerProcess = gpusPerNode;
    return system;
}

} // namespace core::validation
