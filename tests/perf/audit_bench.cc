// audit_bench: what `orrery log audit` costs of a log of 10,000 leaves that
// their maintainers have signed (trust.md §24), one line of JSON: CPU time of
// the command, best of three, over a mirror in a folder.
// {"what","ms","raw_ms","ratio"}: `raw` is a bare loop of OpenSSL over as many
// signatures in the same run, the ratio ours to it. Run it by `bazel run`,
// which has the command at hand.

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "openssl/evp.h"

#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"
#include "signing/replay/replay.h"
#include "tests/testing/log_directory.h"

namespace orrery::tests {
namespace {

constexpr int64_t kNow = 1'800'000'000;
constexpr int kPackages = 100;
// Of each package, beside its keyset.
constexpr int kReleases = 99;
constexpr int kSignatures = kPackages * (kReleases + 1);
constexpr int kRounds = 3;

constexpr char kPolicy[] =
    "policy 1\nregistry public https://registry.example/main\n"
    "  tlog-policy tlog-policy\n  names-file names\n  witnesses timestamper\n"
    "names public *\nrequire * evidence sshsig names open\n";
constexpr char kTlogPolicy[] =
    "log registry.example/main+096ae7d1+"
    "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96\n"
    "witness timestamper registry.example/timestamper+b1f1e9de+"
    "BK0IflajYL+XR7SHdmrEfT5LhV3Bqe/6NS3Z+YwwAIZO\nquorum timestamper\n";

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "audit_bench: %s\n", what);
  std::abort();
}

// A mirror of the log of all packages.
void WriteMirror(const LogDirectory& mirror) {
  signing::TestLog log;
  signing::Replay replay("registry.example/main");
  signing::PublishedLog published;
  const auto take = [&](const signing::Record& record) {
    const std::string leaf = signing::TestLog::LeafOf(record);
    Require(log.AppendBytes(leaf).ok() && replay.Append(leaf).ok(),
            "a leaf is void");
    published.Append(leaf);
  };
  take(log.Source("universe"));
  for (int i = 0; i < kPackages; ++i) {
    const std::string package = absl::StrCat("package-", i);
    take(log.Keyset(package, "universe"));
    for (int n = 0; n < kReleases; ++n) {
      take(log.Release(package, n, 1, absl::StrCat(package, n)));
    }
  }
  const std::string catalog = signing::PrintCatalog(replay.state());
  published.AppendIndex(kNow);
  mirror.Write("log/checkpoint", published.CheckpointNote(kNow));
  mirror.Write(absl::StrCat("catalog/", signing::Digest::Of(catalog).Hex()),
               catalog);
  const std::vector<std::string>& leaves = published.leaves();
  mirror.WriteTiles(leaves.size(), [&](uint64_t i) { return leaves[i]; });
  for (const std::string& leaf : leaves) {
    mirror.Write(absl::StrCat("leaf/", signing::LeafHash(leaf).Hex()), leaf);
  }
}

double ChildMilliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto ms = [](const timeval& time) {
    return 1e3 * static_cast<double>(time.tv_sec) +
           1e-3 * static_cast<double>(time.tv_usec);
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double AuditMilliseconds(const std::string& folder) {
  const std::string command =
      absl::StrCat("HOME=", folder, " cli-plugin/orrery log audit --policy ",
                   folder, "/policy --state ", folder, "/state --mirror ",
                   folder, "/mirror --as-of ", kNow, " > ", folder, "/out");
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double before = ChildMilliseconds();
    Require(std::system(command.c_str()) == 0, "the audit fails");
    const double spent = ChildMilliseconds() - before;
    best = round == 0 ? spent : std::min(best, spent);
  }
  return best;
}

double RawMilliseconds() {
  const std::string message(110, 'x');
  const auto data = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(64, '\0');
  size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(),
                 reinterpret_cast<unsigned char*>(signature.data()), &size,
                 data(message), message.size());
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < kSignatures; ++i) {
      EVP_MD_CTX_reset(context.get());
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get());
      Require(EVP_DigestVerify(context.get(), data(signature), size,
                               data(message), message.size()) == 1,
              "OpenSSL refuses its own signature");
    }
    const double spent =
        1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = round == 0 ? spent : std::min(best, spent);
  }
  return best;
}

int Main() {
  std::string folder = "/tmp/audit_bench.XXXXXX";
  Require(::mkdtemp(folder.data()) != nullptr, "no folder can be made");
  const LogDirectory files(folder);
  files.Write("policy", kPolicy);
  files.Write("tlog-policy", kTlogPolicy);
  files.Write("names", "orrery/names/v1\n");
  WriteMirror(LogDirectory(absl::StrCat(folder, "/mirror")));
  const double ms = AuditMilliseconds(folder);
  const double raw_ms = RawMilliseconds();
  std::printf(
      "{\"what\":\"log audit with %d signatures\",\"ms\":%.0f,\"raw_ms\":%.0f,"
      "\"ratio\":%.2f}\n",
      kSignatures, ms, raw_ms, ms / raw_ms);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace orrery::tests

int main() { return orrery::tests::Main(); }
