#pragma once

#include "sim/serving/model.h"

namespace app::desktop {

/// Attention over a few tokens, step by step, once with a cache of keys and values and once without: which rows a pass through the model
/// computes, which it reads, which nobody needs any more, and what that costs in a real model. Pure; nothing is drawn here.
///
/// A pass takes the tokens that are known and gives the next one. With a cache it computes the new tokens only: all of the prompt in the
/// first pass, one token in each later one. Without, every pass computes all of them, because the keys and values of a layer come from what the
/// layer below it made of every token.
class AttentionSteps {
public:
    enum class Phase : std::uint8_t {
        Project, ///< tokens become rows of Q, K and V
        Keep,    ///< K and V go into the cache, or nothing is kept
        Score,   ///< each query meets all keys up to its own
        Weigh,   ///< scores weigh the values
        Next,    ///< the next token is chosen
        WhyNotQ, ///< the last step: what each row was good for
    };
    enum class Matrix : std::uint8_t { Q, K, V };
    enum class Row : std::uint8_t {
        Absent,   ///< its token is not there yet, or the pass has not come to it
        Computed, ///< in this pass, for the first time
        Again,    ///< in this pass, as in those before
        Read,     ///< from the cache
        Gone,     ///< computed once, and needed by nobody since
    };
    struct Step {
        int pass = 0;
        Phase phase = Phase::Project;
    };
    /// Multiply-adds and bytes of all layers of a model, on one GPU.
    struct Work {
        double multiplyAdds = 0; ///< of weights with tokens, and of the scores
        double cacheRead = 0;    ///< bytes
        double cacheWritten = 0; ///< bytes
    };

    AttentionSteps(int promptTokens, int answerTokens) : m_prompt(promptTokens), m_answer(answerTokens) { }

    int tokens() const { return m_prompt + m_answer; }
    int promptTokens() const { return m_prompt; }
    int count() const { return m_answer * kPhases + 1; }
    Step at(int step) const;
    /// Tokens that the pass takes.
    int known(const Step& step) const { return m_prompt + step.pass; }
    /// The first of those that it computes.
    int firstComputed(bool cached, const Step& step) const { return cached && step.pass > 0 ? known(step) - 1 : 0; }
    Row row(bool cached, Matrix matrix, int token, const Step& step) const;
    /// Of query `query` with key `key`; beyond the diagonal there is none.
    Row score(bool cached, int query, int key, const Step& step) const;

    Work pass(bool cached, const Step& step, const sim::serving::ModelShape& model) const;
    /// Of this pass and all before.
    Work sofar(bool cached, const Step& step, const sim::serving::ModelShape& model) const;
    /// Of one more token after `context` others.
    static Work nextToken(bool cached, double context, const sim::serving::ModelShape& model);

private:
    static constexpr int kPhases = 5; ///< of a pass
    static Work passOf(double fresh, double known, const sim::serving::ModelShape& model);

    int m_prompt;
    int m_answer;
};

} // namespace app::desktop
