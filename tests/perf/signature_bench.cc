// signature_bench: what maintainers' signatures cost (trust.md §24), one line
// of JSON a row, CPU time of one core. {"what","ms","raw_ms","ratio"}: `raw` is
// a bare loop of OpenSSL over as many signatures in the same run, the ratio raw
// to ours. Rows of hostile files have the milliseconds of one. Run it by
// `bazel run`, which has the signatures of testdata at hand.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "openssl/rsa.h"

#include "signing/client/checkpoint_check.h"
#include "signing/client/release_check.h"
#include "signing/client/replayed_log.h"
#include "signing/log/tile_reader.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/registry_trust.h"
#include "signing/record/leaf.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"
#include "signing/replay/replay.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_verifier.h"
#include "signing/ssh/ssh_wire.h"
#include "signing/ssh/sshsig.h"

namespace orrery::tests {
namespace {

using signing::LogState;
using signing::SshVerifier;

constexpr int64_t kNow = 1'800'000'000;
constexpr int kPlanned = 20;

void Require(bool holds) {
  if (holds) return;
  std::fprintf(stderr, "the bench's own data is wrong\n");
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
    std::abort();
  }
  return *std::move(result);
}

double Milliseconds(absl::FunctionRef<void()> work) {
  const std::clock_t start = std::clock();
  work();
  return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

struct Row {
  double ms = 0;
  double raw_ms = 0;
};

// The best of the rounds: the machine may be busy.
void Print(const std::string& what, const std::vector<Row>& rounds) {
  Row best = rounds.front();
  for (const Row& row : rounds) {
    best.ms = std::min(best.ms, row.ms);
    best.raw_ms = std::min(best.raw_ms, row.raw_ms);
  }
  std::printf("{\"what\":\"%s\",\"ms\":%.3f,\"raw_ms\":%.3f,\"ratio\":%.3f}\n",
              what.c_str(), best.ms, best.raw_ms, best.raw_ms / best.ms);
  std::fflush(stdout);
}

std::string ReadTestdata(const std::string& name) {
  std::ifstream file("signing/ssh/testdata/ssh_keygen/" + name);
  Require(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

signing::SshKey ReadKey(const std::string& name) {
  const std::string line = ReadTestdata(name + ".pub");
  const std::vector<std::string> words =
      absl::StrSplit(absl::StripAsciiWhitespace(line), ' ');
  return Must(signing::SshKey::ParseText(words[0], words[1]));
}

// A private key of OpenSSL's own, and what it signed: what `raw` verifies.
struct RawSignature {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
  const EVP_MD* hash;
  std::string bytes;
  std::string signature;

  RawSignature(EVP_PKEY* made, const char* hash_name, std::string message)
      : key(made, &EVP_PKEY_free),
        hash(hash_name == nullptr ? nullptr
                                  : EVP_MD_fetch(nullptr, hash_name, nullptr)),
        bytes(std::move(message)),
        signature(1024, '\0') {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    size_t size = signature.size();
    Require(EVP_DigestSignInit(context, nullptr, hash, nullptr, made) == 1);
    Require(EVP_DigestSign(
                context, reinterpret_cast<unsigned char*>(signature.data()),
                &size, reinterpret_cast<const unsigned char*>(bytes.data()),
                bytes.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
  }

  void Verify(EVP_MD_CTX* context) const {
    EVP_MD_CTX_reset(context);
    Require(EVP_DigestVerifyInit(context, nullptr, hash, nullptr, key.get()) ==
            1);
    Require(EVP_DigestVerify(
                context,
                reinterpret_cast<const unsigned char*>(signature.data()),
                signature.size(),
                reinterpret_cast<const unsigned char*>(bytes.data()),
                bytes.size()) == 1);
  }
};

double RawMilliseconds(const RawSignature& raw, int count) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const double ms = Milliseconds([&] {
    for (int i = 0; i < count; ++i) raw.Verify(context);
  });
  EVP_MD_CTX_free(context);
  return ms;
}

void MeasureSshsig(const std::string& name, EVP_PKEY* key, const char* hash) {
  constexpr int kCount = 500;
  const std::string message = ReadTestdata("message");
  const std::string armor = ReadTestdata(name + ".sha512.sig");
  const SshVerifier verifier = Must(SshVerifier::Create(ReadKey(name)));
  const RawSignature raw(
      key, hash,
      signing::SshSignedBytes("release@orrery", "sha512",
                              signing::HashSshMessage("sha512", message)));
  std::vector<Row> rounds;
  for (int round = 0; round < 5; ++round) {
    Row row;
    row.ms = Milliseconds([&] {
      for (int i = 0; i < kCount; ++i) {
        const auto signature =
            Must(signing::ParseArmor(armor, signing::ArmorForm::kFile));
        Require(verifier
                    .VerifyHash(signature,
                                signing::HashSshMessage("sha512", message))
                    .ok());
      }
    });
    row.raw_ms = RawMilliseconds(raw, kCount);
    rounds.push_back(row);
  }
  Print(absl::StrCat("parse and verify ", kCount, " SSHSIG, ", name), rounds);
}

// Packages with a keyset and releases, all signed by one key.
std::vector<std::string> SignedLeaves(int packages, int releases) {
  signing::TestLog log;
  std::vector<std::string> leaves;
  const auto take = [&](const signing::Record& record) {
    leaves.push_back(signing::TestLog::LeafOf(record));
    Require(log.AppendBytes(leaves.back()).ok());
  };
  take(log.Source("universe"));
  for (int i = 0; i < packages; ++i) {
    const std::string package = absl::StrCat("package-", i);
    take(log.Keyset(package, "universe"));
    for (int n = 0; n < releases; ++n) {
      take(log.Release(package, n, 1, absl::StrCat(package, n)));
    }
  }
  return leaves;
}

LogState StateOf(const std::vector<std::string>& leaves) {
  signing::Replay replay("registry.example/main");
  for (const std::string& leaf : leaves) Require(replay.Append(leaf).ok());
  return std::move(replay).TakeState();
}

void CheckPlanned(const signing::ReleaseCheck& check) {
  for (int i = 0; i < kPlanned; ++i) {
    const std::string package = absl::StrCat("package-", i);
    Require(
        check
            .Choose(package, {}, {},
                    [&](const signing::RevisionKey& key,
                        const signing::RevisionUse& use) {
                      return check.CheckRevision(package, key, use).status();
                    })
            .ok());
  }
}

// What an offline plan costs whoever has replayed the log before, but for what
// is fetched, written and solved: of each package a keyset and a release, and
// the two signatures of the checkpoint.
void MeasurePlan(const signing::ClientPolicy& policy,
                 const signing::RegistryTrust& trust) {
  signing::PublishedLog log;
  for (const std::string& leaf : SignedLeaves(kPlanned, 10)) log.Append(leaf);
  log.AppendIndex(kNow);
  const std::string note = log.CheckpointNote(kNow);
  const absl::Time now = absl::FromUnixSeconds(kNow);
  const auto first = Must(
      signing::CheckCheckpoint(trust, note, now, signing::Transport::kOffline));
  auto reader = Must(signing::TileReader::Open(
      first.state.checkpoint.size, first.state.checkpoint.root, log));
  const RawSignature raw(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                         nullptr, std::string(110, 'x'));
  std::vector<Row> rounds;
  for (int round = 0; round < 5; ++round) {
    Row row;
    row.ms = Milliseconds([&] {
      const auto fresh = Must(signing::CheckCheckpoint(
          trust, note, now, signing::Transport::kOffline));
      Require(
          signing::CheckAdvance(trust, first.state, fresh.state, reader).ok());
      const LogState state =
          Must(signing::ReplayLog(trust, first.state, fresh.state,
                                  signing::KnownLeaves::kGood, now, reader));
      const signing::ReleaseCheck check(policy, trust, state, now);
      CheckPlanned(check);
    });
    row.raw_ms = RawMilliseconds(raw, 2 * kPlanned + 2);
    rounds.push_back(row);
  }
  Print(absl::StrCat("steps 4 to 13 for ", kPlanned,
                     " signed packages of a known log of ", log.leaves().size(),
                     " leaves"),
        rounds);
}

// Whoever has never seen a log of 10,000 leaves, and wants 20 packages of it.
void MeasureColdReplay(const signing::ClientPolicy& policy,
                       const signing::RegistryTrust& trust) {
  const std::vector<std::string> leaves = SignedLeaves(100, 99);
  const absl::Time now = absl::FromUnixSeconds(kNow);
  const RawSignature raw(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                         nullptr, std::string(110, 'x'));
  std::vector<Row> rounds;
  for (int round = 0; round < 3; ++round) {
    Row row;
    row.ms = Milliseconds([&] {
      const LogState state = StateOf(leaves);
      CheckPlanned(signing::ReleaseCheck(policy, trust, state, now));
    });
    row.raw_ms = RawMilliseconds(raw, 2 * kPlanned);
    rounds.push_back(row);
  }
  Print(absl::StrCat("cold replay of ", leaves.size(),
                     " leaves, signatures of ", kPlanned, " packages alone"),
        rounds);
}

void PrintHostile(const std::string& what, absl::FunctionRef<void()> work) {
  std::printf("{\"what\":\"%s\",\"ms\":%.2f}\n", what.c_str(),
              Milliseconds(work));
  std::fflush(stdout);
}

// What nobody signed, and what costs most to refuse.
void MeasureHostile() {
  signing::SshSignature signature = signing::SignatureBy(
      "alice", signing::TestLog().Keyset("kafka", "universe"));
  const std::string armor =
      signing::WriteArmor(signing::PrintSignature(signature));
  std::string many =
      signing::TestLog::LeafOf(signing::TestLog().Keyset("kafka", "universe"));
  while (many.size() + armor.size() <= signing::kMaxLeafBytes) many += armor;
  PrintHostile("leaf of 32 KiB that is all signatures",
               [&] { Require(!signing::ParseLeaf(many).ok()); });
  std::string long_armor = armor;
  long_armor.insert(armor.find('\n') + 1, std::string(1 << 20, 'A'));
  PrintHostile("armor of 1 MiB", [&] {
    Require(!signing::ParseArmor(long_armor, signing::ArmorForm::kFile).ok());
  });
  // The largest key that is taken, and no signature by it.
  constexpr size_t kBytes = 8192 / 8;
  std::string key;
  signing::AppendSshString("ssh-rsa", key);
  signing::AppendSshString(std::string("\x01\x00\x01", 3), key);
  signing::AppendSshString(std::string(1, '\0') + std::string(kBytes, '\xff'),
                           key);
  signature.public_key = key;
  signature.algorithm = "rsa-sha2-512";
  signature.signature = std::string(kBytes, '\x7f');
  PrintHostile("RSA signature of 8192 bits by nobody", [&] {
    const SshVerifier verifier =
        Must(SshVerifier::Create(Must(signing::SshKey::Parse(key))));
    Require(!verifier
                 .VerifyHash(signature,
                             signing::HashSshMessage("sha512", "message"))
                 .ok());
  });
}

int Main() {
  MeasureSshsig("ed25519", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                nullptr);
  MeasureSshsig("ecdsa256", EVP_EC_gen("P-256"), "SHA256");
  MeasureSshsig("ecdsa384", EVP_EC_gen("P-384"), "SHA384");
  MeasureSshsig("rsa3072", EVP_RSA_gen(3072), "SHA512");
  const signing::ClientPolicy policy = Must(signing::ParseClientPolicy(
      "policy 1\nregistry public https://registry.example/main\n"
      "tlog-policy t\nnames-file n\nwitnesses timestamper\n"
      "names public *\nrequire * evidence sshsig names open\n"));
  const signing::RegistryTrust trust = Must(signing::OpenRegistryTrust(
      policy.registries()[0],
      "log registry.example/main+096ae7d1+"
      "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96\n"
      "witness timestamper registry.example/timestamper+b1f1e9de+"
      "BK0IflajYL+XR7SHdmrEfT5LhV3Bqe/6NS3Z+YwwAIZO\nquorum timestamper\n",
      "orrery/names/v1\n", "0.1.0"));
  MeasurePlan(policy, trust);
  MeasureColdReplay(policy, trust);
  MeasureHostile();
  return 0;
}

}  // namespace
}  // namespace orrery::tests

int main() { return orrery::tests::Main(); }
