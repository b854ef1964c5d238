# After `cmake --preset release && cmake --build --preset release`, the Debian package is made by
# `cpack -G DEB --config build/release/CPackConfig.cmake`.
# Included last by the top CMakeLists.txt, when all targets are known.

foreach(program faultline faultctl)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()

set(packaging ${CMAKE_CURRENT_LIST_DIR})
set(tree ${CMAKE_CURRENT_LIST_DIR}/..)
install(DIRECTORY ${tree}/content/ DESTINATION ${CMAKE_INSTALL_DATADIR}/faultline/content
    PATTERN ".*" EXCLUDE)
install(FILES ${packaging}/faultline.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES ${packaging}/faultline.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES ${tree}/assets/icons/faultline.svg
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
install(FILES ${packaging}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Debian keeps manual pages and the changelog compressed; -n leaves name and time out, so that two builds of
# one tree give the same bytes.
set(compressed ${CMAKE_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${compressed})
foreach(text man/faultline.1 man/faultctl.1 CHANGELOG.md)
    get_filename_component(name ${text} NAME)
    set(target ${name})
    if(name STREQUAL "CHANGELOG.md")
        set(target changelog)
    endif()
    configure_file(${packaging}/${text} ${compressed}/${target} COPYONLY)
    execute_process(COMMAND gzip -9nf ${compressed}/${target} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
install(FILES ${compressed}/faultline.1.gz ${compressed}/faultctl.1.gz
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${compressed}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME faultline)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "The Faultline developers")
set(CPACK_PACKAGE_CONTACT "The Faultline developers <faultline@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulated data centre to learn AI infrastructure operations in")
set(CPACK_PACKAGE_DESCRIPTION "Faultline simulates a Kubernetes cluster with Linux hosts, GPU nodes,
a registry and monitoring. A learner meets an incident in it, finds the cause in an emulated shell
and on charts, repairs it, and is graded on the way taken.
.
faultline is the window, faultctl the same without a screen.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION education)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What the linker does not know of: icons are SVG, and text falls back to boxes without these fonts.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libqt6svg6, fonts-inter, fonts-jetbrains-mono, fonts-noto-cjk")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qt6-wayland")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "kubernetes-client")
include(CPack)
