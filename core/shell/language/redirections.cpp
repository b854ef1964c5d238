#include "core/shell/language/evaluator.h"

namespace core::shell {

std::shared_ptr<Stream> Evaluator::openForWriting(const std::string& path, bool append,
                                                  Descriptors& descriptors)
{
    if (path == "/dev/null")
        return std::make_shared<NullOutput>();
    if (path == "/dev/stdout")
        return descriptors.out[1];
    if (path == "/dev/stderr")
        return descriptors.out[2];
    if (path == "/dev/tty")
        return m_runtime.terminal.screenStream();
    const std::string absolute = absolutePath(path);
    const Errno failure = m_runtime.system.writeFile(state.place, absolute, {}, append);
    if (failure != Errno::None) {
        error(*m_streams, path + ": " + std::string(describe(failure)));
        return nullptr;
    }
    return std::make_shared<FileOutput>(m_runtime.system, state.place, absolute);
}

bool Evaluator::redirectOne(const Redirection& redirection, Descriptors& result)
{
    Expander expander(*this);
    using Kind = Redirection::Kind;
    const bool input = redirection.kind == Kind::In || redirection.kind == Kind::HereDocument
        || redirection.kind == Kind::HereString || redirection.kind == Kind::DuplicateIn;
    const int descriptor = redirection.descriptor >= 0 ? redirection.descriptor : input ? 0 : 1;
    if (redirection.kind == Kind::HereDocument) {
        result.in = std::make_shared<TextInput>(
            redirection.document ? expander.document(*redirection.document) : std::string());
        return true;
    }
    if (redirection.kind == Kind::HereString) {
        result.in = std::make_shared<TextInput>(expander.single(redirection.target) + "\n");
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
            result.in = std::make_shared<TextInput>("");
            return true;
        }
        if (name == "/dev/stdin" || name == "/dev/tty")
            return true;
        const ReadFile file = m_runtime.system.readFile(state.place, absolutePath(name));
        if (file.error != Errno::None) {
            error(*m_streams, name + ": " + std::string(describe(file.error)));
            return false;
        }
        result.in = std::make_shared<TextInput>(file.text);
        return true;
    }
    case Kind::DuplicateIn:
        if (name == "-")
            result.in = std::make_shared<TextInput>("");
        return true;
    case Kind::DuplicateOut:
        if (name == "-") {
            result.out[static_cast<std::size_t>(descriptor)] = std::make_shared<NullOutput>();
            return true;
        }
        if (name.size() == 1 && name[0] >= '0' && name[0] <= '9') {
            const auto& source = result.out[static_cast<std::size_t>(name[0] - '0')];
            if (!source) {
                error(*m_streams, name + ": Bad file descriptor");
                return false;
            }
            result.out[static_cast<std::size_t>(descriptor)] = source;
            return true;
        }
        [[fallthrough]]; // >& FILE is the old spelling of &> FILE
    case Kind::OutBoth:
    case Kind::AppendBoth: {
        const auto stream = openForWriting(name, redirection.kind == Kind::AppendBoth, result);
        result.out[1] = result.out[2] = stream;
        return stream != nullptr;
    }
    default: {
        const auto stream = openForWriting(name, redirection.kind == Kind::Append, result);
        result.out[static_cast<std::size_t>(descriptor)] = stream;
        return stream != nullptr;
    }
    }
}

std::optional<Descriptors> Evaluator::redirect(const std::vector<Redirection>& redirections,
                                               Descriptors& from)
{
    Descriptors result = from;
    for (const Redirection& redirection : redirections)
        if (!redirectOne(redirection, result))
            return {};
    return result;
}

} // namespace core::shell
