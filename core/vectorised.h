// Marks a small kernel that the compiler vectorises for several machines, chosen at load time.
#pragma once

// Sanitizers cannot run before the loader picks a clone, so their builds take the portable one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define BASIL_VECTORISED __attribute__((target_clones("avx2", "default")))
#else
#define BASIL_VECTORISED
#endif
