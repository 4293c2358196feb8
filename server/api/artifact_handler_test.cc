#include "server/api/artifact_handler.h"

#include <unistd.h>

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/api/http_api.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

using signing::Digest;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ArtifactHandlerTest : public ::testing::Test {
 protected:
  ArtifactHandlerTest() {
    std::filesystem::remove_all(directory_);
    auto store = registry::ArtifactStore::Open(directory_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    AddArtifactRoutes(store_.get(), 1000, &table_);
  }

  void Store(const std::string& bytes) {
    auto writer = store_->Put();
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->Append(bytes), IsOk());
    ASSERT_THAT((*writer)->Commit(), IsOk());
  }

  HttpResponse Call(const std::string& method, const std::string& path,
                    const std::vector<HttpField>& fields = {}) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    for (const HttpField& field : fields) {
      request.fields.Add(field.name, field.value);
    }
    auto found = table_.Find(method, path);
    EXPECT_NE(found.route, nullptr) << path;
    return found.route->admit(request, found.variables).handle(request);
  }
  HttpResponse Put(const std::string& path,
                   const std::vector<std::string>& pieces) {
    HttpRequest request;
    request.method = "PUT";
    auto found = table_.Find("PUT", path);
    const Admission admission = found.route->admit(request, found.variables);
    for (const std::string& piece : pieces) {
      if (!admission.take_body(piece)) break;
    }
    return admission.handle(request);
  }

  static std::string PathOf(const std::string& bytes) {
    return "/v1/artifacts/sha256/" + Digest::Of(bytes).Hex();
  }

  std::string directory_ = ::testing::TempDir() + "/artifact_handler_test";
  std::unique_ptr<registry::ArtifactStore> store_;
  RoutingTable table_{100};
};

TEST_F(ArtifactHandlerTest, TheWholeIsImmutableForCaches) {
  Store("hello");
  for (const char* end : {"", "/hello.txt", "/a%2Fb"}) {
    const HttpResponse response = Call("GET", PathOf("hello") + end);
    EXPECT_EQ(response.status, 200);
    ASSERT_TRUE(response.file.has_value());
    EXPECT_EQ(response.file->offset, 0U);
    EXPECT_EQ(response.file->length, 5U);
    EXPECT_EQ(response.fields.Get("ETag"),
              "\"" + Digest::Of("hello").Hex() + "\"");
    EXPECT_EQ(response.fields.Get("Cache-Control"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(response.fields.Get("Accept-Ranges"), "bytes");
    EXPECT_EQ(response.fields.Get("Repr-Digest"),
              "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:");
    EXPECT_EQ(response.fields.Find("Content-Disposition"), std::nullopt);
  }
}

TEST_F(ArtifactHandlerTest, ARangeIsPartOfIt) {
  Store("hello");
  const HttpResponse response =
      Call("GET", PathOf("hello"), {{"Range", "bytes=1-3"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.fields.Get("Content-Range"), "bytes 1-3/5");
  EXPECT_EQ(response.file->offset, 1U);
  EXPECT_EQ(response.file->length, 3U);
}

TEST_F(ArtifactHandlerTest, ARangeBehindTheEndIsRefusedWithTheSize) {
  Store("hello");
  const HttpResponse response =
      Call("GET", PathOf("hello"), {{"Range", "bytes=5-"}});
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.fields.Get("Content-Range"), "bytes */5");
}

TEST_F(ArtifactHandlerTest, IfRangeOfAnotherTagAndHeadGetTheWhole) {
  Store("hello");
  const std::string tag = "\"" + Digest::Of("hello").Hex() + "\"";
  EXPECT_EQ(
      Call("GET", PathOf("hello"), {{"Range", "bytes=1-3"}, {"If-Range", tag}})
          .status,
      206);
  EXPECT_EQ(Call("GET", PathOf("hello"),
                 {{"Range", "bytes=1-3"}, {"If-Range", "\"other\""}})
                .status,
            200);
  EXPECT_EQ(Call("HEAD", PathOf("hello"), {{"Range", "bytes=1-3"}}).status,
            200);
}

TEST_F(ArtifactHandlerTest, AKnownTagIsNotModified) {
  Store("hello");
  const HttpResponse response =
      Call("GET", PathOf("hello"),
           {{"If-None-Match", "\"" + Digest::Of("hello").Hex() + "\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_FALSE(response.file.has_value());
}

TEST_F(ArtifactHandlerTest, UnknownAndMalformedDigests) {
  EXPECT_EQ(Call("GET", PathOf("nothing")).status, 404);
  EXPECT_EQ(Call("GET", "/v1/artifacts/sha256/xyz").status, 400);
  EXPECT_EQ(Put("/v1/artifacts/sha256/..%2Fx", {"a"}).status, 400);
}

TEST_F(ArtifactHandlerTest, PutStoresBytesThatHaveTheDigest) {
  const HttpResponse created = Put(PathOf("hello"), {"he", "llo"});
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(*created.body, HasSubstr("\"size\":5"));
  EXPECT_TRUE(store_->Contains(Digest::Of("hello")));
  EXPECT_EQ(Put(PathOf("hello"), {"hello"}).status, 200);
  EXPECT_EQ(Put(PathOf(""), {}).status, 201);
}

TEST_F(ArtifactHandlerTest, PutKeepsNothingOfOtherBytes) {
  const HttpResponse response = Put(PathOf("hello"), {"hullo"});
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(*response.body, HasSubstr("DIGEST_MISMATCH"));
  EXPECT_THAT(*store_->List(), IsEmpty());
}

TEST_F(ArtifactHandlerTest, AnUploadThatBreaksOffKeepsNothing) {
  HttpRequest request;
  auto found = table_.Find("PUT", PathOf("hello"));
  {
    const Admission admission = found.route->admit(request, found.variables);
    EXPECT_EQ(admission.lane, Lane::kWrite);
    EXPECT_EQ(admission.max_body_bytes, 1000U);
    EXPECT_TRUE(admission.take_body("hel"));
  }
  EXPECT_THAT(*store_->List(), IsEmpty());
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 0);
}

TEST_F(ArtifactHandlerTest, UploadsNeedTheirMediaType) {
  const auto found = table_.Find("PUT", PathOf("hello"));
  EXPECT_EQ(found.route->body_type, "application/octet-stream");
}

}  // namespace
}  // namespace orrery::server
