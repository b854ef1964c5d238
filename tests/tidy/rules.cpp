#include "tests/tidy/rules.h"

#include "tests/tidy/layers.h"
#include "tests/tidy/source_text.h"

#include <algorithm>
#include <array>

namespace tidy {

namespace {

bool isCpp(std::string_view path)
{
    return path.ends_with(".h") || path.ends_with(".cpp");
}

/// What real programs printed and what the fuzzers begin from, kept byte for byte, and the licence.
bool isRecorded(std::string_view path)
{
    return path.starts_with("tests/transcripts/") || path.starts_with("tests/golden/") || path.starts_with("tests/fuzz/corpus/") || path == "LICENSE";
}

void checkLayout(const std::string& path, std::string_view text, Findings& findings)
{
    if (text.empty() || isRecorded(path))
        return;
    const std::vector<std::string_view> lines = linesOf(text);
    if (text.back() != '\n')
        findings.push_back({path, static_cast<int>(lines.size()), "the file does not end with a line end"});
    int number = 0;
    for (const std::string_view line : lines) {
        ++number;
        if (line.find('\t') != std::string_view::npos)
            findings.push_back({path, number, "a tab; use blanks"});
        if (line.ends_with('\r'))
            findings.push_back({path, number, "a carriage return at the line's end"});
    }
}

/// Words that must not stand anywhere in the tree. They are put together here so that this file passes
/// itself.
void checkWords(const std::string& path, std::string_view text, Findings& findings)
{
    static const std::array<std::string, 2> kPutOff = {std::string("TO") + "DO", std::string("FIX") + "ME"};
    static const std::array<std::string, 14> kRegistries = {std::string("deb.debian") + ".org",
                                                            std::string("security.debian") + ".org",
                                                            std::string("archive.ubuntu") + ".com",
                                                            std::string("registry.npmjs") + ".org",
                                                            std::string("pypi") + ".org",
                                                            std::string("pythonhosted") + ".org",
                                                            std::string("crates") + ".io",
                                                            std::string("proxy.golang") + ".org",
                                                            std::string("sum.golang") + ".org",
                                                            std::string("rubygems") + ".org",
                                                            std::string("repo.maven.apache") + ".org",
                                                            std::string("repo1.maven") + ".org",
                                                            std::string("conan") + ".io",
                                                            std::string("packagist") + ".org"};
    static const std::array<std::string, 2> kMachinePaths = {std::string("/work/") + "main",
                                                             std::string("/work/") + "shared"};
    const bool source = isCpp(path) || path.ends_with(".sh") || path.ends_with(".cmake")
        || path.ends_with("CMakeLists.txt") || path.ends_with(".json");
    int number = 0;
    for (const std::string_view line : linesOf(text)) {
        ++number;
        for (const std::string& word : kPutOff) {
            if (source && hasWord(line, word))
                findings.push_back({path, number, word + ": do it, or file it as an issue"});
        }
        for (const std::string& host : kRegistries) {
            if (hasWord(line, host))
                findings.push_back({path, number, "a package registry's host: " + host});
        }
        for (const std::string& folder : kMachinePaths) {
            if (hasWord(line, folder))
                findings.push_back({path, number, "a path of one machine: " + folder});
        }
    }
}

void checkHeader(const std::string& path, std::string_view code, Findings& findings)
{
    const std::vector<std::string_view> lines = linesOf(code);
    const auto first = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
        return line.find_first_not_of(' ') != std::string_view::npos;
    });
    if (first == lines.end() || !first->starts_with("#pragma once"))
        findings.push_back({path, 1, "a header begins with #pragma once"});
}

/// Qt Linguist's files: each text has its translation.
void checkTranslations(const std::string& path, std::string_view text, Findings& findings)
{
    int number = 0;
    bool any = false;
    for (const std::string_view line : linesOf(text)) {
        ++number;
        any = any || line.find("<translation") != std::string_view::npos;
        if (line.find("type=\"unfinished\"") != std::string_view::npos)
            findings.push_back({path, number, "an unfinished translation"});
        else if (line.find("<translation></translation>") != std::string_view::npos
                 || line.find("<translation/>") != std::string_view::npos
                 || line.find("<numerusform></numerusform>") != std::string_view::npos)
            findings.push_back({path, number, "an empty translation"});
    }
    if (!any)
        findings.push_back({path, 1, "there is no translation in it"});
}

} // namespace

Findings check(const std::string& path, std::string_view text)
{
    Findings findings;
    if (text.find('\0') != std::string_view::npos)
        return findings;
    checkLayout(path, text, findings);
    checkWords(path, text, findings);
    if (path.ends_with(".ts"))
        checkTranslations(path, text, findings);
    if (isCpp(path)) {
        const std::string code = codeOnly(text);
        if (path.ends_with(".h"))
            checkHeader(path, code, findings);
        checkIncludes(path, text, findings);
        checkDeterminism(path, text, code, findings);
    }
    return findings;
}

} // namespace tidy
