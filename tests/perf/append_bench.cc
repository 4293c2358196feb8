// append_bench: how fast a registry's log grows (trust.md §24), one line of
// JSON: {"what","per_second","raw_per_second","ratio"} of CPU time, and
// "elapsed_per_second", in which the disk is waited for. `raw` hashes the same
// leaves into a tree, writes them to one file and syncs that once a batch, in
// the same folder and run. What a publication takes (§11.7) is measured by one
// without new leaves after each batch and taken off; its catalog is not, which
// is made with the batch that it is of.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "registry/log/registry_log.h"
#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tile_cutter.h"
#include "signing/record/record.h"
#include "signing/tree_hash.h"

namespace orrery::tests {
namespace {

using registry::RegistryLog;

constexpr int64_t kBatches = 40;
constexpr int64_t kBatch = 256;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

struct Spent {
  double cpu = 0;
  double elapsed = 0;
};

Spent Seconds(absl::FunctionRef<void()> work) {
  const absl::Time start = absl::Now();
  const std::clock_t cpu = std::clock();
  work();
  return {static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC,
          absl::ToDoubleSeconds(absl::Now() - start)};
}

Spent Median(std::vector<Spent> values) {
  Spent median;
  for (double Spent::*of : {&Spent::cpu, &Spent::elapsed}) {
    std::sort(values.begin(), values.end(),
              [of](const Spent& a, const Spent& b) { return a.*of < b.*of; });
    median.*of = values[values.size() / 2].*of;
  }
  return median;
}

signing::SourceRecord Source() {
  signing::SourceRecord source;
  source.id = "universe";
  source.origin = signing::GitOrigin{
      {"https://git.example/u.git", "refs/heads/main"}, ".", ""};
  source.priority = 100;
  source.mode = signing::RevisionMode::kMutable;
  return source;
}

// A release of five files, as most of the Universe have.
signing::Record Observed(int64_t i) {
  signing::ObservedRecord body;
  body.sighting.source = "universe";
  body.sighting.state = std::string(40, 'c');
  body.content.release = i / 100;
  body.content.revision = 1;
  body.content.version = "1.0";
  const std::string package = absl::StrCat("package-", i % 100);
  std::vector<signing::TreeHash::File> files;
  for (const char* path :
       {"command.json", "config.json", "marathon.json.mustache", "package.json",
        "resource.json"}) {
    const auto digest = signing::Digest::Of(absl::StrCat(path, i));
    body.content.files.push_back({digest, 1234, path});
    files.push_back({path, digest});
  }
  body.content.tree = signing::TreeHash::Of(package, i / 100, files);
  signing::Record record;
  record.kind = signing::RecordKind::kObserved;
  record.package = package;
  record.body = std::move(body);
  return record;
}

std::vector<registry::NewLeaf> Batch(int64_t batch) {
  std::vector<registry::NewLeaf> leaves;
  for (int64_t i = 0; i < kBatch; ++i) {
    leaves.emplace_back(Observed(batch * kBatch + i));
  }
  return leaves;
}

struct Growth {
  // A batch.
  Spent appended;
  std::vector<std::string> leaves;
};

Growth GrowLog(const std::string& folder) {
  auto log = RegistryLog::Open(
      {.data_dir = folder, .origin = "registry.example/main"});
  Require(log.status());
  Require((*log)->LogSource(Source()));
  const int64_t first = (*log)->published().size();
  std::vector<Spent> appended;
  for (int64_t batch = 0; batch < kBatches; ++batch) {
    std::vector<registry::NewLeaf> leaves = Batch(batch);
    const Spent both = Seconds(
        [&] { Require((*log)->Append(std::move(leaves), std::nullopt)); });
    const Spent published = Seconds([&] { (*log)->Start(); });
    (*log)->Stop();
    appended.push_back(
        {both.cpu - published.cpu, both.elapsed - published.elapsed});
  }
  Growth growth{Median(appended), {}};
  for (int64_t i = first; i < (*log)->published().size(); ++i) {
    auto leaf = (*log)->ReadLeafAt(i);
    Require(leaf.status());
    growth.leaves.push_back(*std::move(leaf));
  }
  return growth;
}

Spent RawAppend(const std::string& folder,
                const std::vector<std::string>& leaves) {
  const int file =
      ::open(absl::StrCat(folder, "/raw").c_str(), O_CREAT | O_WRONLY, 0600);
  signing::TileCutter cutter;
  std::vector<Spent> batches;
  for (size_t first = 0; first < leaves.size(); first += kBatch) {
    batches.push_back(Seconds([&] {
      std::string bytes;
      const size_t end = std::min(leaves.size(), first + kBatch);
      for (size_t i = first; i < end; ++i) {
        cutter.Append(signing::LeafHash(leaves[i]));
        bytes += leaves[i];
      }
      const bool is_written = ::write(file, bytes.data(), bytes.size()) ==
                                  static_cast<ssize_t>(bytes.size()) &&
                              ::fdatasync(file) == 0;
      Require(is_written ? absl::OkStatus() : absl::InternalError("no disk"));
    }));
  }
  ::close(file);
  return Median(batches);
}

int Main() {
  std::string folder = "/tmp/append_bench.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const Growth growth = GrowLog(folder);
  const Spent raw = RawAppend(folder, growth.leaves);
  std::printf(
      "{\"what\":\"log append, batches of %d leaves, one wait for the disk "
      "each\",\"per_second\":%.0f,\"raw_per_second\":%.0f,\"ratio\":%.2f,"
      "\"elapsed_per_second\":%.0f,\"raw_elapsed_per_second\":%.0f}\n",
      static_cast<int>(kBatch), kBatch / growth.appended.cpu, kBatch / raw.cpu,
      raw.cpu / growth.appended.cpu, kBatch / growth.appended.elapsed,
      kBatch / raw.elapsed);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace orrery::tests

int main() { return orrery::tests::Main(); }
