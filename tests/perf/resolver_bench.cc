// resolver_bench FILE...: solves every problem of the files (resolver.md §15)
// and prints one line of JSON each: {"id","solver","status","ms","peak_mb",
// "steps"}. Each problem has a process of its own: `ms` is the median of five
// solves from the universe in memory to the answer (of more if they are short,
// of one over 3 s), `peak_mb` the most memory the process had meanwhile, the
// universe with it. Exit 64 for unreadable files.

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/request.h"
#include "resolver/resolve.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"

namespace orrery::tests {
namespace {

using registry::JsonValue;

constexpr double kLongMs = 3000;
constexpr double kShortMs = 0.1;
constexpr unsigned kLimitSeconds = 120;

struct Solve {
  absl::string_view status;
  double milliseconds = 0;
  uint64_t steps = 0;
};

Solve SolveOnce(const resolver::Request& request, CaseUniverse* universe) {
  const auto start = std::chrono::steady_clock::now();
  const auto answer = resolver::Resolve(request, *universe);
  const std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  Solve solve{"gave_up", time.count(), answer->statistics.steps};
  if (answer->status == resolver::Status::kSolved) solve.status = "sat";
  if (answer->status == resolver::Status::kUnsatisfiable) {
    solve.status = "unsat";
  }
  return solve;
}

// The most memory of this process since ForgetPeak.
double PeakMegabytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    const absl::string_view text = line;
    if (text.substr(0, 6) != "VmHWM:") continue;
    double kilobytes = 0;
    if (absl::SimpleAtod(text.substr(6, text.find("kB") - 6), &kilobytes)) {
      return kilobytes / 1024;
    }
  }
  return 0;
}

void ForgetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

void Print(const std::string& id, const Solve& solve, double peak) {
  JsonValue line = JsonValue::Object();
  line.Set("id", JsonValue::String(id));
  line.Set("solver", JsonValue::String("orrery"));
  line.Set("status", JsonValue::String(std::string(solve.status)));
  line.Set("ms",
           JsonValue::NumberText(absl::StrFormat("%.4f", solve.milliseconds)));
  line.Set("peak_mb", JsonValue::NumberText(absl::StrFormat("%.1f", peak)));
  line.Set("steps", JsonValue::Integer(static_cast<int64_t>(solve.steps)));
  std::printf("%s\n", registry::WriteJson(line).c_str());
  std::fflush(stdout);
}

void Measure(const std::string& id, const JsonValue& problem,
             CaseUniverse* universe) {
  const resolver::Request request =
      universe->ReadRequest(*problem.Find("request"));
  ForgetPeak();
  std::vector<Solve> solves = {SolveOnce(request, universe)};
  const double peak = PeakMegabytes();
  size_t runs = solves[0].milliseconds > kLongMs ? 1 : 5;
  while (solves.size() < runs) {
    solves.push_back(SolveOnce(request, universe));
    if (solves.size() == 5 && solves.back().milliseconds < kShortMs) runs = 201;
  }
  std::sort(solves.begin(), solves.end(), [](const Solve& a, const Solve& b) {
    return a.milliseconds < b.milliseconds;
  });
  Print(id, solves[solves.size() / 2], peak);
}

void MeasureApart(const JsonValue& problem, CaseUniverse* universe) {
  const std::string id(problem.FindString("id"));
  const pid_t child = fork();
  if (child == 0) {
    alarm(kLimitSeconds);
    Measure(id, problem, universe);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) return;
  const bool timeout = WTERMSIG(status) == SIGALRM;
  Print(id, {timeout ? "timeout" : "crashed", kLimitSeconds * 1000.0}, 0);
}

}  // namespace
}  // namespace orrery::tests

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 64;
  }
  orrery::tests::CaseFiles files;
  for (int i = 1; i < argc; ++i) {
    const absl::Status read = files.Visit(argv[i], orrery::tests::MeasureApart);
    if (read.ok()) continue;
    std::fprintf(stderr, "%s\n", std::string(read.message()).c_str());
    return 64;
  }
  return 0;
}
