#include "sim/serving/openai/answers.h"

#include "sim/engine/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace sim::serving::openai {

namespace {

constexpr double kMedianTokens = 180;
constexpr double kSigma = 0.9;
constexpr std::uint32_t kMostNatural = 2000;

std::uint64_t mixed(std::uint64_t state, std::uint64_t word)
{
    std::uint64_t z = state + word * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// Sizes without a common divisor, so that a pair of parts comes back only after their product.
constexpr auto kOpeners = std::to_array<std::string_view>({"", "In practice, ", "", "First of all, ", "", "On a busy day ", "", "More often than not, ", "",
                                                           "Seen from the client, ", "", "In the end ", "As a rule, "});
constexpr auto kSubjects = std::to_array<std::string_view>(
    {"the scheduler", "a replica that has just started", "the readiness probe", "the cache of keys and values", "a waiting request", "the router",
     "a long prompt", "the first token", "the memory of the node", "a rolling update", "the autoscaler", "the slowest rank", "the storage of the weights",
     "a shared prefix", "the batch in flight", "the load balancer", "a client that retries", "the limit in the Deployment", "the kubelet", "an eviction",
     "the network policy", "the alert", "the queue in front", "a missing label", "the link between two switches", "the page cache", "a warm standby",
     "the tail of the distribution", "the control loop", "the error budget", "a driver update"});
constexpr auto kPredicates = std::to_array<std::string_view>(
    {"decides how soon the work begins", "holds on to what it has until the answer ends", "costs less than it seems", "shows up in the metrics first",
     "waits for the step before it", "needs a bound of its own", "is worth a measurement before anybody tunes it", "grows with the length of the context",
     "competes with everything else on the card", "can be moved without a restart", "stays the same from one run to the next",
     "gives its share back only at the end", "hides behind a healthy average", "depends on what was asked before", "should be checked on two nodes at least",
     "is the part that people forget to write down", "fails quietly the first time", "recovers by itself within a minute", "sets the pace for the others",
     "was never meant to carry that much", "becomes visible once the traffic doubles", "is cheaper to prevent than to repair",
     "deserves a line in the runbook", "explains most of the difference", "can be told apart by its timestamps", "reacts a little too late",
     "keeps the pressure away from the rest", "turns one small delay into many", "is easy to reproduce in a quiet lab"});
constexpr auto kTails = std::to_array<std::string_view>(
    {"", ", even if every dashboard is green", ", as long as nobody touches the limit", "", ", because two requests rarely look alike",
     ", so a small change is felt everywhere", ", unless the prompt was cached already", "", ", and that is where most of the time goes",
     ", which is why the order of the checks matters", ", whatever the documentation promises", "", ", and a second look at the logs confirms it",
     ", provided the clocks agree", ", so write the figure down before you change anything", "", ", although the average says otherwise",
     ", and the same holds for the node next to it", ", which nobody notices on a small cluster"});
constexpr auto kChineseOpeners = std::to_array<std::string_view>({"", "实际上，", "", "先说结论：", "", "高峰时段里，", "", "多数情况下，", "", "从客户端看，", "", "归根到底，", "按经验，"});
constexpr auto kChineseSubjects = std::to_array<std::string_view>(
    {"调度器", "刚启动的副本", "就绪探针", "键值缓存", "排队的请求", "路由层", "很长的提示词", "首个词元", "节点的内存", "滚动更新", "自动扩缩容", "最慢的那一路",
     "存放权重的存储", "共用的前缀", "正在跑的批次", "负载均衡", "不停重试的客户端", "清单里的限额", "节点代理", "一次驱逐", "网络策略", "告警规则", "入口的队列",
     "漏写的标签", "交换机之间的链路", "页缓存", "预热好的备用副本", "延迟的长尾", "控制循环", "错误预算", "驱动升级"});
constexpr auto kChinesePredicates = std::to_array<std::string_view>(
    {"决定了活儿什么时候开始干", "会把资源一直占到回答结束", "比看上去便宜", "总是最先反映在指标上", "要等前一步做完", "需要单独设一个上限", "值得先量一量再动手调",
     "随上下文变长而变大", "和同一张卡上的其他任务抢资源", "不用重启就能挪走", "每次跑出来都一样", "到最后才肯让出来", "藏在好看的平均值后面", "取决于之前问过什么",
     "至少要在两个节点上核对", "最容易被人忘记写进文档", "第一次出错往往悄无声息", "一分钟之内会自己恢复", "定下了其他部分的节奏", "本来就扛不住这么大的量",
     "流量翻倍时才看得出来", "预防起来比修起来省事", "应该在手册里占一行", "能解释大部分差异", "对一对时间戳就能分清", "反应总是慢半拍", "替后面挡住了压力",
     "会把一点延迟放大成许多", "在安静的实验环境里很好复现"});
constexpr auto kChineseTails = std::to_array<std::string_view>(
    {"", "，哪怕面板上一片绿", "，只要没人去动限额", "", "，因为很少有两个请求完全一样", "，所以小小的改动处处都有感觉", "，除非提示词已经在缓存里", "",
     "，时间大半就花在这里", "，因此检查的先后顺序很要紧", "，不管文档里怎么写", "", "，再看一遍日志就能确认", "，前提是各台机器的时钟对得上", "，所以改之前先把数字记下来", "",
     "，虽然平均值说的是另一回事", "，旁边那个节点也一样", "，小集群里没人会注意到"});

/// The k-th of a list, in an order of the answer's own that goes through all of it before anything comes again.
std::string_view pick(std::span<const std::string_view> list, AnswerId id, std::uint64_t part, std::uint64_t k)
{
    const std::uint64_t draw = mixed(id, part);
    // All sizes are primes, so any step but 0 visits everything.
    const std::uint64_t step = 1 + (draw >> 32) % (list.size() - 1);
    return list[(draw % list.size() + k % list.size() * step) % list.size()];
}

std::string sentence(AnswerId id, std::uint64_t k)
{
    const bool chinese = id % 2 == 1;
    const std::uint64_t round = k / (kSubjects.size() * kPredicates.size()); // other tails once all pairs have been used
    const std::string_view opener = pick(chinese ? std::span(kChineseOpeners) : std::span(kOpeners), id, 1, k);
    std::string text(opener);
    text += pick(chinese ? std::span(kChineseSubjects) : std::span(kSubjects), id, 2, k);
    text += chinese ? "" : " ";
    text += pick(chinese ? std::span(kChinesePredicates) : std::span(kPredicates), id, 3, k + round);
    text += pick(chinese ? std::span(kChineseTails) : std::span(kTails), id, 4, k + round);
    text += chinese ? "。" : ".";
    if (!chinese && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    // A paragraph has three to six sentences.
    constexpr std::uint64_t kLongest = 6;
    const bool paragraph = k > 0 && mixed(id ^ 0x70617261, k / kLongest) % kLongest == k % kLongest && k % kLongest >= 2;
    return k == 0 ? text : (paragraph ? "\n\n" : chinese ? "" : " ") + text;
}

} // namespace

AnswerId answerId(std::uint64_t promptHash, std::uint64_t seed, std::uint32_t index, bool chinese)
{
    const std::uint64_t id = mixed(mixed(promptHash, seed), index);
    return chinese ? id | 1 : (id | 2) & ~std::uint64_t{1}; // never 0, which names no text
}

AnswerText answerText(AnswerId id, std::uint32_t tokens)
{
    AnswerText text;
    for (std::uint64_t k = 0; text.ends.size() < tokens; ++k) {
        const std::string next = sentence(id, k);
        for (const TokenId token : tokenize(next)) {
            text.bytes += tokenText(token);
            text.ends.push_back(static_cast<std::uint32_t>(text.bytes.size()));
        }
    }
    return text;
}

std::uint32_t naturalTokens(AnswerId id)
{
    RandomStream stream(id, "serving/answer");
    const double drawn = std::exp(std::log(kMedianTokens) + kSigma * stream.normal(0, 1));
    const auto wanted = static_cast<std::uint32_t>(std::clamp(drawn, 8.0, static_cast<double>(kMostNatural)));
    return static_cast<std::uint32_t>(answerText(id, wanted).ends.size());
}

bool isChinese(std::string_view text)
{
    std::size_t chinese = 0;
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        letters += (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        chinese += byte >= 0xE4 && byte <= 0xE9; // leads U+4000 to U+9FFF
    }
    return chinese * 5 > chinese + letters;
}

} // namespace sim::serving::openai
