#include "core/incident/hints.h"

#include <fmt/format.h>

namespace core::incident {

namespace {

using content::Text;

const content::Hint* authored(const Record& record, int rung)
{
    const auto it = record.incident->hints.find(record.cause);
    if (it == record.incident->hints.end() || rung >= static_cast<int>(it->second.size()))
        return nullptr;
    return &it->second[static_cast<std::size_t>(rung)];
}

Text filled(const Text& text, const content::Placeholders& values)
{
    return {content::fillText(text.en, values), content::fillText(text.zh, values)};
}

Text nothingLeftToSee(const Record& record)
{
    const auto fitting = consistentCauses(*record.incident, record.known()).size();
    if (fitting <= 1)
        return {"You have seen enough: only one cause still fits your evidence. Name it.",
                "你看到的已经足够：只有一个原因与证据相符，把它说出来。"};
    return {fmt::format("{} causes still fit. Compare what each of them predicts for the pod, the node and the registry.", fitting),
            fmt::format("还有 {} 个原因相符。比较它们各自对 Pod、节点和镜像仓库的预测。", fitting)};
}

} // namespace

content::Text hintText(const Record& record, int rung, const content::Placeholders& values)
{
    const content::Hint* own = authored(record, rung);
    if (own != nullptr && !own->text.en.empty())
        return filled(own->text, values);
    if (rung == 0)
        return {"What changed just before users noticed, and which object would show it?",
                "用户察觉之前刚刚发生了什么变化？哪个对象会显示它？"};
    if (rung == 4)
        return {fmt::format("Everything fits this: {}.", record.truth().means.en),
                fmt::format("一切都符合这一点：{}。", record.truth().means.zh)};
    if (rung == 5)
        return record.truth().explanation;

    const content::Fact* fact = nextFact(*record.incident, record.cause, record.variant, record.known());
    if (fact == nullptr)
        return nothingLeftToSee(record);
    if (rung == 1) {
        const auto layer = record.incident->layers.find(fact->layer);
        const Text where = layer == record.incident->layers.end() ? fact->signal : layer->second;
        return {fmt::format("Look here next: {}.", where.en), fmt::format("接下来看这里：{}。", where.zh)};
    }
    if (rung == 2)
        return {fmt::format("This signal separates the causes that are left: {}.", content::fillText(fact->signal.en, values)),
                fmt::format("这个信号能区分剩下的原因：{}。", content::fillText(fact->signal.zh, values))};
    const std::string command = content::fillText(fact->command, values);
    return {fmt::format("Read it with: `{}`", command), fmt::format("用这条命令查看：`{}`", command)};
}

double rungFactor(const Record& record, int rung)
{
    const content::Hint* own = authored(record, rung);
    return own == nullptr ? 1.0 : own->factor;
}

} // namespace core::incident
