// resolver_bench [--peer libsolv|pubgrub|resolvo] FILE...: solves every problem
// of the files (resolver.md §15) and prints one line of JSON each:
// {"id","solver","status","ms","peak_mb", "steps"}. Each problem has a process
// of its own: `ms` is the median of five solves from the universe in memory to
// the answer (of more if they are short, of one over 3 s), `peak_mb` the most
// memory the process had meanwhile, the universe with it: for every solver what
// the request can reach of it, in its own form. "status" is "skipped" where a
// peer cannot express the problem, and "invalid" where its answer is no
// solution. pubgrub and resolvo are driven by the program that
// tests/perf/peers/build makes; ORRERY_PEERS says where else it is. Exit 64 for
// unreadable files.

#include <fcntl.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/check.h"
#include "resolver/request.h"
#include "resolver/resolve.h"
#include "tests/perf/peer_problem.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"
#include "tests/testing/libsolv_problem.h"

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

double MillisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

Solve SolveOnce(const resolver::Request& request, CaseUniverse* universe) {
  const auto start = std::chrono::steady_clock::now();
  const auto answer = resolver::Resolve(request, *universe);
  Solve solve{"gave_up", MillisecondsSince(start), answer->statistics.steps};
  if (answer->status == resolver::Status::kSolved) solve.status = "sat";
  if (answer->status == resolver::Status::kUnsatisfiable) {
    solve.status = "unsat";
  }
  return solve;
}

Solve SolveOnce(LibsolvProblem* problem) {
  const auto start = std::chrono::steady_clock::now();
  const bool is_sat = problem->Solve();
  return {is_sat ? "sat" : "unsat", MillisecondsSince(start)};
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

void Print(const std::string& id, absl::string_view solver, const Solve& solve,
           double peak) {
  JsonValue line = JsonValue::Object();
  line.Set("id", JsonValue::String(id));
  line.Set("solver", JsonValue::String(std::string(solver)));
  line.Set("status", JsonValue::String(std::string(solve.status)));
  line.Set("ms",
           JsonValue::NumberText(absl::StrFormat("%.4f", solve.milliseconds)));
  line.Set("peak_mb", JsonValue::NumberText(absl::StrFormat("%.1f", peak)));
  line.Set("steps", JsonValue::Integer(static_cast<int64_t>(solve.steps)));
  std::printf("%s\n", registry::WriteJson(line).c_str());
  std::fflush(stdout);
}

// Prints the median of several solves.
void Measure(const std::string& id, absl::string_view solver,
             const std::function<Solve()>& solve_once) {
  ForgetPeak();
  std::vector<Solve> solves = {solve_once()};
  const double peak = PeakMegabytes();
  size_t runs = solves[0].milliseconds > kLongMs ? 1 : 5;
  while (solves.size() < runs) {
    solves.push_back(solve_once());
    if (solves.size() == 5 && solves.back().milliseconds < kShortMs) runs = 201;
  }
  std::sort(solves.begin(), solves.end(), [](const Solve& a, const Solve& b) {
    return a.milliseconds < b.milliseconds;
  });
  Print(id, solver, solves[solves.size() / 2], peak);
}

// Whether it is a solution; it need not be tight.
bool IsSolution(const resolver::Request& request,
                const std::vector<resolver::ChosenRelease>& chosen,
                CaseUniverse* universe) {
  const auto violations = resolver::Check(request, chosen, *universe);
  return std::all_of(
      violations->begin(), violations->end(),
      [](const auto& violation) { return violation.rule == "tight"; });
}

void MeasureLibsolv(const std::string& id, const resolver::Request& request,
                    CaseUniverse* universe) {
  constexpr absl::string_view kName = "libsolv";
  const auto problem = LibsolvProblem::Make(request, universe);
  if (problem == nullptr) {
    Print(id, kName, {"skipped"}, 0);
    return;
  }
  if (problem->Solve() && !IsSolution(request, problem->Chosen(), universe)) {
    Print(id, kName, {"invalid"}, 0);
    return;
  }
  // What it does not need does not count as its memory.
  *universe = CaseUniverse(JsonValue::Object());
  Measure(id, kName, [&] { return SolveOnce(problem.get()); });
}

// What a program that reads `input` writes; if it fails, how it ended and the
// limit. It is run by timeout(1), which exits with 124.
std::string OutputOf(const std::string& command, const std::string& input) {
  std::string path = "/tmp/resolver_bench.XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return "";
  close(descriptor);
  std::ofstream(path) << input;
  FILE* pipe = popen(absl::StrCat(command, " < ", path).c_str(), "re");
  std::string output;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, size);
  }
  const int ended = pclose(pipe);
  unlink(path.c_str());
  if (ended == 0) return output;
  const bool timeout = WIFEXITED(ended) && WEXITSTATUS(ended) == 124;
  return absl::StrCat(timeout ? "timeout " : "crashed ", kLimitSeconds * 1000);
}

