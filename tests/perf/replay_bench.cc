// replay_bench: what a client's checks of a log cost (trust.md §24), one line
// of JSON a row, CPU time of one core. {"what","ms","raw_ms","ratio"}: `raw` is
// a bare SHA-256 over the same bytes in the same run. Rows of hostile files
// have the milliseconds of one.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "signing/client/checkpoint_check.h"
#include "signing/client/release_check.h"
#include "signing/client/replayed_log.h"
#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tile_reader.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/names.h"
#include "signing/policy/registry_trust.h"
#include "signing/policy/tlog_policy.h"
#include "signing/record/record_parser.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"
#include "signing/replay/replay.h"

namespace orrery::tests {
namespace {

constexpr int64_t kNow = 1'800'000'000;

void Require(bool condition) {
  if (condition) return;
  std::fprintf(stderr, "the bench's own data is wrong\n");
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok())
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
  Require(result.ok());
  return *std::move(result);
}

// The best of three runs: the machine may be busy.
double Milliseconds(absl::FunctionRef<void()> work) {
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const std::clock_t start = std::clock();
    work();
    const double elapsed =
        1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = round == 0 ? elapsed : std::min(best, elapsed);
  }
  return best;
}

void Print(absl::string_view what, double ms,
           std::optional<double> raw_ms = std::nullopt) {
  std::string row = absl::StrCat("{\"what\":\"", what, "\",\"ms\":", ms);
  if (raw_ms.has_value()) {
    absl::StrAppend(&row, ",\"raw_ms\":", *raw_ms, ",\"ratio\":", ms / *raw_ms);
  }
  std::printf("%s}\n", row.c_str());
  std::fflush(stdout);
}

// 100 packages of 100 releases, with five files each, in one source.
std::vector<std::string> Leaves(int64_t count) {
  signing::TestLog log;
  std::vector<std::string> leaves;
  const auto take = [&](const signing::Record& record) {
    leaves.push_back(signing::TestLog::LeafOf(record));
    Require(log.AppendBytes(leaves.back()).ok());
  };
  take(log.Source("universe"));
  for (int64_t i = 1; i < count; ++i) {
    const std::string package = absl::StrCat("package-", i % 100);
    signing::Record record =
        log.Observed("universe", package, i / 100, 1, absl::StrCat(i));
    signing::RevisionContent& content =
        std::get<signing::ObservedRecord>(record.body).content;
    content.files.clear();
    std::vector<signing::TreeHash::File> files;
    for (const char* path :
         {"command.json", "config.json", "marathon.json.mustache",
          "package.json", "resource.json"}) {
      content.files.push_back(
          {signing::Digest::Of(absl::StrCat(path, i)), 1234, path});
      files.push_back({path, content.files.back().digest});
    }
    content.tree = signing::TreeHash::Of(package, content.release, files);
    take(record);
  }
  return leaves;
}

void MeasureReplay(const std::vector<std::string>& leaves) {
  const double raw = Milliseconds([&] {
    for (const std::string& leaf : leaves) (void)signing::Digest::Of(leaf);
  });
  const auto replay = [&] {
    signing::Replay log("registry.example/main");
    for (const std::string& leaf : leaves) Require(log.Append(leaf).ok());
    return std::move(log).TakeState();
  };
  Print(absl::StrCat("replay of ", leaves.size(), " leaves"),
        Milliseconds([&] { (void)replay(); }), raw);
  const signing::LogState state = replay();
  const std::string catalog = signing::PrintCatalog(state);
  Print(absl::StrCat("catalog of ", catalog.size(), " bytes"),
        Milliseconds([&] { (void)signing::PrintCatalog(state); }),
        Milliseconds([&] { (void)signing::Digest::Of(catalog); }));
}

