#include "server/api/artifact_handler.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "registry/v1/artifact.pb.h"
#include "server/api/message_json.h"
#include "server/http/byte_range.h"
#include "server/http/entity_tag.h"
#include "server/http/problem.h"
#include "signing/digest.h"

namespace orrery::server {
namespace {

using registry::ArtifactFile;
using registry::ArtifactStore;
using registry::StoredArtifact;
using signing::Digest;

constexpr absl::string_view kMediaType = "application/octet-stream";

absl::StatusOr<Digest> DigestOf(const PathTemplate::Variables& variables) {
  return Digest::ParseHex(variables.front().second);
}

std::string TagOf(const Digest& digest) {
  return absl::StrCat("\"", digest.Hex(), "\"");
}

HttpResponse ArtifactHead(const Digest& digest) {
  HttpResponse response;
  response.fields.Add("Content-Type", kMediaType);
  response.fields.Add("ETag", TagOf(digest));
  response.fields.Add("Cache-Control", "public, max-age=31536000, immutable");
  response.fields.Add("Accept-Ranges", "bytes");
  response.fields.Add(
      "Repr-Digest",
      absl::StrCat("sha-256=:", absl::Base64Escape(digest.bytes()), ":"));
  return response;
}

// What of the artifact is asked for. A range counts only in a GET (RFC 9110
// §14.2), and with If-Range only when that names this artifact (§13.1.5).
RangeRequest WantedRange(const HttpRequest& request, const Digest& digest,
                         uint64_t size) {
  const auto if_range = request.fields.Find("If-Range");
  const bool applies = request.method == "GET" &&
                       (!if_range.has_value() || *if_range == TagOf(digest));
  return applies ? ParseRange(request.fields.Get("Range"), size)
                 : RangeRequest();
}

HttpResponse Serve(ArtifactFile file, const HttpRequest& request) {
  const Digest digest = file.artifact().digest;
  const auto size = static_cast<uint64_t>(file.size());
  HttpResponse response = ArtifactHead(digest);
  if (MatchesAnyWeakly(request.fields.Get("If-None-Match"), TagOf(digest))) {
    response.status = 304;
    return response;
  }
  const RangeRequest wanted = WantedRange(request, digest, size);
  if (wanted.unsatisfiable) {
    HttpResponse refusal = ProblemResponse(
        HttpProblem(416, "RANGE_NOT_SATISFIABLE",
                    absl::StrCat("the artifact has ", size, " bytes")),
        request);
    refusal.fields.Add("Content-Range", absl::StrCat("bytes */", size));
    return refusal;
  }
  const ByteRange range = wanted.range.value_or(ByteRange{0, size});
  if (wanted.range.has_value()) {
    response.status = 206;
    response.fields.Add(
        "Content-Range",
        absl::StrCat("bytes ", range.first, "-", range.first + range.length - 1,
                     "/", size));
  }
  const int descriptor = file.descriptor();
  response.file =
      FileSlice{.descriptor = descriptor,
                .owner = std::make_shared<ArtifactFile>(std::move(file)),
                .offset = range.first,
                .length = range.length};
  return response;
}

Admission AdmitGet(const ArtifactStore* store,
                   const PathTemplate::Variables& variables) {
  Admission admission;
  admission.lane = Lane::kRead;
  admission.handle =
      [store, digest = DigestOf(variables)](const HttpRequest& request) {
        if (!digest.ok())
          return ProblemResponse(ProblemOf(digest.status()), request);
        auto file = store->Get(*digest);
        return file.ok() ? Serve(*std::move(file), request)
                         : ProblemResponse(ProblemOf(file.status()), request);
      };
  return admission;
}

std::string ArtifactJson(const StoredArtifact& artifact) {
  registry::v1::Artifact message;
  message.set_sha256(artifact.digest.Hex());
  message.set_size(artifact.size);
  const absl::Duration since_epoch = artifact.create_time - absl::UnixEpoch();
  absl::Duration rest;
  message.mutable_create_time()->set_seconds(
      absl::IDivDuration(since_epoch, absl::Seconds(1), &rest));
  message.mutable_create_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return MessageJson(message);
}

// An upload under way; what its writer has is discarded with it.
class Upload {
 public:
  Upload(ArtifactStore* store, absl::StatusOr<Digest> digest)
      : store_(store), digest_(std::move(digest)) {}

  bool Take(absl::string_view piece) {
    if (!Begin()) return false;
    status_ = writer_->Append(piece);
    return status_.ok();
  }

  HttpResponse Finish(const HttpRequest& request) {
    if (!Begin()) return ProblemResponse(ProblemOf(status_), request);
    const bool existed = store_->Contains(*digest_);
    const auto artifact = writer_->Commit();
    if (absl::IsDataLoss(artifact.status())) {
      return ProblemResponse(
          HttpProblem(422, "DIGEST_MISMATCH",
                      std::string(artifact.status().message())),
          request);
    }
    if (!artifact.ok()) {
      return ProblemResponse(ProblemOf(artifact.status()), request);
    }
    return HttpResponse::Text(existed ? 200 : 201, "application/json",
                              ArtifactJson(*artifact));
  }

 private:
  // Whether there is a writer and nothing has failed.
  bool Begin() {
    if (writer_ != nullptr || !status_.ok()) return status_.ok();
    if (!digest_.ok()) {
      status_ = digest_.status();
      return false;
    }
    auto writer = store_->Put(*digest_);
    status_ = writer.status();
    if (writer.ok()) writer_ = *std::move(writer);
    return status_.ok();
  }

  ArtifactStore* store_;
  absl::StatusOr<Digest> digest_;
  std::unique_ptr<ArtifactStore::Writer> writer_;
  absl::Status status_;
};

Admission AdmitPut(ArtifactStore* store, uint64_t max_artifact_bytes,
                   const PathTemplate::Variables& variables) {
  auto upload = std::make_shared<Upload>(store, DigestOf(variables));
  Admission admission;
  admission.lane = Lane::kWrite;
  admission.max_body_bytes = max_artifact_bytes;
  admission.time_per_piece = true;
  admission.take_body = [upload](absl::string_view piece) {
    return upload->Take(piece);
  };
  admission.handle = [upload](const HttpRequest& request) {
    return upload->Finish(request);
  };
  return admission;
}

}  // namespace

void AddArtifactRoutes(ArtifactStore* store, uint64_t max_artifact_bytes,
                       RoutingTable* table) {
  for (const char* path : {"/v1/artifacts/sha256/{sha256}",
                           "/v1/artifacts/sha256/{sha256}/{name}"}) {
    Route get{.verb = "GET",
              .path = PathTemplate(path),
              .summary = "The bytes of an artifact."};
    get.admit = [store](const HttpRequest&,
                        const PathTemplate::Variables& variables) {
      return AdmitGet(store, variables);
    };
    table->Add(std::move(get));

    Route put{.verb = "PUT",
              .path = PathTemplate(path),
              .summary = "Stores the bytes of an artifact."};
    put.body_type = std::string(kMediaType);
    put.admit = [store, max_artifact_bytes](
                    const HttpRequest&,
                    const PathTemplate::Variables& variables) {
      return AdmitPut(store, max_artifact_bytes, variables);
    };
    table->Add(std::move(put));
  }
}

}  // namespace orrery::server
