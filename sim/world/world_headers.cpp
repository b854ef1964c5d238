// Nothing but a place for CMake to precompile the headers with (CMakeLists.txt).
