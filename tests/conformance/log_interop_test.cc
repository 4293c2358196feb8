// Our logs under tools that nobody here wrote, and theirs under ours (trust.md
// §21): log_peer is built on golang.org/x/mod/sumdb. Beside the tree of §16 a
// log of this test has the files
//
//   keys            vkeys of all who sign, the log's first
//   old/checkpoint  of a smaller size; consistency leads from it to the log's
//   proof           a proof file
//   proofs.sha256   the digest over very many proofs

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/ed25519.h"
#include "signing/example_testing.h"
#include "signing/log/checkpoint.h"
#include "signing/log/cosignature.h"
#include "signing/log/merkle.h"
#include "signing/log/note.h"
#include "signing/log/tile_reader.h"
#include "signing/log/tlog_proof.h"
#include "signing/log/vkey.h"
#include "signing/tree_hash.h"
#include "tests/testing/log_directory.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::tests {
namespace {

using signing::Digest;

constexpr uint64_t kTime = 1'795'347'603;
constexpr char kWitness[] = "registry.example/timestamper";

std::filesystem::path NewDirectory(const std::string& name) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::filesystem::remove_all(path);
  return path;
}

struct Outcome {
  int exit_status;
  std::string output;  // stdout and stderr
};

Outcome RunShell(const std::string& command) {
  FILE* pipe = popen(absl::StrCat("exec 2>&1; ", command).c_str(), "re");
  Outcome outcome;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    outcome.output.append(buffer, size);
  }
  const int status = pclose(pipe);
  outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

Outcome RunPeer(const std::string& arguments) {
  return RunShell(
      absl::StrCat("tests/conformance/log_peer_program ", arguments));
}

signing::Ed25519PrivateKey Key(absl::string_view name) {
  return *signing::Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
}

std::string SignedNote(const signing::Checkpoint& checkpoint) {
  signing::Note note{FormatCheckpoint(checkpoint), {}};
  note.signatures = {
      *SignNote(note.text, checkpoint.origin, Key("log")),
      *CosignNote(note.text, kTime, kWitness, Key("timestamper"))};
  return FormatNote(note);
}

std::string VkeyLines(const std::string& origin) {
  return absl::StrCat(signing::Vkey::Of(origin, signing::Vkey::kEd25519,
                                        Key("log").public_key())
                          .Text(),
                      "\n",
                      signing::Vkey::Of(kWitness, signing::Vkey::kCosignature,
                                        Key("timestamper").public_key())
                          .Text(),
                      "\n");
}

std::string ProofsDigest(uint64_t size, signing::HashReader& hashes) {
  const uint64_t stride = size < 4'000 ? 1 : size / 4'000;
  signing::DigestBuilder digest;
  for (uint64_t i = 0; i < size; i += stride) {
    digest.Add(FormatHashLines(*ProveInclusion(i, size, hashes)));
    digest.Add("\n");
  }
  for (uint64_t n = 1; n <= size; n += stride) {
    digest.Add(FormatHashLines(*ProveConsistency(n, size, hashes)));
    digest.Add("\n");
  }
  return absl::StrCat(digest.Finish().Hex(), "\n");
}

// Writes all files but the tiles of a log whose tiles are written.
void WriteProofs(const LogDirectory& directory, const std::string& note,
                 uint64_t old_size, const std::string& old_note,
                 signing::TileReader& hashes) {
  const uint64_t size = hashes.size();
  directory.Write("log/checkpoint", note);
  directory.Write("old/checkpoint", old_note);
  directory.Write("consistency",
                  FormatHashLines(*ProveConsistency(old_size, size, hashes)));
  directory.Write("proofs.sha256", ProofsDigest(size, hashes));
  directory.Write("proof",
                  signing::FormatTlogProof(
                      {std::nullopt, old_size,
                       *ProveInclusion(old_size, size, hashes), note}));
}

