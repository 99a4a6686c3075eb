# A static Linux executable whose first exception is cheap. gcc's -static start files register every frame description
# with the unwinder, which sorts them all at the first throw (8 million instructions: --help and every error would pay);
# with the ordinary start files and --eh-frame-hdr the linker's own sorted table is used instead.
# What nothing uses is left out (compiled with -ffunction-sections): a tenth of the file, and of the time to start.
function(paramcount_link_statically target)
  target_link_options(${target} PRIVATE -Wl,--gc-sections)
  set(start_files "")
  foreach(name crt1.o crti.o crtbegin.o crtend.o crtn.o)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT IS_ABSOLUTE "${path}" OR NOT EXISTS "${path}")
      message(STATUS "Static link: ${name} not found, exceptions will be slow to start")
      target_link_options(${target} PRIVATE -static)
      return()
    endif()
    list(APPEND start_files ${path})
  endforeach()
  list(GET start_files 0 1 2 before)
  list(GET start_files 3 4 after)
  target_link_options(${target} PRIVATE -static -no-pie -nostartfiles -Wl,--eh-frame-hdr ${before})
  target_link_libraries(${target} PRIVATE ${after})
endfunction()