// Everything of the list but what is fetched, written and solved, for whoever
// has replayed the log before.
void MeasureClient(const std::vector<std::string>& leaves,
                   const signing::ClientPolicy& policy,
                   const signing::RegistryTrust& trust) {
  signing::PublishedLog log;
  for (const std::string& leaf : leaves) log.Append(leaf);
  log.AppendIndex(kNow);
  const std::string note = log.CheckpointNote(kNow);
  const absl::Time now = absl::FromUnixSeconds(kNow);
  const signing::ClientState state =
      Must(signing::CheckCheckpoint(trust, note, now,
                                    signing::Transport::kOnline))
          .state;
  // Tiles are cut anew for each read of the test's log: the reader keeps them.
  auto reader = Must(signing::TileReader::Open(state.checkpoint.size,
                                               state.checkpoint.root, log));
  const auto replay = [&](signing::KnownLeaves known) {
    return Must(signing::ReplayLog(trust, state, state, known, now, reader));
  };
  const double raw = Milliseconds([&] {
    for (const std::string& leaf : log.leaves()) (void)signing::LeafHash(leaf);
  });
  Print(
      absl::StrCat("step 8 for a new log of ", log.leaves().size(), " leaves"),
      Milliseconds([&] { (void)replay(signing::KnownLeaves::kNone); }), raw);
  Print(
      absl::StrCat("steps 4 to 13 for 20 packages of a known log of ",
                   log.leaves().size(), " leaves"),
      Milliseconds([&] {
        const auto fresh = Must(signing::CheckCheckpoint(
            trust, note, now, signing::Transport::kOffline));
        Require(signing::CheckAdvance(trust, state, fresh.state, reader).ok());
        const signing::LogState known = replay(signing::KnownLeaves::kGood);
        const signing::ReleaseCheck check(policy, trust, known, now);
        for (int i = 0; i < 20; ++i) {
          const std::string package = absl::StrCat("package-", i);
          const auto take = [&](const signing::RevisionKey& key,
                                const signing::RevisionUse& use) {
            return check.CheckRevision(package, key, use).status();
          };
          Require(check.Choose(package, {}, {}, take).ok());
        }
      }),
      raw);
}

std::string Repeated(size_t bytes, absl::string_view line) {
  std::string text;
  while (text.size() + line.size() <= bytes) absl::StrAppend(&text, line);
  return text;
}

// Numbered lines, none of which repeats another.
std::string Numbered(size_t bytes, absl::string_view head,
                     absl::string_view before, absl::string_view after) {
  std::string text(head);
  for (int i = 0; text.size() + 40 + after.size() < bytes; ++i) {
    absl::StrAppend(&text, before, i, after);
  }
  return text;
}

void MeasureHostile(const std::string& tlog_policy) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  const std::string head =
      "policy 1\nregistry public https://registry.example\n"
      "tlog-policy t\nnames-file n\n";
  const std::string policy = Numbered(kMebibyte, head, "require name-",
                                      " evidence observed threshold 2\n");
  Print("policy of 1 MiB", Milliseconds([&] {
          Require(signing::ParseClientPolicy(policy).ok());
        }));
  const std::string names =
      Numbered(kMebibyte, "orrery/names/v1\n", "bind name-",
               absl::StrCat(" sha256:", std::string(64, '0'), "\n"));
  Print("names of 1 MiB",
        Milliseconds([&] { Require(signing::Names::Parse(names).ok()); }));
  const std::string comments =
      Repeated(kMebibyte - tlog_policy.size(), "# \n") + tlog_policy;
  Print("tlog-policy of 1 MiB", Milliseconds([&] {
          Require(signing::TlogPolicy::Parse(comments).ok());
        }));
  const std::string statement = Repeated(24'576, "kind observed\n");
  Print("statement of 24 KiB",
        Milliseconds([&] { Require(!signing::ParseRecord(statement).ok()); }));
}

int Main() {
  const std::string tlog_policy =
      "log registry.example/main+096ae7d1+"
      "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96\n"
      "witness timestamper registry.example/timestamper+b1f1e9de+"
      "BK0IflajYL+XR7SHdmrEfT5LhV3Bqe/6NS3Z+YwwAIZO\nquorum timestamper\n";
  const signing::ClientPolicy policy = Must(signing::ParseClientPolicy(
      "policy 1\nregistry public https://registry.example/main\n"
      "tlog-policy t\nnames-file n\nwitnesses timestamper\n"
      "names public *\nrequire * evidence observed\n"));
  const signing::RegistryTrust trust = Must(signing::OpenRegistryTrust(
      policy.registries()[0], tlog_policy, "orrery/names/v1\n", "0.1.0"));
  MeasureReplay(Leaves(10'000));
  // With the index leaf as many as the Universe's.
  MeasureClient(Leaves(1'237), policy, trust);
  MeasureHostile(tlog_policy);
  return 0;
}

}  // namespace
}  // namespace orrery::tests

int main() { return orrery::tests::Main(); }
