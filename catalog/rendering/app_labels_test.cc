#include "catalog/rendering/app_labels.h"

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"
#include "zlib.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

std::string Gunzip(const std::string& bytes) {
  z_stream stream = {};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string FromBase64(absl::string_view text) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(text, &bytes));
  return bytes;
}

JsonValue Package(const std::string& packaging) {
  return Json(R"({"version":"1.0","name":"echo","tags":["a"],"maintainer":"m",
                  "description":"d","packagingVersion":")" +
              packaging +
              R"(","licenses":[{"url":"u","name":"n"}],"selected":true,
                  "upgradesFrom":["*"],
                  "manager":{"packageName":"boss"}})");
}

TEST(AppLabelsTest, DefinitionHasEveryMemberOfItsVersionInOrder) {
  const JsonValue config = Json(R"({"properties":{"z":1,"a":1.50}})");
  const JsonValue resource = Json(R"({"images":{"icon-small":"i"}})");
  const JsonValue command = Json(R"({"pip":["x"]})");
  const std::string front =
      R"("name":"echo","version":"1.0","releaseVersion":7,)"
      R"("maintainer":"m","description":"d",)";
  const std::string marathon =
      R"("marathon":{"v2AppMustacheTemplate":"e30="},)";
  const std::string notes =
      R"("tags":["a"],"selected":true,"scm":null,"website":null,)"
      R"("framework":null,"preInstallNotes":null,"postInstallNotes":null,)"
      R"("postUninstallNotes":null,"licenses":[{"name":"n","url":"u"}],)";
  const std::string images =
      R"("images":{"icon-small":"i","icon-medium":null,"icon-large":null,)"
      R"("screenshots":null})";
  const std::string settings = R"("config":{"properties":{"z":1,"a":1.50}})";
  const std::string resources =
      R"("resource":{"assets":null,)" + images + R"(,"cli":null},)";
  const struct {
    const char* packaging;
    std::string json;
  } kCases[] = {
      {"2.0", R"({"packagingVersion":"2.0",)" + front + marathon + notes +
                  R"("resource":{"assets":null,)" + images + "}," + settings +
                  R"(,"command":{"pip":["x"]}})"},
      {"3.0", R"({"packagingVersion":"3.0",)" + front + notes +
                  R"("minDcosReleaseVersion":null,)" + marathon + resources +
                  settings +
                  R"(,"command":{"pip":["x"]},"lastUpdated":null,)"
                  R"("hasKnownIssues":null})"},
      {"4.0", R"({"packagingVersion":"4.0",)" + front + notes +
                  R"("minDcosReleaseVersion":null,)" + marathon + resources +
                  settings +
                  R"(,"lastUpdated":null,"hasKnownIssues":null,)"
                  R"("upgradesFrom":["*"],"downgradesTo":null})"},
      {"5.0", R"({"packagingVersion":"5.0",)" + front + notes +
                  R"("minDcosReleaseVersion":null,)" + marathon + resources +
                  settings +
                  R"(,"upgradesFrom":["*"],"downgradesTo":null,)"
                  R"("manager":{"packageName":"boss",)"
                  R"("minPackageVersion":null},"lastUpdated":null,)"
                  R"("hasKnownIssues":null})"},
  };
  for (const auto& c : kCases) {
    const JsonValue package = Package(c.packaging);
    ReleaseDefinition release;
    release.package = &package;
    release.config = &config;
    release.resource = &resource;
    release.command = &command;
    release.marathon_template = "{}";
    release.release = 7;
    EXPECT_EQ(WriteJson(MergedDefinition(release)), c.json);
  }
}

