// log_bench: what the log's formats cost (trust.md §24), one line of JSON a
// row: {"what","per_second","raw_per_second","ratio"}, CPU time of one core.
// `raw` is the same work as a bare loop over OpenSSL in the same run, where
// there is one; the ratio is ours to raw, to be held against the goals. Rows
// of hostile inputs give the milliseconds of one: {"what","ms"}.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "openssl/evp.h"

#include "signing/digest.h"
#include "signing/ed25519.h"
#include "signing/log/checkpoint.h"
#include "signing/log/cosignature.h"
#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/log/note.h"
#include "signing/log/tile_cutter.h"
#include "signing/log/tile_reader.h"
#include "signing/log/tlog_proof.h"
#include "signing/log/vkey.h"
#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_wire.h"

namespace orrery::tests {
namespace {

using signing::Digest;

constexpr uint64_t kLogSize = 1'000'000;
constexpr char kOrigin[] = "registry.example/main";

double CpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

// How often `work`, told its number, runs in a second. The best of three: the
// machine may be busy.
double PerSecond(absl::FunctionRef<void(uint64_t)> work) {
  constexpr double kEnough = 0.2;
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const double start = CpuSeconds();
    uint64_t count = 0;
    double elapsed = 0;
    while (elapsed < kEnough) {
      for (int i = 0; i < 64; ++i) work(count++);
      elapsed = CpuSeconds() - start;
    }
    best = std::max(best, static_cast<double>(count) / elapsed);
  }
  return best;
}

void Print(const std::string& what, double ours) {
  std::printf("{\"what\":\"%s\",\"per_second\":%.0f}\n", what.c_str(), ours);
  std::fflush(stdout);
}

void Print(const std::string& what, double ours, double raw) {
  std::printf(
      "{\"what\":\"%s\",\"per_second\":%.0f,\"raw_per_second\":%.0f,"
      "\"ratio\":%.2f}\n",
      what.c_str(), ours, raw, ours / raw);
  std::fflush(stdout);
}

void PrintHostile(const std::string& what, absl::FunctionRef<void()> work) {
  const double start = CpuSeconds();
  work();
  std::printf("{\"what\":\"%s\",\"ms\":%.2f}\n", what.c_str(),
              (CpuSeconds() - start) * 1e3);
  std::fflush(stdout);
}

// SHA-256 with the algorithm fetched once and one context.
class RawSha256 {
 public:
  void Hash(const unsigned char* bytes, size_t size) {
    EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr);
    EVP_DigestUpdate(context_.get(), bytes, size);
    EVP_DigestFinal_ex(context_.get(), out_.data(), nullptr);
  }

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> md_{
      EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{
      EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  std::array<unsigned char, 32> out_;
};

double RawHashes(size_t size) {
  RawSha256 raw;
  const std::vector<unsigned char> bytes(size, 1);
  return PerSecond([&](uint64_t) { raw.Hash(bytes.data(), bytes.size()); });
}

// Signatures of `text` by one imported key.
double RawVerifications(const signing::Ed25519PrivateKey& key,
                        const std::string& text) {
  const std::string signature = *key.Sign(text);
  const absl::string_view bytes = key.public_key().bytes();
  const auto data = [](absl::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> imported(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, data(bytes),
                                     bytes.size()),
      &EVP_PKEY_free);
  return PerSecond([&](uint64_t) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
        EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr,
                            imported.get(), nullptr);
    Require(EVP_DigestVerify(context.get(), data(signature), signature.size(),
                             data(text), text.size()) == 1);
  });
}

std::string Leaf(uint64_t i) {
  return absl::StrCat("leaf ", i, "\n", std::string(800, 'x'), "\n\n");
}

class MemoryTiles final : public signing::TileSource {
 public:
  absl::StatusOr<std::string> ReadTile(const signing::TileId& id) override {
    const auto tile = tiles_.find(id);
    if (tile == tiles_.end()) return absl::NotFoundError("no such tile");
    return tile->second;
  }
  void Add(std::vector<signing::Tile> tiles) {
    for (signing::Tile& tile : tiles) tiles_[tile.id] = std::move(tile.bytes);
  }
  size_t count() const { return tiles_.size(); }

 private:
  std::map<signing::TileId, std::string> tiles_;
};

void MeasureHashing() {
  const Digest one = Digest::Of("1");
  Digest hash = Digest::Of("2");
  Print("node hash", PerSecond([&](uint64_t) { hash = NodeHash(one, hash); }),
        RawHashes(65));
  const std::string leaf = Leaf(1);
  Print("leaf hash, 0.8 KB",
        PerSecond([&](uint64_t) { hash = signing::LeafHash(leaf); }),
        RawHashes(leaf.size() + 1));
}

