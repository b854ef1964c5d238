// Stands in for libFuzzer where there is none: runs each file of a corpus, then mutations of them, always the same ones.
//     fuzz_yaml_reader CORPUS [ITERATIONS [SEED]]
// An input that crashes or takes longer than kLongest is kept as crash-PROGRAM in the working folder; a run with that
// file as CORPUS repeats it.
#include "sim/engine/random.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr unsigned kLongest = 20;             ///< seconds an input may take, sanitizers and a busy machine allowed for
constexpr std::size_t kLargest = 64u << 10;   ///< bytes; what grows beyond is cut
constexpr std::size_t kKeptMutants = 512;     ///< mutations that later ones begin from

// For the handler of the signal that ends us: it may touch nothing that could be half changed.
std::array<char, 256> crashFile;
const char* inputData = nullptr;
std::size_t inputSize = 0;

void keepInput(int signal)
{
    const int file = open(crashFile.data(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        for (std::size_t at = 0; at < inputSize;) {
            const ssize_t count = write(file, inputData + at, inputSize - at);
            if (count <= 0)
                break;
            at += static_cast<std::size_t>(count);
        }
        close(file);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void runInput(const std::string& input)
{
    inputData = input.data();
    inputSize = input.size();
    alarm(kLongest);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    alarm(0);
}

std::vector<std::string> readCorpus(const std::filesystem::path& path)
{
    std::set<std::filesystem::path> files; // in an order that no file system has a say in
    if (std::filesystem::is_directory(path)) {
        for (const auto& entry : std::filesystem::directory_iterator(path))
            files.insert(entry.path());
    } else {
        files.insert(path);
    }
    std::vector<std::string> corpus;
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return corpus;
}

/// The words of the corpus: names, numbers and the marks between them.
std::vector<std::string> wordsOf(const std::vector<std::string>& corpus)
{
    const auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_$./").find(c) != std::string_view::npos; };
    std::set<std::string> words{"0", "-1", "1e999", "9223372036854775807", "18446744073709551616", "\xff", std::string(1, '\0'), "null", "\r\n\r\n"};
    for (const std::string& text : corpus) {
        for (std::size_t i = 0; i < text.size();) {
            std::size_t end = i + 1;
            while (isWord(text[i]) && end < text.size() && isWord(text[end]))
                ++end;
            words.insert(text.substr(i, end - i));
            i = end;
        }
    }
    return {words.begin(), words.end()};
}

class Mutator {
public:
    Mutator(std::vector<std::string> corpus, std::uint64_t seed) : m_corpus(std::move(corpus)), m_words(wordsOf(m_corpus)), m_random(seed, "fuzz") { }

    std::string next()
    {
        std::string input = one(m_corpus);
        for (std::uint64_t left = 1 + m_random.below(6); left > 0; --left)
            change(input);
        if (input.size() > kLargest)
            input.resize(kLargest);
        if (m_random.below(8) == 0)
            keep(input);
        return input;
    }

private:
    const std::string& one(const std::vector<std::string>& of) { return of[m_random.below(of.size())]; }
    std::size_t place(const std::string& in) { return m_random.below(in.size() + 1); }

    void keep(const std::string& input)
    {
        if (m_kept < kKeptMutants)
            m_corpus.push_back(input);
        else
            m_corpus[m_corpus.size() - 1 - m_random.below(kKeptMutants)] = input;
        ++m_kept;
    }

    void change(std::string& input)
    {
        const std::size_t at = place(input);
        const std::size_t length = 1 + m_random.below(m_random.below(2) == 0 ? 4 : 64);
        switch (m_random.below(9)) {
        case 0:
            if (at < input.size())
                input[at] = static_cast<char>(m_random.below(256));
            break;
        case 1:
            if (at < input.size())
                input[at] = static_cast<char>(input[at] ^ (1 << m_random.below(8)));
            break;
        case 2: input.erase(at, length); break;
        case 3: input.insert(at, input.substr(place(input), length)); break;
        case 4: input.insert(at, one(m_words)); break;
        case 5: { // a word for another
            const std::string& word = one(m_words);
            const std::size_t found = input.find(word, at);
            if (found != std::string::npos)
                input.replace(found, word.size(), one(m_words));
            break;
        }
        case 6: { // the end of another
            const std::string& other = one(m_corpus);
            input = input.substr(0, at) + other.substr(place(other));
            break;
        }
        case 7: { // a piece many times over: nesting, lists, long names
            const std::string piece = input.substr(at, length);
            const std::size_t times = std::min<std::size_t>(m_random.below(400), kLargest / std::max<std::size_t>(1, piece.size()));
            std::string many;
            for (std::size_t i = 0; i < times; ++i)
                many += piece;
            input.insert(at, many);
            break;
        }
        case 8:
            if (m_random.below(4) == 0)
                input.resize(at);
            break;
        }
    }

    std::vector<std::string> m_corpus;
    std::vector<std::string> m_words;
    sim::RandomStream m_random;
    std::size_t m_kept = 0;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [ITERATIONS [SEED]]\n", argv[0]);
        return 2;
    }
    const std::string file = "crash-" + std::filesystem::path(argv[0]).filename().string();
    std::copy_n(file.c_str(), std::min(file.size() + 1, crashFile.size() - 1), crashFile.begin());
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM})
        std::signal(signal, keepInput);
    const std::vector<std::string> corpus = readCorpus(argv[1]);
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: no inputs\n", argv[1]);
        return 2;
    }
    const std::uint64_t iterations = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    for (const std::string& input : corpus)
        runInput(input);
    Mutator mutator(corpus, seed);
    for (std::uint64_t i = 0; i < iterations; ++i)
        runInput(mutator.next());
    std::printf("%zu inputs and %llu mutations of them\n", corpus.size(), static_cast<unsigned long long>(iterations));
    return 0;
}
