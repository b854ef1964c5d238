# One INTERFACE target carries the language level, the warnings and the sanitizers.
add_library(faultline_settings INTERFACE)
target_compile_features(faultline_settings INTERFACE cxx_std_20)
# -ffp-contract=off: the simulation must give one result on every machine and build type.
target_compile_options(faultline_settings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -ffp-contract=off)
target_include_directories(faultline_settings INTERFACE ${PROJECT_SOURCE_DIR})

# Sixty programs are linked with all of the simulation in them.
find_program(FAULTLINE_MOLD mold)
if(FAULTLINE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

if(FAULTLINE_SANITIZE)
    target_compile_options(faultline_settings INTERFACE
        -fsanitize=${FAULTLINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(faultline_settings INTERFACE -fsanitize=${FAULTLINE_SANITIZE})
endif()

# faultline_library(sim_net SOURCES a.cpp ... USES sim_engine ...)
# USES is the architecture: it states which other parts a library may include.
function(faultline_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    add_library(faultline::${name} ALIAS ${name})
    target_link_libraries(${name} PUBLIC faultline_settings ${ARG_USES})
    if("sim_world" IN_LIST ARG_USES)
        faultline_precompiled(${name})
    elseif("sim_kube_api" IN_LIST ARG_USES OR "sim_kube" IN_LIST ARG_USES)
        faultline_precompiled(${name} sim_kube_api)
    endif()
endfunction()

# faultline_precompiled(core_session_tests) reads what includes sim/world/world.h from a precompiled header, and
# faultline_precompiled(sim_kube_tests sim_kube_api) what includes the typed API objects: reading these headers takes longer than most
# files that use them (`cmake -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON` to do without).
function(faultline_precompiled name)
    set(from sim_world_headers)
    if(ARGC GREATER 1)
        set(from ${ARGV1})
    endif()
    target_precompile_headers(${name} REUSE_FROM ${from})
endfunction()
