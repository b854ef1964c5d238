#pragma once

#include "core/shell/language/fibers.h"
#include "core/shell/text_input.h"

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace core::shell {

/// An Output that may hold text back until flush().
class Stream : public Output {
public:
    virtual void flush() { }
};

/// The file descriptors of a command. Copying shares them; the last copy of a pipe's end closes it.
struct Descriptors {
    static constexpr std::size_t kCount = 10;
    std::shared_ptr<Input> in;
    std::array<std::shared_ptr<Input>, kCount> moreIn; ///< [3] to [9]; [0] is `in`
    std::array<std::shared_ptr<Stream>, kCount> out; ///< [1] output, [2] error; [0] unused

    void flush()
    {
        for (const auto& stream : out)
            if (stream)
                stream->flush();
    }
};

/// A bounded pipe between two fibers.
class Pipe {
public:
    explicit Pipe(Fibers& fibers) : m_fibers(fibers) { }
    static std::pair<std::shared_ptr<Stream>, std::shared_ptr<Input>> make(Fibers& fibers);

private:
    friend class PipeOutput;
    friend class PipeInput;
    static constexpr std::size_t kCapacity = 64 * 1024;

    void wakeAll();
    /// Suspends the current fiber until the other end did something.
    void wait();

    Fibers& m_fibers;
    std::string m_buffer;
    std::size_t m_start = 0; ///< what comes before it in the buffer has been read
    bool m_writerGone = false;
    bool m_readerGone = false;
    std::vector<Fiber*> m_waiting;
};

/// Output gathered in memory: $(...).
class CaptureOutput final : public Stream {
public:
    /// What does not fit is dropped: a learner's `x=$(yes)` must not eat the machine.
    static constexpr std::size_t kLimit = 16 * 1024 * 1024;
    void write(std::string_view text) override
    {
        if (m_text.size() < kLimit)
            m_text.append(text.substr(0, kLimit - m_text.size()));
    }
    bool isTerminal() const override { return false; }
    const std::string& text() const { return m_text; }
    std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

class NullOutput final : public Stream {
public:
    void write(std::string_view) override { }
    bool isTerminal() const override { return false; }
};

/// Output to a file of the simulated machine. Collects and appends in large pieces, since each write is a
/// command in the session's log.
class FileOutput final : public Stream {
public:
    FileOutput(System& system, Place place, std::string path)
        : m_system(system), m_place(std::move(place)), m_path(std::move(path))
    { }
    ~FileOutput() override { FileOutput::flush(); }
    void write(std::string_view text) override;
    bool isTerminal() const override { return false; }
    void flush() override;

private:
    System& m_system;
    Place m_place;
    std::string m_path;
    std::string m_pending;
};

/// Hands every write to a function: Invocation::run() with the caller's own streams.
class BorrowedOutput final : public Stream {
public:
    explicit BorrowedOutput(Output& target) : m_target(target) { }
    void write(std::string_view text) override { m_target.write(text); }
    bool isTerminal() const override { return m_target.isTerminal(); }
    int columns() const override { return m_target.columns(); }
    int rows() const override { return m_target.rows(); }

private:
    Output& m_target;
};

class BorrowedInput final : public Input {
public:
    explicit BorrowedInput(Input& source) : m_source(source) { }
    std::optional<std::string> readLine() override { return m_source.readLine(); }
    std::string readAll() override { return m_source.readAll(); }
    bool isTerminal() const override { return m_source.isTerminal(); }
    bool endedWithNewline() const override { return m_source.endedWithNewline(); }

private:
    Input& m_source;
};

} // namespace core::shell
