#include "catalog/verify/bundle/bundle_archive.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/verify/bundle/bundle_signature.h"
#include "catalog/verify/bundle/ustar.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_signing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::Digest;
using signing::RefusalCode;
using signing::Refused;
using Files = std::vector<std::pair<std::string, std::string>>;

const std::string kFill(kUstarEnd, '\0');

std::string Member(const std::string& path, const std::string& bytes) {
  return absl::StrCat(
      FormatUstarHeader({path, static_cast<int64_t>(bytes.size())}), bytes,
      std::string(UstarPadding(static_cast<int64_t>(bytes.size())), '\0'));
}

std::string Manifest(const Files& files) {
  std::string text;
  for (const auto& [path, bytes] : files) {
    absl::StrAppend(&text, Digest::Of(bytes).Hex(), "  ", path, "\n");
  }
  return text;
}

std::string Archive(const Files& files) {
  std::string archive = Member(kBundleManifest, Manifest(files));
  for (const auto& [path, bytes] : files) archive += Member(path, bytes);
  return archive + kFill;
}

const Files& TwoFiles() {
  static const Files* const files =
      new Files{{"log/checkpoint", "note"},
                {"log/tile/0/000.p/1", std::string(600, 'x')}};
  return *files;
}

absl::StatusOr<std::vector<ArchivedFile>> Read(
    const std::string& archive,
    const std::vector<signing::SshKey>& exporters = {}) {
  return ReadBundleArchive(
      static_cast<int64_t>(archive.size()),
      [&](int64_t offset, int64_t bytes) -> absl::StatusOr<std::string> {
        return archive.substr(static_cast<size_t>(offset),
                              static_cast<size_t>(bytes));
      },
      exporters);
}

TEST(BundleArchiveTest, FindsTheListedFiles) {
  const std::string archive = Archive(TwoFiles());
  const auto files = Read(archive);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].member.path, "log/checkpoint");
  EXPECT_EQ(archive.substr((*files)[0].offset, (*files)[0].bytes), "note");
  EXPECT_EQ(archive.substr((*files)[1].offset, (*files)[1].bytes),
            TwoFiles()[1].second);
}

TEST(BundleArchiveTest, SignatureMayBeTheSecond) {
  const std::string manifest = Member(kBundleManifest, Manifest(TwoFiles()));
  const std::string rest = Archive(TwoFiles()).substr(manifest.size());
  EXPECT_THAT(Read(manifest + Member(kBundleSignature, "sig") + rest), IsOk());
  EXPECT_THAT(Read(manifest + Member(kBundleSignature, "sig") +
                   Member(kBundleSignature, "sig") + rest),
              Refused(RefusalCode::kBundleManifest));
}

TEST(BundleArchiveTest, SignatureIsAskedForWhereAnExporterIsKnown) {
  const auto key = *signing::Ed25519PrivateKey::FromSeed(
      Digest::Of("orrery example key: alice").bytes());
  const std::vector<signing::SshKey> exporters = {
      signing::SshKeyOf(key.public_key())};
  const std::string list = Manifest(TwoFiles());
  const std::string manifest = Member(kBundleManifest, list);
  const std::string rest = Archive(TwoFiles()).substr(manifest.size());
  const std::string armor = signing::WriteArmor(
      signing::PrintSignature(*signing::SignSsh(key, kBundleNamespace, list)));
  const std::string second = Member(kBundleSignature, armor);
  EXPECT_THAT(Read(manifest + second + rest, exporters), IsOk());
  EXPECT_THAT(Read(manifest + rest, exporters),
              Refused(RefusalCode::kBundleManifest));
  const std::string first = Member("log/checkpoint", "note");
  EXPECT_THAT(
      Read(manifest + first + second + rest.substr(first.size()), exporters),
      Refused(RefusalCode::kBundleManifest));
  EXPECT_THAT(Read(second + manifest + rest, exporters),
              Refused(RefusalCode::kBundleManifest));
}

TEST(BundleArchiveTest, MoreZerosMayFollow) {
  EXPECT_THAT(Read(Archive(TwoFiles()) + std::string(9 * 1024, '\0')), IsOk());
}

TEST(BundleArchiveTest, RefusesWhatIsNotAsListed) {
  const Files& files = TwoFiles();
  const std::string manifest = Member(kBundleManifest, Manifest(files));
  const std::string first = Member(files[0].first, files[0].second);
  const std::string second = Member(files[1].first, files[1].second);
  std::string dirty = first;
  dirty.back() = 'x';
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"nothing", ""},
      {"only an end", kFill},
      {"no manifest", first + second + kFill},
      {"manifest not first", first + manifest + second + kFill},
      {"missing", manifest + first + kFill},
      {"none of the listed", manifest + kFill},
      {"other order", manifest + second + first + kFill},
      {"twice", manifest + first + first + second + kFill},
      {"unlisted", manifest + first + second + Member("leaf/x", "") + kFill},
      {"unlisted in between",
       manifest + first + Member("../x", "") + second + kFill},
      {"other bytes",
       manifest + Member(files[0].first, "Note") + second + kFill},
      {"shorter", manifest + Member(files[0].first, "not") + second + kFill},
      {"dirty padding", manifest + dirty + second + kFill},
      {"no end", manifest + first + second},
      {"half an end",
       manifest + first + second + std::string(kUstarBlock, '\0')},
      {"cut", Archive(files).substr(0, manifest.size() + 700)},
      {"cut in the manifest", manifest.substr(0, 600)},
      {"more after the end", Archive(files) + first + kFill},
      {"a byte after the end", Archive(files) + "x"},
      {"a size beyond the end",
       manifest + FormatUstarHeader({files[0].first, kMaxUstarBytes}) + kFill}};
  for (const auto& [name, archive] : cases) {
    EXPECT_THAT(Read(archive), Refused(RefusalCode::kBundleManifest)) << name;
  }
}

TEST(BundleArchiveTest, RefusesListsThatAreNoList) {
  const std::string hex = Digest::Of("x").Hex();
  const std::string good = absl::StrCat(hex, "  log/checkpoint\n");
  for (const std::string& manifest :
       {good + good, good.substr(0, good.size() - 1), good + "\n",
        absl::StrCat(hex, " log/checkpoint\n"),
        absl::StrCat(hex, " *log/checkpoint\n"),
        absl::StrCat(hex, "  /log/checkpoint\n"),
        absl::StrCat(hex, "  ../log/checkpoint\n"),
        absl::StrCat(hex, "  log/checkpoint\r\n"),
        absl::StrCat(hex, "  log/tile/0/000.p/1\n", good),
        absl::StrCat(hex, "  catalog/", Digest::Of("y").Hex(), "\n"),
        absl::StrCat(hex.substr(1), "  log/checkpoint\n"),
        absl::StrCat("\\", good)}) {
    EXPECT_THAT(ParseBundleManifest(manifest),
                Refused(RefusalCode::kBundleManifest))
        << manifest;
  }
  std::string many;
  for (size_t i = 0; i <= kMaxBundleMembers; ++i) {
    absl::StrAppend(&many, hex, "  leaf/", absl::StrFormat("%064x", i), "\n");
  }
  EXPECT_THAT(ParseBundleManifest(many), Refused(RefusalCode::kBundleManifest));
}

TEST(BundleArchiveTest, FailureOfTheFileIsNoRefusal) {
  EXPECT_THAT(ReadBundleArchive(4096,
                                [](int64_t, int64_t) {
                                  return absl::StatusOr<std::string>(
                                      absl::UnavailableError("gone"));
                                },
                                {}),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace orrery::catalog
