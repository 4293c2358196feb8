#include "registry/format/artifacts_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// `HEX` stands for 64 digits.
Parsed<ArtifactsDocument> Read(absl::string_view text) {
  const std::string hex(64, 'a');
  ResourceDocument resource;
  resource.uris = {{"jre", "https://x/jre.tgz", 0},
                   {"own", absl::StrCat("artifact:sha256:", hex, "/x"), 0}};
  resource.docker_images = {{"image", "x/y:1", 0}};
  return ParseArtifactsDocument(
      ParseJson(absl::StrReplaceAll(text, {{"HEX", hex}}))->root, resource);
}

std::vector<std::string> Pointers(absl::string_view text) {
  std::vector<std::string> pointers;
  for (const DocumentFault& fault : Read(text).faults) {
    pointers.push_back(fault.pointer);
  }
  return pointers;
}

TEST(ArtifactsDocumentTest, ReadsPins) {
  const auto read = Read(R"({"schema":1,
      "assets":{"jre":{"sha256":"HEX","size":7}},
      "images":{"image":{"digest":"sha256:HEX"}}})");
  EXPECT_THAT(read.faults, IsEmpty());
  ASSERT_NE(read.document.FindAsset("jre"), nullptr);
  EXPECT_EQ(read.document.FindAsset("jre")->size, 7);
  EXPECT_EQ(read.document.FindAsset("jre")->sha256.Hex(), std::string(64, 'a'));
  ASSERT_EQ(read.document.images.size(), 1u);
  EXPECT_EQ(read.document.images[0].alias, "image");
  EXPECT_EQ(read.document.images[0].digest.Hex(), std::string(64, 'a'));
  EXPECT_EQ(read.document.FindAsset("image"), nullptr);
}

TEST(ArtifactsDocumentTest, SectionsAreOptional) {
  EXPECT_THAT(Pointers(R"({"schema":1})"), IsEmpty());
}

TEST(ArtifactsDocumentTest, EveryMemberIsChecked) {
  EXPECT_THAT(Pointers("{}"), ElementsAre(""));
  EXPECT_THAT(Pointers(R"({"schema":2})"), ElementsAre("/schema"));
  EXPECT_THAT(Pointers(R"({"schema":1,"x":0})"), ElementsAre("/x"));
  EXPECT_THAT(Pointers(R"({"schema":1,"assets":{"jre":{}}})"),
              ElementsAre("/assets/jre", "/assets/jre"));
  EXPECT_THAT(
      Pointers(
          R"({"schema":1,"assets":{"jre":{"sha256":"12","size":-1,"x":0}}})"),
      ElementsAre("/assets/jre/sha256", "/assets/jre/size", "/assets/jre/x"));
  EXPECT_THAT(Pointers(R"({"schema":1,"images":{"image":{"digest":"HEX"}}})"),
              ElementsAre("/images/image/digest"));
  EXPECT_THAT(Pointers(R"({"schema":1,"assets":[],"images":1})"),
              ElementsAre("/assets", "/images"));
}

TEST(ArtifactsDocumentTest, AliasMustBeKnownToResourceJson) {
  EXPECT_THAT(
      Pointers(R"({"schema":1,"assets":{"image":{"sha256":"HEX","size":1}},
          "images":{"jre":{"digest":"sha256:HEX"}}})"),
      ElementsAre("/assets/image", "/images/jre"));
}

TEST(ArtifactsDocumentTest, PinMustAgreeWithTheArtifactUri) {
  EXPECT_THAT(Pointers(R"({"schema":1,"assets":{"own":{
      "sha256":"HEX","size":1}}})"),
              IsEmpty());
  EXPECT_THAT(
      Pointers(absl::StrCat(R"({"schema":1,"assets":{"own":{"sha256":")",
                            std::string(64, 'b'), R"(","size":1}}})")),
      ElementsAre("/assets/own/sha256"));
}

}  // namespace
}  // namespace orrery::registry
