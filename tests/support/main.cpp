// The main() of every test executable: doctest itself, compiled once.
// Both macros, because doctest's header has been seen before, in the precompiled one.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
