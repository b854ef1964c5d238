#include "core/shell/language/evaluator.h"

namespace core::shell {

namespace {

void setInput(Descriptors& descriptors, std::size_t number, std::shared_ptr<Input> input)
{
    if (number == 0) {
        descriptors.in = std::move(input);
        return;
    }
    descriptors.moreIn[number] = std::move(input);
    descriptors.out[number] = nullptr;
}

void setOutput(Descriptors& descriptors, std::size_t number, std::shared_ptr<Stream> output)
{
    descriptors.out[number] = std::move(output);
    descriptors.moreIn[number] = nullptr;
}

/// Output and error always have a stream: closed, it swallows what is written.
void close(Descriptors& descriptors, std::size_t number)
{
    if (number == 0)
        descriptors.in = std::make_shared<TextInput>("");
    else
        setOutput(descriptors, number, number <= 2 ? std::make_shared<NullOutput>() : nullptr);
}

} // namespace

std::shared_ptr<Stream> Evaluator::openForWriting(const std::string& path, Redirection::Kind kind,
                                                  Descriptors& descriptors)
{
    const bool append = kind == Redirection::Kind::Append || kind == Redirection::Kind::AppendBoth
        || kind == Redirection::Kind::InOut;
    if (path == "/dev/null")
        return std::make_shared<NullOutput>();
    if (path == "/dev/stdout")
        return descriptors.out[1];
    if (path == "/dev/stderr")
        return descriptors.out[2];
    if (path == "/dev/tty")
        return m_runtime.terminal.screenStream();
    const std::string absolute = absolutePath(path);
    if (state.noClobber && kind == Redirection::Kind::Out) {
        const auto stat = m_runtime.system.stat(state.place, absolute);
        if (stat && stat->type == FileStat::Type::Regular) {
            error(*m_streams, path + ": cannot overwrite existing file");
            return nullptr;
        }
    }
    const Errno failure = m_runtime.system.writeFile(state.place, absolute, {}, append);
    if (failure != Errno::None) {
        error(*m_streams, path + ": " + std::string(describe(failure)));
        return nullptr;
    }
    return std::make_shared<FileOutput>(m_runtime.system, state.place, absolute);
}

bool Evaluator::redirectNumber(const std::string& number, int descriptor, bool output, Descriptors& result)
{
    const auto to = static_cast<std::size_t>(descriptor);
    const auto from = static_cast<std::size_t>(number[0] - '0');
    // A number names what is there, whichever way the arrow points.
    const std::shared_ptr<Input> input = from == 0 ? result.in : result.moreIn[from];
    if (const auto& stream = result.out[from]; stream && (output || !input))
        setOutput(result, to, stream);
    else if (input)
        setInput(result, to, input);
    else {
        error(*m_streams, number + ": Bad file descriptor");
        return false;
    }
    return true;
}

bool Evaluator::redirectOne(const Redirection& redirection, Descriptors& result)
{
    Expander expander(*this);
    using Kind = Redirection::Kind;
    const bool input = redirection.kind == Kind::In || redirection.kind == Kind::HereDocument
        || redirection.kind == Kind::HereString || redirection.kind == Kind::DuplicateIn
        || redirection.kind == Kind::InOut;
    const int descriptor = redirection.descriptor >= 0 ? redirection.descriptor : input ? 0 : 1;
    const auto slot = static_cast<std::size_t>(descriptor);
    if (redirection.kind == Kind::HereDocument) {
        setInput(result, slot,
                 std::make_shared<TextInput>(redirection.document ? expander.document(*redirection.document)
                                                                  : std::string()));
        return true;
    }
    if (redirection.kind == Kind::HereString) {
        setInput(result, slot, std::make_shared<TextInput>(expander.single(redirection.target) + "\n"));
        return true;
    }
    const std::vector<std::string> names = expander.fields({redirection.target});
    if (names.size() != 1) {
        error(*m_streams, redirection.target.source + ": ambiguous redirect");
        return false;
    }
    const std::string& name = names[0];
    switch (redirection.kind) {
    case Kind::In: {
        if (name == "/dev/null" || name == "/dev/zero") {
            setInput(result, slot, std::make_shared<TextInput>(""));
            return true;
        }
        if (name == "/dev/stdin" || name == "/dev/tty")
            return true;
        result.flush(); // what was written a moment ago can be read
        const ReadFile file = m_runtime.system.readFile(state.place, absolutePath(name));
        if (file.error != Errno::None) {
            error(*m_streams, name + ": " + std::string(describe(file.error)));
            return false;
        }
        setInput(result, slot, std::make_shared<TextInput>(file.text));
        return true;
    }
    case Kind::InOut: {
        const auto stream = openForWriting(name, redirection.kind, result);
        if (!stream)
            return false;
        setInput(result, slot,
                 std::make_shared<TextInput>(m_runtime.system.readFile(state.place, absolutePath(name)).text));
        if (slot != 0)
            result.out[slot] = stream;
        return true;
    }
    case Kind::DuplicateIn:
    case Kind::DuplicateOut:
        if (name == "-") {
            close(result, slot);
            return true;
        }
        if (name.size() == 1 && name[0] >= '0' && name[0] <= '9')
            return redirectNumber(name, descriptor, redirection.kind == Kind::DuplicateOut, result);
        if (redirection.kind == Kind::DuplicateIn) {
            error(*m_streams, name + ": ambiguous redirect");
            return false;
        }
        [[fallthrough]]; // >& FILE is the old spelling of &> FILE
    case Kind::OutBoth:
    case Kind::AppendBoth: {
        const auto stream = openForWriting(name, redirection.kind, result);
        result.out[1] = result.out[2] = stream;
        return stream != nullptr;
    }
    default: {
        const auto stream = openForWriting(name, redirection.kind, result);
        setOutput(result, slot, stream);
        return stream != nullptr;
    }
    }
}

std::optional<Descriptors> Evaluator::redirect(const std::vector<Redirection>& redirections,
                                               Descriptors& from)
{
    from.flush(); // what was written a moment ago can be read
    Descriptors result = from;
    for (const Redirection& redirection : redirections)
        if (!redirectOne(redirection, result))
            return {};
    return result;
}

} // namespace core::shell