TEST(AppLabelsTest, DefinitionLabelIsTheEnvelopeOfTheZippedDefinition) {
  const JsonValue package = Package("4.0");
  ReleaseDefinition release;
  release.package = &package;
  const auto label = DefinitionLabel(release);
  ASSERT_THAT(label, IsOk());
  const std::string envelope = FromBase64(*label);
  const std::string head =
      R"({"metadata":{"Content-Type":"application/vnd.dcos.universe.)"
      R"(package+json;charset=utf-8;version=v4","Content-Encoding":"gzip"},)"
      R"("data":")";
  EXPECT_EQ(envelope.substr(0, head.size()), head);
  const std::string zipped = FromBase64(Json(envelope).FindString("data"));
  EXPECT_EQ(Gunzip(zipped), WriteJson(MergedDefinition(release)));
  // No flags, time zero, no extra flags, operating system zero (RFC 1952).
  EXPECT_EQ(zipped.substr(0, 10),
            std::string("\x1f\x8b\x08\0\0\0\0\0\0\0", 10));
  EXPECT_EQ(*DefinitionLabel(release), *label);
}

TEST(AppLabelsTest, DefinitionPastOneMebibyteIsRefused) {
  JsonValue package = Package("4.0");
  std::string noise;
  uint32_t state = 1;
  for (int i = 0; i < 1'000'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise.push_back(static_cast<char>('0' + (state >> 24U) % 75));
  }
  package.Set("description", JsonValue::String(noise));
  ReleaseDefinition release;
  release.package = &package;
  EXPECT_THAT(DefinitionLabel(release),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       ::testing::HasSubstr("1048576")));
}

TEST(AppLabelsTest, OptionsLabelHasTheUsersOptionsWithoutNullsAndSecrets) {
  const JsonValue config = Json(
      R"({"properties":{"s":{"properties":{"key":{"format":"password"}}}}})");
  const struct {
    const char* options;
    const char* json;
  } kCases[] = {
      {"{}", "{}"},
      {R"({"a":null,"b":{"c":1.50,"d":null}})", R"({"b":{"c":1.50}})"},
      {R"({"s":{"key":"v","n":1},"db":{"password":"p"}})",
       R"({"s":{"key":{"$secret":"/s/key"},"n":1},)"
       R"("db":{"password":{"$secret":"/db/password"}}})"},
      {R"({"l":[{"token":"t"}]})",
       R"({"l":[{"token":{"$secret":"/l/0/token"}}]})"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FromBase64(OptionsLabel(Json(c.options), &config)), c.json);
  }
  EXPECT_EQ(OptionsLabel(JsonValue::Object(), nullptr), "e30=");
}

TEST(AppLabelsTest, SourceLabelHasNoCredentials) {
  const struct {
    const char* url;
    const char* label;
  } kCases[] = {
      {"https://universe.example/repo", "https://universe.example/repo"},
      {"https://me:pw@universe.example/r@x", "https://universe.example/r@x"},
      {"https://token@universe.example", "https://universe.example"},
      {"http://a:b@c@host:80/x?y=z@w", "http://host:80/x?y=z@w"},
      {"ssh://git@host/x.git", "ssh://git@host/x.git"},
      {"ssh://git:pw@host/x.git", "ssh://git@host/x.git"},
      {"git@host:x.git", "git@host:x.git"},
      {"file:///srv/a@b", "file:///srv/a@b"},
      {"/srv/universe", "/srv/universe"},
  };
  for (const auto& c : kCases) EXPECT_EQ(SourceLabel(c.url), c.label) << c.url;
}

TEST(AppLabelsTest, ResourceContextNamesWhatIsAbsent) {
  const struct {
    const char* resource;
    const char* packaging;
    const char* context;
  } kCases[] = {
      {R"({"assets":{"uris":{"a":"u"}}})", "2.0",
       R"({"assets":{"uris":{"a":"u"},"container":null},"images":null})"},
      {R"({"assets":{"container":{"docker":{"d":"i"}}},"stray":1})", "3.0",
       R"({"assets":{"uris":null,"container":{"docker":{"d":"i"}}},)"
       R"("images":null,"cli":null})"},
      {R"({"cli":{"binaries":{"linux":{"x86-64":{"url":"u"}}}}})", "4.0",
       R"({"assets":null,"images":null,"cli":{"binaries":{"windows":null,)"
       R"("linux":{"x86-64":{"kind":null,"url":"u","contentHash":null}},)"
       R"("darwin":null}}})"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WriteJson(ResourceContext(Json(c.resource), c.packaging)),
              c.context);
  }
}

}  // namespace
}  // namespace orrery::catalog
