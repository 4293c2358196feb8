// A chain of maintainer records, three bytes each, signed by whoever: what may
// be logged by JudgeStatement is what a client believes, and nothing else.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "signing/client/maintainer_chain.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/names.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/statement_judge.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_signing.h"

namespace {

using orrery::signing::ChainEntry;
using orrery::signing::JoinLeaf;
using orrery::signing::JudgedStatement;
using orrery::signing::JudgeStatement;
using orrery::signing::KeysetRecord;
using orrery::signing::MaintainerChain;
using orrery::signing::Names;
using orrery::signing::PackageState;
using orrery::signing::ParseClientPolicy;
using orrery::signing::PrintRecord;
using orrery::signing::PrintSignature;
using orrery::signing::PrintSigner;
using orrery::signing::PublishedStatement;
using orrery::signing::Record;
using orrery::signing::RecordKind;
using orrery::signing::SignatureBy;
using orrery::signing::Signer;
using orrery::signing::SshKeyOf;
using orrery::signing::SshSignature;
using orrery::signing::TestKey;
using orrery::signing::TestLog;
using orrery::signing::WriteArmor;

constexpr char kPackage[] = "kafka";
constexpr size_t kMaxSteps = 12;

// Two keys of one person among them.
struct Person {
  const char* principal;
  const char* key;
};
constexpr Person kPeople[] = {
    {"alice", "alice"}, {"alice", "alice2"}, {"bob", "bob"}, {"carol", "c"}};

void Require(bool condition) {
  if (!condition) std::abort();
}

// Members by the low bits of a byte; the others say what each may sign.
KeysetRecord KeysetOf(uint8_t members, uint8_t thresholds) {
  KeysetRecord keyset;
  keyset.keyset_threshold = 1 + (thresholds & 1);
  keyset.release_threshold = 1 + (thresholds >> 1 & 1);
  keyset.yank_threshold = 1;
  for (size_t i = 0; i < std::size(kPeople); ++i) {
    if ((members >> i & 1) == 0) continue;
    const bool may_all = (members >> (4 + i) & 1) == 0;
    keyset.signers.push_back(
        {kPeople[i].principal,
         may_all ? std::vector<std::string>{"keyset@orrery", "release@orrery",
                                            "yank@orrery"}
                 : std::vector<std::string>{"release@orrery"},
         SshKeyOf(TestKey(kPeople[i].key).public_key())});
  }
  std::sort(keyset.signers.begin(), keyset.signers.end(),
            [](const Signer& a, const Signer& b) {
              return PrintSigner(a) < PrintSigner(b);
            });
  return keyset;
}

Record RecordOf(const TestLog& log, uint8_t kind, uint8_t members,
                int64_t number) {
  switch (kind & 3) {
    case 0: {
      Record record = log.Keyset(kPackage, "universe");
      auto& body = std::get<KeysetRecord>(record.body);
      KeysetRecord keyset = KeysetOf(members, kind >> 2);
      keyset.number = body.number;
      keyset.repositories = body.repositories;
      body = keyset;
      return record;
    }
    case 1:
      return log.Yank(kPackage, 1);
    default:
      return log.Release(kPackage, number, 1, absl::StrCat("r", number));
  }
}

std::vector<SshSignature> SignaturesOf(const Record& record, uint8_t signers) {
  std::vector<SshSignature> signatures;
  for (size_t i = 0; i < std::size(kPeople); ++i) {
    if ((signers >> i & 1) == 0) continue;
    signatures.push_back(SignatureBy(kPeople[i].key, record));
    if ((signers >> (4 + i) & 1) != 0) signatures.back().signature[9] ^= 1;
  }
  return signatures;
}

absl::Status Believe(const TestLog& log) {
  static const auto policy = ParseClientPolicy(
      "policy 1\nregistry public https://registry.example/main\n"
      "tlog-policy t\nnames-file n\nwitnesses timestamper\nnames public *\n"
      "require * evidence sshsig names open\n");
  static const auto names = Names::Parse("orrery/names/v1\n");
  const PackageState& package = *FindPackage(log.state(), kPackage);
  const auto chain = MaintainerChain::Judge(kPackage, package, *policy, *names);
  if (!chain.ok()) return chain.status();
  for (const ChainEntry& entry : package.maintainers) {
    if (entry.kind != RecordKind::kRelease) continue;
    absl::Status status = chain->CheckRelease(entry.leaf, 1).status;
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  TestLog log;
  Require(log.Append(log.Source("universe")).ok());
  for (size_t at = 0; at + 2 < size && at / 3 < kMaxSteps; at += 3) {
    const Record record =
        RecordOf(log, data[at], data[at + 1], static_cast<int64_t>(at) / 3 + 1);
    const std::vector<SshSignature> signatures =
        SignaturesOf(record, data[at + 2]);
    PublishedStatement published = {
        "universe", kPackage, record.seq, PrintRecord(record), {}};
    for (const SshSignature& signature : signatures) {
      published.signatures.push_back(
          {"", WriteArmor(PrintSignature(signature))});
    }
    const JudgedStatement judged = JudgeStatement(log.state(), published);
    TestLog forged = log;
    if (judged.status.ok()) {
      Require(log.AppendBytes(judged.leaf).ok());
      Require(Believe(log).ok());
    } else if (forged.AppendBytes(JoinLeaf(published.statement, signatures))
                   .ok()) {
      // A registry that logs it all the same.
      Require(!Believe(forged).ok());
    }
  }
  return 0;
}
