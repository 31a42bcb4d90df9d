// The rules. Each takes one file and returns the places that break it.

#pragma once

#include "tests/tidy/source_tree.hpp"

#include <vector>

namespace tidy {

// A folder includes only what the dependency table allows: which of our folders, which libraries.
std::vector<finding> check_includes(const source_file& file);

// In core, policy and http1: no clock, randomness, thread, lock, stream or coroutine.
std::vector<finding> check_sans_io(const source_file& file);

// In a statement with co_await: no aggregate, no braced list, no capturing lambda. GCC 12 destroys
// such temporaries twice. And nothing is spawned without an owner: `detached` stands in main.cpp at
// most.
std::vector<finding> check_coroutines(const source_file& file);

// Words that mean work left undone.
std::vector<finding> check_words(const source_file& file);

// A source includes the header of its name before anything else, so that its compilation shows
// whether that header stands alone.
std::vector<finding> check_own_header(const std::vector<source_file>& files);

// Every source file of core, policy, http1 and store has its unit test file.
std::vector<finding> check_unit_tests(const std::vector<source_file>& files);

}  // namespace tidy