void MeasureSignatures() {
  const auto log = *signing::Ed25519PrivateKey::FromSeed(std::string(32, 'l'));
  const auto witness =
      *signing::Ed25519PrivateKey::FromSeed(std::string(32, 'w'));
  signing::Note note{
      signing::FormatCheckpoint({kOrigin, kLogSize, Digest::Of("root")}), {}};
  note.signatures = {*SignNote(note.text, kOrigin, log),
                     *CosignNote(note.text, 1'795'347'603, "w", witness)};
  const std::string bytes = FormatNote(note);
  const std::vector log_keys = {
      signing::Vkey::Of(kOrigin, signing::Vkey::kEd25519, log.public_key())};
  const std::vector witnesses = {signing::Vkey::Of(
      "w", signing::Vkey::kCosignature, witness.public_key())};
  const double raw = RawVerifications(log, note.text);
  Print(
      "Ed25519 verification", PerSecond([&](uint64_t) {
        Require(
            log.public_key().Verify(note.text, note.signatures[0].bytes).ok());
      }),
      raw);
  Print("checkpoint with two signatures opened", PerSecond([&](uint64_t) {
          Require(signing::OpenCheckpoint(bytes, log_keys, witnesses).ok());
        }),
        raw / 2);
}

void MeasureLog() {
  MemoryTiles tiles;
  signing::TileCutter cutter;
  std::vector<Digest> leaves;
  for (uint64_t i = 0; i < kLogSize; ++i) {
    leaves.push_back(signing::LeafHash(absl::StrCat("leaf ", i)));
  }
  const double start = CpuSeconds();
  for (const Digest& leaf : leaves) cutter.Append(leaf);
  tiles.Add(cutter.TakeFull());
  tiles.Add(cutter.Edge());
  // Each append is about one node.
  Print("append to the tiles of 1,000,000 leaves",
        static_cast<double>(kLogSize) / (CpuSeconds() - start), RawHashes(65));

  const Digest root = cutter.Root();
  auto reader = signing::TileReader::Open(kLogSize, root, tiles);
  Require(reader.ok());
  const auto index = [](uint64_t i) { return i * 7'919 % kLogSize; };
  for (uint64_t i = 0; i < kLogSize; i += signing::kTileWidth) {
    Require(reader->Subtree(0, i).ok());
  }
  Print("inclusion proof made from read tiles", PerSecond([&](uint64_t i) {
          Require(ProveInclusion(index(i), kLogSize, *reader).ok());
        }));
  const uint64_t leaf = index(1);
  const auto inclusion = *ProveInclusion(leaf, kLogSize, *reader);
  Print(
      absl::StrCat("inclusion proof of ", inclusion.size(), " hashes checked"),
      PerSecond([&](uint64_t) {
        Require(signing::CheckInclusion(inclusion, leaf, kLogSize, leaves[leaf],
                                        root)
                    .ok());
      }),
      RawHashes(65) / static_cast<double>(inclusion.size()));
  const uint64_t old_size = 654'321;
  const Digest old_root = *TreeRoot(old_size, *reader);
  const auto consistency = *ProveConsistency(old_size, kLogSize, *reader);
  Print(absl::StrCat("consistency proof of ", consistency.size(),
                     " hashes checked"),
        PerSecond([&](uint64_t) {
          Require(signing::CheckConsistency(consistency, old_size, old_root,
                                            kLogSize, root)
                      .ok());
        }));
}

void MeasureHostile() {
  const std::string line = "\xe2\x80\x94 n AAAAAAA=\n";
  std::string note = "a\n\n";
  while (note.size() < signing::kMaxNoteBytes - line.size()) note += line;
  PrintHostile("note of 128 KiB that is all signatures",
               [&] { (void)signing::ParseNote(note); });
  const auto key = *signing::Ed25519PrivateKey::FromSeed(std::string(32, 'w'));
  signing::Note many{
      signing::FormatCheckpoint({kOrigin, 8, Digest::Of("root")}), {}};
  many.signatures.push_back(*SignNote(many.text, kOrigin, key));
  while (many.signatures.size() < signing::kMaxNoteSignatures) {
    many.signatures.push_back(*CosignNote(many.text, 1, "w", key));
  }
  const std::string many_bytes = FormatNote(many);
  const std::vector log_keys = {
      signing::Vkey::Of(kOrigin, signing::Vkey::kEd25519, key.public_key())};
  const std::vector witnesses = {
      signing::Vkey::Of("w", signing::Vkey::kCosignature, key.public_key())};
  PrintHostile("checkpoint with 64 good signatures", [&] {
    Require(signing::OpenCheckpoint(many_bytes, log_keys, witnesses).ok());
  });
  const std::string proof =
      signing::FormatHashLines(std::vector<Digest>(1'000'000));
  PrintHostile("proof of a million hashes",
               [&] { (void)signing::ParseHashLines(proof); });
  std::string rsa;
  signing::AppendSshString("ssh-rsa", rsa);
  signing::AppendSshString("\x03", rsa);
  signing::AppendSshString(std::string(1 << 20, '\x7f'), rsa);
  PrintHostile("RSA key of eight million bits",
               [&] { (void)signing::SshKey::Parse(rsa); });
  std::string ecdsa;
  signing::AppendSshString("ecdsa-sha2-nistp521", ecdsa);
  signing::AppendSshString("nistp521", ecdsa);
  signing::AppendSshString("\x04" + std::string(132, '\x01'), ecdsa);
  PrintHostile("ECDSA key off its curve",
               [&] { (void)signing::SshKey::Parse(ecdsa); });
  const std::string bundle(16 << 20, '\x01');
  PrintHostile("bundle of 16 MiB",
               [&] { (void)signing::SplitEntries(bundle, 256); });
}

}  // namespace
}  // namespace orrery::tests

int main() {
  orrery::tests::MeasureHashing();
  orrery::tests::MeasureSignatures();
  orrery::tests::MeasureLog();
  orrery::tests::MeasureHostile();
  return 0;
}
