#include "catalog/verify/mirror_path.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::Digest;

const std::string kHex(64, 'a');

TEST(MirrorPathTest, ReadsWhatItWrites) {
  const Digest digest = *Digest::ParseHex(kHex);
  EXPECT_EQ(BlobPath(digest),
            absl::StrCat("blob/sha256/aa/", std::string(62, 'a')));
  const auto blob = ParseMirrorPath(BlobPath(digest));
  ASSERT_THAT(blob, IsOk());
  EXPECT_EQ(blob->kind, MirrorPath::Kind::kBlob);
  EXPECT_EQ(blob->digest, digest);
  const auto catalog = ParseMirrorPath(CatalogPath(digest));
  ASSERT_THAT(catalog, IsOk());
  EXPECT_EQ(catalog->kind, MirrorPath::Kind::kCatalog);
  EXPECT_EQ(catalog->digest, digest);
  const signing::TileId id{signing::TileId::kEntries, 1234067, 7};
  EXPECT_EQ(TilePath(id), "log/tile/entries/x001/x234/067.p/7");
  const auto tile = ParseMirrorPath(TilePath(id));
  ASSERT_THAT(tile, IsOk());
  EXPECT_EQ(tile->kind, MirrorPath::Kind::kTile);
  EXPECT_EQ(tile->tile, id);
  const auto leaf = ParseMirrorPath("leaf/" + kHex);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(leaf->kind, MirrorPath::Kind::kLeaf);
  const auto checkpoint = ParseMirrorPath("log/checkpoint");
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->kind, MirrorPath::Kind::kCheckpoint);
}

TEST(MirrorPathTest, RefusesAllOtherNames) {
  for (const std::string& path :
       {std::string(),
        std::string("/log/checkpoint"),
        std::string("log/checkpoint/"),
        std::string("./log/checkpoint"),
        std::string("log//checkpoint"),
        std::string("../log/checkpoint"),
        std::string("log/../log/checkpoint"),
        std::string("log/tile/0/0"),
        std::string("log/tile/0/000.p/0"),
        std::string("log/tile/0/000.p/256"),
        std::string("log/tile/0/../0/000"),
        "leaf/" + std::string(63, 'a'),
        "leaf/" + std::string(64, 'A'),
        "catalog/" + kHex + "x",
        "blob/sha256/" + kHex,
        "blob/sha256/aa/" + kHex,
        "blob/sha256/a/a" + std::string(62, 'a'),
        "blob/sha256/aa/" + std::string(61, 'a') + "/",
        std::string("blob/sha256/aa/../../../etc/passwd"),
        std::string("log/checkpoint\0", 15),
        std::string("bundle.manifest"),
        std::string("proof/kafka/57.tlog-proof"),
        std::string("metadata/1.root.json")}) {
    EXPECT_THAT(ParseMirrorPath(path),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << path;
  }
}

}  // namespace
}  // namespace orrery::catalog
