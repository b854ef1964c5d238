#include "tests/core/content/pack.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace core::content {

namespace fs = std::filesystem;
using nlohmann::json;

TemporaryFolder::TemporaryFolder()
{
    std::string pattern = (fs::temp_directory_path() / "faultline-content-XXXXXX").string();
    m_path = ::mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

std::string TemporaryFolder::path(const std::string& name) const
{
    return name.empty() ? m_path : m_path + "/" + name;
}

void TemporaryFolder::write(const std::string& name, std::string_view text) const
{
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
}

void TemporaryFolder::write(const std::string& name, const json& value) const
{
    write(name, std::string_view(value.dump(1) + "\n"));
}

std::string TemporaryFolder::read(const std::string& name) const
{
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Pack::Pack()
{
    fs::copy(std::string(FAULTLINE_CONTENT) + "/schema", path("schema"));
    json tiny = json::parse(std::ifstream(std::string(FAULTLINE_CONTENT) + "/topologies/mini.json"));
    tiny["id"] = "tiny";
    write("topologies/tiny.json", tiny);
    write("modules/first-steps.json", firstSteps());
    write("glossary/words.json", glossary());
    write("incidents/slow-shop.json", slowShop());
    write("incidents/slow-shop-brief.en.md", std::string_view("Find out why **the shop** is slow.\n"));
    write("incidents/slow-shop-brief.zh.md", std::string_view("查明**商店**为何变慢。\n"));
    write("incidents/quiet-shop.json", quietShop());
}

Library Pack::load() const
{
    return content::load({path()});
}

json bothLanguages(const std::string& en, const std::string& zh)
{
    return {{"en", en}, {"zh", zh}};
}

json slowShop()
{
    return json::parse(R"json({
        "id": "slow-shop", "area": "kubernetes", "module": "first-steps", "topology": "tiny",
        "title": {"en": "The shop is slow", "zh": "商店变慢"},
        "brief": {"file": "slow-shop-brief"},
        "lesson": {"en": "How images are pulled.", "zh": "镜像如何拉取。"},
        "service": "shop/checkout",
        "names": {"registry": "registry.lab:5000"},
        "impact": {"sliTarget": 0.95, "parSeconds": 600, "allowanceSeconds": 1200, "dollarsPerRequest": 0.25},
        "layers": {"node": {"en": "the node", "zh": "节点"}},
        "causes": [
            {"id": "wrong-tag", "means": {"en": "The tag does not exist", "zh": "标签不存在"}, "mechanism": "image",
             "fault": "image-pull-backoff", "parameters": {"depth": 1}, "variants": ["tag", "name"],
             "healed": {"image_exists": {"deployment": "shop/checkout"}}, "necessary": ["deployment/shop/checkout"],
             "reference": {"tag": ["# acknowledge", "kubectl get pods"], "name": ["# close"]},
             "explanation": {"en": "A typo.", "zh": "拼写错误。"}, "prevention": {"en": "Pin digests.", "zh": "固定摘要。"}},
            {"id": "node-egress", "means": {"en": "A node cannot reach the registry", "zh": "节点无法访问仓库"},
             "mechanism": "network", "healed": {"all_nodes_reach": {"host": "registry.lab", "port": 5000}},
             "necessary": ["firewall/*"], "reference": ["# close"],
             "explanation": {"en": "A rule drops it.", "zh": "规则丢弃了它。"},
             "prevention": {"en": "Review rules.", "zh": "审查规则。"}}
        ],
        "facts": [
            {"id": "tag-missing", "text": {"en": "The tag is not there", "zh": "没有这个标签"},
             "matchers": [{"reads": "http/*&from/bastion", "pattern": "\"tags\":\\[", "unless": "{image_tag}"}],
             "supports": ["wrong-tag"], "refutes": ["node-egress"], "variants": ["tag"],
             "layer": "node", "signal": {"en": "the tags", "zh": "标签列表"}, "command": "curl {registry}/v2/"},
            {"id": "served", "text": {"en": "People are served", "zh": "用户得到服务"},
             "matchers": [{"pattern": "success +9[5-9]"}], "recovery": "user"},
            {"id": "pulls-again", "text": {"en": "The node pulls", "zh": "节点可以拉取"},
             "matchers": [{"pattern": "Pulled"}], "recovery": "cause", "supports": ["node-egress"]}
        ],
        "inferences": [{"facts": [["tag-missing", "served"], ["pulls-again"]], "refutes": ["node-egress"]}],
        "hints": {
            "any": {"h0": {"en": "What changed?", "zh": "什么变了？"}, "h1": {"en": "Look around.", "zh": "看看周围。"}},
            "wrong-tag": {"h1": {"en": "Look at the image.", "zh": "看看镜像。"}}
        },
        "mitigations": [{"changes": "deployment/shop/checkout", "result": "{good_image}"}],
        "healthy": {"all": [{"sli_at_least": {"success": 0.99}}, {"alerts_silent": {}}]},
        "intact": {"nodes_schedulable": {}},
        "obviousCommands": ["kubectl -n shop get pods", "kubectl -n shop describe pod {failing_pod}"]
    })json");
}

json quietShop()
{
    json incident = slowShop();
    incident["id"] = "quiet-shop";
    incident["title"] = bothLanguages("The shop is quiet", "商店很安静");
    incident["brief"] = bothLanguages("Find out why nobody buys.", "查明为何无人购买。");
    return incident;
}

json firstSteps()
{
    return json::parse(R"json({
        "id": "first-steps", "number": 3, "phase": 2, "title": {"en": "First steps", "zh": "第一步"},
        "summary": {"en": "Where to begin.", "zh": "从哪里开始。"}, "incidents": ["slow-shop", "quiet-shop"]
    })json");
}

json glossary()
{
    return json::parse(R"json({
        "area": "kubernetes",
        "terms": [
            {"id": "registry", "term": {"en": "registry", "zh": "镜像仓库"},
             "definition": {"en": "Keeps images.", "zh": "保存镜像。"}},
            {"id": "pod", "term": {"en": "pod", "zh": "Pod"}, "seeAlso": ["registry"],
             "definition": {"en": "Containers that live together.", "zh": "共同运行的容器。"}}
        ]
    })json");
}

int lineWith(std::string_view text, std::string_view part)
{
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(text.find(part), text.size()));
    return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::string problemsOf(const Library& library)
{
    std::string text;
    for (const sim::Error& problem : library.problems)
        text += problem.text() + "\n";
    return text;
}

bool hasProblem(const Library& library, const std::vector<std::string>& parts)
{
    return std::any_of(library.problems.begin(), library.problems.end(), [&](const sim::Error& problem) {
        const std::string text = problem.text();
        return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) { return contains(text, part); });
    });
}

} // namespace core::content
