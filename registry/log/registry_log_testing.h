// A log in a directory of its own, with records for it.

#ifndef REGISTRY_LOG_REGISTRY_LOG_TESTING_H_
#define REGISTRY_LOG_REGISTRY_LOG_TESTING_H_

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/log/registry_log.h"
#include "registry/store/durable_file.h"
#include "signing/log/checkpoint.h"
#include "signing/log/tile_reader.h"
#include "signing/record/leaf.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {

inline constexpr char kCommit[] = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68";

inline signing::SourceRecord MutableSource() {
  signing::SourceRecord source;
  source.id = "universe";
  signing::GitOrigin origin;
  origin.repository = {"https://git.example/u.git", "refs/heads/main"};
  origin.directory = ".";
  source.origin = origin;
  source.priority = 100;
  source.mode = signing::RevisionMode::kMutable;
  return source;
}

inline signing::Record Observed(int64_t release, int64_t revision = 1,
                                const std::string& package = "hello") {
  signing::ObservedRecord body;
  body.sighting.source = "universe";
  body.sighting.state = std::string(kCommit);
  body.content.release = release;
  body.content.revision = revision;
  body.content.version = "1.0";
  const auto file = [](int64_t r) {
    return signing::Digest::Of(absl::StrCat("revision ", r));
  };
  const auto tree = [&](int64_t r) {
    const signing::TreeHash::File files[] = {{"package.json", file(r)}};
    return signing::TreeHash::Of(package, release, files);
  };
  if (revision > 1) body.content.replaces = tree(revision - 1);
  body.content.tree = tree(revision);
  body.content.files = {{file(revision), 10, "package.json"}};
  signing::Record record;
  record.kind = signing::RecordKind::kObserved;
  record.package = package;
  record.body = body;
  return record;
}

inline std::vector<NewLeaf> Releases(int64_t first, int64_t count) {
  std::vector<NewLeaf> leaves;
  for (int64_t i = 0; i < count; ++i) leaves.push_back(Observed(first + i));
  return leaves;
}

inline signing::Digest CatalogOf(absl::string_view index_leaf) {
  const auto leaf = signing::ParseLeaf(index_leaf);
  EXPECT_THAT(leaf, IsOk());
  return leaf.ok() ? std::get<signing::IndexRecord>(leaf->record.body).catalog
                   : signing::Digest();
}

class LogTiles : public signing::TileSource {
 public:
  explicit LogTiles(RegistryLog* log) : log_(*log) {}
  absl::StatusOr<std::string> ReadTile(const signing::TileId& id) override {
    return log_.published().ReadTile(id);
  }

 private:
  RegistryLog& log_;
};

class RegistryLogTest : public ::testing::Test {
 protected:
  RegistryLogTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/log_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }

  std::unique_ptr<RegistryLog> Open() {
    auto log = RegistryLog::Open({.data_dir = data_dir_,
                                  .origin = "registry.example/main",
                                  .checkpoint_witness = witness_,
                                  .durable = false,
                                  .now = [this] { return now_; }});
    EXPECT_THAT(log, IsOk());
    return log.ok() ? *std::move(log) : nullptr;
  }

  // A log with one source and one release: four leaves.
  std::unique_ptr<RegistryLog> OpenWithRelease() {
    auto log = Open();
    EXPECT_THAT(log->LogSource(MutableSource()), IsOk());
    EXPECT_THAT(log->Append(Releases(0, 1), ReadMark{"universe", kCommit}),
                IsOk());
    return log;
  }

  // Changes the file of a log that is closed.
  void Execute(const std::string& sql) {
    sqlite3* database = nullptr;
    const std::string path = absl::StrCat(data_dir_, "/", kLogFile);
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // Until Mend the file can be read, but not be written to, not even by root.
  void Break(absl::string_view file) {
    broken_ = absl::StrCat(data_dir_, "/", file);
    const auto bytes = ReadWholeFile(broken_);
    ASSERT_THAT(bytes, IsOk());
    sealed_ = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ASSERT_GE(sealed_, 0);
    ASSERT_EQ(write(sealed_, bytes->data(), bytes->size()),
              static_cast<ssize_t>(bytes->size()));
    ASSERT_EQ(fcntl(sealed_, F_ADD_SEALS, F_SEAL_WRITE), 0);
    std::filesystem::rename(broken_, absl::StrCat(broken_, ".whole"));
    std::filesystem::create_symlink(absl::StrCat("/proc/self/fd/", sealed_),
                                    broken_);
  }
  void Mend() {
    std::filesystem::rename(absl::StrCat(broken_, ".whole"), broken_);
    ASSERT_EQ(close(sealed_), 0);
  }

  absl::StatusOr<signing::Checkpoint> Verified(RegistryLog& log) {
    const auto note = log.published().checkpoint();
    if (note == nullptr) return absl::NotFoundError("no checkpoint");
    const std::vector<signing::Vkey> keys = {log.keys().log.vkey()};
    const std::vector<signing::Vkey> cosigners = {
        log.keys().timestamper.vkey()};
    const auto opened = signing::OpenCheckpoint(*note, keys, cosigners);
    if (!opened.ok()) return opened.status();
    EXPECT_TRUE(opened->cosigner_times[0].has_value());
    return opened->checkpoint;
  }

  // All entries, tied to the checkpoint.
  std::vector<std::string> Entries(RegistryLog& log) {
    std::vector<std::string> entries;
    const auto checkpoint = Verified(log);
    EXPECT_THAT(checkpoint, IsOk());
    LogTiles tiles(&log);
    auto reader =
        signing::TileReader::Open(checkpoint->size, checkpoint->root, tiles);
    EXPECT_THAT(reader, IsOk());
    if (!reader.ok()) return entries;
    for (uint64_t i = 0; i * 256 < checkpoint->size; ++i) {
      auto bundle = reader->Entries(i);
      EXPECT_THAT(bundle, IsOk());
      if (!bundle.ok()) return entries;
      entries.insert(entries.end(), bundle->begin(), bundle->end());
    }
    return entries;
  }

  const std::string data_dir_;
  std::string witness_;
  std::string broken_;
  int sealed_ = -1;
  absl::Time now_ = absl::FromUnixSeconds(1'795'344'000);
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_REGISTRY_LOG_TESTING_H_
