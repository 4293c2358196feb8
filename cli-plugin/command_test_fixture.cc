#include "cli-plugin/command_test_fixture.h"

#include <sstream>

#include "cli-plugin/run.h"
#include "cli-plugin/service/plan_run.h"
#include "cli-plugin/service/plan_verifier.h"

namespace orrery::tests {
namespace {

// What is verified is asked of real logs elsewhere.
class TrustingVerifier final : public cli::PlanVerifier {
 public:
  absl::StatusOr<cli::PlanVerdict> Verify(
      const registry::JsonValue& /*planned*/, const cli::AskedChange& change,
      const cli::Invocation& /*invocation*/,
      cli::CommandContext& /*context*/) override {
    const registry::JsonValue* package = change.release.Find("package");
    if (package == nullptr) return cli::PlanVerdict();
    cli::PlanVerdict verdict;
    verdict.notes_before = std::string(package->FindString("preInstallNotes"));
    const auto after = package->FindString("postInstallNotes");
    if (!after.empty())
      verdict.notes_after[change.service] = std::string(after);
    return verdict;
  }
};

}  // namespace

CommandTest::CommandTest() : root(cli::OrreryCommand()) {}

int CommandTest::Run(const std::vector<std::string>& words) {
  std::ostringstream out_stream;
  std::ostringstream err_stream;
  cli::Process process;
  process.streams.out = &out_stream;
  process.streams.err = &err_stream;
  process.streams.read_all = [this] { return input; };
  process.streams.read_line = [this] { return input; };
  process.streams.in_is_terminal = in_is_terminal;
  process.streams.out_is_terminal = out_is_terminal;
  process.streams.err_is_terminal = err_is_terminal;
  process.streams.width = width;
  process.environment = [this](absl::string_view name) {
    const auto found = environment.find(std::string(name));
    return found == environment.end() ? "" : found->second;
  };
  process.http = &http;
  process.clock = &clock;
  process.working_directory = working_directory;
  TrustingVerifier verifier;
  process.plan_verifier = &verifier;
  const int code = cli::RunOrrery(root, words, process);
  out = out_stream.str();
  err = err_stream.str();
  return code;
}

}  // namespace orrery::tests
