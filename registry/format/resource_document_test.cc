#include "registry/format/resource_document.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kBinary[] =
    R"({"x86-64":{"kind":"zip","url":"https://x/a.zip",)"
    R"("contentHash":[{"algo":"sha256","value":"ab"}]}})";

Parsed<ResourceDocument> Read(
    absl::string_view text, PackagingVersion version = PackagingVersion::k30) {
  return ParseResourceDocument(ParseJson(text)->root, version);
}

std::vector<std::string> Pointers(const Parsed<ResourceDocument>& read) {
  std::vector<std::string> pointers;
  for (const DocumentFault& fault : read.faults) {
    pointers.push_back(fault.pointer);
  }
  return pointers;
}

TEST(ResourceDocumentTest, ReadsAllSections) {
  const auto read = Read(R"({"images":{"icon-small":"s","icon-medium":"m",
      "icon-large":"l","screenshots":["1","2"]},
      "assets":{"uris":{"b":"u1","a":"u2"},"container":{"docker":{"d":"i"}}},
      "cli":{"binaries":{"linux":)" +
                         std::string(kBinary) + "}}}");
  EXPECT_THAT(read.faults, IsEmpty());
  const ResourceDocument& resource = read.document;
  EXPECT_EQ(resource.icon_small, "s");
  EXPECT_EQ(resource.icon_medium, "m");
  EXPECT_EQ(resource.icon_large, "l");
  EXPECT_THAT(resource.screenshots, ElementsAre("1", "2"));
  ASSERT_EQ(resource.uris.size(), 2u);
  EXPECT_EQ(resource.uris[0].alias, "b");
  EXPECT_EQ(resource.uris[1].value, "u2");
  ASSERT_EQ(resource.docker_images.size(), 1u);
  EXPECT_EQ(resource.docker_images[0].value, "i");
  ASSERT_EQ(resource.cli_binaries.size(), 1u);
  EXPECT_EQ(resource.cli_binaries[0].platform, CliPlatform::kLinux);
  EXPECT_EQ(resource.cli_binaries[0].kind, CliKind::kZip);
  EXPECT_EQ(resource.cli_binaries[0].url, "https://x/a.zip");
  EXPECT_EQ(resource.cli_binaries[0].sha256, "ab");
}

TEST(ResourceDocumentTest, EmptyDocumentFits) {
  EXPECT_THAT(Read("{}").faults, IsEmpty());
  EXPECT_FALSE(Read("{}").document.has_cli);
}

TEST(ResourceDocumentTest, UnknownMembersAreFaultsAtEveryLevel) {
  EXPECT_THAT(
      Pointers(Read(R"({"x":1,"images":{"icon":"s"},
      "assets":{"container":{"rkt":{}},"y":1}})")),
      ElementsAre("/x", "/images/icon", "/assets/container/rkt", "/assets/y"));
}

TEST(ResourceDocumentTest, VersionTwoHasNoCli) {
  const std::string text =
      R"({"cli":{"binaries":{"linux":)" + std::string(kBinary) + "}}}";
  EXPECT_THAT(Pointers(Read(text)), IsEmpty());
  EXPECT_THAT(Pointers(Read(text, PackagingVersion::k20)), ElementsAre("/cli"));
}

TEST(ResourceDocumentTest, WrongTypesAreFaults) {
  EXPECT_THAT(
      Pointers(Read(R"({"images":{"icon-small":1,"screenshots":"x"},
      "assets":{"uris":{"a":null,"b/c":1},"container":[]}})")),
      ElementsAre("/images/icon-small", "/images/screenshots", "/assets/uris/a",
                  "/assets/uris/b~1c", "/assets/container"));
}

TEST(ResourceDocumentTest, CliNeedsBinariesPlatformAndHash) {
  EXPECT_THAT(Pointers(Read(R"({"cli":{}})")), ElementsAre("/cli"));
  EXPECT_THAT(Pointers(Read(R"({"cli":{"binaries":{}}})")),
              ElementsAre("/cli/binaries"));
  EXPECT_THAT(Pointers(Read(R"({"cli":{"binaries":{"linux":{}}}})")),
              ElementsAre("/cli/binaries/linux"));
  EXPECT_THAT(
      Pointers(Read(R"({"cli":{"binaries":{"linux":{"x86-64":{}}}}})")),
      ElementsAre("/cli/binaries/linux/x86-64", "/cli/binaries/linux/x86-64",
                  "/cli/binaries/linux/x86-64"));
  EXPECT_THAT(Pointers(Read(R"({"cli":{"binaries":{"linux":{"x86-64":{
      "kind":"tar","url":"u","contentHash":[{"algo":"md5"}]}}}}})")),
              ElementsAre("/cli/binaries/linux/x86-64/kind",
                          "/cli/binaries/linux/x86-64/contentHash/0/algo",
                          "/cli/binaries/linux/x86-64/contentHash/0"));
  EXPECT_THAT(Pointers(Read(R"({"cli":{"binaries":{"linux":{"x86-64":{
      "kind":"zip","url":"u","contentHash":[]}}}}})")),
              ElementsAre("/cli/binaries/linux/x86-64/contentHash"));
}

TEST(ResourceDocumentTest, ArtifactUriMustBeWellFormed) {
  EXPECT_THAT(Pointers(Read(R"({"assets":{"uris":{"a":"artifact:sha256:)" +
                            std::string(64, 'a') + R"(/x.tgz"}}})")),
              IsEmpty());
  EXPECT_THAT(
      Pointers(Read(R"({"assets":{"uris":{"a":"artifact:sha256:12/x"}}})")),
      ElementsAre("/assets/uris/a"));
}

}  // namespace
}  // namespace orrery::registry
