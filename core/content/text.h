#pragma once

#include <string>

namespace core::content {

enum class Language { English, Chinese };

/// One text in both languages. Both are required in every content file.
struct Text {
    std::string en;
    std::string zh;
    const std::string& in(Language language) const { return language == Language::Chinese ? zh : en; }
};

} // namespace core::content
