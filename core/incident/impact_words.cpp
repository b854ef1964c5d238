#include "core/incident/impact_words.h"

#include <fmt/format.h>

namespace core::incident {

using content::Impact;
using content::Text;

Text amountText(const Impact& impact, double amount)
{
    if (impact.counts == Impact::Counts::Tokens)
        return {fmt::format("{:.1f} million", amount / 1e6), fmt::format("{:.0f} 万", amount / 1e4)};
    const std::string number = fmt::format("{:.0f}", amount);
    return {number, number + " "};
}

Text lossText(const Impact& impact, double amount)
{
    Text text = amountText(impact, amount);
    const bool tokens = impact.counts == Impact::Counts::Tokens;
    text.en += tokens ? " tokens" : " requests";
    text.zh += tokens ? "个 token" : "个请求";
    return text;
}

Text impactBeganText(const Impact& impact)
{
    if (impact.counts == Impact::Counts::Tokens)
        return {"The training falls behind", "训练开始落后"};
    return {"Users begin to lose requests", "用户开始丢失请求"};
}

Text impactLastsText(const Impact& impact)
{
    if (impact.counts == Impact::Counts::Tokens)
        return {"The training was still behind when you closed the incident.", "关闭事件时训练仍未恢复全速。"};
    return {"Users were still losing requests when you closed the incident.", "关闭事件时用户仍在丢失请求。"};
}

Text impactEndedText(const Impact& impact)
{
    if (impact.counts == Impact::Counts::Tokens)
        return {"The training is at full speed again", "训练恢复全速"};
    return {"Users are served again", "用户恢复正常"};
}

} // namespace core::incident
