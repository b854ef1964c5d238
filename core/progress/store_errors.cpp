#include "core/progress/store_errors.h"

#include <sqlite3.h>

namespace core::progress {

using sim::Error;

Error notWritable(const std::string& path)
{
    return {"The file or its folder cannot be written. Give yourself the right to write there, or choose "
            "another data "
            "folder. Nothing was changed.",
            path};
}

Error damaged(const std::string& path, const std::string& detail)
{
    return {"The file is damaged" + (detail.empty() ? std::string() : " (" + detail + ")")
                + " and was left as it is. Put back a copy of it, or move it away to start anew; `sqlite3 "
                  "FILE .recover` "
                  "may save what is in it.",
            path};
}

Error describe(const SQLite::Exception& failure, const std::string& path)
{
    switch (failure.getErrorCode()) {
    case SQLITE_FULL:
        return {"The disk is full: nothing was stored, and what was stored before is safe. Free some space "
                "and try again.",
                path};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH: return notWritable(path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {"Another program keeps the file locked. Close other windows of Faultline and try again. "
                "Nothing was stored.",
                path};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return damaged(path, failure.what());
    case SQLITE_IOERR:
        return {"The disk reports an error (" + std::string(failure.getErrorStr())
                    + "): nothing was stored. Check free space, quota and the disk, then try again.",
                path};
    default: return {std::string("The progress file cannot be used: ") + failure.what() + ".", path};
    }
}

} // namespace core::progress
