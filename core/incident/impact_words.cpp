#include "core/incident/impact_words.h"

#include <fmt/format.h>

namespace core::incident {

using content::Impact;
using content::Text;

namespace {

struct Words {
    Text unit;
    Text measure;
    Text began;
    Text lasts;
    Text ended;
};

const Words& wordsOf(const Impact& impact)
{
    static const Words kRequests{
        {" requests", "个请求"},
        {"success", "成功率"},
        {"Users begin to lose requests", "用户开始丢失请求"},
        {"Users were still losing requests when you closed the incident.", "关闭事件时用户仍在丢失请求。"},
        {"Users are served again", "用户恢复正常"},
    };
    static const Words kTokens{
        {" tokens", "个 token"},
        {"progress", "进度"},
        {"The training falls behind", "训练开始落后"},
        {"The training was still behind when you closed the incident.", "关闭事件时训练仍未恢复全速。"},
        {"The training is at full speed again", "训练恢复全速"},
    };
    return impact.counts == Impact::Counts::Tokens ? kTokens : kRequests;
}

} // namespace

Text amountText(const Impact& impact, double amount)
{
    if (impact.counts == Impact::Counts::Tokens)
        return {fmt::format("{:.1f} million", amount / 1e6), fmt::format("{:.0f} 万", amount / 1e4)};
    const std::string number = fmt::format("{:.0f}", amount);
    return {number, number + " "};
}

Text lossText(const Impact& impact, double amount)
{
    const Text text = amountText(impact, amount);
    const Text& unit = wordsOf(impact).unit;
    return {text.en + unit.en, text.zh + unit.zh};
}

Text impactMeasureText(const Impact& impact) { return wordsOf(impact).measure; }

Text impactBeganText(const Impact& impact) { return wordsOf(impact).began; }

Text impactLastsText(const Impact& impact) { return wordsOf(impact).lasts; }

Text impactEndedText(const Impact& impact) { return wordsOf(impact).ended; }

} // namespace core::incident