class LogInteropTest : public ::testing::Test {
 protected:
  // The leaves of the log have about the size of observed records.
  static std::string Leaf(uint64_t i) {
    return absl::StrCat("entry ", i, "\n", std::string(i % 1'500, 'x'), "\n\n");
  }

  // A log of ours.
  static LogDirectory WriteLog(const std::string& name, uint64_t old_size,
                               uint64_t size) {
    LogDirectory directory(NewDirectory(name));
    const std::string origin = "registry.example/main";
    const Digest root = directory.WriteTiles(size, Leaf);
    auto hashes = signing::TileReader::Open(size, root, directory);
    EXPECT_THAT(hashes, IsOk());
    directory.Write("keys", VkeyLines(origin));
    const Digest old_root = *TreeRoot(old_size, *hashes);
    WriteProofs(directory, SignedNote({origin, size, root}), old_size,
                SignedNote({origin, old_size, old_root}), *hashes);
    return directory;
  }

  static Outcome Verify(const LogDirectory& directory) {
    return RunPeer(absl::StrCat("verify ", directory.path().string()));
  }
};

TEST_F(LogInteropTest, GoVerifiesALogOfSeventyThousandLeaves) {
  const LogDirectory directory = WriteLog("large", 41'283, 70'000);
  const Outcome outcome = Verify(directory);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
}

TEST_F(LogInteropTest, GoVerifiesLogsOfEverySizeAroundATile) {
  for (const uint64_t size : {2, 3, 8, 255, 256, 257, 511, 512, 65'536}) {
    const LogDirectory directory = WriteLog("sizes", size / 2, size);
    const Outcome outcome = Verify(directory);
    EXPECT_EQ(outcome.exit_status, 0) << size << ": " << outcome.output;
  }
}

// What the peer accepts would mean little if it accepted everything.
TEST_F(LogInteropTest, GoRefusesALogThatWasTouched) {
  for (const char* name :
       {"keys", "log/checkpoint", "old/checkpoint", "consistency", "proof",
        "proofs.sha256", "log/tile/0/000", "log/tile/0/001.p/44",
        "log/tile/1/000.p/1", "log/tile/entries/000",
        "log/tile/entries/001.p/44"}) {
    const LogDirectory directory = WriteLog("touched", 100, 300);
    std::string bytes = *directory.Read(name);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    directory.Write(name, bytes);
    EXPECT_NE(Verify(directory).exit_status, 0) << name;
  }
}

TEST_F(LogInteropTest, GoVerifiesTheWorkedExample) {
  LogDirectory directory(NewDirectory("example"));
  const Digest root = directory.WriteTiles(
      11, [](uint64_t i) { return signing::ExampleLeaf(static_cast<int>(i)); });
  auto hashes = signing::TileReader::Open(11, root, directory);
  ASSERT_THAT(hashes, IsOk());
  std::string keys;
  for (const absl::string_view line :
       absl::StrSplit(signing::ExampleFile("tlog-policy"), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "log") absl::StrAppend(&keys, words[1], "\n");
    if (words[0] == "witness") absl::StrAppend(&keys, words[2], "\n");
  }
  directory.Write("keys", keys);
  WriteProofs(directory, signing::ExampleFile("checkpoint-11"), 8,
              signing::ExampleFile("checkpoint-8"), *hashes);
  const Outcome outcome = Verify(directory);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
}

TEST_F(LogInteropTest, WeVerifyALogThatGoWrote) {
  LogDirectory directory(NewDirectory("theirs"));
  constexpr uint64_t kOld = 12'345;
  constexpr uint64_t kSize = 70'000;
  const Outcome written = RunPeer(
      absl::StrCat("write ", directory.path().string(), " ", kOld, " ", kSize));
  ASSERT_EQ(written.exit_status, 0) << written.output;

  std::vector<signing::Vkey> keys;
  const std::string key_lines = *directory.Read("keys");
  for (const absl::string_view line :
       absl::StrSplit(key_lines, '\n', absl::SkipEmpty())) {
    auto vkey = signing::Vkey::Parse(line);
    ASSERT_THAT(vkey, IsOk());
    keys.push_back(*std::move(vkey));
  }
  ASSERT_EQ(keys.size(), 2);
  const auto open = [&](const std::string& name) {
    return signing::OpenCheckpoint(*directory.Read(name),
                                   std::span(keys).first(1),
                                   std::span(keys).last(1));
  };
  const auto opened = open("log/checkpoint");
  ASSERT_THAT(opened, IsOk());
  const signing::Checkpoint& checkpoint = opened->checkpoint;
  EXPECT_EQ(checkpoint.size, kSize);
  EXPECT_THAT(opened->cosigner_times, ::testing::ElementsAre(kTime));

  auto hashes = signing::TileReader::Open(kSize, checkpoint.root, directory);
  ASSERT_THAT(hashes, IsOk());
  for (uint64_t bundle = 0; bundle <= kSize / signing::kTileWidth; ++bundle) {
    const auto entries = hashes->Entries(bundle);
    ASSERT_THAT(entries, IsOk());
    EXPECT_EQ(entries->front(),
              absl::StrCat("entry ", bundle * signing::kTileWidth, "\n\n"));
  }
  EXPECT_EQ(ProofsDigest(kSize, *hashes), *directory.Read("proofs.sha256"));

  const auto old = open("old/checkpoint");
  ASSERT_THAT(old, IsOk());
  const auto consistency =
      signing::ParseHashLines(*directory.Read("consistency"));
  ASSERT_THAT(consistency, IsOk());
  EXPECT_THAT(CheckConsistency(*consistency, kOld, old->checkpoint.root, kSize,
                               checkpoint.root),
              IsOk());
  const auto proof = signing::ParseTlogProof(*directory.Read("proof"));
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->note, *directory.Read("log/checkpoint"));
  EXPECT_THAT(
      CheckInclusion(proof->hashes, proof->index, kSize,
                     signing::LeafHash(absl::StrCat("entry ", kOld, "\n\n")),
                     checkpoint.root),
      IsOk());
}

TEST_F(LogInteropTest, GoHashesAReleaseAsWeDo) {
  const LogDirectory directory(NewDirectory("release"));
  std::vector<signing::TreeHash::File> files;
  for (const char* name : {"package.json", "a/b/c", "a.txt", "Z"}) {
    directory.Write(name, absl::StrCat("content of ", name, "\n"));
    files.push_back(
        {name, Digest::Of(absl::StrCat("content of ", name, "\n"))});
  }
  const Outcome outcome =
      RunPeer(absl::StrCat("hash ", directory.path().string(), " kafka@57"));
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
  EXPECT_EQ(absl::StripSuffix(outcome.output, "\n"),
            signing::TreeHash::Of("kafka", 57, files).Text());
}

// The contents of kafka 57 in the worked example.
void WriteExampleRelease(const LogDirectory& directory) {
  directory.Write("config.json",
                  "{\"type\":\"object\",\"properties\":{\"brokers\":{\"type\":"
                  "\"integer\",\"default\":3}}}\n");
  directory.Write("package.json",
                  "{\"name\":\"kafka\",\"version\":\"2.6.0-2.2.1\"}\n");
  directory.Write(
      "relations.json",
      "{\"requires\":[{\"package\":\"kafka-zookeeper\",\"versions\":"
      "\">=2.6\"}]}\n");
}

TEST_F(LogInteropTest, Sha256sumChecksTheFilesOfARecord) {
  const LogDirectory directory(NewDirectory("files"));
  WriteExampleRelease(directory);
  directory.Write("stmt", signing::ExampleStatement(5));
  const Outcome outcome = RunShell(absl::StrCat(
      "cd ", directory.path().string(),
      "; sed -n 's/^file sha256:\\([0-9a-f]*\\) [0-9]* \\(.*\\)/\\1  \\2/p' "
      "stmt | LC_ALL=C sha256sum -c"));
  EXPECT_EQ(outcome.output,
            "config.json: OK\npackage.json: OK\nrelations.json: OK\n");
}

TEST_F(LogInteropTest, GoGivesTheTreeHashOfARecord) {
  const LogDirectory directory(NewDirectory("tree"));
  WriteExampleRelease(directory);
  const Outcome outcome =
      RunPeer(absl::StrCat("hash ", directory.path().string(), " kafka@57"));
  EXPECT_THAT(signing::ExampleStatement(5),
              ::testing::HasSubstr(absl::StrCat("\ntree ", outcome.output)));
}

TEST_F(LogInteropTest, SshKeygenVerifiesARecord) {
  const LogDirectory directory(NewDirectory("record"));
  directory.Write("leaf", signing::ExampleLeaf(5));
  directory.Write("keyset.stmt", signing::ExampleStatement(4));
  const Outcome outcome = RunShell(absl::StrCat(
      "cd ", directory.path().string(),
      "; awk '!b&&/^$/{b=1;next} !b{print>\"stmt\"} "
      "b{if(/^-----BEGIN/)n++;print>(\"sig\" n)}' leaf; "
      "sed -n 's/^signer //p' keyset.stmt >as; "
      "ssh-keygen -Y verify -f as -I alice@example.org -n release@orrery "
      "-s sig1 <stmt"));
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, ::testing::HasSubstr("Good"));
}

// `{ printf '\0'; cat leaf; } | sha256sum` is the hash in the tile.
TEST_F(LogInteropTest, Sha256sumGivesTheLeafHash) {
  const LogDirectory directory(NewDirectory("leaf"));
  directory.Write("leaf", signing::ExampleLeaf(5));
  const Outcome outcome =
      RunShell(absl::StrCat("cd ", directory.path().string(),
                            "; { printf '\\0'; cat leaf; } | "
                            "sha256sum"));
  EXPECT_EQ(outcome.output.substr(0, 64),
            signing::LeafHash(signing::ExampleLeaf(5)).Hex());
}

TEST_F(LogInteropTest, OpensslVerifiesTheCheckpoint) {
  const LogDirectory directory(NewDirectory("openssl"));
  const auto note = signing::ParseNote(signing::ExampleFile("checkpoint-8"));
  ASSERT_THAT(note, IsOk());
  // RFC 8410: an Ed25519 key is these twelve bytes and itself.
  const std::string der =
      absl::StrCat(absl::HexStringToBytes("302a300506032b6570032100"),
                   Key("log").public_key().bytes());
  directory.Write("key.der", der);
  directory.Write("text", note->text);
  directory.Write("signature", note->signatures[0].bytes);
  const Outcome outcome = RunShell(absl::StrCat(
      "cd ", directory.path().string(),
      "; openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin "
      "-in text -sigfile signature"));
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
}

}  // namespace
}  // namespace orrery::tests
