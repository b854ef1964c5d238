#pragma once

#include "core/shell/invocation.h"
#include "sim/serving/openai/generation.h"
#include "sim/world/http.h"

namespace core::shell::node {

/// An answer that a language model gives token by token: asks for each of its choices, and turns what the engine has delivered into the
/// bytes of a stream or of one body. Whoever goes before the end hangs up.
class ModelAnswer {
public:
    static constexpr sim::Duration kLookEvery = std::chrono::milliseconds(25);

    /// Requires: answer.generation.
    ModelAnswer(Door& door, const sim::HttpAnswer& answer);
    ~ModelAnswer();
    ModelAnswer(const ModelAnswer&) = delete;
    ModelAnswer& operator=(const ModelAnswer&) = delete;

    /// What has come since the last call. At the end of an answer that is no stream: all of it. Changes the status and headers of `answer`
    /// when it is no answer after all: the engine refuses it, or dies.
    std::string take(sim::HttpAnswer& answer);
    bool ended() const { return m_ended; }
    /// The stream ends in its middle: the engine died under it.
    bool brokeOff() const { return m_brokeOff; }

private:
    void hangUp();
    std::string fail(sim::HttpAnswer& answer, const sim::serving::openai::Page& page);

    Door& m_door;
    std::shared_ptr<const sim::serving::openai::Generation> m_generation;
    sim::ContainerId m_model;
    std::vector<std::uint64_t> m_asks;
    std::vector<sim::serving::openai::Delivered> m_before;
    bool m_ended = false;
    bool m_brokeOff = false;
};

} // namespace core::shell::node
