#pragma once

#include "core/shell/invocation.h"

namespace core::shell {

/// Input from a text known at once: a file, a here-document, nothing.
class TextInput final : public Input {
public:
    explicit TextInput(std::string text) : m_text(std::move(text)) { }
    std::optional<std::string> readLine() override;
    std::string readAll() override;
    bool isTerminal() const override { return false; }
    bool endedWithNewline() const override { return m_endedWithNewline; }

private:
    std::string m_text;
    std::size_t m_position = 0;
    bool m_endedWithNewline = true;
};

} // namespace core::shell
