#include "catalog/verify/pins_check.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string& Hex() {
  static const auto* const kHex = new std::string(64, 'a');
  return *kHex;
}

VerifiedRelease Release() {
  VerifiedRelease release;
  release.package = "kafka";
  release.files = {
      {"resource.json",
       R"({"assets":{"uris":{"jar":"https://example.org/k.jar"},
           "container":{"docker":{"main":"docker.io/x/kafka:2.2"}}}})"},
      {"artifacts.json", R"({"schema":1,"assets":{"jar":{"sha256":")" + Hex() +
                             R"(","size":6}},
           "images":{"main":{"digest":"sha256:)" +
                             Hex() + R"("}}})"}};
  return release;
}

registry::JsonValue Job(const std::string& image, const std::string& uri) {
  return registry::ParseJson(R"({"container":{"docker":{"image":")" + image +
                             R"("}},"fetch":[{"uri":")" + uri + R"("}]})")
      ->root;
}

TEST(CheckPinsTest, FindsNothingToPinInAJobWithoutImagesAndUris) {
  EXPECT_THAT(CheckPins(Release(), registry::JsonValue::Object(),
                        /*requires_pins=*/true),
              IsOkAndHolds(IsEmpty()));
}

TEST(CheckPinsTest, TakesWhatArtifactsAndDigestsFix) {
  for (const std::string& image : {"docker.io/x/kafka@sha256:" + Hex(),
                                   "docker.io/x/kafka:2.2@sha256:" + Hex()}) {
    for (const std::string& uri : {std::string("https://example.org/k.jar"),
                                   "artifact:sha256:" + Hex() + "/k.jar"}) {
      EXPECT_THAT(CheckPins(Release(), Job(image, uri), true),
                  IsOkAndHolds(IsEmpty()))
          << image << " " << uri;
    }
  }
}

TEST(CheckPinsTest, ListsWhatNothingPinsAndRefusesItWherePinsAreRequired) {
  const registry::JsonValue job =
      Job("docker.io/x/kafka:2.2", "https://example.org/evil.jar");
  EXPECT_THAT(CheckPins(Release(), job, /*requires_pins=*/false),
              IsOkAndHolds(ElementsAre("image docker.io/x/kafka:2.2",
                                       "uri https://example.org/evil.jar")));
  EXPECT_THAT(CheckPins(Release(), job, /*requires_pins=*/true),
              Refused(RefusalCode::kPlanUnpinned));
}

TEST(CheckPinsTest, DigestThatNoPinHasCoversNothing) {
  for (const std::string& image :
       {"docker.io/evil/miner@sha256:" + Hex(), std::string("x@sha256:"),
        "docker.io/x/kafka-evil@sha256:" + Hex()}) {
    EXPECT_THAT(CheckPins(Release(), Job(image, "https://example.org/k.jar"),
                          /*requires_pins=*/true),
                Refused(RefusalCode::kPlanUnpinned))
        << image;
  }
}

TEST(CheckPinsTest, RefusesAPinnedImageWithAnotherDigest) {
  EXPECT_THAT(CheckPins(Release(),
                        Job("docker.io/x/kafka@sha256:" + std::string(64, 'b'),
                            "https://example.org/k.jar"),
                        /*requires_pins=*/false),
              Refused(RefusalCode::kPlanUnpinned));
}

TEST(CheckPinsTest, RefusesAUriThatIsPinnedToTwoDigests) {
  VerifiedRelease release = Release();
  release.content.assets.push_back(
      {signing::Digest::Of("other"), 5, "jar", "https://example.org/k.jar"});
  EXPECT_THAT(PinnedUris(release), Refused(RefusalCode::kPlanUnpinned));
}

}  // namespace
}  // namespace orrery::catalog
