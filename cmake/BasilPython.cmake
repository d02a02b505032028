# The Python module is built where pybind11 is, for Debian's python unless -DPython_EXECUTABLE names another.
# Sets BASIL_PYTHON. A sanitized library cannot be loaded into a python that is not.
set(BASIL_PYTHON OFF)
if(BASIL_SANITIZE)
  message(STATUS "sanitized: the Python module is not built")
else()
  # The rooms' libraries go into the module, a shared one. Nobody replaces their functions, so that they are inlined as
  # ever. Flags are the same without pybind11: when it comes, nothing is compiled twice.
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-fno-semantic-interposition)
  if(NOT Python_EXECUTABLE AND EXISTS /usr/bin/python3)
    set(Python_EXECUTABLE /usr/bin/python3)
  endif()
  find_package(Python 3.9 QUIET COMPONENTS Interpreter Development.Module)
  if(Python_FOUND)
    find_package(pybind11 2.10 QUIET CONFIG)
  endif()
  if(pybind11_FOUND)
    set(BASIL_PYTHON ON)
  else()
    message(STATUS "no pybind11 or no python3-dev: the Python module is not built")
  endif()
endif()
