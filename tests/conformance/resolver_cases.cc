// resolver_cases FILE...: solves every problem of the files and prints one line
// of JSON each. Exit 0 if all that the problems expect was met (resolver.md
// §15, §16 rows 1 to 3), 1 if not or if explanations have a twentieth more
// facts than the problems list, 64 for unreadable files.

#include <cstddef>
#include <cstdio>
#include <string>

#include "tests/conformance/case_run.h"
#include "tests/testing/case_files.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 64;
  }
  orrery::tests::CaseFiles files;
  bool all_met = true;
  size_t facts = 0;
  size_t core = 0;
  const auto run = [&](const auto& problem, auto* universe) {
    const orrery::tests::CaseRun result =
        orrery::tests::RunCase(problem, universe);
    all_met = all_met && result.faults.empty();
    facts += result.fact_count;
    core += result.core_size;
    std::printf("%s\n", orrery::tests::CaseRunLine(result).c_str());
    std::fflush(stdout);
  };
  for (int i = 1; i < argc; ++i) {
    const absl::Status read = files.Visit(argv[i], run);
    if (read.ok()) continue;
    std::fprintf(stderr, "%s\n", std::string(read.message()).c_str());
    return 64;
  }
  if (facts * 20 > core * 21) {
    std::fprintf(stderr, "%zu facts where %zu do\n", facts, core);
    all_met = false;
  }
  return all_met ? 0 : 1;
}
