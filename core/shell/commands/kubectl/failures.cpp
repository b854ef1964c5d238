#include "core/shell/commands/kubectl/failures.h"

namespace core::shell::kubectl {

int Failures::tell(Call& call) const
{
    for (const Failure& failure : m_texts) {
        const bool prefixed = failure.whole || failure.text.compare(0, 7, "error: ") == 0;
        call.err((m_texts.size() == 1 && !prefixed ? "error: " : "") + failure.text + "\n");
    }
    return m_texts.empty() ? 0 : 1;
}

} // namespace core::shell::kubectl