// That drives pubgrub and resolvo.
std::string PeersProgram() {
  const char* program = std::getenv("ORRERY_PEERS");
  if (program != nullptr) return program;
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  return absl::StrCat(workspace == nullptr ? "." : workspace,
                      "/tests/perf/peers/target/release/peers");
}

void MeasureRust(const std::string& id, absl::string_view solver,
                 const resolver::Request& request, CaseUniverse* universe) {
  const auto problem = PeerProblem::Make(request, universe, universe->size());
  if (!problem.has_value()) {
    Print(id, solver, {"skipped"}, 0);
    return;
  }
  const std::string output =
      OutputOf(absl::StrCat("timeout ", kLimitSeconds, " '", PeersProgram(),
                            "' ", solver),
               problem->text());
  std::istringstream words(output);
  std::string status = "crashed";
  Solve solve;
  double peak = 0;
  words >> status >> solve.milliseconds >> peak;
  std::string chosen;
  std::getline(words, chosen);
  if (status == "sat" &&
      !IsSolution(request, problem->Chosen(chosen), universe)) {
    status = "invalid";
  }
  solve.status = status;
  Print(id, solver, solve, peak);
}

void MeasureApart(absl::string_view solver, const JsonValue& problem,
                  CaseUniverse* universe) {
  const std::string id(problem.FindString("id"));
  const pid_t child = fork();
  if (child == 0) {
    alarm(kLimitSeconds);
    resolver::Request request = universe->ReadRequest(*problem.Find("request"));
    *universe = universe->Part(request);
    request = universe->ReadRequest(*problem.Find("request"));
    if (solver == "libsolv") {
      MeasureLibsolv(id, request, universe);
    } else if (solver != "orrery") {
      alarm(0);
      MeasureRust(id, solver, request, universe);
    } else {
      Measure(id, solver, [&] { return SolveOnce(request, universe); });
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) return;
  const bool timeout = WTERMSIG(status) == SIGALRM;
  Print(id, solver, {timeout ? "timeout" : "crashed", kLimitSeconds * 1000.0},
        0);
}

// The solver that is asked for; empty if none is known by that name.
absl::string_view SolverOf(int argc, char** argv, int* first_file) {
  *first_file = 1;
  if (argc < 2 || absl::string_view(argv[1]) != "--peer") return "orrery";
  *first_file = 3;
  for (const absl::string_view peer : {"libsolv", "pubgrub", "resolvo"}) {
    if (argc > 2 && argv[2] == peer) return peer;
  }
  return "";
}

}  // namespace
}  // namespace orrery::tests

int main(int argc, char** argv) {
  int first_file = 0;
  const absl::string_view solver =
      orrery::tests::SolverOf(argc, argv, &first_file);
  if (solver.empty() || first_file >= argc) {
    std::fprintf(stderr, "usage: %s [--peer libsolv|pubgrub|resolvo] FILE...\n",
                 argv[0]);
    return 64;
  }
  const bool is_rust = solver == "pubgrub" || solver == "resolvo";
  const std::string peers = orrery::tests::PeersProgram();
  if (is_rust && access(peers.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "there is no %s; tests/perf/peers/build makes it\n",
                 peers.c_str());
    return 64;
  }
  orrery::tests::CaseFiles files;
  for (int i = first_file; i < argc; ++i) {
    const absl::Status read =
        files.Visit(argv[i], [solver](const auto& problem, auto* universe) {
          orrery::tests::MeasureApart(solver, problem, universe);
        });
    if (read.ok()) continue;
    std::fprintf(stderr, "%s\n", std::string(read.message()).c_str());
    return 64;
  }
  return 0;
}
